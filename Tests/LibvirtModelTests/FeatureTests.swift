// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// From which versions on the model expects each feature of libvirt and QEMU.
@Suite struct FeatureTests {
  static let ofLibvirt: [(String, Feature, Version)] = [
    ("takesCellsWithoutProcessors", .takesCellsWithoutProcessors, Version(6, 6, 0)),
    ("listsBalloonArchitectures", .listsBalloonArchitectures, Version(9, 0, 1)),
    ("takesCellsOnRISCV", .takesCellsOnRISCV, Version(9, 0, 1)),
    ("checksModesBothWays", .checksModesBothWays, Version(9, 4, 0)),
    ("startsVirtioPmem", .startsVirtioPmem, Version(9, 4, 0)),
    ("maxMemoryNeedsNoSlots", .maxMemoryNeedsNoSlots, Version(9, 5, 0)),
    ("virtioNeedsNoSlot", .virtioNeedsNoSlot, Version(9, 5, 0)),
    ("insertsCells", .insertsCells, Version(9, 6, 0)),
    ("refusesOverlaps", .refusesOverlaps, Version(9, 8, 0)),
    ("takesVirtioMemOnS390X", .takesVirtioMemOnS390X, Version(11, 1, 0)),
    ("vhostUserNeedsSharing", .vhostUserNeedsSharing, Version(11, 2, 0)),
    (
      "startsFirstCellWithoutProcessors", .startsFirstCellWithoutProcessors, Version(11, 3, 0)
    ),
    ("addsFewerBalloons", .addsFewerBalloons, Version(12, 0, 0)),
    ("maxMemoryNeedsNoCellOnArm", .maxMemoryNeedsNoCellOnArm, Version(12, 0, 0)),
    ("limitsBhyveGuests", .limitsBhyveGuests, Version(12, 4, 0)),
    ("startsCellsWithoutMemory", .startsCellsWithoutMemory, Version(12, 8, 0)),
  ]

  @Test("libvirt has a feature from its first version on", arguments: ofLibvirt)
  func libvirt(name: String, feature: Feature, first: Version) {
    #expect(!Self.has(feature, libvirt: first.previous))
    for libvirt in [first, Version(first.major, first.minor, 1), Version(99, 0, 0)] {
      #expect(Self.has(feature, libvirt: libvirt))
    }
  }

  /// Each feature of QEMU, its first version, and whether an unknown QEMU counts as having it.
  static let ofQEMU: [(String, Feature, Version, Bool)] = [
    ("unplugsVirtioMem", .unplugsVirtioMem, Version(8, 2, 0), false),
    ("refusesBrokenPages", .refusesBrokenPages, Version(10, 0, 0), false),
    ("takesVirtioMemOnS390X", .takesVirtioMemOnS390X, Version(10, 0, 0), true),
    ("nvdimmNeedsNoACPIOnArm", .nvdimmNeedsNoACPIOnArm, Version(11, 0, 0), true),
  ]

  @Test("QEMU has a feature from its first version on", arguments: ofQEMU)
  func qemu(name: String, feature: Feature, first: Version, isAssumed: Bool) {
    #expect(!Self.has(feature, qemu: first.previous))
    #expect(Self.has(feature, qemu: first) && Self.has(feature, qemu: Version(99, 0, 0)))
    #expect(Self.has(feature, qemu: nil) == isAssumed)
  }

  @Test("a feature that needs a libvirt and a QEMU needs both")
  func both() {
    let (old, new) = (Version(11, 0, 0), Version(11, 1, 0))
    #expect(!Self.has(.takesVirtioMemOnS390X, libvirt: old, qemu: Version(10, 0, 0)))
    #expect(!Self.has(.takesVirtioMemOnS390X, libvirt: old, qemu: nil))
    #expect(!Self.has(.takesVirtioMemOnS390X, libvirt: new, qemu: Version(9, 2, 0)))
    #expect(Self.has(.takesVirtioMemOnS390X, libvirt: new, qemu: Version(10, 0, 0)))
  }

  private static func has(
    _ feature: Feature, libvirt: Version = .newestKnownLibvirt, qemu: Version? = Version(99, 0, 0)
  ) -> Bool {
    GuestBehaviour(of: domain(), on: ObservedHost(libvirt: libvirt, qemu: qemu)).has(feature)
  }
}

extension Version {
  /// The version right before this one.
  fileprivate var previous: Version {
    if micro > 0 { return Version(major, minor, micro - 1) }
    return minor > 0 ? Version(major, minor - 1, 999) : Version(major - 1, 999, 999)
  }
}
