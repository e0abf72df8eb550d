// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Applier
import LibvirtModel
import MemoryModel
import Planner
import Testing

/// Hosts whose domains grow and shrink at random, with a reserve; sizes in GiB.
@Suite struct BudgetPropertyTests {
  @Test("an apply never goes below the host's reserve, and leaves no step", arguments: 0..<300)
  func reserve(seed: UInt64) async {
    var random = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func next(_ bound: UInt64) -> UInt64 {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return random % bound
    }
    let names = ["a", "b", "c", "d", "e"]
    let sizes = names.map { _ in (has: 1 + next(15), wants: 1 + next(15)) }
    let (available, reserve) = (next(16), next(16))
    var observed = host(available: .gibibytes(available))
    observed.domains = zip(names, sizes).map { domain($0, current: $1.has) }
    let run = Run(
      zip(names, sizes).map { declared($0, current: $1.wants) }, on: observed,
      reserve: .gibibytes(reserve), width: Int(1 + seed % 8))
    let report = await run.report()

    #expect(report.domains.allSatisfy { $0.status == .done })
    var left = Int(available)
    let steps = Dictionary(
      report.plan.steps.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for event in run.events where event.hasPrefix("did ") {
      guard let step = steps[String(event.split(separator: " ")[1])], step.plane == .live,
        let change = step.changes.first, case .size(let from)? = change.from,
        case .size(let to)? = change.to
      else { continue }
      left += (Int(from.bytes) - Int(to.bytes)) >> 30
      #expect(left >= Int(reserve) || to < from, "\(event)")
    }
    var after = run.hypervisor.host
    after.availableMemory = .gibibytes(UInt64(max(0, left)))
    let again = Run(
      zip(names, sizes).map { declared($0, current: $1.wants) }, on: after,
      reserve: .gibibytes(reserve)
    ).plan
    #expect(again.steps.isEmpty)
    for (name, size) in zip(names, sizes) where size.wants <= size.has {
      #expect(report.plan.domains.first { $0.name == name }?.verdict != .blocked, "\(name)")
    }
  }

  @Test(
    "a guest that does not give skips those alone that need its memory, and the reserve stands",
    arguments: 0..<300)
  func unresponsiveGuests(seed: UInt64) async {
    var random = SeededGenerator(seed: seed)
    let names = ["a", "b", "c", "d", "e", "f", "g"]
    let sizes = names.map { _ in (has: random.between(1, 15), wants: random.between(1, 15)) }
    let (available, reserve) = (random.between(0, 20), random.between(0, 16))
    var observed = host(available: .gibibytes(available))
    observed.domains = zip(names, sizes).map { domain($0, current: $1.has) }
    var faults = SimulatedHypervisor.Faults()
    for name in names where random.oneIn(3) { faults.unresponsiveGuests.insert("uuid-of-\(name)") }
    let run = Run(
      zip(names, sizes).map { declared($0, current: $1.wants) }, on: observed,
      reserve: .gibibytes(reserve), faults: faults, width: Int(1 + seed % 8))
    let report = await run.report()

    var left = Int(available)
    for event in run.events where event.hasPrefix("did ") {
      let words = event.split(separator: " ")
      guard words[2] == "done", let step = report.plan.steps.first(where: { $0.id == words[1] }),
        step.plane == .live, let change = step.changes.first,
        case .size(let from)? = change.from, case .size(let to)? = change.to
      else { continue }
      left += (Int(from.bytes) - Int(to.bytes)) >> 30
      #expect(left >= Int(reserve) || to < from, "\(event)")
    }
    for (plan, result) in zip(report.plan.domains, report.domains) where !plan.steps.isEmpty {
      let isShort = plan.steps.flatMap(\.needs).contains { report.steps[$0]?.status != .done }
      let isUnresponsive = faults.unresponsiveGuests.contains("uuid-of-\(plan.name)")
      let expected: DomainResult.Status = isShort ? .skipped : isUnresponsive ? .failed : .done
      #expect(result.status == expected, "\(plan.name)")
    }
  }
}
