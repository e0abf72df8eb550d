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

  static let ofLimitCautions = [hardLimitBelowMemory, hardLimitBelowLocked]
}
