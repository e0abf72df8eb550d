// SPDX-License-Identifier: Apache-2.0

extension NodeSet {
  /// Two sets of a list that share a number.
  struct Overlap {
    let earlier: Int
    let later: Int
    let number: UInt32
  }

  /// The overlaps of the sets, at most one for each later set; nil stands for no set.
  ///
  /// It makes one pass over the sorted ranges of all sets.
  static func overlaps(of sets: [NodeSet?]) -> [Overlap] {
    let ranges = sets.enumerated()
      .flatMap { index, set in (set?.ranges ?? []).map { (owner: index, range: $0) } }
      .sorted { ($0.range.lowerBound, $0.owner) < ($1.range.lowerBound, $1.owner) }
    var overlaps: [Overlap] = []
    var seen: Set<Int> = []
    var highest: (owner: Int, bound: UInt32)?
    for (owner, range) in ranges {
      if let highest, range.lowerBound <= highest.bound, owner != highest.owner {
        let (earlier, later) = (min(owner, highest.owner), max(owner, highest.owner))
        if seen.insert(later).inserted {
          overlaps.append(Overlap(earlier: earlier, later: later, number: range.lowerBound))
        }
      }
      if range.upperBound >= highest?.bound ?? 0 { highest = (owner, range.upperBound) }
    }
    return overlaps.sorted { $0.later < $1.later }
  }
}
