// SPDX-License-Identifier: Apache-2.0

/// How far a running guest can grow without a start, and what is missing for more.
package struct Headroom: Hashable, Sendable {
  /// What a guest lacks that would let it grow further.
  package enum Missing: String, Hashable, Sendable, CaseIterable {
    /// A balloon device, to give back what was taken.
    case balloon
    /// `<maxMemory>`, below which memory is plugged.
    case maxMemory
    /// A NUMA cell, into which memory is plugged.
    case numaCell
    /// A free slot, for what needs one.
    case slots
    /// Anything left below `<maxMemory>`.
    case room
    /// ACPI, over which a guest on x86 plugs DIMMs.
    case acpi
    /// A PCI slot, which a virtio-mem device takes.
    case pciSlots
  }

  /// What the balloon can give back of RAM and DIMMs.
  package var balloon: MemorySize
  /// What the virtio-mem devices have not plugged of their sizes.
  package var virtioMem: MemorySize
  /// What devices that are not there yet could add below the ceiling.
  package var hotplug: MemorySize
  /// What stands in the way of more.
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

  /// All of it together.
  package var total: MemorySize { balloon + virtioMem + hotplug }
}
