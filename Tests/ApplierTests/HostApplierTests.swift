// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Applier
import LibvirtModel
import MemoryModel
import Report
import Planner
import Testing

@Suite struct HostApplierTests {
  typealias Faults = SimulatedHypervisor.Faults

  @Test("the applier performs the planned steps in order and records each before its call")
  func planOrder() async {
    let run = Run([declared("a", current: 6, period: 5)], on: host(domain("a")))
    let report = await run.report()
    #expect(
      run.hypervisor.trace == run.plan.steps.compactMap(\.operation.call)
        && run.plan.steps.count == 4)
    #expect(report.statuses == [.done, .done, .done, .done] && report.doneCount == 4)
    #expect(report.domains == [DomainResult(.done, observed: .inSync)])
    #expect(report.closing.steps.isEmpty)
    #expect(
      run.events == (1...4).flatMap { ["will hv01/a/\($0)", "did hv01/a/\($0) done"] })
    #expect(
      report.steps["hv01/a/3"]?.observed == [.currentMemory: .size(.gibibytes(6))])
  }

  @Test("a domain stops at its first failure, and other domains continue")
  func firstFailure() async {
    var faults = Faults()
    faults.failing[1] = error(.refused)
    let run = Run(
      [declared("a", current: 6), declared("b", current: 6)], on: host(domain("a"), domain("b")),
      faults: faults)
    let report = await run.report()
    #expect(report.statuses == [.failed, .skipped, .done, .done])
    #expect(report.domains.map(\.status) == [.failed, .done])
    #expect(report.domains[0].failure == .call(error(.refused)))
    #expect(report.domains.map(\.observed) == [.change, .inSync])
  }

  @Test("the applier doesn't repeat a step that is already done")
  func alreadyDone() async {
    let run = Run([declared("a", current: 6)], on: host(domain("a"))) {
      $0.domains[0].live?.currentMemory = .exactly(.gibibytes(6))
    }
    let report = await run.report()
    #expect(report.statuses == [.alreadyDone, .done] && report.doneCount == 2)
    #expect(run.hypervisor.trace.map(\.plane) == [.persistent])
  }

  @Test("applying a plan again needs no call")
  func secondApply() async {
    let run = Run([declared("a", current: 6, period: 5)], on: host(domain("a"))) { host in
      for plane in Plane.allCases {
        host.domains[0][plane]?.currentMemory = .exactly(.gibibytes(6))
        host.domains[0][plane]?.memballoon.statsPeriod = StatisticsPeriod(seconds: 5)
      }
    }
    let report = await run.report()
    #expect(run.hypervisor.trace.isEmpty)
    #expect(report.statuses == Array(repeating: .alreadyDone, count: 4))
    #expect(report.domains.map(\.status) == [.done])
  }

  static let staleness: [(String, @Sendable (inout ObservedHost) -> Void)] = [
    ("planned. Plan", { $0.domains[0].persistent?.memory = .gibibytes(32) }),
    ("planned: it was running and is paused. Plan", { $0.domains[0].state = .paused }),
    (
      "planned: persistent currentMemory was 8 GiB and is 7 GiB. Plan",
      { $0.domains[0].persistent?.currentMemory = .exactly(.gibibytes(7)) }
    ),
    // Found before the step, since a basis ignores it.
    (
      "Something else has changed", { $0.domains[0].live?.currentMemory = .exactly(.gibibytes(7)) }
    ),
    ("Domain not found", { $0.domains.removeFirst() }),
  ]

  @Test("a domain that changed since the plan is stale and untouched", arguments: staleness.indices)
  func stale(index: Int) async {
    let run = Run(
      [declared("a", current: 6), declared("b", current: 6)], on: host(domain("a"), domain("b")),
      changed: Self.staleness[index].1)
    let report = await run.report()
    #expect(report.domains.map(\.status) == [.stale, .done], "\(Self.staleness[index].0)")
    #expect(report.statuses == [.skipped, .skipped, .done, .done])
    #expect(run.hypervisor.trace.count == 2)
    let message = report.domains[0].failure?.message ?? ""
    #expect(message.contains(Self.staleness[index].0), "\(message)")
  }

  @Test("another writer's change after the first call is a failure")
  func foreignChange() async {
    var faults = Faults()
    faults.interference[1] = { $0.domains[0].persistent?.currentMemory = .exactly(.gibibytes(7)) }
    let run = Run([declared("a", current: 6)], on: host(domain("a")), faults: faults)
    let report = await run.report()
    #expect(report.statuses == [.done, .failed] && report.rules == [nil, "foreign-change"])
    #expect(report.domains.map(\.status) == [.failed] && run.hypervisor.trace.count == 1)
  }

  @Test(
    "another writer's change in the moment of a redefinition is seen", arguments: [true, false])
  func overtakenRedefinition(ofSameField: Bool) async throws {
    let source = try #require(FieldPath("memoryBacking.source"))
    var wanted = declared("a", current: 8)
    wanted.configuration[source] = .word("memfd")
    var faults = Faults()
    faults.interference[1] = {
      $0.domains[0].persistent?.memtune.hardLimit = .size(.gibibytes(32))
      if ofSameField { $0.domains[0].persistent?[source] = .word("file") }
    }
    let run = Run([wanted], on: host(domain("a")), faults: faults)
    let report = await run.report()
    #expect(run.hypervisor.trace.first?.action == .redefine)
    let persistent = run.hypervisor.host.domains[0].persistent
    #expect(persistent?.memtune.hardLimit == .size(.gibibytes(32)))
    if ofSameField {
      #expect(report.rules == ["foreign-change"] && persistent?[source] == .word("file"))
    } else {
      #expect(report.statuses == [.done] && persistent?[source] == .word("memfd"))
    }
  }

  @Test("the shrink guard checks again right before the call")
  func guardBeforeCall() async {
    var held = domain("a")
    held.statistics = BalloonStatistics(
      actual: .gibibytes(8), usable: .gibibytes(6), ageSeconds: 1)
    let run = Run([declared("a", current: 6, shrink: .guarded)], on: host(held)) {
      $0.domains[0].statistics?.usable = .gibibytes(1)
    }
    let report = await run.report()
    #expect(run.hypervisor.trace.isEmpty && report.domains.map(\.status) == [.stale])
    #expect(report.domains[0].failure?.message.contains("shrink-below-guest-use") == true)
  }

  private func tightRun(
    faults: Faults = Faults(), changed: (inout ObservedHost) -> Void = { _ in }
  ) -> Run {
    Run(
      [declared("a", current: 8), declared("b", current: 4)],
      on: host(domain("a", current: 4), domain("b"), available: .gibibytes(8)),
      reserve: .gibibytes(8), faults: faults, changed: changed)
  }

  @Test("domains that give memory precede those that take it")
  func givers() async {
    let run = tightRun()
    let report = await run.report()
    #expect(run.events.first == "will hv01/b/1" && run.events.count == 8)
    #expect(report.domains.map(\.status) == [.done, .done])
  }

  @Test("a step that needs a failed step is skipped, not stale")
  func needs() async {
    var faults = Faults()
    faults.unresponsiveGuests = ["uuid-of-b"]
    let run = tightRun(faults: faults)
    let report = await run.report()
    #expect(report.domains.map(\.status) == [.skipped, .failed])
    #expect(report.domains[0].failure?.rule == .needNotMet)
    #expect(run.hypervisor.host == run.observed)
  }

  @Test("a step that needs a stale domain's step is skipped")
  func needsStale() async {
    let run = tightRun { $0.domains[1].persistent?.memory = .gibibytes(32) }
    let report = await run.report()
    #expect(report.domains.map(\.status) == [.skipped, .stale])
    #expect(run.hypervisor.trace.isEmpty)
  }

  @Test("an interruption lets the current call return and skips the rest", arguments: [0, 1, 2])
  func interruption(calls: Int) async {
    let run = Run(
      [declared("a", current: 12), declared("b", current: 12)], on: host(domain("a"), domain("b")),
      interruptedAfter: calls)
    let report = await run.report()
    #expect(run.hypervisor.trace.count == calls && report.doneCount == calls)
    #expect(report.domains.map(\.status) == [calls == 2 ? .done : .skipped, .skipped])
    #expect(report.domains[1].failure?.rule == .interrupted)
  }

  @Test("a domain that another writer changes back before the end has failed")
  func closingObservation() async {
    var faults = Faults()
    // Another writer changes a while the applier writes b.
    faults.interference[4] = { $0.domains[0].live?.currentMemory = .exactly(.gibibytes(9)) }
    let run = Run(
      [declared("a", current: 12), declared("b", current: 12)], on: host(domain("a"), domain("b")),
      faults: faults)
    let report = await run.report()
    #expect(report.statuses == [.done, .done, .done, .done])
    #expect(report.domains.map(\.status) == [.failed, .done])
    #expect(report.domains[0].failure?.message.contains("currentMemory") == true)
    #expect(report.domains.map(\.observed) == [.change, .inSync])
  }

  @Test("a domain with only staged changes is done and pending")
  func staged() async {
    var desired = declared("a", current: 8)
    desired.configuration.memory = .gibibytes(32)
    let report = await Run([desired], on: host(domain("a"))).report()
    #expect(report.statuses == [.done])
    #expect(report.domains == [DomainResult(.done, observed: .pendingRestart)])
  }

  @Test("a domain without steps is done without an observation")
  func nothingToDo() async {
    let run = Run([declared("a", current: 8)], on: host(domain("a")))
    let report = await run.report()
    #expect(run.events.isEmpty && report.steps.isEmpty)
    #expect(report.domains == [DomainResult(.done, observed: .inSync)])
  }
}
