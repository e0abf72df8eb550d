// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Applier
import LibvirtModel
import MemoryModel
import Report
import Testing

/// What a recorder sees, and what becomes of a write that it refuses.
@Suite struct RecordingTests {
  private static func run(
    _ faults: SimulatedHypervisor.Faults = SimulatedHypervisor.Faults(), refusing: Set<Int>,
    effectTimeout: Duration = .milliseconds(40)
  ) -> Run {
    Run(
      [declared("a", current: 6, period: 5), declared("b", current: 6)],
      on: host(domain("a"), domain("b")), faults: faults, effectTimeout: effectTimeout,
      refusedWrites: refusing)
  }

  @Test("every call is recorded before it is made", arguments: [false, true])
  func everyCall(isUnresponsive: Bool) async {
    var faults = SimulatedHypervisor.Faults()
    if isUnresponsive { faults.unresponsiveGuests = ["uuid-of-a", "uuid-of-b"] }
    let run = Self.run(faults, refusing: [])
    _ = await run.report()
    #expect(run.recordedCalls == run.hypervisor.trace && !run.recordedCalls.isEmpty)
  }

  @Test(
    "a write that is refused is not made, and its step fails; the domain's other steps are skipped",
    arguments: 1...6)
  func refused(number: Int) async throws {
    let run = Self.run(refusing: [number])
    let report = await run.report()
    let calls = run.plan.domains.map { $0.steps.compactMap(\.operation.call) }
    // The first domain has four steps, and the second has two.
    let (first, second) =
      number <= 4
      ? (Array(calls[0].prefix(number - 1)), calls[1])
      : (calls[0], Array(calls[1].prefix(number - 5)))
    #expect(run.hypervisor.trace == first + second)
    let failed = number - 1
    #expect(report.rules.enumerated().allSatisfy { ($1 == "not-recorded") == ($0 == failed) })
    #expect(report.statuses[failed] == .failed)
    #expect(report.domains.map(\.status) == (number <= 4 ? [.failed, .done] : [.done, .failed]))
    let failure = try #require(report.domains[number <= 4 ? 0 : 1].failure)
    #expect(failure.call == run.plan.steps[failed].operation.api)
    #expect(failure.message.hasSuffix("did not make it: the disk is full"))
  }

  @Test("a domain keeps what it is where all writes are refused, and nothing is called")
  func allRefused() async {
    let run = Self.run(refusing: Set(1...6))
    let report = await run.report()
    #expect(run.hypervisor.trace.isEmpty && run.hypervisor.host == run.observed)
    #expect(report.domains.map(\.status) == [.failed, .failed])
    #expect(report.domains.map(\.observed) == [.change, .change])
  }

  @Test("a withdrawal that is refused is not called, and the failure says that the target stands")
  func refusedWithdrawal() async throws {
    var faults = SimulatedHypervisor.Faults()
    faults.unresponsiveGuests = ["uuid-of-a"]
    let run = Run(
      [declared("a", current: 6)], on: host(domain("a")), faults: faults, refusedWrites: [2])
    let report = await run.report()
    #expect(report.statuses == [.failed, .skipped])
    #expect(report.rules == ["guest-did-not-follow", nil])
    #expect(run.hypervisor.trace == run.plan.steps.prefix(1).compactMap(\.operation.call))
    #expect(run.recordedCalls.count == 2)
    guard case .unresponsive(let balloon) = try #require(report.domains[0].failure) else {
      Issue.record("\(report.domains[0])")
      return
    }
    #expect(balloon.withdrawal == .notRecorded(RecordingRefusal(reason: "the disk is full")))
    #expect(report.domains[0].failure?.message.contains("did not withdraw") == true)
  }

  @Test("a call that is tried again is recorded again, and can be refused then")
  func refusedRepetition() async {
    var faults = SimulatedHypervisor.Faults()
    faults.failing[1] = error(.busy)
    let run = Run(
      [declared("a", current: 6)], on: host(domain("a")), faults: faults,
      effectTimeout: .seconds(30),
      refusedWrites: [2])
    let report = await run.report()
    #expect(report.rules == ["not-recorded", nil] && run.hypervisor.trace.count == 1)
    #expect(run.hypervisor.host == run.observed)
  }

  @Test("the result of a call comes before anything else is written, and a withdrawal has its own")
  func results() async {
    var faults = SimulatedHypervisor.Faults()
    faults.unresponsiveGuests = ["uuid-of-a"]
    let run = Run([declared("a", current: 6)], on: host(domain("a")), faults: faults)
    _ = await run.report()
    #expect(
      run.writes == [
        "write live hv01/a/1", "wrote live hv01/a/1 failed", "write live hv01/a/1",
        "wrote live hv01/a/1 done",
      ])
  }

  @Test("each call that was made has a result, and each refused one has none", arguments: 0...6)
  func pairs(refused: Int) async {
    let run = Self.run(refusing: [refused])
    _ = await run.report()
    #expect(run.writes.count == 2 * run.hypervisor.trace.count)
    for (before, after) in zip(run.writes, run.writes.dropFirst()) where before.hasPrefix("write") {
      #expect(after == "wrote\(before.dropFirst(5)) done")
    }
  }

  @Test("a step that needs no call is not recorded")
  func nothingToRecord() async {
    let run = Run([declared("a", current: 6)], on: host(domain("a")), refusedWrites: [1, 2]) {
      for plane in Plane.allCases { $0.domains[0][plane]?.currentMemory = .exactly(.gibibytes(6)) }
    }
    let report = await run.report()
    #expect(report.statuses == [.alreadyDone, .alreadyDone] && run.recordedCalls.isEmpty)
  }
}
