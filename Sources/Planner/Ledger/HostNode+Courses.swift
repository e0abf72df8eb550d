// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

extension HostNode {
  /// What `moves` do to the node's memory and to its pools; nothing of what they don't touch.
  func courses(of moves: PlannedMoves) -> [NodeCourse] {
    let memory = free.flatMap { course(of: .memory, $0, moves) }
    let pages = pools.compactMap { pool in
      pool.free.flatMap { course(of: .hugepages(pool.size), pool.size * $0, moves) }
    }
    return [memory].compactMap(\.self) + pages
  }

  private func course(
    of resource: MemoryResource, _ free: MemorySize, _ moves: PlannedMoves
  ) -> NodeCourse? {
    let own = NodeSet([number...number])
    let course = moves.course { move in
      guard move.resource == resource else { return (.zero, .zero) }
      let isHere = move.nodes == own
      let returned = move.origin == own ? move.taken : .zero
      return (
        taken: isHere ? move.taken : .zero,
        given: (isHere && move.changesHost ? move.given : .zero) + returned
      )
    }
    guard course.taken > .zero || course.given > .zero else { return nil }
    var size: MemorySize?
    if case .hugepages(let page) = resource { size = page }
    return NodeCourse(
      node: number, pageSize: size, free: free, leastFree: free - course.mostTaken,
      freeAfter: free + course.given - course.taken)
  }
}
