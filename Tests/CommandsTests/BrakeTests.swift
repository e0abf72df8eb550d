// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// `--parallel`, `--max-failures` and `--deadline` of `apply`.
@Suite("brakes of an apply, in process") struct BrakeTests {
  /// Four domains; the guest of the first does not respond, or is slow.
  private static func scene(isSlow: Bool = false) throws -> (Scene, String) {
    let domains = (1...4).map { ObservedDomain.guest("web-0\($0)", holding: .gibibytes(2)) }
    var faults = SimulatedHypervisor.Faults()
    if isSlow {
      faults.slowGuests[domains[0].uuid] = .mebibytes(64)
    } else {
      faults.unresponsiveGuests = [domains[0].uuid]
    }
    let scene = try Scene()
    scene.hosts[""] = SimulatedHypervisor(Scene.host(domains), faults: faults)
    let manifest = try scene.file(
      "fleet.yaml",
      domains.map { domain($0.name, "currentMemory: 6GiB") }.joined(separator: "---\n"))
    return (scene, manifest)
  }

  private static func results(_ outcome: Outcome) throws -> [String] {
    let domains = try outcome.document()["domains"]
    return (0..<4).map { domains[$0]["result"]["status"].text }
  }

  @Test(
    "past the failures that are allowed nothing is begun, and the run ends with 1",
    arguments: ["0", "10%", "24%"])
  func stopped(limit: String) async throws {
    let (scene, manifest) = try Self.scene()
    let outcome = await scene.run(
      "apply", manifest, "--auto-approve", "--parallel", "1", "--max-failures", limit, "--format",
      "json")
    #expect(outcome.status == 1)
    #expect(try Self.results(outcome) == ["failed", "skipped", "skipped", "skipped"])
    #expect(outcome.errors.contains("web-02: left as it is (max-failures-reached)"))
  }

  @Test("failures that are allowed stop no other domain", arguments: ["1", "25%", "100%"])
  func allowed(limit: String) async throws {
    let (scene, manifest) = try Self.scene()
    let outcome = await scene.run(
      "apply", manifest, "--auto-approve", "--parallel", "1", "--max-failures", limit, "--format",
      "json")
    #expect(outcome.status == 1)
    #expect(try Self.results(outcome) == ["failed", "done", "done", "done"])
  }

  @Test("a run without a failure ends with 1 where the deadline left steps, and names the command")
  func deadline() async throws {
    let (scene, manifest) = try Self.scene(isSlow: true)
    let outcome = await scene.run(
      "apply", manifest, "--auto-approve", "--parallel", "1", "--deadline", "1s")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("web-02: not begun: The 1 s that --deadline allows"))
    #expect(!outcome.output.contains("failed"))
    let next = try #require(outcome.output.split(separator: "\n").last)
    #expect(next == "Next: virtmem apply \(manifest)")
    let again = await scene.run("apply", manifest, "--auto-approve")
    #expect(again.status == 0)
  }

  @Test(
    "a limit that can't be is a usage error",
    arguments: [
      ["--parallel", "0"], ["--parallel", "x"], ["--parallel-hosts", "-1"],
      ["--parallel", "1001"], ["--max-failures", "101%"], ["--max-failures", "-1"],
      ["--max-failures", "1.5"], ["--max-failures", "%"], ["--deadline", "0s"],
      ["--deadline", "5"],
    ])
  func usage(options: [String]) async throws {
    let (scene, manifest) = try Self.scene()
    let outcome = await scene.run("apply", manifest, "--auto-approve", with: options)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(options[0]))
  }
}
