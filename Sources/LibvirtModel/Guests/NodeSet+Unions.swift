// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension NodeSet {
  /// The sets themselves and their unions, the smallest first.
  ///
  /// Demands fit together exactly if those within each of these sets fit into it. All given sets
  /// are there, and the union of all of them. Of the other unions there are at most 1,000, those of
  /// sets that overlap first; nine different sets have fewer. Where unions are left out, each demand
  /// is still held against its own nodes and against all nodes together, but some demands that do
  /// not fit together are not found.
  package static func unions(of sets: [NodeSet]) -> [NodeSet] {
    let given = Set(sets).sorted { $0.isBefore($1) }
    let bound = given.count + 1_000
    var unions = given
    var known = Set(given)
    func add(_ set: NodeSet) {
      if unions.count < bound && known.insert(set).inserted { unions.append(set) }
    }
    add(given.reduce(NodeSet()) { $0.union($1) })
    for areDisjointToo in [false, true] {
      var index = 0
      while index < unions.count && unions.count < bound {
        for set in given where areDisjointToo || set.intersects(unions[index]) {
          add(unions[index].union(set))
        }
        index += 1
      }
    }
    return unions.filter { !$0.isEmpty }.sorted { $0.isBefore($1) }
  }

  /// Whether the set has fewer numbers than `other`, or as many and smaller ones.
  private func isBefore(_ other: NodeSet) -> Bool {
    guard count == other.count else { return count < other.count }
    return ranges.lexicographicallyPrecedes(other.ranges) {
      ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
    }
  }
}
