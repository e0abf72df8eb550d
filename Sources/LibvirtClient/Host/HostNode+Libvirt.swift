// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension [HostNode] {
  /// The free memory of the nodes, by their numbers from 0; nil where the host does not report it.
  func freeMemory(
    asking connection: borrowing Connection
  ) throws(HypervisorError) -> [MemorySize]? {
    guard let last = last?.number, allSatisfy({ $0.total != nil }) else { return nil }
    return try whereKnown { () throws(HypervisorError) in
      try connection.freeMemory(ofNodesUpTo: last)
    }
  }

  /// The free pages of each size that a pool of the nodes has, for each range of their numbers.
  ///
  /// Numbers of nodes can have gaps, and libvirt refuses a range with one.
  func freePages(
    asking connection: borrowing Connection
  ) throws(HypervisorError) -> [(nodes: ClosedRange<UInt32>, counts: [UInt64]?)] {
    let sizes = pageSizesOfPools
    guard !sizes.isEmpty, let ranges = numbers?.ranges else { return [] }
    return try ranges.map { (range) throws(HypervisorError) in
      (
        range,
        try whereKnown { () throws(HypervisorError) in
          try connection.freePages(sizes, onNodes: range)
        }
      )
    }
  }

  /// The nodes with what is free on them; `whole` is the host's memory.
  ///
  /// Takes the nodes' memory away where it does not add up to the host's.
  func with(
    freeMemory: [MemorySize]?, of whole: MemorySize?,
    freePages: [(nodes: ClosedRange<UInt32>, counts: [UInt64]?)]
  ) -> [HostNode] {
    var nodes = self
    if compactMap(\.total).total == whole {
      for index in nodes.indices { nodes[index].free = freeMemory?[at: nodes[index].number] }
    }
    for index in nodes.indices where nodes[index].free == nil { nodes[index].total = nil }
    for (range, counts) in freePages { nodes.put(counts, ofNodes: range) }
    return nodes
  }

  private mutating func put(_ counts: [UInt64]?, ofNodes range: ClosedRange<UInt32>) {
    let sizes = pageSizesOfPools
    guard let counts, counts.count == sizes.count * range.count else { return }
    for index in indices where range.contains(self[index].number) {
      let first = Int(self[index].number - range.lowerBound) * sizes.count
      for pool in self[index].pools.indices {
        guard let place = sizes.firstIndex(of: self[index].pools[pool].size) else { continue }
        self[index].pools[pool].free = counts[first + place]
      }
    }
  }

  /// The sizes of the nodes' huge pages, the smallest first.
  private var pageSizesOfPools: [MemorySize] {
    Set(flatMap { $0.pools.map(\.size) }).sorted()
  }
}

extension [MemorySize] {
  fileprivate subscript(at number: UInt32) -> MemorySize? {
    number < count ? self[Int(number)] : nil
  }
}
