// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about the host's driver and its versions of libvirt and QEMU.
extension Rule {
  package static let libvirtTooOld = Rule(
    "libvirt-too-old", .refuses,
    about: younger { $0.libvirt.map { $0 > Version(7, 0, 0) } ?? false },
    "the host's libvirt is too old for this field or value",
    fact: """
      libvirt refuses a value that it does not know, and silently drops an element or attribute \
      that it does not know. `virtmem explain FIELD` shows the first version with a field or \
      value.
      """,
    remedy: """
      Upgrade libvirt on the host, or remove the field from the manifest for the domains on this \
      host.
      """)

  package static let qemuTooOld = Rule(
    "qemu-too-old", .refuses, about: younger { $0.qemu != nil },
    "the host's QEMU is too old for this field or value",
    fact: """
      libvirt refuses a setting that the host's QEMU does not have. `virtmem explain FIELD` shows \
      the first version with a field or value.
      """,
    remedy: """
      Upgrade QEMU on the host, or remove the field from the manifest for the domains on this \
      host.
      """)

  /// The fields that are young, or that have a young value; `isYoung` decides by their versions.
  private static func younger(_ isYoung: (Since) -> Bool) -> [FieldPath] {
    Field.all.filter { isYoung($0.since) || $0.youngerValues.contains { isYoung($0.since) } }
      .map { FieldPath.any($0.name) }
  }

  package static let driverNotTried = Rule(
    "driver-not-tried", .warns, "virtmem was not tested with the host's driver",
    fact: """
      virtmem is tested with libvirt's QEMU driver and test driver. What virtmem knows of the \
      drivers for Xen, LXC, ESX, Hyper-V, bhyve, Cloud Hypervisor, Virtuozzo, OpenVZ, VirtualBox \
      and VMware Workstation comes from libvirt's source. No test has confirmed this knowledge.
      """,
    remedy: """
      Review plans for this host with more care, and apply the first plan to only one domain \
      (`--domain NAME`).
      """)

  package static let libvirtOlderThanSupported = Rule(
    "libvirt-older-than-supported", .warns,
    "virtmem was not tested with a libvirt as old as the host's",
    fact: """
      virtmem is tested on libvirt \(Version.oldestSupportedLibvirt) and newer. What virtmem knows \
      of older versions comes from libvirt's sources and release notes; 7.0 was tried by hand.
      """,
    remedy: "Review plans for this host with more care, or upgrade libvirt on the host.")

  package static let libvirtNewerThanKnown = Rule(
    "libvirt-newer-than-known", .warns,
    "virtmem was not tested with a libvirt as new as the host's",
    fact: """
      virtmem is tested on libvirt up to \(Version.newestKnownLibvirt), and assumes that newer \
      versions behave alike.
      """,
    remedy: "Check whether a newer version of virtmem exists.")

  package static let qemuOlderThanSupported = Rule(
    "qemu-older-than-supported", .warns, "virtmem was not tested with a QEMU as old as the host's",
    fact: """
      virtmem is tested on QEMU \(Version.oldestSupportedQEMU) and newer. What virtmem knows of \
      older versions comes from QEMU's sources and libvirt's documentation.
      """,
    remedy: "Review plans for this host with more care, or upgrade QEMU on the host.")

  static let ofVersions = [
    libvirtTooOld, qemuTooOld, libvirtOlderThanSupported, libvirtNewerThanKnown,
    qemuOlderThanSupported, driverNotTried,
  ]
}
