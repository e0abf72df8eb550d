// SPDX-License-Identifier: Apache-2.0

import Applier
import LibvirtModel
import MemoryModel
import Planner
import TestSupport
import Testing

/// The host's memory, read again right before each step that takes some; sizes in GiB.
@Suite struct ReserveTests {
  private typealias Faults = SimulatedHypervisor.Faults

  /// Domains that hold 4 GiB each and grow or shrink to what `wants` says.
  private static func run(
    wants: [UInt64], available: UInt64, reserve: UInt64? = 4, width: Int = 16,
    faults: Faults = Faults()
  ) -> Run {
    let names = wants.indices.map { "web-\($0 + 1)" }
    var observed = host(available: .gibibytes(available))
    observed.domains = names.map { domain($0, current: 4) }
    return Run(
      zip(names, wants).map { declared($0, current: $1) }, on: observed,
      reserve: reserve.map { .gibibytes($0) }, faults: faults, effectTimeout: .seconds(4),
      width: width)
  }

  private static func slow(_ count: Int) -> Faults {
    var faults = Faults()
    for number in 1...count { faults.slowGuests["uuid-of-web-\(number)"] = .mebibytes(256) }
    return faults
  }

  @Test("a step that no longer fits is not sent, and its domain has failed")
  func taken() async throws {
    var faults = Faults()
    faults.interferenceAtReadings[1] = { $0.availableMemory = .gibibytes(5) }
    let run = Self.run(wants: [6], available: 10, faults: faults)
    let report = await run.report()
    #expect(run.hypervisor.trace.isEmpty && run.writes.isEmpty)
    #expect(report.statuses == [.skipped, .skipped])
    #expect(report.domains.map(\.status) == [.failed])
    guard case .reserveReached(let shortage)? = report.domains[0].failure else {
      Issue.record("\(String(describing: report.domains[0].failure))")
      return
    }
    #expect(shortage.needed == .gibibytes(2) && shortage.left == .gibibytes(1))
    #expect(shortage.reading?.available == .gibibytes(5))
    #expect(shortage.reading?.reserve == .gibibytes(4))
  }

  @Test("the host is asked once for each step that takes memory, and for no other")
  func asksOnlyTakers() async {
    let givers = Self.run(wants: [2, 3], available: 4)
    #expect(await givers.report().domains.allSatisfy { $0.status == .done })
    #expect(givers.hypervisor.readingCount == 0)
    let takers = Self.run(wants: [5, 2, 5], available: 8)
    #expect(await takers.report().domains.allSatisfy { $0.status == .done })
    #expect(takers.hypervisor.readingCount == 2)
    let free = Self.run(wants: [5, 5], available: 8, reserve: nil)
    #expect(await free.report().domains.allSatisfy { $0.status == .done })
    #expect(free.hypervisor.readingCount == 0)
  }

  @Test("two steps never both pass on the same free memory", arguments: 1...16)
  func sameMemory(width: Int) async {
    var faults = Self.slow(2)
    // There was room for both; now there is room for one.
    faults.interferenceAtReadings[1] = { $0.availableMemory = .gibibytes(7) }
    let run = Self.run(wants: [6, 6], available: 8, width: width, faults: faults)
    let report = await run.report()
    #expect(report.domains.map(\.status).sorted { $0.rawValue < $1.rawValue } == [.done, .failed])
    #expect(run.hypervisor.trace.filter { $0.plane == .live }.count == 1)
    #expect(run.hypervisor.host.availableMemory == .gibibytes(5))
  }

  @Test("steps that fit exactly all pass, however slow the guests are", arguments: 0..<60)
  func exactFit(seed: UInt64) async {
    var random = SeededGenerator(seed: seed)
    let count = Int(random.between(2, 6))
    let wants = (0..<count).map { _ in random.between(1, 9) }
    let taken = wants.map { Int($0) - 4 }.reduce(0, +)
    var faults = Self.slow(count)
    for number in 1...count where random.oneIn(2) {
      faults.slowGuests["uuid-of-web-\(number)"] = nil
    }
    let run = Self.run(
      wants: wants, available: UInt64(4 + max(0, taken)), width: Int(random.between(1, 6)),
      faults: faults)
    let report = await run.report()
    #expect(report.plan.domains.allSatisfy { $0.blockers.isEmpty })
    #expect(report.domains.allSatisfy { $0.status == .done })
  }

  @Test("a step whose result is unknown counts as one that may still take its memory")
  func unknownResult() async throws {
    var faults = Faults()
    faults.failing[1] = error(.deadline)
    faults.failing[2] = error(.deadline)
    let run = Self.run(wants: [6, 6], available: 9, width: 1, faults: faults)
    // Each takes 2 GiB, and 5 GiB are above the reserve until the host loses some.
    run.hypervisor.faults.interferenceAtReadings[2] = { $0.availableMemory = .gibibytes(7) }
    let report = await run.report()
    guard case .reserveReached(let shortage)? = report.domains[1].failure else {
      Issue.record("\(String(describing: report.domains[1].failure))")
      return
    }
    #expect(shortage.promised == .gibibytes(2) && shortage.left == .gibibytes(1))
    #expect(run.hypervisor.trace.count == 2, "the call, and the one that withdraws its target")
  }

  @Test("a step is not sent where the host can't be asked")
  func unreadable() async {
    var faults = Faults()
    faults.failingReadings[1] = error(.refused)
    let run = Self.run(wants: [6], available: 10, faults: faults)
    let report = await run.report()
    #expect(run.hypervisor.trace.isEmpty)
    #expect(report.domains.map(\.failure?.rule.name) == ["call-refused"])
  }

  @Test(
    "a step that waited for the memory of others is not sent where its domain changed meanwhile")
  func changedWhileWaiting() async {
    var faults = Self.slow(1)
    faults.interferenceAtReadings[2] = { host in
      host.availableMemory = .gibibytes(7)
      host.domains[1].live?.currentMemory = .exactly(.gibibytes(3))
    }
    let run = Self.run(wants: [6, 6], available: 8, width: 2, faults: faults)
    let report = await withTaskExecutorPreference(OrderedExecutor()) { await run.report() }
    #expect(report.domains.map(\.status) == [.done, .stale])
    #expect(report.domains[1].failure?.rule == .foreignChange)
  }
}
