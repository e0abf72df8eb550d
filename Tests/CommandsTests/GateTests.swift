// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import Platform
import TestSupport
import Testing

@testable import Commands

/// The lock, the audit, the note and what a run tolerates.
@Suite("the gate in process") struct GateTests {
  static func locks(in scene: Scene) throws -> String {
    let folder = scene.path("locks")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    scene.lockFolder = folder
    return folder
  }

  /// Holds every lock in `folder` as another process would.
  static func holdAll(_ folder: String, record: String) throws -> [FileLock] {
    try FileManager.default.contentsOfDirectory(atPath: folder).map { name in
      guard
        case .taken(let lock) = try FileLock.attempt(
          name, in: folder, record: Array(record.utf8))
      else { throw CocoaError(.fileLocking) }
      return lock
    }
  }

  static let holder = "user bob\npid 17\nsince 2026-11-28T11:00:00Z\nnote nightly\n"

  // MARK: - The lock

  @Test("apply leaves a host that another apply holds, says who holds it, and ends with 1")
  func locked() async throws {
    let scene = try Scene(.web)
    let folder = try Self.locks(in: scene)
    let manifest = try scene.manifest(Manifest.change)
    #expect(await scene.run("apply", manifest, "--auto-approve").status == 0)
    scene.hosts[""] = SimulatedHypervisor(Scene.host([.web]))
    let others = try Self.holdAll(folder, record: Self.holder)
    #expect(others.count == 1)
    let outcome = await scene.run("apply", manifest, "--auto-approve", "--format", "json")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasSuffix(
        "Another apply is changing this host: bob, process 17, since 2026-11-28T11:00:00Z "
          + "(nightly).\n"))
    let domain = try outcome.document()["domains"][0]
    #expect(domain["result"]["status"] == "failed")
    #expect(domain["result"]["rule"] == "host-locked")
    #expect(try #require(scene.hosts[""]).trace.isEmpty)
    _ = others
  }

  @Test("apply waits as long as --lock-timeout says, and says for whom")
  func waits() async throws {
    let scene = try Scene(.web)
    let folder = try Self.locks(in: scene)
    let manifest = try scene.manifest(Manifest.change)
    #expect(await scene.run("apply", manifest, "--auto-approve", "--note", "mine").status == 0)
    let others = try Self.holdAll(folder, record: "")
    scene.hosts[""] = SimulatedHypervisor(Scene.host([.web]))
    let start = scene.clock.now
    let outcome = await scene.run(
      "apply", manifest, "--auto-approve", "--lock-timeout", "30s")
    #expect(outcome.status == 1)
    #expect(scene.clock.now - start >= .seconds(30))
    #expect(
      outcome.errors.hasPrefix(
        "Waiting for another apply: a process that did not say who it is.\n"))
    _ = others
  }

  @Test("the lock's file says who holds it; a host has one lock whatever its URI")
  func record() async throws {
    let scene = try Scene(.web)
    scene.hosts["qemu+ssh://hv01/system"] = SimulatedHypervisor(Scene.host([.web]))
    let folder = try Self.locks(in: scene)
    let manifest = try scene.manifest(Manifest.change)
    for connection in [[], ["-c", "qemu+ssh://hv01/system"]] {
      let outcome = await scene.run(
        "apply", manifest, "--auto-approve", "--note", "for a test", with: connection)
      #expect(outcome.status == 0)
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count == 1)
    #expect(
      try scene.text(of: "locks/\(files[0])")
        == "user alice\npid 4711\nsince 2026-11-28T12:00:00Z\nnote for a test\n")
  }

  @Test("a plan without steps, a plan that is not approved, plan and drift take no lock")
  func unlocked() async throws {
    let scene = try Scene(.web)
    let folder = try Self.locks(in: scene)
    scene.isTerminal = true
    scene.answer = "no"
    #expect(await scene.run("apply", try scene.manifest(Manifest.change)).status == 2)
    _ = await scene.run("plan", scene.path("fleet.yaml"))
    _ = await scene.run("drift", scene.path("fleet.yaml"))
    _ = await scene.run("apply", try scene.manifest(Manifest.inSync), "--auto-approve")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }

  @Test("a lock folder that can't be used leaves the host alone and names the remedy")
  func unusable() async throws {
    let scene = try Scene(.web)
    scene.lockFolder = try scene.file("no-folder", "")
    let outcome = await scene.run("apply", try scene.manifest(Manifest.change), "--auto-approve")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("no-folder is not a folder, or is a link to one: remove it."))
    #expect(try #require(scene.hosts[""]).trace.isEmpty)
  }

  @Test("two Hosts that are one host share its lock, and a run never refuses itself")
  func twins() async throws {
    let scene = try Scene(.web)
    scene.hosts["qemu+ssh://hv01/system"] = SimulatedHypervisor(Scene.host([.running("db")]))
    let folder = try Self.locks(in: scene)
    let manifest = try scene.manifest(
      """
      apiVersion: virtmem.io/v1alpha1
      kind: Host
      metadata: {name: a}
      spec: {uri: "qemu:///system"}
      ---
      apiVersion: virtmem.io/v1alpha1
      kind: Host
      metadata: {name: b}
      spec: {uri: "qemu+ssh://hv01/system"}
      ---
      apiVersion: virtmem.io/v1alpha1
      kind: Domain
      metadata: {name: web}
      spec: {host: a, currentMemory: 600MiB}
      ---
      apiVersion: virtmem.io/v1alpha1
      kind: Domain
      metadata: {name: db}
      spec: {host: b, currentMemory: 600MiB}

      """)
    let outcome = await scene.run("apply", manifest, "--auto-approve", "--lock-timeout", "0s")
    #expect(outcome.status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
  }

  @Test("show of a locked host's report prints what the apply printed, and ends as it did")
  func shownAgain() async throws {
    let (one, other) = (try Scene(.web), try Scene(.web))
    for scene in [one, other] { scene.lockFolder = try one.file("no-folder", "") }
    let manifest = try one.manifest(Manifest.change)
    let text = await one.run("apply", manifest, "--auto-approve")
    let json = await other.run("apply", manifest, "--auto-approve", "--format", "json")
    let show = await one.run("show", try one.file("report.json", json.output))
    #expect(show.output == text.outputWithoutNext && text.output.contains("web: failed: "))
    #expect(show.status == 1)
  }

  // MARK: - The audit

  private static func audit(_ scene: Scene) throws -> [JSON] {
    try scene.text(of: "audit").split(separator: "\n").map {
      try JSONDecoder().decode(JSON.self, from: Data($0.utf8))
    }
  }

  @Test("the audit has a line before and one after each call, with the plan, the run and the note")
  func audit() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    _ = await scene.run("plan", manifest, "--out", scene.path("plan"), "--note", "reviewed")
    let plan = try JSONDecoder().decode(JSON.self, from: Data(scene.text(of: "plan").utf8))
    #expect(plan["note"] == "reviewed")
    let outcome = await scene.run(
      "apply", "--plan", scene.path("plan"), "--auto-approve", "--audit", scene.path("audit"))
    #expect(outcome.status == 0)
    let lines = try Self.audit(scene)
    #expect(lines.map { $0["phase"] } == ["before", "after", "before", "after"])
    for (line, number) in zip(lines, [1, 1, 2, 2]) {
      let step = plan["domains"][0]["steps"][number - 1]
      for member in ["action", "api", "changes", "plane"] {
        #expect(line[member] == step[member])
      }
      #expect(line["step"] == step["id"] && line["plan"] == plan["id"])
      #expect(line["format"] == "virtmem/audit/v1alpha1" && line["note"] == "reviewed")
      #expect(line["user"] == "alice" && line["run"] == "00112233445566778899aabbccddeeff")
      #expect(line["host"] == "default" && line["domain"] == "web")
      #expect(line["uuid"] == "6f1d2c1e-4a55-4b7e-9d7a-100000000001")
    }
    #expect(lines[0]["result"] == .null && lines[1]["result"]["status"] == "done")
  }

  @Test("a plan's identifier in the audit is that of the document that plan saves")
  func planID() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    _ = await scene.run("plan", manifest, "--out", scene.path("plan"))
    let plan = try JSONDecoder().decode(JSON.self, from: Data(scene.text(of: "plan").utf8))
    _ = await scene.run("apply", manifest, "--auto-approve", "--audit", scene.path("audit"))
    #expect(try Self.audit(scene)[0]["plan"] == plan["id"])
  }

  @Test("an audit that can't be opened is a usage error, and nothing is connected")
  func badAudit() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    try FileManager.default.createSymbolicLink(
      atPath: scene.path("link"), withDestinationPath: scene.path("target"))
    for path in ["link", "no/such/folder", "."] {
      let outcome = await scene.run(
        "apply", manifest, "--auto-approve", "--audit", scene.path(path))
      #expect(outcome.status == 64)
      #expect(outcome.errors.hasPrefix("error: can't write \(scene.path(path)): "))
    }
    #expect(try #require(scene.hosts[""]).trace.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: scene.path("target")))
  }

  @Test("what a full disk does not record is not done, and the step fails")
  func fullDisk() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(
      "apply", try scene.manifest(Manifest.change), "--auto-approve", "--audit", "/dev/full",
      "--format", "json")
    #expect(outcome.status == 1)
    #expect(try #require(scene.hosts[""]).trace.isEmpty)
    let steps = try outcome.document()["domains"][0]["steps"]
    #expect(steps[0]["result"]["rule"] == "not-recorded")
    #expect(steps[1]["result"]["status"] == "skipped")
  }

  // MARK: - The note

  @Test("the note is the user's, else the job's, else the plan's")
  func note() async throws {
    let scene = try Scene(.web)
    let plan = ["plan", try scene.manifest(Manifest.change), "--format", "json"]
    func note(_ more: String...) async throws -> JSON {
      try await scene.run(with: plan + more).document()["note"]
    }
    #expect(try await note() == .null)
    #expect(try await note("--note", "hand") == "hand")
    scene.variables = [
      "GITHUB_SERVER_URL": "https://git.example.net", "GITHUB_REPOSITORY": "ops/fleet",
      "GITHUB_RUN_ID": "42", "GITHUB_SHA": "abc",
    ]
    #expect(try await note() == "https://git.example.net/ops/fleet/actions/runs/42 abc")
    #expect(try await note("--note", "hand") == "hand")
    scene.variables = ["CI_JOB_URL": "https://me:secret@git.example.net/-/jobs/7"]
    #expect(try await note() == "https://me:***@git.example.net/-/jobs/7")
    scene.variables = [:]
    for bad in ["", "a\nb", String(repeating: "x", count: 1001)] {
      #expect(await scene.run(with: plan + ["--note", bad]).status == 64)
    }
  }

  // MARK: - Tolerance

  @Test("what is tolerated is shown and decides no status")
  func tolerates() async throws {
    let scene = try Scene(.web)
    let text = """
      apiVersion: virtmem.io/v1alpha1
      kind: Host
      metadata: {name: hv01}
      spec: {uri: "qemu:///system"}
      ---
      apiVersion: virtmem.io/v1alpha1
      kind: Host
      metadata: {name: hv02}
      spec: {uri: "qemu+ssh://dead/system"}
      ---
      apiVersion: virtmem.io/v1alpha1
      kind: Domain
      metadata: {name: web}
      spec: {host: hv01, memtune: {minGuarantee: 1GiB}}
      ---
      apiVersion: virtmem.io/v1alpha1
      kind: Domain
      metadata: {name: far}
      spec: {host: hv02, currentMemory: 600MiB}

      """
    let manifest = try scene.manifest(text)
    for command in ["plan", "drift", "apply"] {
      let approval = command == "apply" ? ["--auto-approve"] : []
      func run(_ tolerated: String...) async -> Outcome {
        let options = tolerated.flatMap { ["--tolerate", $0] }
        return await scene.run(command, manifest, with: approval + options)
      }
      let strict = await run()
      #expect(strict.status == 3)
      #expect(strict.output.contains("1 blocked (hv01/web), 1 unobserved"))
      #expect(await run("blocked").status == 5)
      #expect(await run("unobserved").status == 3)
      for tolerant in [await run("blocked,unobserved"), await run("blocked", "unobserved")] {
        #expect(tolerant.status == 0)
        #expect(tolerant.output == strict.output)
      }
      #expect(await run("failed").status == 64)
    }
    for (tolerated, status) in [("blocked", 5), ("blocked,unobserved", 0)] as [(String, Int32)] {
      for command in ["plan", "drift", "apply"] {
        let approval = command == "apply" ? ["--auto-approve"] : []
        let report = ["--tolerate", tolerated, "--report", "json=\(scene.path("report"))"]
        #expect(await scene.run(command, manifest, with: approval + report).status == status)
        #expect(await scene.run("show", scene.path("report")).status == status)
      }
    }
    _ = await scene.run("plan", manifest, "--out", scene.path("plan"))
    #expect(try scene.text(of: "plan").contains("tolerated") == false)
    #expect(await scene.run("show", scene.path("plan")).status == 3)
    #expect(await scene.run("show", scene.path("plan"), "--tolerate", "blocked").status == 5)
  }

  @Test("tolerance leaves drift a difference and a failed step a failure")
  func toleratesNoMore() async throws {
    var faults = SimulatedHypervisor.Faults()
    faults.failing[1] = ApplyTests.refusal
    let scene = try Scene(.web, faults: faults)
    let manifest = try scene.manifest(Manifest.change)
    let all = ["--tolerate", "blocked,unobserved"]
    #expect(await scene.run("drift", manifest, with: all).status == 2)
    #expect(await scene.run("plan", manifest, "--detailed-exitcode", with: all).status == 2)
    #expect(await scene.run("apply", manifest, "--auto-approve", with: all).status == 1)
  }
}
