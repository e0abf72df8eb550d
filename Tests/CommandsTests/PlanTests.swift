// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport
import Testing

@testable import Commands

@Suite("plan, drift and show in process") struct PlanTests {
  @Test("plan shows each difference and the steps, and makes no call")
  func plan() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run("plan", try scene.manifest(Manifest.change))
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("512 MiB -> 600 MiB"))
    #expect(
      outcome.output.hasSuffix(
        "1 domain: 1 to change.  2 steps: 1 not felt by guests, 1 felt live.\n"
          + "Next: virtmem apply \(scene.path("fleet.yaml"))\n"))
    #expect(outcome.errors.isEmpty)
    #expect(try #require(scene.hosts[""]).trace.isEmpty)
  }

  @Test("the next command is one that a shell runs as the user meant it")
  func next() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    let options = ["--require-live", "--tolerate", "blocked", "--domain", "we*"]
    let outcome = await scene.run("plan", manifest, with: options)
    #expect(
      outcome.output.hasSuffix(
        "Next: virtmem apply \(manifest) --domain 'we*' --require-live --tolerate blocked\n"))
  }

  @Test("--tolerate and --libvirt say what they take", arguments: ["--tolerate", "--libvirt"])
  func forms(option: String) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run("plan", try scene.manifest(Manifest.change), option, "foo")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(option == "--libvirt" ? "such as 9.0.0" : "blocked,unobserved"))
  }

  @Test("with --detailed-exitcode changes give status 2, and none give status 0")
  func detailed() async throws {
    let scene = try Scene(.web)
    let options = "--detailed-exitcode"
    #expect(await scene.run("plan", try scene.manifest(Manifest.change), options).status == 2)
    #expect(await scene.run("plan", try scene.manifest(Manifest.inSync), options).status == 0)
  }

  @Test("a blocked field gives status 3", arguments: ["plan", "drift"])
  func blocked(command: String) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(command, try scene.manifest(Manifest.blocked))
    #expect(outcome.status == 3)
    #expect(outcome.output.contains("blocked: "))
  }

  @Test("a host that can't be reached gives status 5", arguments: ["plan", "drift"])
  func unobserved(command: String) async throws {
    let scene = try Scene()
    scene.hosts = [:]
    let outcome = await scene.run(command, try scene.manifest(Manifest.inSync))
    #expect(outcome.status == 5)
    #expect(outcome.output.contains("no such host"))
  }

  @Test("a mistake in a manifest gives status 65", arguments: ["plan", "drift"])
  func invalid(command: String) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(command, try scene.manifest(Manifest.unknownField))
    #expect(outcome.status == 65)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("(unknown-field)"))
  }

  @Test("--connect beside Hosts gives status 64", arguments: ["plan", "drift", "apply"])
  func usage(command: String) async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.host("hv01", "test:///a") + Manifest.inSync)
    let approval = command == "apply" ? "--auto-approve" : "--quiet"
    let outcome = await scene.run(command, manifest, approval, "-c", "test:///b")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("Host hv01"))
  }

  @Test("drift gives status 2 where a field differs, and its document has no steps")
  func drift() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run("drift", try scene.manifest(Manifest.change), "--format", "json")
    let document = try outcome.document()
    #expect(outcome.status == 2)
    #expect(document["kind"] == "drift")
    #expect(document["summary"]["steps"] == 0)
    #expect(document["domains"][0]["verdict"] == "change")
    #expect(document["domains"][0]["steps"] == [])
  }

  @Test("drift gives status 0 where nothing differs")
  func noDrift() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run("drift", try scene.manifest(Manifest.inSync))
    #expect(outcome.status == 0)
    #expect(outcome.output.hasSuffix("\n\n1 domain: 1 in sync.\n"))
  }

  @Test("the URI of a plan comes from the option, the environment or the default")
  func uriOrigin() async throws {
    let scene = try Scene(.web)
    scene.hosts["test:///a"] = scene.hosts[""]
    let manifest = try scene.manifest(Manifest.inSync)
    let origin = { (outcome: Outcome) in try outcome.document()["hosts"][0]["uriFrom"].text }
    let plan = ["plan", manifest, "--format", "json"]
    #expect(try origin(await scene.run(with: plan)) == "default")
    #expect(
      try origin(await scene.run(with: plan + ["-c", "test:///a"]))
        == "option")
    scene.variables["LIBVIRT_DEFAULT_URI"] = "test:///a"
    #expect(try origin(await scene.run(with: plan)) == "environment")
    scene.variables["LIBVIRT_DEFAULT_URI"] = "qemu+ssh://root@hv01/system"
    let silent = await scene.run("plan", manifest)
    #expect(
      silent.output.hasPrefix(
        "qemu+ssh://root@hv01/system (LIBVIRT_DEFAULT_URI)  not observed: no such host"))
    #expect(silent.output.contains("ssh -v root@hv01"))
    #expect(await scene.run("plan", manifest, "-c", "").status == 64)
  }

  @Test("show prints the saved plan as plan printed it", arguments: ["human", "json"])
  func show(format: String) async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    let plan = await scene.run("plan", manifest, "--out", scene.path("plan"), "--format", format)
    #expect(plan.errors == "Plan saved in \(scene.path("plan")).\n")
    let show = await scene.run("show", scene.path("plan"), "--format", format)
    #expect(show.status == 0)
    #expect(show.output == plan.outputWithoutNext)
    #expect(show.errors.hasPrefix("Planned at 2026-11-28T12:00:00Z, ") == (format == "human"))
    let detailed = await scene.run("show", scene.path("plan"), "--detailed-exitcode", "--quiet")
    #expect(detailed.status == 2)
    #expect(detailed.errors.isEmpty)
  }

  @Test(
    "a run warns of a suspension from the day after its date, and show prints what the run printed",
    arguments: ["plan", "drift"])
  func suspended(command: String) async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(
      Manifest.domain(
        "web", "suspend: {until: 2026-11-30, reason: new disks}, currentMemory: 600MiB"))
    for (day, isPast) in [("2026-11-30", false), ("2026-12-01", true)] {
      scene.timestamp = "\(day)T00:00:00Z"
      let run = await scene.run(command, manifest, "--out", scene.path("plan"))
      #expect(run.status == 0)
      #expect(run.output.contains("web  suspended until 2026-11-30: new disks  "))
      #expect(run.output.contains("(suspension-expired)") == isPast)
      let document = try await scene.run(command, manifest, "--format", "json").document()
      #expect(document["domains"][0]["verdict"] == "suspended")
      scene.timestamp = "2027-01-01T00:00:00Z"
      #expect(await scene.run("show", scene.path("plan")).output == run.outputWithoutNext)
    }
  }

  @Test("show prints a drift's document as the drift printed it, and ends as it did")
  func showDrift() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    for detail in [[], ["--verbose"]] {
      let text = await scene.run("drift", manifest, with: detail)
      let json = await scene.run("drift", manifest, "--format", "json")
      let show = await scene.run("show", try scene.file("drift.json", json.output), with: detail)
      #expect(text.output.contains("declared 600 MiB, is 512 MiB live + persistent"))
      #expect(show.output == text.output)
      #expect(show.status == 2 && text.status == 2)
    }
  }

  @Test("show gives status 65 for a file that is not as it was saved")
  func altered() async throws {
    let scene = try Scene(.web)
    _ = await scene.run("plan", try scene.manifest(Manifest.change), "--out", scene.path("plan"))
    let text = try scene.text(of: "plan").replacing("629145600", with: "629145601")
    let outcome = await scene.run("show", try scene.file("altered", text))
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("(altered-plan)"))
  }

  @Test(
    "a plan that can't be saved gives status 1, and 64 where that is known before",
    arguments: [("/dev/full", 1), ("/no/such/folder/plan", 64)] as [(String, Int32)])
  func unsaved(path: String, status: Int32) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(
      "plan", try scene.manifest(Manifest.change), "--out", path)
    #expect(outcome.status == status)
    #expect(outcome.output.isEmpty == (status == 64))
    #expect(outcome.errors.hasPrefix("error: can't write \(path)"))
  }

  @Test("output that gets lost gives status 1")
  func loss() async throws {
    let scene = try Scene(.web)
    scene.loss = "No space left on device"
    let outcome = await scene.run("plan", try scene.manifest(Manifest.inSync))
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: can't write standard output: No space left on device\n")
  }

  @Test("a terminal gets colour, unless NO_COLOR is set or --color says never")
  func color() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    let escape = "\u{1B}["
    #expect(await !scene.run("plan", manifest).output.contains(escape))
    #expect(await scene.run("plan", manifest, "--color", "always").output.contains(escape))
    scene.isTerminal = true
    #expect(await scene.run("plan", manifest).output.contains(escape))
    #expect(await !scene.run("plan", manifest, "--color", "never").output.contains(escape))
    scene.variables["NO_COLOR"] = "1"
    #expect(await !scene.run("plan", manifest).output.contains(escape))
  }
}
