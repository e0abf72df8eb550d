// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules that follow from a manifest's own policy.
extension Rule {
  package static let shrinkNever = Rule(
    "shrink-never", .refuses,
    about: [.currentMemory, .hardLimit, .any(.deviceRequested), .any(.deviceState)],
    "the policy does not let memory be taken from a running guest",
    fact: "`policy.shrink` is `never`.",
    remedy: "Set `policy.shrink` to `guarded` or `allow`, or wait until the domain is shut off.")

  package static let shrinkWithoutStatistics = Rule(
    "shrink-without-statistics", .refuses,
    about: [.currentMemory, .any(.deviceRequested), .any(.deviceState)],
    "nothing fresh is known of what the guest holds",
    fact: """
      `policy.shrink` is `guarded`, and that needs the guest's own figures, no older than three \
      statistics periods or 30 s, whichever is longer.
      """,
    remedy: """
      Set `memballoon.statsPeriod` and plan again; where it is set, look whether the guest has a \
      balloon driver (in Windows also the balloon service, which is what reports) and its QEMU \
      answers. Or set `policy.shrink` to `allow`.
      """, failsSteps: true)

  package static let shrinkBelowGuestUse = Rule(
    "shrink-below-guest-use", .refuses,
    about: [.currentMemory, .any(.deviceRequested), .any(.deviceState)],
    "the guest would keep less than it holds, plus a margin",
    fact: """
      `policy.shrink` is `guarded`: memory is not taken below what the guest holds plus a tenth, \
      at least 64 MiB.
      """,
    remedy: "Ask for more, free memory in the guest, or set `policy.shrink` to `allow`.",
    failsSteps: true)

  package static let hardLimitBelowResident = Rule(
    "hard-limit-below-resident", .refuses, about: [.hardLimit],
    "hardLimit would be below what QEMU holds, plus a margin",
    fact: """
      `policy.shrink` is `guarded`: a live hard_limit is not set below the hypervisor process's \
      resident memory plus a tenth, where the kernel would reclaim from it or kill it.
      """,
    remedy: "Ask for a higher hardLimit, or set `policy.shrink` to `allow`.", failsSteps: true)

  package static let numatuneTargetFull = Rule(
    "numatune-target-full", .refuses, about: [.any(.numatuneNodeset)],
    "the guest holds more than is free on the nodes that it would be moved to",
    fact: """
      A live change of the nodeset moves all of the guest's pages to the new nodes within the call. \
      Where they find no room there, the kernel swaps, or kills QEMU. Page cache of the host counts \
      as used here, for libvirt does not tell how much of it a node has.
      """,
    remedy: """
      Free memory on those nodes, shrink the guest first, or set `policy.shrink` to `allow` where \
      the rest is page cache that the kernel can drop.
      """, failsSteps: true)

  static let ofPolicies = [
    shrinkNever, shrinkWithoutStatistics, shrinkBelowGuestUse, hardLimitBelowResident,
    numatuneTargetFull,
  ]
}
