// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Warnings about limits that are too low for the guest or for QEMU itself.
///
/// Conditions: GuestBehaviour+LimitCautions.swift.
extension Rule {
  package static let hardLimitBelowMemory = Rule(
    "hard-limit-below-memory", .warns, about: [.hardLimit],
    "hardLimit leaves no room for QEMU itself",
    fact: """
      hard_limit counts all of the domain's memory and QEMU's own. A guest that outgrows it is \
      killed by the kernel.
      """,
    remedy: "Set hardLimit well above the memory, or leave it out: QEMU's overhead is not bounded.")

  package static let hardLimitBelowLocked = Rule(
    "hard-limit-below-locked", .warns, about: [.hardLimit, .any(.locked), .memory],
    "hardLimit may be too low to lock all that QEMU maps",
    fact: """
      With `locked` QEMU locks all that it maps, and an unprivileged QEMU may lock no more than \
      hardLimit: beside the guest's memory 244 MiB and 72 MiB a processor, measured on QEMU 10.0. \
      With less it does not start.
      """,
    remedy: "Raise hardLimit above that sum, with room to spare for devices.")

  static let ofLimitCautions = [hardLimitBelowMemory, hardLimitBelowLocked]
}
