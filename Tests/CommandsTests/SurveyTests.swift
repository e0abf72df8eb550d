// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport
import Testing

@testable import Commands

@Suite("export and observe in process") struct SurveyTests {
  @Test("export writes a manifest that plan has no steps for")
  func export() async throws {
    let scene = try Scene(.web)
    let exported = await scene.run("export", "web")
    #expect(exported.status == 0)
    #expect(exported.errors.isEmpty)
    #expect(exported.output.contains("currentMemory: 512MiB\n"))
    let plan = await scene.run("plan", try scene.manifest(exported.output))
    #expect(plan.output.hasSuffix("\n\n1 domain: 1 in sync.  0 steps.\n"))
  }

  @Test("export writes only the fields that --fields names")
  func fields() async throws {
    let scene = try Scene(.web)
    let exported = await scene.run("export", "web", "--fields", "currentMemory")
    #expect(exported.output.contains("  currentMemory: 512MiB\n"))
    #expect(!exported.output.contains("  memory: 1GiB\n"))
    let unknown = await scene.run("export", "--fields", "curentMemory")
    #expect(unknown.status == 64)
    #expect(unknown.errors.contains("did you mean 'currentMemory'?"))
  }

  @Test("export --out writes a file for each domain and names it on standard error")
  func files() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run("export", "--out", scene.path("fleet"))
    #expect(outcome.status == 0)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors == "wrote \(scene.path("fleet"))/default/web.yaml\n")
    #expect(try scene.text(of: "fleet/default/web.yaml").contains("memory: 1GiB"))
  }

  @Test("a domain that no host has gives status 64", arguments: ["export", "observe"])
  func missing(command: String) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(command, "db")
    #expect(outcome.status == 64)
    #expect(outcome.errors == "error: no domain is named db\n")
  }

  @Test("a host that can't be reached gives status 5", arguments: ["export", "observe"])
  func unobserved(command: String) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(command, "-c", "test:///far")
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("could not be observed: virConnectOpenAuth: no such host\n"))
  }

  @Test("a mistake in the manifests of --hosts gives status 65", arguments: ["export", "observe"])
  func invalid(command: String) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(command, "--hosts", try scene.manifest(Manifest.unknownField))
    #expect(outcome.status == 65)
    #expect(outcome.output.isEmpty)
  }

  @Test("plan makes the same steps from a snapshot as from the host, and apply performs them")
  func snapshot() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    let observed = await scene.run("observe")
    #expect(observed.status == 0)
    #expect(observed.output.contains(#""created":"2026-11-28T12:00:00Z""#))
    let snapshot = try scene.file("fleet.jsonl", observed.output)
    scene.timestamp = "2026-11-28T14:30:00Z"
    let plan = await scene.run(
      "plan", manifest, "--observed", snapshot, "--format", "json", "--out", scene.path("plan"))
    #expect(plan.errors.hasPrefix("default was observed 2 h ago\n"))
    let direct = await scene.run("plan", manifest, "--format", "json")
    #expect(
      try plan.document()["domains"][0]["steps"] == direct.document()["domains"][0]["steps"])
    #expect(try plan.document()["hosts"][0]["origin"] == "snapshot")
    #expect(await scene.run("apply", "--plan", scene.path("plan"), "--auto-approve").status == 0)
  }
}
