// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport
import Testing

@testable import Commands

@Suite("apply in process") struct ApplyTests {
  static let refusal = HypervisorError(
    .refused, call: "virDomainSetMemoryFlags", code: 55, message: "the call was refused")

  @Test("apply performs every step, and the domain is as declared")
  func performs() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run("apply", try scene.manifest(Manifest.change), "--auto-approve")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("2 of 2 steps done and verified.\n"))
    #expect(outcome.output.hasSuffix("After the run, 1 domain: 1 in sync.\n"))
    #expect(outcome.errors.split(separator: "\n").count == 2)
    let web = try #require(scene.hosts[""]).host.domains[0]
    #expect(web.live?.currentMemory == .exactly(.mebibytes(600)))
    #expect(web.persistent?.currentMemory == .exactly(.mebibytes(600)))
  }

  @Test("with --format json the report is one document, and nothing else is on standard output")
  func json() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(
      "apply", try scene.manifest(Manifest.change), "--auto-approve", "--format", "json")
    let document = try outcome.document()
    #expect(document["kind"] == "apply")
    #expect(document["created"] == "2026-11-28T12:00:00Z")
    #expect(document["summary"]["done"] == 2)
    #expect(document["domains"][0]["result"]["observed"] == "inSync")
  }

  @Test(
    "show prints of an apply's document what the apply printed",
    arguments: [Manifest.change, Manifest.inSync, Manifest.blocked], [nil, 1, 2])
  func shownAgain(manifest: String, failing: Int?) async throws {
    var faults = SimulatedHypervisor.Faults()
    if let failing { faults.failing[failing] = Self.refusal }
    let (one, other) = (try Scene(.web, faults: faults), try Scene(.web, faults: faults))
    let text = await one.run("apply", try one.manifest(manifest), "--auto-approve")
    let json = await other.run(
      "apply", try one.manifest(manifest), "--auto-approve", "--format", "json")
    let document = try other.file("report.json", json.output)
    #expect(await other.run("show", document).output == text.outputWithoutNext)
    #expect(await other.run("show", document, "--format", "json").output == json.output)
  }

  @Test("with --quiet nothing is on standard error")
  func quiet() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(
      "apply", try scene.manifest(Manifest.change), "--auto-approve", "--quiet")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
  }

  @Test("a plan without steps makes no call and gives status 0")
  func inSync() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run("apply", try scene.manifest(Manifest.inSync), "--auto-approve")
    #expect(outcome.status == 0)
    #expect(try #require(scene.hosts[""]).trace.isEmpty)
    #expect(outcome.output.hasSuffix("\n\n1 domain: 1 in sync.  0 steps.\n"))
  }

  @Test("a refused call gives status 1 and names the call")
  func failed() async throws {
    var faults = SimulatedHypervisor.Faults()
    faults.failing[1] = Self.refusal
    let scene = try Scene(.web, faults: faults)
    let outcome = await scene.run("apply", try scene.manifest(Manifest.change), "--auto-approve")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("web: failed: virDomainSetMemoryFlags: the call was refused"))
  }

  @Test("a guest that does not follow gives status 1, and the wait takes no time of the test")
  func noEffect() async throws {
    var faults = SimulatedHypervisor.Faults()
    faults.unresponsiveGuests = [ObservedDomain.web.uuid]
    let scene = try Scene(.web, faults: faults)
    let outcome = await scene.run(
      "apply", try scene.manifest(Manifest.change), "--auto-approve", "--timeout", "1h")
    #expect(outcome.status == 1)
    #expect(scene.clock.now >= .seconds(3600))
  }

  @Test("while a guest does not follow, a terminal shows on one line what apply waits for")
  func waiting() async throws {
    var faults = SimulatedHypervisor.Faults()
    faults.unresponsiveGuests = [ObservedDomain.web.uuid]
    let scene = try Scene(.web, faults: faults)
    (scene.isTerminal, scene.width, scene.variables) = (true, 80, ["NO_COLOR": "1"])
    let outcome = await scene.run("apply", try scene.manifest(Manifest.change), "--auto-approve")
    let shown = outcome.errors.split(separator: "\r\u{1B}[K")
    let waiting: Substring = "waiting: currentMemory is 512 MiB, unchanged for "
    #expect(shown.contains("[1/2] web: \(waiting)12 s of 60 s"))
    // A terminal can't go back to a line before the last.
    #expect(shown.allSatisfy { $0.count <= 80 || $0.hasSuffix("\n") })
  }

  @Test("a blocked field gives status 3, and the rest is done")
  func blocked() async throws {
    let scene = try Scene(.web)
    let manifest = Manifest.change + Manifest.domain("lost", "memory: 1GiB")
    let outcome = await scene.run("apply", try scene.manifest(manifest), "--auto-approve")
    #expect(outcome.status == 3)
    #expect(outcome.output.contains("2 of 2 steps done and verified."))
  }

  @Test("a domain that changed since it was planned gives status 4 and is left untouched")
  func stale() async throws {
    let scene = try Scene(.web)
    _ = await scene.run("plan", try scene.manifest(Manifest.change), "--out", scene.path("plan"))
    let changed = SimulatedHypervisor(
      Scene.host([.running("web", current: .mebibytes(700))]))
    scene.hosts[""] = changed
    let outcome = await scene.run("apply", "--plan", scene.path("plan"), "--auto-approve")
    #expect(outcome.status == 4)
    #expect(outcome.output.contains("web: stale, left untouched"))
    #expect(changed.trace.isEmpty)
  }

  @Test("a host that can't be reached gives status 5, and the other host is done")
  func unobserved() async throws {
    let scene = try Scene()
    let near = SimulatedHypervisor(Scene.host([.web]))
    scene.hosts = ["test:///near": near]
    let manifest =
      Manifest.host("near", "test:///near") + Manifest.host("far", "test:///far")
      + Manifest.domain("web", "host: near, currentMemory: 600MiB")
      + Manifest.domain("db", "host: far, currentMemory: 600MiB")
    let outcome = await scene.run("apply", try scene.manifest(manifest), "--auto-approve")
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("near/web"))
    #expect(near.host.domains[0].live?.currentMemory == .exactly(.mebibytes(600)))
  }

  @Test("a signal stops the run before the next step and gives its status", arguments: [2, 15])
  func interrupted(signal: Int32) async throws {
    let scene = try Scene(.web)
    scene.signal = signal
    let outcome = await scene.run("apply", try scene.manifest(Manifest.change), "--auto-approve")
    #expect(outcome.status == 128 + signal)
    #expect(try #require(scene.hosts[""]).trace.isEmpty)
  }

  @Test("without a terminal and --auto-approve apply gives status 64")
  func noTerminal() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run("apply", try scene.manifest(Manifest.change))
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("--auto-approve"))
  }

  @Test(
    "only yes performs the plan; every other answer gives status 2", arguments: ["yes", "y", nil])
  func question(answer: String?) async throws {
    let scene = try Scene(.web)
    scene.isTerminal = true
    scene.answer = answer
    let outcome = await scene.run(
      "apply", try scene.manifest(Manifest.change), "--format", "json", "--color", "never")
    let isApproved = answer == "yes"
    #expect(outcome.status == (isApproved ? 0 : 2))
    let status = try outcome.document()["domains"][0]["result"]["status"]
    #expect(status == (isApproved ? "done" : "skipped"))
    #expect(outcome.errors.contains("1 domain: 1 to change.  2 steps"))
    #expect(outcome.errors.contains("Nothing was done.") == !isApproved)
    #expect(try #require(scene.hosts[""]).trace.isEmpty == !isApproved)
  }

  @Test("the user sees the plan once on the terminal, also where standard output is a file")
  func planOnTerminal() async throws {
    let summary = "1 domain: 1 to change.  2 steps"
    for isRedirected in [false, true] {
      let scene = try Scene(.web)
      (scene.isTerminal, scene.isRedirected) = (true, isRedirected)
      let outcome = await scene.run(
        "apply", try scene.manifest(Manifest.change), "--color", "never")
      #expect(outcome.status == 2)
      #expect(outcome.output.contains(summary))
      #expect(outcome.errors.contains(summary) == isRedirected)
    }
  }

  @Test("a saved plan is performed as it was made, with its time and id on standard error")
  func savedPlan() async throws {
    let scene = try Scene(.web)
    _ = await scene.run("plan", try scene.manifest(Manifest.change), "--out", scene.path("plan"))
    let outcome = await scene.run("apply", "--plan", scene.path("plan"), "--auto-approve")
    #expect(outcome.status == 0)
    #expect(outcome.errors.hasPrefix("Planned at 2026-11-28T12:00:00Z, sha256:"))
    #expect(outcome.output.contains("2 of 2 steps done and verified."))
  }

  @Test("a saved plan keeps its verdict on a domain whose UUID is another one")
  func savedPlanWithOtherUUID() async throws {
    let scene = try Scene(.web, .running("db"))
    let uuid = "6f1d2c1e-4a55-4b7e-9d7a-000000000099"
    let manifest =
      Manifest.change
      + Manifest.domain("db", "memory: 1GiB").replacing("spec: {", with: "spec: {uuid: \(uuid), ")
    let planned = await scene.run("plan", try scene.manifest(manifest), "--out", scene.path("plan"))
    #expect(planned.status == 3, "\(planned.errors)")
    let outcome = await scene.run(
      "apply", "--plan", scene.path("plan"), "--auto-approve", "--format", "json")
    #expect(outcome.status == 3)
    let report = try outcome.document()
    #expect(report["domains"][0]["name"] == "db")
    #expect(report["domains"][0]["result"]["observed"] == "blocked")
    #expect(report["domains"][1]["result"]["observed"] == "inSync")
  }

  @Test("a saved plan does not look at a host that its plan did not see")
  func savedPlanWithSilentHost() async throws {
    let scene = try Scene()
    scene.hosts = ["test:///near": SimulatedHypervisor(Scene.host([.web]))]
    let manifest =
      Manifest.host("near", "test:///near") + Manifest.host("late", "test:///late")
      + Manifest.domain("web", "host: near, currentMemory: 600MiB")
      + Manifest.domain("nope", "host: late, currentMemory: 600MiB")
    _ = await scene.run("plan", try scene.manifest(manifest), "--out", scene.path("plan"))
    scene.hosts["test:///late"] = SimulatedHypervisor(Scene.host([], uuid: "late"))
    let outcome = await scene.run("apply", "--plan", scene.path("plan"), "--auto-approve")
    #expect(outcome.status == 5)
    #expect(outcome.output.contains("After the run, 2 domains: 1 in sync, 1 unobserved."))
  }

  @Test("a saved plan of another host gives status 65 and makes no call")
  func otherHost() async throws {
    let scene = try Scene(.web)
    _ = await scene.run("plan", try scene.manifest(Manifest.change), "--out", scene.path("plan"))
    let other = SimulatedHypervisor(Scene.host([.web], uuid: "other"))
    scene.hosts[""] = other
    let outcome = await scene.run("apply", "--plan", scene.path("plan"), "--auto-approve")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("is a plan of another host"))
    #expect(other.trace.isEmpty)
  }

  @Test("a domain that is being shut down is waited for as long as --timeout says")
  func passingState() async throws {
    var domain = ObservedDomain.web
    domain.state = .inShutdown
    let scene = try Scene(domain)
    let outcome = await scene.run(
      "apply", try scene.manifest(Manifest.change), "--auto-approve", "--timeout", "30s")
    #expect(outcome.status == 3)
    #expect(scene.clock.now >= .seconds(30))
    #expect(scene.clock.now < .seconds(40))
  }
}
