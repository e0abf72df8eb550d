// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// `apply` on a host whose memory is taken after the plan was made.
@Suite("an apply asks for the host's memory again, in process") struct ReserveTests {
  private static func scene(available: UInt64 = 12) throws -> (Scene, String) {
    let scene = try Scene()
    var host = Scene.host([
      .guest("web-01", current: .gibibytes(4)), .guest("web-02", current: .gibibytes(6)),
    ])
    host.availableMemory = .gibibytes(available)
    scene.hosts["qemu+tls://hv01/system"] = SimulatedHypervisor(host)
    let manifest = try scene.file(
      "fleet.yaml",
      Manifest.host("hv01", "qemu+tls://hv01/system", "reserve: {memory: 8GiB}")
        + Manifest.domain("web-01", "host: hv01, currentMemory: 7GiB")
        + Manifest.domain("web-02", "host: hv01, currentMemory: 4GiB, policy: {shrink: allow}"))
    return (scene, manifest)
  }

  @Test("a saved plan does not take memory that the host has no more, and says the figures")
  func savedPlan() async throws {
    let (scene, manifest) = try Self.scene()
    let plan = await scene.run("plan", manifest, "--out", scene.path("plan.json"))
    #expect(plan.status == 0)
    let hypervisor = try #require(scene.hosts["qemu+tls://hv01/system"])
    hypervisor.change { $0.availableMemory = .gibibytes(8) }
    let outcome = await scene.run(
      "apply", "--plan", scene.path("plan.json"), "--auto-approve", "--parallel", "1")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("reserve-reached"), "\(outcome)")
    #expect(
      outcome.output.contains("has 8 GiB available now, and its reserve is 8 GiB"), "\(outcome)")
    // What gives memory was done, and nothing was sent for what takes some.
    #expect(hypervisor.trace.count == 2)
    #expect(hypervisor.host.domains[0].live?.currentMemory == .exactly(.gibibytes(4)))
    #expect(hypervisor.host.domains[1].live?.currentMemory == .exactly(.gibibytes(4)))
    // What was given meanwhile is enough for a new plan? It has 10 GiB, 2 above the reserve.
    #expect(await scene.run("plan", manifest).status == 3)
  }

  @Test("memory that is taken between the plan and the step of one run is noticed too")
  func oneRun() async throws {
    let (scene, manifest) = try Self.scene()
    let hypervisor = try #require(scene.hosts["qemu+tls://hv01/system"])
    hypervisor.faults.interferenceAtReadings[1] = { $0.availableMemory = .gibibytes(9) }
    let outcome = await scene.run(
      "apply", manifest, "--auto-approve", "--parallel", "1", "--format", "json")
    #expect(outcome.status == 1)
    let domain = try outcome.document()["domains"][0]
    #expect(domain["result"]["status"].text == "failed")
    #expect(domain["result"]["rule"].text == "reserve-reached")
    #expect(domain["steps"][0]["result"]["status"].text == "skipped")
    #expect(
      domain["result"]["error"]["message"].text == """
        The step would take 3 GiB. The host has 9 GiB available now, and its reserve is 8 GiB. \
        virtmem did not send the step. Plan again: the new plan counts what the host has now. Free \
        memory on the host, or lower the `reserve` of the Host.
        """)
  }

  @Test("where memory came back, the same command goes on")
  func goesOn() async throws {
    let (scene, manifest) = try Self.scene()
    let hypervisor = try #require(scene.hosts["qemu+tls://hv01/system"])
    hypervisor.faults.interferenceAtReadings[1] = { $0.availableMemory = .gibibytes(9) }
    #expect(await scene.run("apply", manifest, "--auto-approve", "--parallel", "1").status == 1)
    hypervisor.change { $0.availableMemory = .gibibytes(11) }
    #expect(await scene.run("apply", manifest, "--auto-approve").status == 0)
    #expect(await scene.run("drift", manifest).status == 0)
    #expect(hypervisor.host.availableMemory == .gibibytes(8))
  }

  @Test("a host without a reserve is not asked")
  func noReserve() async throws {
    let (scene, _) = try Self.scene()
    let manifest = try scene.file(
      "free.yaml",
      Manifest.host("hv01", "qemu+tls://hv01/system")
        + Manifest.domain("web-01", "host: hv01, currentMemory: 7GiB"))
    #expect(await scene.run("apply", manifest, "--auto-approve").status == 0)
    #expect(scene.hosts["qemu+tls://hv01/system"]?.readingCount == 0)
  }
}
