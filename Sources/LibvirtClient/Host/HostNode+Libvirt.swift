// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension [HostNode] {
  /// The nodes with what is free on them, at one moment; `whole` is the host's memory.
  ///
  /// Asks for huge pages only where the host has any size of them. Takes the nodes' memory away
  /// where it does not add up to the host's.
  func withFreeMemory(
    asking connection: borrowing Connection, of whole: MemorySize?
  ) throws(HypervisorError) -> [HostNode] {
    guard let last = last?.number else { return self }
    var nodes = self
    if map(\.total) == compactMap(\.total), compactMap(\.total).total == whole {
      let free = try whereKnown { () throws(HypervisorError) in
        try connection.freeMemory(ofNodesUpTo: last)
      }
      for index in nodes.indices { nodes[index].free = free?[at: nodes[index].number] }
    }
    for index in nodes.indices where nodes[index].free == nil { nodes[index].total = nil }
    try nodes.countFreePages(asking: connection)
    return nodes
  }

  private mutating func countFreePages(
    asking connection: borrowing Connection
  ) throws(HypervisorError) {
    // Numbers of nodes can have gaps, and libvirt refuses a range with one.
    for range in numbers?.ranges ?? [] {
      let sizes = Set(flatMap { $0.pools.map(\.size) }).sorted()
      guard !sizes.isEmpty else { return }
      let counts = try whereKnown { () throws(HypervisorError) in
        try connection.freePages(sizes, onNodes: range)
      }
      guard let counts, counts.count == sizes.count * range.count else { continue }
      for index in indices where range.contains(self[index].number) {
        let first = Int(self[index].number - range.lowerBound) * sizes.count
        for pool in self[index].pools.indices {
          guard let place = sizes.firstIndex(of: self[index].pools[pool].size) else { continue }
          self[index].pools[pool].free = counts[first + place]
        }
      }
    }
  }
}

extension [MemorySize] {
  fileprivate subscript(at number: UInt32) -> MemorySize? {
    number < count ? self[Int(number)] : nil
  }
}
