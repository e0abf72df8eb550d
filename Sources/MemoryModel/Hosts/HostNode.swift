// SPDX-License-Identifier: Apache-2.0

/// A NUMA node of a host, with its memory and its huge pages.
package struct HostNode: Hashable, Sendable {
  /// The node's number.
  package var number: UInt32
  /// The node's memory, huge pages included.
  ///
  /// Nil where the host's memory is not the sum of its nodes': then one of the figures is of
  /// something else, such as a container.
  package var total: MemorySize?
  /// The node's free memory, without page cache; nil where ``total`` is.
  package var free: MemorySize?
  /// The node's pools of huge pages, the smallest pages first.
  package var pools: [HugepagePool]

  /// Makes a node.
  package init(
    _ number: UInt32, total: MemorySize? = nil, free: MemorySize? = nil,
    pools: [HugepagePool] = []
  ) {
    self.number = number
    self.total = total
    self.free = free
    self.pools = pools
  }
}

/// The huge pages of one size on one NUMA node.
package struct HugepagePool: Hashable, Sendable {
  /// The size of a page.
  package var size: MemorySize
  /// The number of pages, free or not.
  package var total: UInt64
  /// The number of free pages; nil where the driver does not report it.
  ///
  /// libvirt also counts pages as free that a guest has reserved and not yet touched.
  package var free: UInt64?

  /// Makes a pool.
  package init(size: MemorySize, total: UInt64, free: UInt64? = nil) {
    self.size = size
    self.total = total
    self.free = free
  }

  /// The memory that the pages hold.
  package var memory: MemorySize { size * total }
}

extension [HostNode] {
  /// The numbers of the nodes; nil without any.
  package var numbers: NodeSet? {
    isEmpty ? nil : NodeSet(map { $0.number...$0.number })
  }
}
