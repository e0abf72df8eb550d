// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Applier
import LibvirtModel
import MemoryModel
import Report
import Testing

/// What becomes of a step after it was sent, or could not be.
@Suite struct EffectTests {
  typealias Faults = SimulatedHypervisor.Faults

  /// Longer than any wait that is meant to end otherwise.
  private let patient = Duration.seconds(30)

  private func run(
    _ faults: Faults, to current: UInt64 = 6, interruptedAfter: Int = .max,
    effectTimeout: Duration = .milliseconds(40),
    changed: (inout ObservedHost) -> Void = { _ in }
  ) -> Run {
    Run(
      [wish("a", current: current)], on: host(domain("a")), faults: faults,
      interruptedAfter: interruptedAfter, effectTimeout: effectTimeout, changed: changed)
  }

  // MARK: Guests

  @Test(
    "a guest that does not follow has failed, its persistent definition is left and its target is withdrawn",
    arguments: [6, 12] as [UInt64])
  func unresponsive(asked: UInt64) async throws {
    var faults = Faults()
    faults.unresponsiveGuests = ["uuid-of-a"]
    let run = run(faults, to: asked)
    let report = await run.report()
    #expect(
      report.statuses == [.failed, .skipped] && report.rules == ["guest-did-not-follow", nil])
    #expect(report.domains[0].status == .failed)
    #expect(run.hypervisor.host == run.observed)
    let targets = run.hypervisor.trace.map { $0.target(of: .currentMemory) }
    #expect(targets == [.size(.gibibytes(asked)), .size(.gibibytes(8))])
    #expect(run.hypervisor.trace.map(\.plane) == [.live, .live])
    let message = try #require(report.domains[0].failure?.message)
    #expect(message.contains("did not follow") && message.contains("without a balloon driver"))
    #expect(message.contains("The target of \(asked) GiB was withdrawn"))
  }

  @Test("a guest that was asked to grow never gets less than it had")
  func withdrawnToNoLess() async {
    var faults = Faults()
    faults.unresponsiveGuests = ["uuid-of-a"]
    faults.interferenceAtLooks[4] = {
      $0.domains[0].live?.currentMemory = .exactly(.gibibytes(7))
    }
    let run = run(faults, to: 12)
    #expect(await run.report().rules == ["guest-did-not-follow", nil])
    let targets = run.hypervisor.trace.map { $0.target(of: .currentMemory) }
    #expect(targets == [.size(.gibibytes(12)), .size(.gibibytes(8))])
  }

  @Test("that a target could not be withdrawn is said")
  func withdrawal() async {
    var faults = Faults()
    faults.unresponsiveGuests = ["uuid-of-a"]
    faults.failing[2] = error(.busy)
    let report = await run(faults).report()
    #expect(report.rules == ["guest-did-not-follow", nil])
    #expect(
      report.domains[0].failure?.message.contains(
        "could not be withdrawn (virDomainSetMemoryFlags: no)") == true)
  }

  @Test("a guest that still moves is slow, not unresponsive, however long it takes")
  func slow() async {
    var faults = Faults()
    // 64 looks at least, of which each waits up to 10 ms, where a standing figure has 40 ms.
    faults.slowGuests["uuid-of-a"] = .mebibytes(32)
    let run = run(faults)
    let report = await run.report()
    #expect(report.statuses == [.done, .done] && run.hypervisor.trace.count == 2)
    #expect(report.steps["hv01/a/1"].map { $0.seconds > 0.1 } == true)
  }

  @Test("an interrupted wait ends with one look, and the target stands")
  func interruptedWait() async {
    var faults = Faults()
    faults.unresponsiveGuests = ["uuid-of-a"]
    let run = run(faults, to: 12, interruptedAfter: 1)
    let report = await run.report()
    #expect(report.statuses == [.failed, .skipped] && report.rules == ["interrupted", nil])
    #expect(run.hypervisor.trace.count == 1)
  }

  // MARK: Calls without an answer

  static let noAnswer: [HypervisorError.Kind] = [.deadline, .connection]

  @Test(
    "a call without an answer is not repeated: what is seen decides", arguments: [false, true],
    noAnswer)
  func unanswered(happened: Bool, kind: HypervisorError.Kind) async {
    var faults = Faults()
    faults.failing[1] = error(kind)
    if happened {
      faults.interference[1] = { $0.domains[0].live?.currentMemory = .exactly(.gibibytes(6)) }
    }
    let run = run(faults)
    let report = await run.report()
    #expect(report.statuses == (happened ? [.done, .done] : [.failed, .skipped]))
    #expect(report.domains.map(\.status) == [happened ? .done : .failed])
    let asked = run.hypervisor.trace.count {
      $0.plane == .live && $0.target(of: .currentMemory) == .size(.gibibytes(6))
    }
    #expect(asked == 1)
    #expect(report.domains[0].failure.map { $0.message.contains("no answer came") } != happened)
  }

  @Test("what a call without an answer does some time later is seen", arguments: noAnswer)
  func late(kind: HypervisorError.Kind) async {
    var faults = Faults()
    // Live and persistent figure are right: what is left is one persistent call.
    faults.failing[1] = error(kind)
    faults.interferenceAtLooks[4] = {
      $0.domains[0].persistent?.currentMemory = .exactly(.gibibytes(6))
    }
    let run = run(faults, effectTimeout: patient) {
      $0.domains[0].live?.currentMemory = .exactly(.gibibytes(6))
    }
    let report = await run.report()
    #expect(report.statuses == [.alreadyDone, .done] && run.hypervisor.trace.count == 1)
  }

  @Test("a persistent call without an answer and effect has failed, and says that none came")
  func neverHappened() async {
    var faults = Faults()
    faults.failing[1] = error(.connection)
    let run = run(faults) { $0.domains[0].live?.currentMemory = .exactly(.gibibytes(6)) }
    let report = await run.report()
    #expect(report.statuses == [.alreadyDone, .failed] && report.rules == [nil, "no-answer"])
    #expect(run.hypervisor.trace.count == 1)
    #expect(report.domains[0].failure?.message.contains("as it was before") == true)
  }

  @Test("a call without an answer whose domain can't be seen is unknown", arguments: noAnswer)
  func unknown(kind: HypervisorError.Kind) async {
    var faults = Faults()
    faults.failing[1] = error(kind)
    // The first two looks are before the call.
    faults.failingLooks[3] = HypervisorError(
      .connection, call: "virConnectOpenAuth", message: "refused")
    let run = run(faults)
    let report = await run.report()
    #expect(report.statuses == [.unknown, .skipped] && report.domains.map(\.status) == [.failed])
    #expect(run.hypervisor.trace.count == 1)
    #expect(report.domains[0].failure?.call == "virDomainSetMemoryFlags")
    #expect(
      report.domains[0].failure?.message.contains("virConnectOpenAuth: refused") == true)
  }

  @Test(
    "an interrupted call whose connection broke is looked after once", arguments: [false, true])
  func interruptedCall(happened: Bool) async {
    var faults = Faults()
    faults.failing[1] = error(.connection)
    if happened {
      faults.interference[1] = { $0.domains[0].live?.currentMemory = .exactly(.gibibytes(6)) }
    }
    let report = await run(faults, interruptedAfter: 1).report()
    #expect(report.statuses == [happened ? .done : .failed, .skipped])
    #expect(report.rules == [happened ? nil : "interrupted", happened ? "interrupted" : nil])
  }

  // MARK: Guests that die

  /// What the domain is when its guest has died.
  private static let death: @Sendable (inout ObservedHost) -> Void = {
    $0.domains[0].isActive = false
    $0.domains[0].state = .shutOff
    $0.domains[0].live = nil
  }

  @Test(
    "a guest that dies before, under or after its step fails it by that, with libvirt's reason",
    arguments: [(2, 0), (3, 1)])
  func death(atLook look: Int, calls: Int) async throws {
    var faults = Faults()
    faults.slowGuests["uuid-of-a"] = .mebibytes(32)
    faults.interferenceAtLooks[look] = Self.death
    faults.stopReasons["uuid-of-a"] = "crashed"
    let run = run(faults)
    let report = await run.report()
    #expect(report.statuses == [.failed, .skipped] && report.rules == ["guest-died", nil])
    #expect(report.domains[0].status == .failed && run.hypervisor.trace.count == calls)
    #expect(report.domains[0].failure?.call == "virDomainSetMemoryFlags")
    let message = try #require(report.domains[0].failure?.message)
    #expect(message.contains("(guest-died)"))
    #expect(message.contains("The domain is shut off; libvirt's reason is: crashed."))
  }

  @Test("a call that libvirt refused because the guest died under it says both")
  func deathUnderACall() async throws {
    var faults = Faults()
    faults.failing[1] = error(.refused)
    faults.interference[1] = Self.death
    let report = await run(faults).report()
    #expect(report.rules == ["guest-died", nil])
    let message = try #require(report.domains[0].failure?.message)
    #expect(message.contains("libvirt gives no reason. libvirt's answer was: no."))
    #expect(report.domains[0].failure?.code == 1)
  }

  @Test("a transient domain that goes with its guest is one whose guest died")
  func goneWithItsGuest() async throws {
    var faults = Faults()
    faults.slowGuests["uuid-of-a"] = .mebibytes(32)
    faults.interferenceAtLooks[4] = { $0.domains = [] }
    let report = await run(faults).report()
    #expect(report.rules == ["guest-died", nil])
    #expect(report.domains[0].failure?.message.contains("The domain is gone") == true)
  }

  @Test("a guest that has died does not keep its persistent definition from being written")
  func deathBeforeAPersistentStep() async {
    var faults = Faults()
    faults.interferenceAtLooks[4] = Self.death
    let report = await run(faults).report()
    #expect(report.statuses == [.done, .done])
  }

  // MARK: Other jobs

  @Test("a call that another job is in the way of is tried again until it is done")
  func busy() async {
    var faults = Faults()
    faults.failing = [1: error(.busy), 2: error(.busy)]
    let run = run(faults, effectTimeout: patient)
    let report = await run.report()
    #expect(report.statuses == [.done, .done] && run.hypervisor.trace.count == 4)
  }

  @Test("a job that ends is waited for, and nothing is sent meanwhile")
  func job() async {
    var faults = Faults()
    faults.interferenceAtLooks[4] = { $0.domains[0].job = nil }
    let run = run(faults, effectTimeout: patient) { $0.domains[0].job = "migration" }
    let report = await run.report()
    #expect(report.statuses == [.done, .done] && run.hypervisor.trace.count == 2)
  }

  @Test("a job that does not end is a failure that names it, and nothing was sent")
  func endlessJob() async {
    let run = run(Faults()) { $0.domains[0].job = "migration" }
    let report = await run.report()
    #expect(report.statuses == [.failed, .skipped] && report.rules == ["domain-busy", nil])
    #expect(report.domains.map(\.status) == [.failed] && run.hypervisor.trace.isEmpty)
    #expect(report.domains[0].failure?.message.contains("being changed by a migration") == true)
  }

  @Test("a wait for another job ends with an interruption, and the step was not begun")
  func interruptedJob() async {
    var faults = Faults()
    faults.failing = [1: error(.busy)]
    let report = await run(faults, interruptedAfter: 1, effectTimeout: patient).report()
    #expect(report.statuses == [.skipped, .skipped] && report.rules == ["interrupted", nil])
    #expect(report.domains.map(\.status) == [.skipped])
  }
}
