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

  /// Makes headroom.
  package init(
    balloon: MemorySize = .zero, virtioMem: MemorySize = .zero, hotplug: MemorySize = .zero,
    missing: [Missing] = []
  ) {
    self.balloon = balloon
    self.virtioMem = virtioMem
    self.hotplug = hotplug
    self.missing = missing
  }

  /// The sum of all three.
  package var total: MemorySize { balloon + virtioMem + hotplug }
}
