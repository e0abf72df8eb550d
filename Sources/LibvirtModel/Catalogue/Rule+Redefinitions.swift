// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about redefinitions that libvirt refuses, that it changes, or that prevent the next start.
extension Rule {
  package static let redefinitionNeverLive = Rule(
    "redefinition-never-live", .refuses, about: withoutLiveCall,
    "the running guest keeps the value with which it started",
    fact: """
      No libvirt call changes this field in a running domain. A redefinition changes this field \
      for the next start.
      """,
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true, meaning: .neverLive)

  /// The fields that only a redefinition changes.
  private static let withoutLiveCall = Field.all.filter { $0.calls == .redefinition }
    .map { FieldPath.any($0.name) }

  package static let definitionRefusedAsItIs = Rule(
    "definition-refused-as-it-is", .refuses,
    "libvirt refuses the definition that the domain has now",
    fact: """
      An older libvirt accepted the definition. The present libvirt loads the definition but \
      refuses to define it again, whatever a redefinition changes.
      """,
    remedy: """
      Correct what the message names, with `virsh edit DOMAIN` or in the manifest, then plan \
      again.
      """)

  package static let memoryWithSeveralCells = Rule(
    "memory-with-several-cells", .refuses, about: [.memory],
    "the guest has several NUMA cells, and memory does not say which cell changes",
    fact: """
      The memory of a guest with NUMA cells is the sum of its cells, and each cell has its own \
      memory.
      """,
    remedy: """
      Declare the `memory` of each cell in `numa.cells`, or remove `memory` from the manifest.
      """)

  package static let memoryIsNotTheCellsSum = Rule(
    "memory-is-not-the-cells-sum", .refuses, about: [.memory, .any(.cellMemory)],
    "memory is not the sum of the NUMA cells",
    fact: """
      The memory of a guest with NUMA cells is the sum of its cells, and each cell has its own \
      memory.
      """,
    remedy: """
      Change the `memory` of the cells so that their sum is `memory`, or remove `memory` from the \
      manifest.
      """)

  package static let numaCellNeededByMaxMemory = Rule(
    "numa-cell-needed-by-max-memory", .refuses, about: [.any(.numa), .any(.cellState)],
    "a guest with maxMemory needs a NUMA cell",
    fact: """
      libvirt up to 9.5 refuses <maxMemory> for a guest without NUMA cells. Since 9.6, libvirt \
      inserts one cell with all of the memory.
      """,
    remedy: "Keep at least one cell. If no cell should remain, declare `maxMemory: none`.")

  package static let balloonModelXen = Rule(
    "balloon-model-xen", .refuses, about: [.any(.balloonModel)], "QEMU has no balloon of model xen",
    fact: "libvirt refuses <memballoon model='xen'> for a QEMU domain.",
    remedy: "Declare `memballoon.model: virtio`.")

  package static let maxMemoryNeedsNUMACell = Rule(
    "max-memory-needs-numa-cell", .refuses, about: [.maxMemorySize],
    "libvirt before 9.6 accepts maxMemory only with a NUMA cell",
    fact: """
      libvirt up to 9.5 refuses <maxMemory> for a guest without NUMA cells. Since 9.6, libvirt \
      inserts a cell.
      """,
    remedy: """
      Declare `numa.cells`, or upgrade libvirt to 9.6 or newer.
      """, remedyField: FieldPath(.cells))

  package static let maxMemoryNeedsSlots = Rule(
    "max-memory-needs-slots", .refuses, about: [.maxMemorySize, .maxMemorySlots],
    "libvirt before 9.5 accepts maxMemory only with slots",
    fact: "libvirt up to 9.4 refuses <maxMemory> without a number of slots.",
    remedy: "Declare `maxMemory.slots`.", remedyField: .maxMemorySlots)

  package static let slotsNeedMaxMemory = Rule(
    "slots-need-max-memory", .refuses, about: [.maxMemorySlots],
    "slots need a maxMemory, which the domain does not have",
    fact: """
      libvirt keeps the number of slots in the <maxMemory> element, which cannot exist without a \
      size.
      """,
    remedy: "Declare `maxMemory.size`.", remedyField: .maxMemorySize)

  package static let tooManySlots = Rule(
    "too-many-slots", .refuses, about: [.maxMemorySlots], "QEMU has at most 256 memory slots",
    fact: "libvirt accepts more than 256 slots, but the domain then never starts.",
    remedy: "Declare a `maxMemory.slots` of at most 256.",
    startFailure: "not started by QEMU 7.2, 10.0 and 11.1")

  package static let maxMemoryNeededByDevices = Rule(
    "max-memory-needed-by-devices", .refuses, about: [.maxMemory, .any(.deviceState)],
    "the memory devices need maxMemory",
    fact: "libvirt refuses memory devices in a domain without <maxMemory>.",
    remedy: """
      Declare `maxMemory`, or declare `state: absent` for the devices.
      """, isLiftedByStart: true, remedyField: .maxMemory)

  package static let slotsTakenByDevices = Rule(
    "slots-taken-by-devices", .refuses, about: [.maxMemorySlots, .any(.deviceState)],
    "the domain has more memory devices than slots",
    fact: """
      Each DIMM and each nvdimm takes a slot. Up to libvirt 9.4, every other memory device also \
      takes a slot.
      """,
    remedy: "Raise `maxMemory.slots`, or remove memory devices.", isLiftedByStart: true)

  static let ofRedefinitions = [
    redefinitionNeverLive, definitionRefusedAsItIs, memoryWithSeveralCells,
    maxMemoryNeedsNUMACell, maxMemoryNeedsSlots, slotsNeedMaxMemory, tooManySlots,
    maxMemoryNeededByDevices, slotsTakenByDevices, memoryIsNotTheCellsSum,
    numaCellNeededByMaxMemory, balloonModelXen,
  ]
}
