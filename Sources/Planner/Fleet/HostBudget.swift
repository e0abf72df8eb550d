// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// What the running guests of a host may take: what the host has above its reserve, and what
/// earlier steps give back.
///
/// A step that takes memory draws it from its own domain's earlier steps, then from the first other
/// sources that have some, and needs their steps. Each amount is promised to one step only. So
/// whichever steps fail, the others never take more than the host has.
struct HostBudget {
  /// Memory that can be drawn, and the step that gives it.
  private struct Source {
    /// The step's id; nil for what the host itself can spare.
    let step: String?
    /// The number of the step's domain among those that gave.
    ///
    /// A domain's steps are performed in order, so a step that needs one of them needs no earlier
    /// one.
    let domain: Int
    var left: MemorySize
  }

  private var sources: [Source]
  private var domainCount = 0
  /// How far the host is below its reserve; steps that give cover it before any step takes.
  private var shortfall: MemorySize
  /// The numbers of the sources that cover the shortfall; every step that takes needs them.
  private var repayment: [Int] = []

  init(available: MemorySize, reserve: MemorySize) {
    sources = [Source(step: nil, domain: 0, left: available - reserve)]
    shortfall = reserve - available
  }

  /// What can still be taken.
  private var left: MemorySize { sources.map(\.left).total - shortfall }

  /// Adds what the steps of one domain give.
  mutating func give(_ steps: [Step]) {
    domainCount += 1
    for step in steps where step.operation.givenLive > .zero {
      sources.append(Source(step: step.id, domain: domainCount, left: step.operation.givenLive))
    }
  }

  /// Lets the steps of one domain take what they ask for, and writes down which steps they need;
  /// returns false and changes nothing if there is too little.
  ///
  /// A step can also take what an earlier step of its own domain gives, and then needs no other.
  mutating func admit(_ steps: inout [Step]) -> Bool {
    var (budget, admitted) = (self, steps)
    budget.domainCount += 1
    let own = budget.domainCount
    var awaited: Set<Int> = []
    for index in admitted.indices {
      let (taken, given) = (
        admitted[index].operation.takenLive, admitted[index].operation.givenLive
      )
      if taken > .zero {
        guard taken <= budget.left else { return false }
        if budget.shortfall > .zero {
          budget.repayment = budget.draw(budget.shortfall, preferring: own)
          budget.shortfall = .zero
        }
        let drawn = budget.lastOfEachDomain(
          budget.repayment + budget.draw(taken, preferring: own), after: awaited)
        awaited.formUnion(drawn)
        admitted[index].needs = drawn.filter { budget.sources[$0].domain != own }
          .compactMap { budget.sources[$0].step }
      }
      if given > .zero {
        budget.sources.append(Source(step: admitted[index].id, domain: own, left: given))
      }
    }
    (self, steps) = (budget, admitted)
    return true
  }

  /// Why the steps of one domain may not take what they ask for.
  func refusal(of steps: [Step]) -> Refusal {
    let taking = steps.map(\.operation).filter { $0.takenLive > .zero }
    let needed = taking.map(\.takenLive).total
    return Refusal(
      .hostReserve, taking.flatMap(\.changes.changedFields),
      instance: "\(needed) would be taken, and the host has \(left) above its reserve")
  }

  /// Draws `amount` from the sources of `domain` and then from the first others that have some, and
  /// returns their numbers.
  private mutating func draw(_ amount: MemorySize, preferring domain: Int) -> [Int] {
    var drawn: [Int] = []
    var rest = amount
    let order =
      sources.indices.filter { sources[$0].domain == domain }
      + sources.indices.filter { sources[$0].domain != domain }
    for index in order where sources[index].left > .zero {
      guard rest > .zero else { break }
      drawn.append(index)
      rest = rest - sources[index].left
    }
    guard let last = drawn.popLast() else { return [] }
    // The last source may have more than was still asked for. Where that covers the whole of
    // another one, nothing has to be drawn from that other one.
    var surplus = drawn.map { sources[$0].left }.total + sources[last].left - amount
    var kept = [last]
    for index in drawn.reversed() {
      if sources[index].left <= surplus && !kept.contains(where: { isBefore(index, $0) }) {
        surplus = surplus - sources[index].left
      } else {
        kept.append(index)
        sources[index].left = .zero
      }
    }
    sources[last].left = surplus
    return kept.reversed()
  }

  /// `drawn` without each source for which `drawn` or `awaited` has a later one of the same domain.
  ///
  /// A domain's steps are performed in order, so the later one is enough.
  private func lastOfEachDomain(_ drawn: [Int], after awaited: Set<Int>) -> [Int] {
    let all = awaited.union(drawn)
    return Set(drawn).subtracting(awaited).sorted().filter { index in
      !all.contains { isBefore(index, $0) }
    }
  }

  private func isBefore(_ index: Int, _ other: Int) -> Bool {
    index < other && sources[index].domain == sources[other].domain
  }
}

extension Operation {
  /// How much host memory the operation takes for a running guest.
  var takenLive: MemorySize { guestMove.map { $0.to - $0.from } ?? .zero }

  /// How much host memory the operation gives back.
  var givenLive: MemorySize { guestMove.map { $0.from - $0.to } ?? .zero }

  private var guestMove: (from: MemorySize, to: MemorySize)? {
    switch self {
    case .call(let call): call.guestMove
    // The plan of the call that asked the guest has counted this memory.
    case .wait: nil
    }
  }
}

extension Call {
  /// The guest's memory before and after the call; nil if the call moves none of a running guest.
  fileprivate var guestMove: (from: MemorySize, to: MemorySize)? {
    guard plane == .live else { return nil }
    let moved: Change? =
      switch action {
      case .setMemory, .updateDevice: changes.first
      // A virtio-mem device takes what it plugs, every other all of its size.
      case .attachDevice, .detachDevice:
        changes.first { $0.field.name == .deviceRequested }
          ?? (isOfVirtioMem ? nil : changes.first { $0.field.name == .deviceSize })
      case .setMaxMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters,
        .redefine:
        nil
      }
    guard let moved else { return nil }
    return (Self.size(moved.from), Self.size(moved.to))
  }

  private var isOfVirtioMem: Bool {
    let model = MemoryDevice.Model.virtioMem.fieldValue
    return changes.contains { $0.field.name == .deviceModel && ($0.from ?? $0.to) == model }
  }

  private static func size(_ value: FieldValue?) -> MemorySize {
    if case .size(let size)? = value { size } else { .zero }
  }
}
