// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about the host's driver and its versions of libvirt and QEMU.
extension Rule {
  package static let libvirtTooOld = Rule(
    "libvirt-too-old", .refuses,
    about: younger { $0.libvirt.map { $0 > Version(7, 0, 0) } ?? false },
    "the host's libvirt is too old for it",
    fact: """
      libvirt refuses a value that it does not know, and drops an element or attribute without a \
      word; `virtmem explain FIELD` says since when there is each.
      """,
    remedy: "Upgrade libvirt on the host, or take the field out for its domains.")

  package static let qemuTooOld = Rule(
    "qemu-too-old", .refuses, about: younger { $0.qemu != nil },
    "the host's QEMU is too old for it",
    fact: """
      libvirt refuses what the emulator does not have; `virtmem explain FIELD` says since when \
      there is each.
      """,
    remedy: "Upgrade QEMU on the host, or take the field out for its domains.")

  /// The fields that are young, or that have a young value; `isYoung` decides by their versions.
  private static func younger(_ isYoung: (Since) -> Bool) -> [FieldPath] {
    Field.all.filter { isYoung($0.since) || $0.youngerValues.contains { isYoung($0.since) } }
      .map { FieldPath.any($0.name) }
  }

  package static let driverNotTried = Rule(
    "driver-not-tried", .warns, "virtmem has not been tried with the host's driver",
    fact: """
      virtmem is tested with libvirt's drivers for QEMU and for tests. What the drivers for Xen, \
      LXC, ESX, Hyper-V, bhyve, Cloud Hypervisor, Virtuozzo, OpenVZ, VirtualBox and VMware \
      Workstation take is known from libvirt's source, and no run has confirmed it.
      """,
    remedy: "Look at plans for this host with more care, and try one domain first.")

  package static let libvirtOlderThanSupported = Rule(
    "libvirt-older-than-supported", .warns, "the host's libvirt is older than what is tested",
    fact: """
      virtmem is tested on libvirt \(Version.oldestSupportedLibvirt) and newer. What it knows of \
      older ones comes from libvirt's sources and release notes; 7.0 was tried by hand.
      """,
    remedy: "Look at plans for this host with more care, or upgrade libvirt there.")

  package static let libvirtNewerThanKnown = Rule(
    "libvirt-newer-than-known", .warns, "the host's libvirt is newer than what is known",
    fact: """
      virtmem is tested on libvirt up to \(Version.newestKnownLibvirt), and takes newer ones to \
      behave alike.
      """,
    remedy: "Look whether there is a newer virtmem.")

  package static let qemuOlderThanSupported = Rule(
    "qemu-older-than-supported", .warns, "the host's QEMU is older than what is tested",
    fact: """
      virtmem is tested on QEMU \(Version.oldestSupportedQEMU) and newer. What it knows of \
      older ones comes from QEMU's sources and libvirt's documentation.
      """,
    remedy: "Look at plans for this host with more care, or upgrade QEMU there.")

  static let ofVersions = [
    libvirtTooOld, qemuTooOld, libvirtOlderThanSupported, libvirtNewerThanKnown,
    qemuOlderThanSupported, driverNotTried,
  ]
}
