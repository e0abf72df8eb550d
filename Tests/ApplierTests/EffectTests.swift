// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Applier
import LibvirtModel
import MemoryModel
import Report
import Testing

/// How a step ends after its call was sent, or could not be.
@Suite struct EffectTests {
  typealias Faults = SimulatedHypervisor.Faults

  /// Longer than any wait that should end for another reason.
  private let patient = Duration.seconds(30)

  private func run(
    _ faults: Faults, to current: UInt64 = 6, interruptedAfter: Int = .max,
    effectTimeout: Duration = .milliseconds(40),
    changed: (inout ObservedHost) -> Void = { _ in }
  ) -> Run {
    Run(
      [declared("a", current: current)], on: host(domain("a")), faults: faults,
      interruptedAfter: interruptedAfter, effectTimeout: effectTimeout, changed: changed)
  }

  // MARK: Guests

  @Test(
    "a step fails if the guest doesn't follow, and the applier withdraws its target",
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
    #expect(message.contains("has stayed at 8 GiB") && message.contains("no balloon driver"))
    #expect(message.contains("virtmem has withdrawn the target of \(asked) GiB"))
  }

  @Test(
    "while a balloon does not move, virtmem reads only statistics, and the definition at the end")
  func glances() async {
    var held = domain("a")
    held.statistics = BalloonStatistics(actual: .gibibytes(8))
    var faults = Faults()
    faults.unresponsiveGuests = ["uuid-of-a"]
    let run = Run(
      [declared("a", current: 6)], on: host(held), faults: faults, effectTimeout: .seconds(4))
    let report = await run.report()
    #expect(report.rules == ["guest-did-not-follow", nil])
    let whole: DomainParts = [.live, .statistics]
    let seen = run.hypervisor.partsSeen
    // The guest may follow at once, so the first looks are whole.
    #expect(seen.prefix(4).allSatisfy { $0 == whole } && seen.last == whole && seen.count > 8)
    #expect(seen.dropFirst(4).dropLast().allSatisfy { $0 == .statistics })
  }

  @Test("a balloon that moves is looked at until its target shows")
  func glancesAtMoves() async {
    var held = domain("a")
    held.statistics = BalloonStatistics(actual: .gibibytes(8))
    var faults = Faults()
    faults.slowGuests["uuid-of-a"] = .mebibytes(128)
    let run = Run(
      [declared("a", current: 6)], on: host(held), faults: faults, effectTimeout: .seconds(4))
    #expect(await run.report().statuses == [.done, .done])
    #expect(run.hypervisor.partsSeen.contains(.statistics))
  }

  @Test("a withdrawn target never gives a growing guest less than it had")
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

  @Test("a failure names a target that could not be withdrawn")
  func failedWithdrawal() async {
    var faults = Faults()
    faults.unresponsiveGuests = ["uuid-of-a"]
    faults.failing[2] = error(.busy)
    let report = await run(faults).report()
    #expect(report.rules == ["guest-did-not-follow", nil])
    #expect(
      report.domains[0].failure?.message.contains(
        "could not withdraw the target of 6 GiB (virDomainSetMemoryFlags: no)") == true)
  }

  @Test("a guest that still moves is slow, not unresponsive, however long it takes")
  func slow() async {
    var faults = Faults()
    // At least 64 observations, each up to 10 ms apart, while an unmoving guest has 40 ms.
    faults.slowGuests["uuid-of-a"] = .mebibytes(32)
    let run = run(faults)
    let report = await run.report()
    #expect(report.statuses == [.done, .done] && run.hypervisor.trace.count == 2)
    #expect(report.steps["hv01/a/1"].map { $0.seconds > 0.1 } == true)
  }

  @Test("an interruption ends a wait after one more observation and keeps the target")
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
    "the applier doesn't repeat an unanswered call but decides by observation",
    arguments: [false, true],
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
    #expect(
      report.domains[0].failure.map { $0.message.contains("libvirt did not answer") } != happened)
  }

  @Test("the applier sees the late effect of an unanswered call", arguments: noAnswer)
  func lateEffect(kind: HypervisorError.Kind) async {
    var faults = Faults()
    // Only one persistent call is left: the live currentMemory is as desired.
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

  @Test("an unanswered persistent call without effect fails and says that no answer came")
  func neverHappened() async {
    var faults = Faults()
    faults.failing[1] = error(.connection)
    let run = run(faults) { $0.domains[0].live?.currentMemory = .exactly(.gibibytes(6)) }
    let report = await run.report()
    #expect(report.statuses == [.alreadyDone, .failed] && report.rules == [nil, "no-answer"])
    #expect(run.hypervisor.trace.count == 1)
    #expect(report.domains[0].failure?.message.contains("as it was before") == true)
  }

  @Test("an unanswered step is unknown if its domain can't be observed", arguments: noAnswer)
  func unknown(kind: HypervisorError.Kind) async {
    var faults = Faults()
    faults.failing[1] = error(kind)
    // The first two observations precede the call.
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
    "the applier observes once more after an interrupted call whose connection broke",
    arguments: [false, true])
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

  /// The domain after its guest died.
  private static let death: @Sendable (inout ObservedHost) -> Void = {
    $0.domains[0].isActive = false
    $0.domains[0].state = .shutOff
    $0.domains[0].live = nil
  }

  @Test(
    "a guest's death during its step fails the step with libvirt's reason",
    arguments: [2, 3])
  func death(atLook look: Int) async throws {
    var faults = Faults()
    faults.slowGuests["uuid-of-a"] = .mebibytes(32)
    faults.interferenceAtLooks[look] = Self.death
    faults.stopReasons["uuid-of-a"] = "crashed"
    let run = run(faults)
    let report = await run.report()
    #expect(report.statuses == [.failed, .skipped] && report.rules == ["guest-died", nil])
    #expect(report.domains[0].status == .failed && run.hypervisor.trace.count == 1)
    #expect(report.domains[0].failure?.call == "virDomainSetMemoryFlags")
    let message = try #require(report.domains[0].failure?.message)
    #expect(message.contains("(guest-died)"))
    #expect(message.contains("The domain is shut off; libvirt's reason is: crashed."))
  }

  @Test("a refused call whose guest died reports both the death and the refusal")
  func deathDuringCall() async throws {
    var faults = Faults()
    faults.failing[1] = error(.refused)
    faults.interference[1] = Self.death
    let report = await run(faults).report()
    #expect(report.rules == ["guest-died", nil])
    let message = try #require(report.domains[0].failure?.message)
    #expect(message.contains("libvirt gives no reason. libvirt's answer was: no."))
    #expect(report.domains[0].failure?.code == 1)
  }

  @Test("a transient domain that disappears during its step counts as a guest that died")
  func vanishedDomain() async throws {
    var faults = Faults()
    faults.slowGuests["uuid-of-a"] = .mebibytes(32)
    faults.interferenceAtLooks[4] = { $0.domains = [] }
    let report = await run(faults).report()
    #expect(report.rules == ["guest-died", nil])
    #expect(report.domains[0].failure?.message.contains("The domain is gone") == true)
  }

  @Test("a guest's death doesn't prevent its persistent step")
  func deathBeforePersistentStep() async {
    var faults = Faults()
    faults.interferenceAtLooks[4] = Self.death
    let report = await run(faults).report()
    #expect(report.statuses == [.done, .done])
  }

  // MARK: Other jobs

  @Test("the applier repeats a call until another job is over")
  func busy() async {
    var faults = Faults()
    faults.failing = [1: error(.busy), 2: error(.busy)]
    let run = run(faults, effectTimeout: patient)
    let report = await run.report()
    #expect(report.statuses == [.done, .done] && run.hypervisor.trace.count == 4)
  }

  @Test("the applier waits until a job ends before it sends a call")
  func job() async {
    var faults = Faults()
    faults.interferenceAtLooks[4] = { $0.domains[0].job = nil }
    let run = run(faults, effectTimeout: patient) { $0.domains[0].job = "migration" }
    let report = await run.report()
    #expect(report.statuses == [.done, .done] && run.hypervisor.trace.count == 2)
  }

  @Test("a job that doesn't end fails the step, which names the job and makes no call")
  func endlessJob() async {
    let run = run(Faults()) { $0.domains[0].job = "migration" }
    let report = await run.report()
    #expect(report.statuses == [.failed, .skipped] && report.rules == ["domain-busy", nil])
    #expect(report.domains.map(\.status) == [.failed] && run.hypervisor.trace.isEmpty)
    #expect(report.domains[0].failure?.message.contains("being changed by a migration") == true)
  }

  @Test("an interruption ends the wait for a job before the step begins")
  func interruptedJob() async {
    var faults = Faults()
    faults.failing = [1: error(.busy)]
    let report = await run(faults, interruptedAfter: 1, effectTimeout: patient).report()
    #expect(report.statuses == [.skipped, .skipped] && report.rules == ["interrupted", nil])
    #expect(report.domains.map(\.status) == [.skipped])
  }
}
