// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about redefinitions that libvirt refuses, that it changes, or that prevent the next start.
extension Rule {
  package static let redefinitionNeverLive = Rule(
    "redefinition-never-live", .refuses, about: withoutLiveCall,
    "the running guest keeps what it started with",
    fact: "No call changes this in a running domain; a redefinition is for the next start.",
    remedy: "Power-cycle the domain when it suits.", isLiftedByStart: true, meaning: .neverLive)

  /// The fields that only a redefinition changes.
  private static let withoutLiveCall = Field.all.filter { $0.calls == .redefinition }
    .map { FieldPath.any($0.name) }

  package static let definitionRefusedAsItIs = Rule(
    "definition-refused-as-it-is", .refuses,
    "libvirt refuses the definition that is there",
    fact: """
      An older libvirt took the definition, and this one loads it but refuses to define it again, \
      whatever a redefinition changes.
      """,
    remedy: "Mend what the message names first, with `virsh edit` or in the manifest.")

  package static let memoryWithSeveralCells = Rule(
    "memory-with-several-cells", .refuses, about: [.memory],
    "the guest has several NUMA cells, and memory does not say which",
    fact: "The memory of a guest with NUMA cells is their sum, and each cell has its own.",
    remedy: "Declare the `memory` of each cell in `numa.cells`, or take `memory` out.")

  package static let memoryIsNotTheCellsSum = Rule(
    "memory-is-not-the-cells-sum", .refuses, about: [.memory, .any(.cellMemory)],
    "memory is not what the cells add up to",
    fact: "The memory of a guest with NUMA cells is their sum, and each cell has its own.",
    remedy: "Make the cells add up to `memory`, or take `memory` out of the manifest.")

  package static let numaCellNeededByMaxMemory = Rule(
    "numa-cell-needed-by-max-memory", .refuses, about: [.any(.numa), .any(.cellState)],
    "a guest with maxMemory has a NUMA cell",
    fact: """
      libvirt up to 9.5 refuses <maxMemory> for a guest without NUMA cells, and since 9.6 it makes \
      one cell of all of the memory.
      """,
    remedy: "Declare `maxMemory: none` too, or keep a cell.")

  package static let balloonModelXen = Rule(
    "balloon-model-xen", .refuses, about: [.any(.balloonModel)], "QEMU has no balloon of model xen",
    fact: "libvirt refuses <memballoon model='xen'> for QEMU's domains.",
    remedy: "Declare `memballoon.model: virtio`.")

  package static let maxMemoryNeedsNUMACell = Rule(
    "max-memory-needs-numa-cell", .refuses, about: [.maxMemorySize],
    "before libvirt 9.6 maxMemory needs a NUMA cell",
    fact: "libvirt up to 9.5 refuses <maxMemory> for a guest without NUMA cells.",
    remedy: "Declare `numa.cells` too, or update libvirt, which then inserts a cell.")

  package static let maxMemoryNeedsSlots = Rule(
    "max-memory-needs-slots", .refuses, about: [.maxMemorySize, .maxMemorySlots],
    "before libvirt 9.5 maxMemory needs slots",
    fact: "libvirt up to 9.4 refuses <maxMemory> without a number of slots.",
    remedy: "Declare `maxMemory.slots` too.")

  package static let slotsNeedMaxMemory = Rule(
    "slots-need-max-memory", .refuses, about: [.maxMemorySlots],
    "slots are slots of a maxMemory, and there is none",
    fact: "libvirt keeps the number of slots in the <maxMemory> element.",
    remedy: "Declare `maxMemory.size` too.")

  package static let tooManySlots = Rule(
    "too-many-slots", .refuses, about: [.maxMemorySlots], "QEMU has at most 256 memory slots",
    fact: "libvirt accepts more slots, and the domain then never starts.",
    remedy: "Ask for at most 256 slots.", startFailure: "not started by QEMU 7.2, 10.0 and 11.1")

  package static let maxMemoryNeededByDevices = Rule(
    "max-memory-needed-by-devices", .refuses, about: [.maxMemory, .any(.deviceState)],
    "the memory devices need maxMemory",
    fact: "libvirt refuses memory devices in a domain without <maxMemory>.",
    remedy: "Declare `maxMemory`, or the devices `state: absent`.", isLiftedByStart: true)

  package static let slotsTakenByDevices = Rule(
    "slots-taken-by-devices", .refuses, about: [.maxMemorySlots, .any(.deviceState)],
    "there are more memory devices than slots",
    fact: """
      Each DIMM and NVDIMM takes a slot; up to libvirt 9.4 every other memory device does so too.
      """,
    remedy: "Ask for more slots, or remove memory devices.", isLiftedByStart: true)

  static let ofRedefinitions = [
    redefinitionNeverLive, definitionRefusedAsItIs, memoryWithSeveralCells,
    maxMemoryNeedsNUMACell, maxMemoryNeedsSlots, slotsNeedMaxMemory, tooManySlots,
    maxMemoryNeededByDevices, slotsTakenByDevices, memoryIsNotTheCellsSum,
    numaCellNeededByMaxMemory, balloonModelXen,
  ]
}
