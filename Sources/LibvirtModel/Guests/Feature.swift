// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Something that libvirt or QEMU does with memory from some version on.
///
/// Rules ask for a feature by its name and compare no versions. The versions that introduced a field
/// or a value are in ``Field/since``.
package struct Feature: Sendable {
  /// The first versions that have the feature.
  let since: Since
  /// Whether a QEMU of unknown version counts as one that has the feature.
  private let isAssumed: Bool

  private init(libvirt: Version) {
    since = Since(libvirt: libvirt)
    isAssumed = false
  }

  private init(libvirt: Version? = nil, qemu: Version, isAssumed: Bool) {
    since = Since(libvirt: libvirt, qemu: qemu)
    self.isAssumed = isAssumed
  }

  /// Whether a host with these versions has the feature; nil is an unknown version of QEMU.
  func isIn(libvirt: Version, qemu: Version?) -> Bool {
    if let first = since.libvirt, libvirt < first { return false }
    guard let first = since.qemu else { return true }
    return qemu.map { $0 >= first } ?? isAssumed
  }
}

/// What libvirt does since some version, the oldest first.
extension Feature {
  /// libvirt accepts a cell without processors of its own.
  package static let takesCellsWithoutProcessors = Feature(libvirt: Version(6, 6, 0))

  /// libvirt adds a balloon only for the architectures that it lists
  /// (`qemuDomainDefAddDefaultDevices`).
  ///
  /// Up to 9.0 it adds one for every architecture that it does not exclude; 11.3 has the list. The
  /// model takes everything after 9.0.0 for the newer one.
  package static let listsBalloonArchitectures = Feature(libvirt: Version(9, 0, 1))

  /// libvirt has a CPU driver for RISC-V, which its guests need to have cells.
  ///
  /// 9.0 has none. The model takes everything after 9.0.0 for the newer one.
  package static let takesCellsOnRISCV = Feature(libvirt: Version(9, 0, 1))

  /// libvirt refuses to mix the mode restrictive with other modes, whichever of them is a cell's
  /// (`virDomainNumaDefValidate`).
  ///
  /// Before, it refuses only cells of another mode below a restrictive one.
  package static let checksModesBothWays = Feature(libvirt: Version(9, 4, 0))

  /// libvirt starts domains with virtio-pmem devices.
  ///
  /// Before, it does not understand what QEMU tells of the device, and ends every start.
  package static let startsVirtioPmem = Feature(libvirt: Version(9, 4, 0))

  /// `<maxMemory>` needs no number of slots.
  package static let maxMemoryNeedsNoSlots = Feature(libvirt: Version(9, 5, 0))

  /// virtio devices take no slots of `<maxMemory>`, only DIMMs and nvdimms do.
  package static let virtioNeedsNoSlot = Feature(libvirt: Version(9, 5, 0))

  /// libvirt inserts the cell that a guest with `<maxMemory>` needs (`qemuDomainDefNumaAutoAdd`).
  ///
  /// Since then ppc64 guests need one too, and s390x guests need none.
  package static let insertsCells = Feature(libvirt: Version(9, 6, 0))

  /// libvirt refuses memory devices whose addresses overlap, also in an unchanged definition.
  package static let refusesOverlaps = Feature(libvirt: Version(9, 8, 0))

  /// libvirt and QEMU have virtio-mem for s390x, as a CCW device.
  package static let takesVirtioMemOnS390X = Feature(
    libvirt: Version(11, 1, 0), qemu: Version(10, 0, 0), isAssumed: true)

  /// libvirt refuses a vhost-user interface where RAM is not shared; before, it only warns.
  package static let vhostUserNeedsSharing = Feature(libvirt: Version(11, 2, 0))

  /// libvirt starts a guest whose cell 0 has no processors, on which libvirtd 9.0 crashes.
  ///
  /// 11.3 starts it. Versions between were not tried; the model takes them for 9.0.
  package static let startsFirstCellWithoutProcessors = Feature(libvirt: Version(11, 3, 0))

  /// libvirt gives no balloon to RISC-V guests, nor to x86 guests on isapc and microvm.
  ///
  /// 11.3 gives them one, 12.9 does not, and no release between documents the change.
  package static let addsFewerBalloons = Feature(libvirt: Version(12, 0, 0))

  /// An Arm guest with `<maxMemory>` needs no cell.
  ///
  /// 11.3 inserts one, 12.9 does not, and no release between documents the change.
  package static let maxMemoryNeedsNoCellOnArm = Feature(libvirt: Version(12, 0, 0))

  /// bhyve has a memory limit (FreeBSD's rctl).
  package static let limitsBhyveGuests = Feature(libvirt: Version(12, 4, 0))

  /// libvirt asks QEMU for no memory of 0 KiB for a cell without memory, which QEMU would refuse.
  ///
  /// 11.3 asks for it. Versions from 11.4 to 12.7 were not tried; the model takes them for 11.3.
  package static let startsCellsWithoutMemory = Feature(libvirt: Version(12, 8, 0))
}

/// What QEMU does since some version, the oldest first.
extension Feature {
  /// QEMU unplugs a virtio-mem device of which nothing is plugged.
  package static let unplugsVirtioMem = Feature(qemu: Version(8, 2, 0), isAssumed: false)

  /// QEMU refuses a file whose size is no multiple of its huge pages; before, it rounds it up.
  package static let refusesBrokenPages = Feature(qemu: Version(10, 0, 0), isAssumed: false)

  /// QEMU starts an Arm guest with an nvdimm and without ACPI.
  ///
  /// 5.2, 7.2 and 10.0 refuse it, and 11.1 starts it.
  package static let nvdimmNeedsNoACPIOnArm = Feature(qemu: Version(11, 0, 0), isAssumed: true)
}
