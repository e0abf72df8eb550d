// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What the steps of a host's plan move, and which of them come before others.
struct PlannedMoves {
  /// What steps take of one thing and give back to it.
  struct Course {
    /// How much they take.
    var taken = MemorySize.zero
    /// How much they give back.
    var given = MemorySize.zero
    /// No more than this is taken at any time and not given back, in whatever order steps are
    /// performed.
    var mostTaken = MemorySize.zero
  }

  private struct Entry {
    let id: String
    let moves: [MemoryMove]
    let needs: [String]
    /// The first step of the same domain.
    let first: Int
  }

  /// The steps that move something; those of a domain in their order, without a gap.
  private var entries: [Entry] = []
  private var places: [String: Int] = [:]

  init(of domains: [PlannedDomain]) {
    for index in domains.indices where domains[index].moves.contains(where: { !$0.isEmpty }) {
      let first = entries.count
      for entry in domains[index].entries where !entry.moves.isEmpty {
        entries.append(
          Entry(id: entry.step.id, moves: entry.moves, needs: entry.step.needs, first: first))
      }
    }
    guard entries.contains(where: { !$0.needs.isEmpty }) else { return }
    for (index, entry) in entries.enumerated() { places[entry.id] = index }
  }

  /// The course of what `amount` says of each move.
  func course(
    of amount: (MemoryMove) -> (taken: MemorySize, given: MemorySize)
  ) -> Course {
    let amounts = entries.map { entry in
      let amounts = entry.moves.map(amount)
      return (taken: amounts.map(\.taken).total, given: amounts.map(\.given).total)
    }
    var course = Course(taken: amounts.map(\.taken).total, given: amounts.map(\.given).total)
    // A step takes only what the steps before it have given, as far as that goes. What one gives
    // counts once.
    var left = amounts.map(\.given)
    for index in entries.indices where amounts[index].taken > .zero {
      var rest = amounts[index].taken
      for giver in earlier(than: index) where left[giver] > .zero {
        let drawn = min(rest, left[giver])
        (rest, left[giver]) = (rest - drawn, left[giver] - drawn)
      }
      course.mostTaken = course.mostTaken + rest
    }
    return course
  }

  /// Steps that surely come before another one: the earlier ones of its domain, those that any of
  /// these need, and the earlier ones of their domains.
  private func earlier(than index: Int) -> [Int] {
    let own = entries[index].first..<index
    let needed = entries[entries[index].first...index].flatMap(\.needs).compactMap { places[$0] }
    return own + needed.flatMap { entries[$0].first...$0 }
  }
}
