// SPDX-License-Identifier: Apache-2.0

/// What a host has free at one moment; virtmem reads it again before each step that takes memory.
package struct HostFigures: Hashable, Sendable {
  /// The available memory; nil if the driver does not report it.
  package var available: MemorySize?
  /// The host's NUMA nodes with what is free on them; empty if the driver does not report them.
  package var nodes: [HostNode]

  /// Makes figures.
  package init(available: MemorySize? = nil, nodes: [HostNode] = []) {
    self.available = available
    self.nodes = nodes
  }
}

extension ObservedHost {
  /// The host with `figures` in the place of those of its observation.
  package func having(_ figures: HostFigures) -> ObservedHost {
    var host = self
    host.availableMemory = figures.available
    host.nodes = figures.nodes
    return host
  }
}
