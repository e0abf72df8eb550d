// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Warnings about limits that are too low for the guest or for QEMU itself.
///
/// Conditions: GuestBehaviour+LimitCautions.swift.
extension Rule {
  package static let hardLimitBelowMemory = Rule(
    "hard-limit-below-memory", .warns, about: [.hardLimit],
    "hardLimit leaves too little memory for QEMU itself",
    fact: """
      hard_limit limits all memory of the domain, including the memory of QEMU itself. The kernel \
      kills QEMU if the domain needs more.
      """,
    remedy: """
      Declare a `memtune.hardLimit` well above the guest's memory, or `memtune.hardLimit: \
      unlimited`. The memory that QEMU itself needs has no fixed maximum.
      """)

  package static let hardLimitBelowLocked = Rule(
    "hard-limit-below-locked", .warns, about: [.hardLimit, .any(.locked), .memory],
    "hardLimit may be too low to lock all memory that QEMU maps",
    fact: """
      With `locked`, QEMU locks all memory that it maps, and an unprivileged QEMU may lock at most \
      hardLimit. QEMU 10.0 maps 244 MiB, plus 72 MiB for each processor, in addition to the \
      guest's memory (measured). QEMU does not start if hardLimit is lower.
      """,
    remedy: "Raise `memtune.hardLimit` above that sum, and leave room for devices.")

  package static let hardLimitBelowPinned = Rule(
    "hard-limit-below-pinned", .warns, about: [.hardLimit, .memory, .any(.deviceSize)],
    "hardLimit is below the memory that devices of the host pin",
    fact: """
      For a device of the host (VFIO, vDPA), the kernel pins all of the guest's memory, huge pages \
      included, and of a virtio-mem device what is plugged. All VFIO devices pin it once together; \
      behind an IOMMU of the guest each one does, and each vDPA device too. With \
      hard_limit, libvirt lets QEMU lock that much and no more, and the guest does not start, or \
      the device is not plugged.
      """,
    remedy: "Raise `memtune.hardLimit` above that sum, or declare `memtune.hardLimit: unlimited`.")

  package static let lockedAboveHost = Rule(
    "locked-above-host", .warns,
    about: [.any(.locked), .memory, .any(.cellMemory), .any(.deviceSize)],
    "the host has less memory than would be locked",
    fact: """
      Locked and pinned memory stays in the host's RAM and is never swapped. If the host has less, \
      or the nodes of the host to which numatune binds the guest, the domain does not start, or \
      the kernel kills processes.
      """,
    remedy: "Let the guest have less memory, or do not lock it.")

  package static let hardLimitAboveHost = Rule(
    "hard-limit-above-host", .warns, about: [.hardLimit],
    "hardLimit is above the host's memory, so it limits nothing",
    fact: """
      A domain can't use more memory than the host has. The host runs out of memory before the \
      limit acts.
      """,
    remedy: "Declare a `memtune.hardLimit` below the host's memory.")

  static let ofLimitCautions = [
    hardLimitBelowMemory, hardLimitBelowLocked, hardLimitBelowPinned, lockedAboveHost,
    hardLimitAboveHost,
  ]
}
