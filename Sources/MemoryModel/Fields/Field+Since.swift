// SPDX-License-Identifier: Apache-2.0

/// The first versions of libvirt and QEMU that support a field or a value.
package struct Since: Hashable, Sendable, CustomStringConvertible {
  /// The first libvirt version; nil where virtmem does not know it.
  package let libvirt: Version?
  /// The first QEMU version; nil where every supported QEMU version has the feature.
  package let qemu: Version?

  /// Makes a pair of versions.
  package init(libvirt: Version? = nil, qemu: Version? = nil) {
    self.libvirt = libvirt
    self.qemu = qemu
  }

  /// The versions as text: `libvirt 8.10.0 and QEMU 7.0.0`.
  package var description: String {
    [libvirt.map { "libvirt \($0)" }, qemu.map { "QEMU \($0)" }].compactMap(\.self)
      .joined(separator: " and ")
  }
}

/// The versions that introduced each field, and each value that was added after its field.
///
/// The versions come from libvirt's page on the domain XML format and from its release notes.
extension Field {
  /// The versions that introduced the field.
  ///
  /// For most memory devices the versions of their models are more exact.
  package var since: Since { Self.ages[name] ?? Since() }

  /// The values that were added after the field itself, the oldest first.
  package var youngerValues: [(value: FieldValue, since: Since)] { Self.valueAges[name] ?? [] }

  /// The first versions that support the field with `value`.
  package func since(of value: FieldValue) -> Since {
    let own = youngerValues.first { $0.value == value }?.since
    return Since(libvirt: own?.libvirt ?? since.libvirt, qemu: own?.qemu ?? since.qemu)
  }

  private static let ages: [FieldName: Since] = [
    .maxMemory: at(1, 2, 14), .maxMemorySize: at(1, 2, 14), .maxMemorySlots: at(1, 2, 14),
    .dumpCore: at(0, 10, 2),
    .hugepages: at(1, 2, 5), .sharePages: at(1, 0, 6), .locked: at(1, 0, 6), .source: at(3, 1, 0),
    .access: at(3, 1, 0), .allocation: at(3, 1, 0), .allocationMode: at(3, 1, 0),
    .allocationThreads: at(8, 2, 0), .discard: at(4, 4, 0),
    .numatune: at(0, 9, 3), .numatuneMemory: at(0, 9, 3), .numatuneMode: at(0, 9, 3),
    .numatuneNodeset: at(0, 9, 3), .numatunePlacement: at(0, 9, 12), .memnodes: at(1, 2, 7),
    .memnodeState: at(1, 2, 7), .memnodeMode: at(1, 2, 7), .memnodeNodeset: at(1, 2, 7),
    .numa: at(0, 9, 8), .cellState: at(0, 9, 8), .cellCPUs: at(0, 9, 8), .cellMemory: at(0, 9, 8),
    .cellAccess: at(1, 2, 9), .cellDiscard: at(4, 4, 0),
    .balloonModel: at(0, 8, 3), .autodeflate: at(1, 3, 1),
    .freePageReporting: at(6, 9, 0, qemu: (5, 1)), .statsPeriod: at(1, 1, 1),
    .deviceState: at(1, 2, 14), .deviceModel: at(1, 2, 14), .deviceSize: at(1, 2, 14),
    .deviceNode: at(1, 2, 14), .devicePageSize: at(1, 2, 14), .deviceNodemask: at(1, 2, 14),
    .deviceAccess: at(3, 2, 0), .devicePath: at(3, 2, 0), .deviceLabelSize: at(3, 2, 0),
    .deviceDiscard: at(4, 4, 0), .deviceAlignSize: at(5, 0, 0), .devicePmem: at(5, 0, 0),
    .deviceReadOnly: at(5, 0, 0), .deviceUUID: at(6, 2, 0), .deviceBlock: at(7, 9, 0),
    .deviceRequested: at(7, 9, 0), .deviceAddress: at(9, 4, 0),
    .deviceDynamicMemslots: at(10, 1, 0, qemu: (8, 2)),
  ]

  private static let valueAges: [FieldName: [(value: FieldValue, since: Since)]] = [
    .source: [(MemorySource.memfd.fieldValue, at(4, 10, 0))],
    .numatuneMode: [(NUMAMode.restrictive.fieldValue, at(7, 3, 0))],
    .memnodeMode: [(NUMAMode.restrictive.fieldValue, at(7, 3, 0))],
    .balloonModel: [
      (BalloonModel.virtioTransitional.fieldValue, at(5, 2, 0)),
      (BalloonModel.virtioNonTransitional.fieldValue, at(5, 2, 0)),
    ],
    .deviceModel: [
      (MemoryDevice.Model.nvdimm.fieldValue, at(3, 2, 0)),
      (MemoryDevice.Model.virtioPmem.fieldValue, at(7, 1, 0)),
      (MemoryDevice.Model.virtioMem.fieldValue, at(7, 9, 0, qemu: (5, 1))),
      (MemoryDevice.Model.sgxEpc.fieldValue, at(8, 10, 0, qemu: (7, 0))),
    ],
  ]

  private static func at(
    _ major: Int, _ minor: Int, _ release: Int, qemu: (major: Int, minor: Int)? = nil
  ) -> Since {
    Since(
      libvirt: Version(major, minor, release),
      qemu: qemu.map { Version($0.major, $0.minor, 0) })
  }
}
