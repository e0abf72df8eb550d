// SPDX-License-Identifier: Apache-2.0

/// The ceiling of a guest's memory.
///
/// The corresponding libvirt element is `<maxMemory slots='…'>`; no call but a redefinition changes
/// it.
package struct MaxMemory: Hashable, Sendable {
  /// The most memory that boot RAM and the full sizes of all devices may add up to.
  package var size: MemorySize?
  /// How many DIMM slots there are, QEMU taking at most 256; optional since libvirt 9.5.
  package var slots: Count?
  /// Desired, that there be no ceiling; observed, the ceiling that would have to go.
  package var removal: Removal?

  /// The most slots that QEMU takes.
  package static let mostSlots: UInt64 = 256

  /// Makes a ceiling; one without a size is none.
  package init(size: MemorySize? = nil, slots: Count? = nil) {
    self.size = size
    self.slots = slots
  }
}
