// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What a redefinition can't do, or what libvirt would make of it at the next start.
extension Constraint {
  /// A running guest keeps what it started with.
  public static let redefinitionNeverLive = Constraint(
    "redefinition-never-live", .refuses, about: [.maxMemory, .maxMemorySize, .maxMemorySlots],
    "the running guest keeps what it started with",
    fact: "No call changes the ceiling of a running domain; a redefinition is for the next start.",
    remedy: "Power-cycle the domain when it suits.", isLiftedByStart: true)

  /// Which cell is anybody's guess.
  public static let memoryWithSeveralCells = Constraint(
    "memory-with-several-cells", .refuses, about: [.memory],
    "the guest has several NUMA cells, and memory does not say which",
    fact: "The memory of a guest with NUMA cells is their sum, and each cell has its own.",
    remedy: """
      Change <cell memory='…'> with `virsh edit` (`numa.cells` is not supported yet), or take \
      `memory` out of the manifest.
      """)

  /// Hotplug needs a cell to plug into.
  public static let maxMemoryNeedsCell = Constraint(
    "max-memory-needs-numa-cell", .refuses, about: [.maxMemorySize],
    "before libvirt 9.6 maxMemory needs a NUMA cell",
    fact: "libvirt up to 9.5 refuses <maxMemory> for a guest without NUMA cells.",
    remedy: "Give the guest a cell with `virsh edit`, or update libvirt, which then inserts one.")

  /// An old demand.
  public static let maxMemoryNeedsSlots = Constraint(
    "max-memory-needs-slots", .refuses, about: [.maxMemorySize, .maxMemorySlots],
    "before libvirt 9.5 maxMemory needs slots",
    fact: "libvirt up to 9.4 refuses <maxMemory> without a number of slots.",
    remedy: "Declare `maxMemory.slots` too.")

  /// Slots of nothing.
  public static let slotsNeedMaxMemory = Constraint(
    "slots-need-max-memory", .refuses, about: [.maxMemorySlots],
    "slots are slots of a maxMemory, and there is none",
    fact: "libvirt keeps the number of slots in the <maxMemory> element.",
    remedy: "Declare `maxMemory.size` too.")

  /// Accepted, and never started.
  public static let tooManySlots = Constraint(
    "too-many-slots", .refuses, about: [.maxMemorySlots], "QEMU has at most 256 memory slots",
    fact: "libvirt accepts more slots, and the domain then never starts.",
    remedy: "Ask for at most 256 slots.")

  /// Devices live below the ceiling.
  public static let maxMemoryNeededByDevices = Constraint(
    "max-memory-needed-by-devices", .refuses, about: [.maxMemory],
    "the memory devices need maxMemory",
    fact: "libvirt refuses memory devices in a domain without <maxMemory>.",
    remedy: "Remove the memory devices first.")

  /// Not enough room for what is there.
  public static let slotsTakenByDevices = Constraint(
    "slots-taken-by-devices", .refuses, about: [.maxMemorySlots],
    "there are more memory devices than slots",
    fact: """
      Each DIMM and NVDIMM takes a slot; up to libvirt 9.4 every other memory device does so too.
      """,
    remedy: "Ask for more slots, or remove memory devices.")

  static let ofRedefinitions = [
    redefinitionNeverLive, memoryWithSeveralCells, maxMemoryNeedsCell, maxMemoryNeedsSlots,
    slotsNeedMaxMemory, tooManySlots, maxMemoryNeededByDevices, slotsTakenByDevices,
  ]
}
