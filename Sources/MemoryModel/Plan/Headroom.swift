// SPDX-License-Identifier: Apache-2.0

/// How far a running guest can grow without a restart, and what prevents more growth.
package struct Headroom: Hashable, Sendable {
  /// What a running guest would need to grow further.
  package enum Missing: String, Hashable, Sendable, CaseIterable {
    /// A balloon device, which can return memory to the guest.
    case balloon
    /// `<maxMemory>`, without which QEMU can't plug memory.
    case maxMemory
    /// A NUMA cell; every plugged device belongs to one.
    case numaCell
    /// A free DIMM slot.
    case slots
    /// Free space below `<maxMemory>`.
    case room
    /// ACPI, which an x86 guest needs to plug DIMMs.
    case acpi
    /// A free PCI slot, which a virtio-mem device needs.
    case pciSlots
  }

  /// How much of boot RAM and DIMMs the balloon can return to the guest.
  package var balloon: MemorySize
  /// How much of their sizes the virtio-mem devices have not plugged yet.
  package var virtioMem: MemorySize
  /// How much memory new devices could add below `<maxMemory>`.
  package var hotplug: MemorySize
  /// What prevents more growth.
  package var missing: [Missing]
  /// How much further the guest can grow after a start with its persistent definition.
  package var afterStart: MemorySize
  /// What the host has for the growth; nil if that is unknown.
  package var host: Supply?

  /// What a host has for a guest to grow.
  package struct Supply: Hashable, Sendable {
    /// How much there is, above the host's reserve.
    package var memory: MemorySize
    /// The host nodes that the guest is bound to; nil if it is not bound.
    package var nodes: NodeSet?
    /// The size of the huge pages that the guest's memory comes from; nil without them.
    package var pageSize: MemorySize?

    /// Makes a supply.
    package init(memory: MemorySize, nodes: NodeSet? = nil, pageSize: MemorySize? = nil) {
      self.memory = memory
      self.nodes = nodes
      self.pageSize = pageSize
    }
  }

  /// Makes headroom.
  package init(
    balloon: MemorySize = .zero, virtioMem: MemorySize = .zero, hotplug: MemorySize = .zero,
    missing: [Missing] = [], afterStart: MemorySize = .zero, host: Supply? = nil
  ) {
    self.balloon = balloon
    self.virtioMem = virtioMem
    self.hotplug = hotplug
    self.missing = missing
    self.afterStart = afterStart
    self.host = host
  }

  /// The sum of all three.
  package var total: MemorySize { balloon + virtioMem + hotplug }
}
