// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules that follow from a manifest's own policy.
extension Rule {
  package static let shrinkNever = Rule(
    "shrink-never", .refuses,
    about: [.currentMemory, .hardLimit, .any(.deviceRequested), .any(.deviceState)],
    "the policy forbids taking memory from a running guest",
    fact: """
      `policy.shrink` is `never`: virtmem takes no memory from a running guest, and does not lower \
      its hardLimit.
      """,
    remedy: """
      Declare `policy.shrink: guarded` or `policy.shrink: allow`, or plan again when the domain is \
      shut off.
      """)

  package static let shrinkWithoutStatistics = Rule(
    "shrink-without-statistics", .refuses,
    about: [.currentMemory, .any(.deviceRequested), .any(.deviceState)],
    "no recent statistics show how much memory the guest holds",
    fact: """
      `policy.shrink` is `guarded`: virtmem takes memory from a guest only if the guest reports \
      how much memory it holds. The statistics may be three statistics periods old, or 30 s if \
      that is longer.
      """,
    remedy: """
      If `memballoon.statsPeriod` is not declared, declare `memballoon.statsPeriod: 10s`. If this \
      plan sets the period, apply this plan, wait 10 s and plan again. If the period is already \
      set, run `virsh dommemstat DOMAIN`: QEMU must answer, and the guest must have loaded its \
      balloon driver (on Windows, the balloon service must run too). If the guest may shrink \
      without statistics, declare `policy.shrink: allow`.
      """, failsSteps: true, meaning: .lacksStatistics)

  package static let shrinkBelowGuestUse = Rule(
    "shrink-below-guest-use", .refuses,
    about: [.currentMemory, .any(.deviceRequested), .any(.deviceState)],
    "the guest would have less memory than it holds plus a margin",
    fact: """
      `policy.shrink` is `guarded`: virtmem leaves a guest the memory that it holds plus a margin. \
      The margin is a tenth, and at least 64 MiB.
      """,
    remedy: """
      Declare a higher value or keep the device, free memory in the guest, or declare \
      `policy.shrink: allow`.
      """,
    failsSteps: true)

  package static let hardLimitBelowResident = Rule(
    "hard-limit-below-resident", .refuses, about: [.hardLimit],
    "hardLimit would be below the memory that QEMU holds plus a margin",
    fact: """
      `policy.shrink` is `guarded`: virtmem does not set a live hard_limit below the resident \
      memory of the QEMU process plus a tenth. With a lower limit, the kernel would reclaim memory \
      from QEMU or kill QEMU.
      """,
    remedy: "Declare a higher `memtune.hardLimit`, or declare `policy.shrink: allow`.",
    failsSteps: true)

  package static let numatuneTargetFull = Rule(
    "numatune-target-full", .refuses, about: [.any(.numatuneNodeset)],
    "the new host nodes have less free memory than QEMU holds",
    fact: """
      A live change of the nodeset moves all of the guest's pages to the new nodes within the \
      call. If the pages find no room, the kernel swaps pages out, or kills QEMU. libvirt does not \
      report how much of a node's memory is page cache, so virtmem counts page cache as used.
      """,
    remedy: """
      Free memory on the new nodes, or shrink the guest first. If enough of the used memory is \
      page cache that the kernel can drop, declare `policy.shrink: allow`.
      """, failsSteps: true)

  static let ofPolicies = [
    shrinkNever, shrinkWithoutStatistics, shrinkBelowGuestUse, hardLimitBelowResident,
    numatuneTargetFull,
  ]
}
