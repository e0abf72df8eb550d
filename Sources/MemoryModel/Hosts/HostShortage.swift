// SPDX-License-Identifier: Apache-2.0

/// What memory comes from: the host's memory, or its huge pages of one size.
package enum MemoryResource: Hashable, Sendable {
  /// Memory that is not reserved for huge pages.
  case memory
  /// Huge pages of this size.
  case hugepages(MemorySize)
}

/// Too little of something on a host for what steps would take.
package struct HostShortage: Hashable, Sendable {
  /// What there is too little of.
  package var resource: MemoryResource
  /// The NUMA nodes that it must come from; nil for the whole host.
  package var nodes: NodeSet?
  /// How much would be taken.
  package var needed: MemorySize
  /// How much there is; of the whole host's memory, above its reserve.
  package var left: MemorySize
  /// The host's available memory and its reserve, where a reserve is short by figures read right
  /// before a step.
  package var reading: Reading?
  /// How much of it steps may still take that were sent and whose results virtmem does not know.
  package var promised = MemorySize.zero

  /// A host's available memory, read right before a step, and its reserve.
  package struct Reading: Hashable, Sendable {
    /// The available memory.
    package var available: MemorySize
    /// The reserve.
    package var reserve: MemorySize

    /// Makes a reading.
    package init(available: MemorySize, reserve: MemorySize) {
      self.available = available
      self.reserve = reserve
    }
  }

  /// Makes a shortage.
  package init(
    of resource: MemoryResource, on nodes: NodeSet?, needed: MemorySize, left: MemorySize
  ) {
    self.resource = resource
    self.nodes = nodes
    self.needed = needed
    self.left = left
  }

  /// The figures in one line.
  package var words: String {
    switch (resource, nodes) {
    case (.memory, nil):
      "\(needed) would be taken, and the host has \(left) above its reserve"
    case (.memory, let nodes?):
      "\(needed) would be taken on \(Self.place(nodes)), and at most \(left) can be free there"
    case (.hugepages(let size), let nodes):
      """
      \(needed.bytes / size.bytes) pages of \(size) would be taken on \
      \(nodes.map(Self.place) ?? "the host"), and \(left.bytes / size.bytes) are free
      """
    }
  }

  /// The figures of a shortage that was found right before a step, in sentences.
  package var sentences: String {
    let figures =
      if let reading {
        """
        The step would take \(needed). The host has \(reading.available) available now, and its \
        reserve is \(reading.reserve).
        """
      } else {
        "\(words.prefix(1).uppercased())\(words.dropFirst())."
      }
    guard promised > .zero else { return figures }
    return
      "\(figures) Steps that were sent and whose results are unknown may still take \(promised)."
  }

  private static func place(_ nodes: NodeSet) -> String {
    nodes.count == 1 ? "node \(nodes)" : "the nodes \(nodes)"
  }
}
