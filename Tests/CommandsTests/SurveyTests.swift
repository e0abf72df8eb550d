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
    #expect(outcome.errors == "error: no domain is named 'db'. There is web.\n")
  }

  @Test("a host that can't be reached gives status 5", arguments: ["export", "observe"])
  func unobserved(command: String) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(command, "-c", "test:///far")
    #expect(outcome.status == 5)
    #expect(
      outcome.errors.hasPrefix(
        """
        warning: test:///far could not be observed: no such host (virConnectOpenAuth) \
        (host-unobserved)
          libvirt's test driver
        """))
    #expect(outcome.errors.hasSuffix("`virsh -r -c 'test:///far' list`.\n"))
  }

  @Test("a connection that is refused gives status 5 and what to do about rights")
  func denied() async throws {
    let scene = try Scene(.web)
    scene.refusals[""] = HypervisorError(
      .denied, call: "virConnectOpenAuth", code: 38, domain: 7, message: "Permission denied")
    let outcome = await scene.run("export")
    #expect(outcome.status == 5)
    #expect(
      outcome.errors.hasPrefix(
        "warning: libvirt's default connection could not be observed: Permission denied"))
    #expect(outcome.errors.contains("group `libvirt`"))
    #expect(outcome.errors.hasSuffix("`virsh -r list`.\n"))
  }

  @Test("a name that is nearly there is suggested", arguments: ["export", "observe"])
  func nearNames(command: String) async throws {
    let scene = try Scene(.running("web-01"), .running("db"))
    let outcome = await scene.run(command, "web-99")
    #expect(outcome.status == 64)
    #expect(outcome.errors == "error: no domain is named 'web-99': did you mean 'web-01'?\n")
  }

  @Test(
    "a connection without domains is told, and where the system's are",
    arguments: ["export", "observe"])
  func empty(command: String) async throws {
    let scene = try Scene()
    var host = Scene.host([])
    (host.uri, host.isSession) = ("qemu:///session", true)
    scene.hosts[""] = SimulatedHypervisor(host)
    let all = await scene.run(command)
    #expect(all.status == 0)
    #expect(command == "observe" || all.output.isEmpty)
    #expect(
      all.errors == """
        note: qemu:///session has no domains; the system's domains are on qemu:///system \
        (-c qemu:///system).

        """)
    #expect(await scene.run(command, "--quiet").errors.isEmpty)
    let named = await scene.run(command, "web")
    #expect(named.status == 64)
    #expect(
      named.errors.hasPrefix("error: no domain is named 'web': qemu:///session has no domains"))
  }

  @Test("a selection that leaves no Host is a usage error", arguments: ["export", "observe"])
  func noHosts(command: String) async throws {
    let scene = try Scene(.web)
    let hosts = try scene.manifest(Manifest.host("hv01", "test:///near"))
    let outcome = await scene.run(command, "--hosts", hosts, "-l", "rack=a")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("leaves out the one declared Host: hv01"))
    #expect(await scene.run(command, "hv01/web").errors.hasPrefix("error: HOST/ in a name"))
    #expect(await scene.run(command, "-l", "rack=a").status == 64)
  }

  @Test(
    "export --out takes a folder, which it checks before it connects",
    arguments: ["web.yaml", "web.yml", "file", "no/folder"])
  func noFolder(name: String) async throws {
    let scene = try Scene(.web)
    _ = try scene.file("file", "")
    let outcome = await scene.run("export", "--out", scene.path(name), "-c", "test:///far")
    #expect(outcome.status == 64)
    #expect(!outcome.errors.contains("test:///far"))
    #expect(name.hasPrefix("no") || outcome.errors.contains("names a folder"))
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
    #expect(plan.errors.hasPrefix("qemu:///system was observed 2 h ago\n"))
    let direct = await scene.run("plan", manifest, "--format", "json")
    #expect(
      try plan.document()["domains"][0]["steps"] == direct.document()["domains"][0]["steps"])
    #expect(try plan.document()["hosts"][0]["origin"] == "snapshot")
    let other = try scene.file(
      "other.yaml", Manifest.host("hv02", "qemu+tls://hv02/system") + Manifest.inSync)
    let unknown = await scene.run("plan", other, "--observed", snapshot)
    #expect(unknown.status == 5)
    #expect(
      unknown.output.contains(
        "hv02  qemu+tls://hv02/system  not observed: no snapshot has the host"))
    #expect(unknown.output.contains("1 domain: 1 unobserved.  0 steps.  1 host unobserved (hv02)."))
    #expect(unknown.output.contains("virtmem observe") && !unknown.output.contains("virsh"))
    #expect(await scene.run("apply", "--plan", scene.path("plan"), "--auto-approve").status == 0)
  }
}
