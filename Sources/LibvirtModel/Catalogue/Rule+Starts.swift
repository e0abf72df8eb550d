// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about definitions that libvirt accepts but with which the domain does not start.
///
/// For each rule, the lab starts a domain that breaks it and a corrected one.
extension Rule {
  package static let slotsWithoutRoom = Rule(
    "slots-without-room", .refuses,
    about: [.maxMemorySize, .maxMemorySlots, .memory, .any(.cellMemory), .any(.cellState)],
    "maxMemory has slots but is not above the RAM at boot",
    fact: """
      QEMU refuses memory slots if the maximum memory equals the RAM at boot. QEMU compares both \
      values as libvirt rounds them at a start: to 1 MiB, on ppc64 to 256 MiB.
      """,
    remedy: "Raise `maxMemory.size` above the RAM at boot, or declare `maxMemory: none`.",
    startFailure: "not started by QEMU 7.2, 10.0 and 11.1")

  package static let alignedMemoryAboveMaxMemory = Rule(
    "aligned-memory-above-max-memory", .refuses,
    about: [
      .maxMemorySize, .memory, .any(.cellMemory), .any(.cellState), .any(.deviceSize),
      .any(.deviceState),
    ],
    "memory and devices exceed maxMemory after libvirt has rounded them up",
    fact: """
      At a start, libvirt rounds each cell up to 1 MiB and each memory device up to 2 MiB (on \
      ppc64, both to 256 MiB). QEMU refuses a sum above the maximum memory.
      """,
    remedy: """
      Raise `maxMemory.size`, or declare sizes that are multiples of 2 MiB (256 MiB on ppc64).
      """,
    startFailure: "not started by QEMU 7.2, 10.0 and 11.1")

  package static let dimmNeedsACPI = Rule(
    "dimm-needs-acpi", .refuses, about: [.any(.deviceModel), .any(.deviceState)],
    "DIMMs and nvdimms need ACPI, which the guest does not have",
    fact: """
      QEMU refuses a DIMM or an nvdimm in a guest on x86 or Arm without \
      <features><acpi/></features>. On Arm, QEMU 11 accepts an nvdimm without ACPI. virtio-mem and \
      virtio-pmem work without ACPI.
      """,
    remedy: """
      Add `<acpi/>` to `<features>` with `virsh edit DOMAIN`, shut the domain down and start it \
      again. Or use virtio-mem instead of the device.
      """,
    startFailure: "not started by QEMU 7.2, 10.0 and 11.1")

  package static let numaCellWithoutMemory = Rule(
    "numa-cell-without-memory", .refuses,
    about: [.any(.cellMemory), .any(.cellState), .any(.cellAccess), .any(.access)],
    "a NUMA cell without memory prevents the domain's start",
    fact: """
      For a cell with only processors, libvirt before 12.8 asks QEMU for a memory of 0 KiB, which \
      QEMU refuses. QEMU starts such a cell only with machine types up to 5.0 (pc-q35-5.0, \
      pc-i440fx-4.0), and only if the definition does not set how the memory is backed or bound.
      """,
    remedy: """
      Declare a `memory` above zero for the cell, move the processors of the cell to another cell, \
      or upgrade libvirt to 12.8 or newer.
      """,
    startFailure: """
      not started by libvirt 9.0 and 11.3; started by 12.9, and with pc-q35-5.0 by 9.0 and 11.3. \
      Versions from 11.4 to 12.7 have not been tried, and are taken for like 11.3
      """)

  package static let numaCell0WithoutCPUs = Rule(
    "numa-cell-0-without-cpus", .refuses, about: [.any(.cellCPUs), .any(.cellState)],
    "libvirtd crashes when it starts a guest whose cell 0 has no processors",
    fact: """
      libvirt 9.0 crashes when it starts a guest whose cell 0 has no processors. Other cells can \
      be without processors.
      """,
    remedy: "Declare a processor in the `cpus` of cell 0, or upgrade libvirt to 11.3 or newer.",
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
    "the memory is not a multiple of its huge page size",
    fact: """
      QEMU cannot make a memfd that is not a multiple of its huge page size. QEMU before 10 rounds \
      a file up to whole pages, unless numatune binds the file to host nodes; newer versions \
      refuse the file. Every version refuses memory that is smaller than one page.
      """,
    remedy: """
      Declare a size that is a multiple of the huge page size, or declare smaller huge pages.
      """,
    startFailure: """
      with memfd not started by QEMU 7.2, 10.0 and 11.1; with files started by 7.2, and not by \
      10.0 and 11.1
      """)

  package static let deviceAddressesOverlap = Rule(
    "device-addresses-overlap", .refuses,
    about: [.any(.deviceAddress), .any(.deviceSize), .any(.deviceState)],
    "the addresses of two memory devices overlap",
    fact: """
      Since 9.8, libvirt refuses memory devices whose addresses overlap. Before 9.8, QEMU refuses \
      them at the start.
      """,
    remedy: "Declare another `address`, or remove `address` so that QEMU chooses the address.",
    startFailure: "not started by libvirt 9.0 with two DIMMs; refused at once by 11.3 and 12.9")

  static let ofStarts = [
    slotsWithoutRoom, alignedMemoryAboveMaxMemory, dimmNeedsACPI, numaCellWithoutMemory,
    numaCell0WithoutCPUs, hugepagesNotWhole, deviceAddressesOverlap,
  ]
}
