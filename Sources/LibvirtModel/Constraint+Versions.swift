// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What the versions at the other end mean for a plan.
extension Constraint {
  /// An older libvirt does not know it.
  public static let libvirtTooOld = Constraint(
    "libvirt-too-old", .refuses,
    about: younger { $0.libvirt.map { $0 > LibvirtVersion(7, 0, 0) } ?? false },
    "the host's libvirt is too old for it",
    fact: """
      libvirt refuses a value that it does not know, and drops an element or attribute without a \
      word; `virtmem explain FIELD` says since when there is each.
      """,
    remedy: "Upgrade libvirt on the host, or take the field out for its domains.")

  /// An older QEMU does not have it.
  public static let qemuTooOld = Constraint(
    "qemu-too-old", .refuses, about: younger { $0.qemu != nil },
    "the host's QEMU is too old for it",
    fact: """
      libvirt refuses what the emulator does not have; `virtmem explain FIELD` says since when \
      there is each.
      """,
    remedy: "Upgrade QEMU on the host, or take the field out for its domains.")

  /// The fields that are young, or have a value that is.
  private static func younger(_ isYoung: (Since) -> Bool) -> [FieldPath] {
    Field.all.filter { isYoung($0.since) || $0.youngerValues.contains { isYoung($0.since) } }
      .map { FieldPath.any($0.name) }
  }

  static let ofVersions = [libvirtTooOld, qemuTooOld]
}
