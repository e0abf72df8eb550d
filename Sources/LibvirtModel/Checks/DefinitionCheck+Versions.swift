// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Checks of fields that need a newer libvirt or QEMU than the host has.
extension DefinitionCheck {
  /// Refuses fields and values that the host's versions do not know.
  ///
  /// libvirt refuses an unknown value, but silently drops an unknown element or attribute.
  func checkVersions() throws(Refusal) {
    // The order of a set differs from run to run, and with it the field that is named.
    for field in changed.sorted() {
      guard let row = Field.named(field), let value = after[field], value != .absence,
        value != row.valueOfAbsence
      else { continue }
      let since = row.since(of: value)
      let isValues = row.youngerValues.contains { $0.value == value }
      let words = isValues ? "\(row.name.lastPart) \(value)" : row.name.lastPart
      if let first = since.libvirt, guest.libvirt < first {
        try refuse(
          .libvirtTooOld, [field],
          "\(words) needs libvirt \(first), and the host has \(guest.libvirt)")
      }
      if isQEMU, let first = since.qemu, let version = guest.hypervisor, version < first {
        try refuse(
          .qemuTooOld, [field], "\(words) needs QEMU \(first), and the host has \(version)")
      }
    }
    if !has(.takesCellsWithoutProcessors), let cell = after.cells.first(where: { $0.cpus == nil }) {
      try refuse(
        .libvirtTooOld, [FieldPath(.cellState, cell.key), FieldPath(.cellCPUs, cell.key)],
        """
        a cell without processors needs \(Feature.takesCellsWithoutProcessors.since), and the host \
        has \(guest.libvirt)
        """)
    }
  }
}
