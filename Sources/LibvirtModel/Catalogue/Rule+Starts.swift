// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about definitions that libvirt accepts but with which the domain does not start.
///
/// For each rule, the lab starts a domain that breaks it and a corrected one.
extension Rule {
  package static let slotsWithoutRoom = Rule(
    "slots-without-room", .refuses,
    about: [.maxMemorySize, .maxMemorySlots, .memory, .any(.cellMemory), .any(.cellState)],
    "maxMemory has slots, and the RAM at boot leaves no room below it",
    fact: """
      QEMU refuses memory slots where the maximum memory equals the RAM at boot. It compares both \
      as libvirt rounds them at a start: to 1 MiB, on ppc64 to 256 MiB.
      """,
    remedy: "Raise `maxMemory.size` above the RAM at boot, or declare `maxMemory: none`.",
    startFailure: "not started by QEMU 7.2, 10.0 and 11.1")

  package static let alignedMemoryAboveMaxMemory = Rule(
    "aligned-memory-above-max-memory", .refuses,
    about: [
      .maxMemorySize, .memory, .any(.cellMemory), .any(.cellState), .any(.deviceSize),
      .any(.deviceState),
    ],
    "memory and devices are above maxMemory once libvirt has rounded them",
    fact: """
      At a start libvirt rounds each cell up to 1 MiB and each memory device up to 2 MiB (on ppc64 \
      both to 256 MiB). QEMU refuses a sum above the maximum memory.
      """,
    remedy: "Raise `maxMemory.size`, or declare sizes that are multiples of 2 MiB.",
    startFailure: "not started by QEMU 7.2, 10.0 and 11.1")

  package static let dimmNeedsACPI = Rule(
    "dimm-needs-acpi", .refuses, about: [.any(.deviceModel), .any(.deviceState)],
    "DIMMs and nvdimms need ACPI, which the guest does not have",
    fact: """
      QEMU refuses a DIMM or an nvdimm in a guest on x86 or Arm without <features><acpi/></features>. \
      virtio-mem and virtio-pmem work without it.
      """,
    remedy: """
      Add `<acpi/>` to `<features>` with `virsh edit` and power-cycle the domain, or use virtio-mem.
      """,
    startFailure: "not started by QEMU 7.2, 10.0 and 11.1")

  package static let numaCellWithoutMemory = Rule(
    "numa-cell-without-memory", .refuses,
    about: [.any(.cellMemory), .any(.cellState), .any(.cellAccess), .any(.access)],
    "a cell of processors alone keeps the domain from starting",
    fact: """
      libvirt before 12.8 asks QEMU for a memory of 0 KiB for such a cell, which QEMU refuses. \
      Only machine types up to 5.0 (pc-q35-5.0, pc-i440fx-4.0) take one, and only while nothing \
      else is said of where the memory comes from.
      """,
    remedy: "Give the cell a `memory`, put its processors into another cell, or update libvirt.",
    startFailure: """
      not started by libvirt 9.0 and 11.3; started by 12.9, and with pc-q35-5.0 by 9.0 and 11.3. \
      Versions from 11.4 to 12.7 have not been tried, and are taken for like 11.3
      """)

  package static let numaCell0WithoutCPUs = Rule(
    "numa-cell-0-without-cpus", .refuses, about: [.any(.cellCPUs), .any(.cellState)],
    "starting a guest whose cell 0 has no processors ends libvirtd",
    fact: """
      libvirt 9.0 crashes when it starts a guest whose cell 0 has no processors. Other cells can \
      be without any.
      """,
    remedy: "Give cell 0 a processor, or update libvirt.",
    startFailure: """
      libvirtd 9.0 ends with a segmentation fault; started by 11.3 and 12.9. Versions from 9.1 to \
      11.2 have not been tried, and are taken for like 9.0
      """)

  package static let hugepagesNotWhole = Rule(
    "hugepages-not-whole", .refuses,
    about: [
      .any(.hugepages), .any(.source), .memory, .any(.cellMemory), .any(.cellState),
      .any(.deviceSize), .any(.devicePageSize),
    ],
    "the memory is no multiple of the huge pages behind it",
    fact: """
      QEMU can't make a memfd that is no multiple of its huge pages. Of files, QEMU before 10 \
      rounds them up unless numatune binds them to host nodes, and newer versions refuse them; \
      every version refuses less than a page.
      """,
    remedy: "Declare a multiple of the page size, or smaller pages.",
    startFailure: """
      with memfd not started by QEMU 7.2, 10.0 and 11.1; with files started by 7.2, and not by \
      10.0 and 11.1
      """)

  package static let deviceAddressesOverlap = Rule(
    "device-addresses-overlap", .refuses,
    about: [.any(.deviceAddress), .any(.deviceSize), .any(.deviceState)],
    "two memory devices would be at the same place",
    fact: """
      Since 9.8 libvirt refuses memory devices whose addresses overlap. Before that, QEMU refuses \
      them at the start.
      """,
    remedy: "Declare another `address`, or take it out and leave the place to QEMU.",
    startFailure: "not started by libvirt 9.0 with two DIMMs; refused at once by 11.3 and 12.9")

  static let ofStarts = [
    slotsWithoutRoom, alignedMemoryAboveMaxMemory, dimmNeedsACPI, numaCellWithoutMemory,
    numaCell0WithoutCPUs, hugepagesNotWhole, deviceAddressesOverlap,
  ]
}
