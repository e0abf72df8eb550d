// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// What users see who may not see or do everything.
@Suite("access in process") struct AccessTests {
  private static let remedy = "examples/polkit has rules for plan and for apply"

  private static func hiding(_ names: Set<String>) -> SimulatedHypervisor.Faults {
    var faults = SimulatedHypervisor.Faults()
    faults.hidden = names
    return faults
  }

  @Test("a domain that libvirt hides is unobserved, not undefined", arguments: ["plan", "drift"])
  func hidden(command: String) async throws {
    let scene = try Scene(.web, faults: Self.hiding(["web"]))
    let outcome = await scene.run(
      command, try scene.manifest(Manifest.change), "--format", "json")
    #expect(outcome.status == 5)
    let warning = try outcome.document()["diagnostics"][0]
    #expect(warning["rule"] == "domain-unobserved")
    let text = await scene.run(command, scene.path("fleet.yaml"))
    #expect(text.status == 5)
    #expect(
      text.output.contains(
        """
        The user of the connection may not read the domain. access denied \
        (virDomainLookupByName).
        """))
    #expect(text.output.contains(Self.remedy))
  }

  @Test("a domain that no host has is undefined where another one is hidden")
  func undefined() async throws {
    let scene = try Scene(.web, faults: Self.hiding(["web"]))
    let manifest = try scene.manifest(Manifest.domain("db", "currentMemory: 1GiB"))
    let outcome = await scene.run("plan", manifest)
    #expect(outcome.status == 3)
    #expect(outcome.output.contains("domain-not-defined"))
  }

  @Test("a host is asked for no domain that another host lists")
  func elsewhere() async throws {
    let scene = try Scene(.web)
    scene.hosts["test:///far"] = SimulatedHypervisor(
      Scene.host([.web], uuid: "far"), faults: Self.hiding(["web"]))
    scene.hosts["test:///near"] = SimulatedHypervisor(Scene.host([.web], uuid: "near"))
    let manifest = try scene.manifest(
      Manifest.host("far", "test:///far") + Manifest.host("near", "test:///near")
        + Manifest.inSync)
    #expect(await scene.run("plan", manifest).status == 0)
  }

  @Test(
    "export and observe can't read a hidden domain that they are asked for",
    arguments: ["export", "observe"])
  func survey(command: String) async throws {
    let scene = try Scene(.web, faults: Self.hiding(["web"]))
    let outcome = await scene.run(command, "web")
    #expect(outcome.status == 5)
    #expect(
      outcome.errors.contains(
        "warning: web: the domain could not be read: access denied (virDomainLookupByName)"))
    #expect(outcome.errors.contains(Self.remedy))
  }

  @Test("a call that this user may not make fails its step with the rule and the remedy")
  func call() async throws {
    var faults = SimulatedHypervisor.Faults()
    faults.failing[1] = HypervisorError(
      .denied, call: "virDomainSetMemoryFlags", code: 88, domain: 10, message: "access denied")
    let scene = try Scene(.web, faults: faults)
    let manifest = try scene.manifest(Manifest.change)
    let outcome = await scene.run("apply", manifest, "--auto-approve", "--format", "json")
    #expect(outcome.status == 1)
    let step = try outcome.document()["domains"][0]["steps"][0]
    #expect(step["result"]["rule"] == "access-denied")
    #expect(step["result"]["error"]["code"] == 88)
    #expect(outcome.output.contains(Self.remedy))
  }
}
