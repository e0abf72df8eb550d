// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// `--report` and `--out`: the result in files, beside the text.
@Suite("reports in process") struct ReportTests {
  private static let kinds = ["plan": "plan", "drift": "drift", "apply": "apply"]

  private func run(_ command: String, _ scene: Scene, _ options: String...) async throws -> Outcome
  {
    let approval = command == "apply" ? ["--auto-approve"] : []
    let manifest = try scene.manifest(Manifest.change)
    return await scene.run(command, manifest, with: approval + options)
  }

  @Test(
    "a report file has the bytes that --format json prints, and the text stays",
    arguments: ["plan", "drift", "apply"])
  func besideText(command: String) async throws {
    let (one, other) = (try Scene(.web), try Scene(.web))
    let text = try await run(command, one, "--report", "json=\(one.path("report"))")
    try FileManager.default.copyItem(atPath: one.path("report"), toPath: other.path("report"))
    let printed = await other.run(
      command, one.path("fleet.yaml"),
      with: ["--format", "json"] + (command == "apply" ? ["--auto-approve"] : []))
    #expect(try one.text(of: "report") == printed.output)
    #expect(text.status == printed.status)
    #expect(text.output.contains("currentMemory"))
    #expect(try printed.document()["kind"].text == Self.kinds[command])
  }

  @Test("--out of plan and drift is a JSON report", arguments: ["plan", "drift"])
  func out(command: String) async throws {
    let scene = try Scene(.web)
    _ = try await run(
      command, scene, "--out", scene.path("a"), "--report", "json=\(scene.path("b"))")
    #expect(try scene.text(of: "a") == scene.text(of: "b"))
    #expect(try scene.text(of: "a").contains("\"kind\":\"\(command)\""))
  }

  @Test("with - the report has standard output, and the text standard error")
  func standardOutput() async throws {
    for option in [["--out", "-"], ["--report", "json=-"]] {
      let scene = try Scene(.web)
      let manifest = try scene.manifest(Manifest.change)
      let outcome = await scene.run("plan", manifest, with: option)
      #expect(try outcome.document()["kind"] == "plan")
      #expect(outcome.errors.contains("512 MiB -> 600 MiB"))
      #expect(outcome.errors.contains("Next: virtmem apply \(manifest)\n"))
    }
  }

  @Test(
    "reports that can't be written are refused before the first connection",
    arguments: [
      ["--report", "json=-", "--format", "json"], ["--report", "json=-", "--out", "-"],
      ["--report", "json=/nowhere/x"], ["--report", "json"], ["--report", "xml=x"],
      ["--report", "human=x"], ["--report", "json="], ["--out", ""],
    ])
  func refused(options: [String]) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run("plan", try scene.manifest(Manifest.change), with: options)
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty && outcome.errors.hasPrefix("error: "))
  }

  @Test("no report replaces a file that the run reads", arguments: ["plan", "drift", "apply"])
  func inputs(command: String) async throws {
    let scene = try Scene(.web)
    let manifest = try scene.file("fleet/a.yaml", Manifest.change)
    let old = try scene.file("old.yaml", Manifest.inSync)
    for (path, file) in [
      (manifest, manifest), (scene.path("fleet"), manifest), (manifest, old),
      (scene.path("fleet"), scene.path("fleet/new.yml")),
    ] {
      let outcome = await scene.run(
        command, path, "--changed-from", old, "--report", "json=\(file)")
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("give the result another file"))
    }
    #expect(try scene.text(of: "fleet/a.yaml") == Manifest.change)
  }

  @Test("show replaces none of the documents that it reads")
  func shown() async throws {
    let scene = try Scene(.web)
    let file = scene.path("plan.json")
    _ = await scene.run("plan", try scene.manifest(Manifest.change), "--out", file)
    #expect(await scene.run("show", file, "--report", "json=\(file)").status == 64)
    #expect(await scene.run("show", file, "--report", "json=\(scene.path("new"))").status == 0)
  }

  @Test("two reports for one file are refused, also under two names")
  func sameFile() async throws {
    let scene = try Scene(.web)
    let file = try scene.file("a", "")
    let detour = scene.path(
      "../\(URL(filePath: scene.path("a")).deletingLastPathComponent().lastPathComponent)/a")
    let missing = await scene.run(
      "plan", try scene.manifest(Manifest.change), "--out", scene.path("new"), "--report",
      "json=\(scene.path("./new"))")
    #expect(missing.status == 64)
    for other in [file, detour] {
      let outcome = try await run("plan", scene, "--out", file, "--report", "json=\(other)")
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("give each its own file"))
    }
    #expect(try scene.text(of: "a").isEmpty)
  }

  @Test("after invalid manifests a report and --format json have the mistakes, with their places")
  func invalid() async throws {
    for command in ["plan", "drift", "apply", "validate"] {
      let scene = try Scene(.web)
      let approval = command == "apply" ? ["--auto-approve"] : []
      let outcome = await scene.run(
        command, try scene.manifest(Manifest.unknownField),
        with: approval + ["--report", "json=\(scene.path("report"))", "--format", "json"])
      #expect(outcome.status == 65)
      #expect(try scene.text(of: "report") == outcome.output)
      let document = try outcome.document()
      #expect(document["format"] == "virtmem/diagnostics/v1alpha1")
      #expect(document["diagnostics"][0]["rule"] == "unknown-field")
      #expect(document["diagnostics"][0]["source"]["line"] != .null)
    }
  }

  @Test("a quiet apply and show of its document are the same lines")
  func quietApply() async throws {
    let scene = try Scene(.web)
    let apply = try await run("apply", scene, "-q", "--report", "json=\(scene.path("report"))")
    #expect(apply.output == "web: 2 of 2 steps done\n")
    #expect(await scene.run("show", scene.path("report"), "-q").output == apply.output)
  }

  @Test("a report that can't be written after the steps fails the run, which still tells them")
  func lost() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(
      "apply", try scene.manifest(Manifest.change), "--auto-approve", "--report",
      "json=/dev/full")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("2 of 2 steps done and verified."))
    #expect(outcome.errors.contains("error: can't write /dev/full: No space left on device"))
  }
}

/// `--changed-from`: what a change is about, and what it leaves.
@Suite("--changed-from in process") struct ChangedFromTests {
  private static func domain(_ name: String, _ spec: String) -> String {
    """
    ---
    apiVersion: virtmem.io/v1alpha1
    kind: Domain
    metadata: {name: \(name)}
    spec: \(spec)

    """
  }

  private static let old =
    domain("web", "{currentMemory: 600MiB, memtune: {softLimit: 2GiB, hardLimit: 3GiB}}")
    + domain("db", "{currentMemory: 600MiB}")
  private static let new = domain("web", "{currentMemory: 600MiB, memtune: {hardLimit: 4GiB}}")

  private static func scene() throws -> Scene {
    var web = ObservedDomain.web
    web.persistent?.memtune.softLimit = .size(.gibibytes(5))
    return try Scene(web)
  }

  @Test("plan, drift and their documents tell what left, and what is not of this change")
  func told() async throws {
    for command in ["plan", "drift"] {
      let scene = try Self.scene()
      let (old, new) = (try scene.file("old.yaml", Self.old), try scene.manifest(Self.new))
      let arguments = [new, "--changed-from", old]
      let text = await scene.run(command, with: arguments + ["--out", scene.path("document")])
      #expect(text.output.contains("no longer managed: db (stays as it is)\n"))
      #expect(
        text.output.contains(
          "no longer managed: web memtune.softLimit (stays unlimited live, 5 GiB persistent)\n"))
      #expect(text.output.matches(of: /not of this change/).count == 1)
      #expect(text.output.contains(/currentMemory .* not of this change/))
      let json = await scene.run(command, with: arguments + ["--format", "json"])
      let document = try json.document()
      #expect(document["removed"][0]["name"] == "db")
      #expect(document["removed"][0]["fields"] == .null)
      #expect(document["removed"][0]["host"] == "default")
      #expect(document["removed"][1]["fields"] == ["memtune.softLimit"])
      let fields = document["domains"][0]["fields"]
      #expect(fields[0]["path"] == "currentMemory" && fields[0]["ofThisChange"] == false)
      #expect(fields[1]["path"] == "memtune.hardLimit" && fields[1]["ofThisChange"] == true)
      let shown = await scene.run("show", scene.path("document"))
      #expect(shown.output == text.outputWithoutNext)
    }
  }

  @Test("a selection is judged on all that is declared, not on what the change leaves")
  func selection() async throws {
    let scene = try Self.scene()
    let (old, new) = (try scene.file("old.yaml", Self.old), try scene.manifest(Self.new))
    func plan(_ options: String...) async -> Outcome {
      await scene.run("plan", new, "--changed-from", old, with: options)
    }
    let left = await plan("--domain", "db")
    #expect(left.status == 0)
    #expect(left.output.contains("no longer managed: db (stays as it is)\n"))
    let same = await scene.run("plan", new, "--changed-from", new, "--domain", "web")
    #expect(same.status == 0)
    let unknown = await scene.run("plan", new, "--changed-from", new, "--domain", "nosuch")
    #expect(unknown.status == 64)
    let host = await plan("--domain", "hv09/web")
    #expect(host.status == 64 && host.errors.contains("'web' is declared, but on none"))
    let label = await plan("--domain", "web", "-l", "app=x")
    #expect(label.status == 64 && label.errors.contains("'web' is declared, but -l"))
  }

  @Test("with --quiet what is no longer managed is told")
  func quiet() async throws {
    let scene = try Self.scene()
    let (old, new) = (try scene.file("old.yaml", Self.old), try scene.manifest(Self.new))
    let quiet = await scene.run("plan", new, "--changed-from", old, "-q")
    #expect(quiet.output.contains("no longer managed: db (stays as it is)\n"))
  }

  @Test("a changed policy makes all fields of its domain part of the change")
  func policy() async throws {
    let scene = try Scene(.web)
    let spec = "{currentMemory: 600MiB, policy: {shrink: never}}"
    let old = try scene.file("old.yaml", Self.domain("web", "{currentMemory: 600MiB}"))
    let new = try scene.manifest(Self.domain("web", spec))
    let outcome = await scene.run("plan", new, "--changed-from", old)
    #expect(outcome.output.contains("600 MiB"))
    #expect(!outcome.output.contains("not of this change"))
  }

  @Test("old manifests that are missing or invalid leave all domains, with a note")
  func brokenBase() async throws {
    let scene = try Scene(.web)
    let new = try scene.manifest(Manifest.change)
    let missing = await scene.run("plan", new, "--changed-from", scene.path("nothing"))
    #expect(missing.status == 0)
    #expect(missing.output.contains("512 MiB -> 600 MiB"))
    #expect(missing.errors.contains("note: there are no manifests at "))
    let broken = try scene.file("broken.yaml", Manifest.unknownField)
    let invalid = await scene.run("plan", new, "--changed-from", broken)
    #expect(invalid.status == 0)
    #expect(invalid.output.contains("512 MiB -> 600 MiB"))
    #expect(invalid.errors.contains("are invalid, so all domains count as changed: "))
    #expect(invalid.errors.contains("(unknown-field)"))
  }
}
