// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Warnings and notes whose conditions need the plan, the manifest or the guest's statistics.
///
/// Conditions: DomainPlanner+Warnings.swift, and Fleet/Suspension+Diagnostics.swift.
extension Rule {
  package static let softLimitBelowResident = Rule(
    "soft-limit-below-resident", .warns, about: [.softLimit],
    "softLimit is below the memory that QEMU holds plus a margin",
    fact: """
      With cgroup v2, soft_limit is memory.high: the kernel at once swaps and throttles a domain \
      that holds more. With cgroup v1, soft_limit has an effect only when the host runs out of \
      memory.
      """,
    remedy: """
      Raise `memtune.softLimit`, or shrink the guest first. If the host uses cgroup v1, declare \
      `facts: {cgroup: v1}` in the Host.
      """)

  package static let lockedWithoutHardLimit = Rule(
    "locked-without-hard-limit", .warns, about: [.hardLimit, .any(.locked)],
    "QEMU may lock any amount of host memory, because hardLimit is not set",
    fact: """
      With <locked/> and without hard_limit, libvirt lets QEMU lock an unlimited amount of host \
      memory.
      """,
    remedy: """
      Declare a `memtune.hardLimit` well above the guest's memory plus the memory that QEMU itself \
      needs.
      """)

  package static let autodeflateWithExactCurrentMemory = Rule(
    "autodeflate-with-exact-current-memory", .warns,
    about: [.currentMemory, .any(.autodeflate)],
    "autodeflate changes currentMemory without virtmem",
    fact: """
      With autodeflate, a guest that runs out of memory takes memory back from the balloon. \
      virtmem then reports the difference as drift.
      """,
    remedy: "Declare `currentMemory` as a range, such as `{min: 2GiB, max: 4GiB}`.")

  package static let numatuneMovesPages = Rule(
    "numatune-moves-pages", .warns, about: [.any(.numatuneNodeset)],
    "all pages of the guest move to the new host nodes",
    fact: """
      libvirt changes the nodes of the domain's cpuset. The kernel moves the pages before the call \
      returns, at about 40 to 150 MiB a second, and the guest is slow until then. Huge pages move \
      too, and take pages from the pools of the new nodes.
      """,
    remedy: "Apply the change to a large guest when the guest has little load.")

  package static let guestBootsBallooned = Rule(
    "guest-boots-ballooned", .warns, about: [.memory, .currentMemory],
    "the guest will boot with less than its new memory",
    fact: """
      The manifest does not declare `currentMemory`, and raising memory does not raise \
      <currentMemory>.
      """,
    remedy: "If the guest should have all of its new memory, declare `currentMemory`.")

  package static let swapLimitMeaning = Rule(
    "swap-limit-meaning", .warns, about: [.swapHardLimit],
    "the meaning of swapHardLimit depends on the host's cgroup version",
    fact: """
      swap_hard_limit limits memory plus swap with cgroup v1, and only swap with cgroup v2. \
      libvirt requires swap_hard_limit to be at least hard_limit in both cases, and does not \
      report the cgroup version of a host.
      """,
    remedy: """
      If you want this note to end, declare `facts: {cgroup: v1}` or `facts: {cgroup: v2}` in the \
      Host. The host uses v2 if `stat -f -c %T /sys/fs/cgroup` prints `cgroup2fs`.
      """)

  package static let minGuaranteeUntested = Rule(
    "min-guarantee-untested", .warns, about: [.minGuarantee],
    "virtmem was not tested with min_guarantee",
    fact: """
      virtmem makes the call as libvirt's ESX driver documents it. virtmem was never run against \
      ESX.
      """,
    remedy: "After the apply, check the value with `virsh memtune DOMAIN`.")

  package static let numaCellInserted = Rule(
    "numa-cell-inserted", .warns, about: [.maxMemorySize],
    "libvirt will insert a NUMA cell into the guest",
    fact: """
      If <maxMemory> is set for a guest without cells, libvirt since 9.6 inserts one NUMA cell \
      with all of the memory. From then on, only a redefinition changes memory.
      """,
    remedy: "No action is needed.")

  package static let suspension = Rule(
    "suspension", .warns, "the manifests suspend the domain or the host",
    fact: """
      virtmem shows a suspended domain and never changes it. virtmem does not connect to a \
      suspended host.
      """,
    remedy: "When the domain or the host can be managed again, remove `suspend`.",
    meaning: .suspended)

  package static let suspensionExpired = Rule(
    "suspension-expired", .warns, "the suspension is past its date",
    fact: """
      A suspension does not end by itself: virtmem still leaves the domain or the host alone. A \
      day begins and ends in UTC.
      """,
    remedy: "Remove `suspend`, or give it a later date in `until`.")

  static let ofWarnings = [
    softLimitBelowResident, lockedWithoutHardLimit, autodeflateWithExactCurrentMemory,
    guestBootsBallooned, numatuneMovesPages, swapLimitMeaning, minGuaranteeUntested,
    numaCellInserted, suspension, suspensionExpired,
  ]
}
