// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

extension HostNode {
  /// What `moves` do to the node's memory and to its pools; nothing of what they don't touch.
  func courses(of moves: [MemoryMove]) -> [NodeCourse] {
    let memory = free.flatMap { course(of: .memory, $0, moves) }
    let pages = pools.compactMap { pool in
      pool.free.flatMap { course(of: .hugepages(pool.size), pool.size * $0, moves) }
    }
    return [memory].compactMap(\.self) + pages
  }

  private func course(
    of resource: MemoryResource, _ free: MemorySize, _ moves: [MemoryMove]
  ) -> NodeCourse? {
    let own = NodeSet([number...number])
    let moves = moves.filter { $0.resource == resource }
    let here = moves.filter { $0.nodes == own }
    let taken = here.map(\.taken).total
    let given =
      here.filter(\.changesHost).map(\.given).total
      + moves.filter { $0.origin == own }.map(\.taken).total
    guard taken > .zero || given > .zero else { return nil }
    var size: MemorySize?
    if case .hugepages(let page) = resource { size = page }
    // The steps that take may all come first, unless they need those that give.
    return NodeCourse(
      node: number, pageSize: size, free: free, leastFree: free - taken,
      freeAfter: free + given - taken)
  }
}
