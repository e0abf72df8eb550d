// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What a host has of one thing, such as its available memory or the huge pages of a node: what it
/// can spare, and what earlier steps give back.
///
/// Each amount is promised to one step only. So whichever steps fail, the others never take more
/// than the host has.
struct HostAccount {
  /// A step that gives something back.
  struct Giver: Hashable {
    /// The number of the step's domain among those that the ledger has seen.
    let domain: Int
    /// The number of the step in its domain.
    let number: Int
    /// The step's id.
    let step: String

    /// Whether this step comes before `other`, because a domain's steps are performed in order.
    func isBefore(_ other: Giver) -> Bool { domain == other.domain && number < other.number }
  }

  /// What can be drawn, and the step that gives it; nil for what the host itself can spare.
  private struct Source {
    let giver: Giver?
    var left: MemorySize
  }

  /// The rank of a source from which nothing may be drawn.
  private static let excluded = 3

  private var sources: [Source]
  /// How far the host is below its reserve; steps that give cover it before any step takes.
  private var shortfall: MemorySize
  /// The steps that cover the shortfall; every step that takes needs them.
  private(set) var repayment: [Giver] = []

  init(available: MemorySize, reserve: MemorySize = .zero) {
    sources = [Source(giver: nil, left: available - reserve)]
    shortfall = reserve - available
  }

  /// What can still be taken.
  var left: MemorySize { sources.map(\.left).total - shortfall }

  /// Adds what a step gives.
  mutating func give(_ amount: MemorySize, by giver: Giver) {
    guard amount > .zero else { return }
    sources.append(Source(giver: giver, left: amount))
  }

  /// Takes `amount` and returns the steps that have to give it; nil if there is too little.
  ///
  /// What the steps of `domain` itself give is taken first, then what those give that are `awaited`
  /// anyway. With `only`, nothing is taken of what other domains' other steps give.
  mutating func take(
    _ amount: MemorySize, for domain: Int, awaited: Set<Giver>, only: Set<Giver>? = nil
  ) -> [Giver]? {
    guard amount <= left else { return nil }
    func rank(_ source: Source) -> Int {
      guard let giver = source.giver else { return 2 }
      if giver.domain == domain { return 0 }
      if let only, !only.contains(giver) { return Self.excluded }
      return awaited.contains(giver) ? 1 : 2
    }
    if only != nil {
      let drawable = sources.filter { rank($0) != Self.excluded }.map(\.left).total
      guard amount <= drawable - shortfall else { return nil }
    }
    if shortfall > .zero {
      repayment = draw(shortfall, by: rank)
      shortfall = .zero
    }
    return repayment + draw(amount, by: rank)
  }

  /// Draws `amount` from the first sources that have some, those of a low rank first, and returns
  /// the steps behind them.
  private mutating func draw(_ amount: MemorySize, by rank: (Source) -> Int) -> [Giver] {
    var drawn: [Int] = []
    var rest = amount
    let ranks = sources.map(rank)
    let order = (0..<Self.excluded).flatMap { rank in sources.indices.filter { ranks[$0] == rank } }
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
    return kept.reversed().compactMap { sources[$0].giver }
  }

  /// Whether a step of the same domain as that of `index` gives what is at `other`, and later.
  private func isBefore(_ index: Int, _ other: Int) -> Bool {
    guard let one = sources[index].giver, let two = sources[other].giver else { return false }
    return one.isBefore(two)
  }
}
