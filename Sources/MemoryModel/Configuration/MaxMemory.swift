// SPDX-License-Identifier: Apache-2.0

/// The maximum for a guest's boot RAM plus memory devices; `<maxMemory slots='…'>`.
///
/// Only a redefinition of the domain changes it (`virDomainDefineXMLFlags`).
package struct MaxMemory: Hashable, Sendable {
  /// The maximum for boot RAM plus the full sizes of all memory devices.
  package var size: MemorySize?
  /// The number of DIMM slots, at most ``mostSlots`` in QEMU; optional since libvirt 9.5.
  package var slots: Count?
  /// Whether `<maxMemory>` is present, with its size; the desired ``Presence/absent`` removes it.
  package var presence: Presence?

  /// The largest number of slots that QEMU accepts.
  package static let mostSlots: UInt64 = 256

  /// Makes a maximum; without a size there is no `<maxMemory>`.
  package init(size: MemorySize? = nil, slots: Count? = nil) {
    self.size = size
    self.slots = slots
  }
}
