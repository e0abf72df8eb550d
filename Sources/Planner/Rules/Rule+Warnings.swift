// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Warnings and notes whose conditions need the plan, the manifest or the guest's statistics.
///
/// Conditions: DomainPlanner+Warnings.swift.
extension Rule {
  package static let softLimitBelowResident = Rule(
    "soft-limit-below-resident", .warns, about: [.softLimit],
    "softLimit is below what QEMU holds, plus a margin",
    fact: """
      With cgroup v2 soft_limit is memory.high: the kernel swaps and throttles a domain that holds \
      more, at once. With cgroup v1 it counts only where the host runs out of memory.
      """,
    remedy: "Raise softLimit, shrink the guest first, or say `facts: {cgroup: v1}` of the Host.")

  package static let lockedWithoutHardLimit = Rule(
    "locked-without-hard-limit", .warns, about: [.hardLimit, .any(.locked)],
    "locked memory without hardLimit is not bounded",
    fact:
      "With <locked/> and no hard_limit libvirt lets QEMU lock as much host memory as it likes.",
    remedy: "Set hardLimit well above the memory plus QEMU's overhead.")

  package static let autodeflateWithExactCurrentMemory = Rule(
    "autodeflate-with-exact-current-memory", .warns,
    about: [.currentMemory, .any(.autodeflate)],
    "autodeflate moves currentMemory by itself",
    fact: "With autodeflate a guest under pressure takes memory back, which then shows as drift.",
    remedy: "Declare `currentMemory` as a range.")

  package static let numatuneMovesPages = Rule(
    "numatune-moves-pages", .warns, about: [.any(.numatuneNodeset)],
    "all of the guest's pages move to the new nodes",
    fact: """
      libvirt sets the nodes of the domain's cpuset, and the kernel moves the pages before the call \
      returns, at some 40 to 150 MiB a second; the guest is slow meanwhile. Huge pages move too, and \
      come from the pool of the new nodes.
      """,
    remedy: "Move a large guest when it has little to do.")

  package static let guestBootsBallooned = Rule(
    "guest-boots-ballooned", .warns, about: [.memory, .currentMemory],
    "the guest will boot ballooned below its new memory",
    fact: "Raising memory leaves <currentMemory> as it is, and it is not declared.",
    remedy: "Declare `currentMemory` too if the guest should have all of it.")

  package static let swapLimitMeaning = Rule(
    "swap-limit-meaning", .warns, about: [.swapHardLimit],
    "what swapHardLimit limits depends on the host's cgroup version",
    fact: """
      With cgroup v1 swap_hard_limit bounds memory plus swap, with cgroup v2 swap alone, while \
      libvirt wants it at least hard_limit on both. libvirt does not tell which one a host has.
      """,
    remedy: "Say it in the Host's `facts.cgroup`.")

  package static let minGuaranteeUntested = Rule(
    "min-guarantee-untested", .warns, about: [.minGuarantee], "min_guarantee on ESX is untested",
    fact: "virtmem makes the call as ESX's driver documents it, and has not been run against ESX.",
    remedy: "Look at the outcome with `virsh memtune`.")

  package static let numaCellInserted = Rule(
    "numa-cell-inserted", .warns, about: [.maxMemorySize],
    "libvirt will give the guest a NUMA cell",
    fact: """
      Since 9.6 libvirt inserts one NUMA cell with all of the memory where <maxMemory> is set for a \
      guest without cells. From then on memory changes by redefinition alone.
      """,
    remedy: "Nothing has to be done.")

  static let ofWarnings = [
    softLimitBelowResident, lockedWithoutHardLimit, autodeflateWithExactCurrentMemory,
    guestBootsBallooned, numatuneMovesPages, swapLimitMeaning, minGuaranteeUntested,
    numaCellInserted,
  ]
}
