// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about what guests of an architecture or a machine type can't have.
extension Rule {
  package static let memoryDeviceNotOnMachine = Rule(
    "memory-device-not-on-machine", .refuses, about: [.any(.deviceModel)],
    "guests of this architecture or machine type cannot have this memory device",
    fact: """
      DIMMs: x86, Arm (virt), ppc64 (pseries) and loongarch64. nvdimm: x86 (pc, q35), Arm (virt) \
      and ppc64 (pseries). virtio-mem: x86 (pc, q35), Arm (virt), and s390x since libvirt 11.1 and \
      QEMU 10.0. virtio-pmem and sgx-epc: x86 (pc, q35). libvirt refuses any other device, or QEMU \
      refuses the device when the domain starts. This was seen on libvirt 9.0, 11.3 and 12.9; for \
      sgx-epc, the fact comes from the source.
      """,
    remedy: """
      Declare a device of a model that the guest can have, or remove the device from the manifest.
      """)

  package static let numaCellsNotOnMachine = Rule(
    "numa-cells-not-on-machine", .refuses,
    about: [.any(.cellState), .any(.numa), .maxMemorySize],
    "guests of this architecture or machine type cannot have NUMA cells",
    fact: """
      libvirt accepts the cells. But QEMU does not start a guest with cells on s390x, or on an \
      Arm, ppc64, RISC-V or loongarch64 machine that models a board. libvirt up to 9.0 does not \
      start a guest with cells on any RISC-V machine. This was seen on libvirt 7.0, 9.0, 11.3 and \
      12.9.
      """,
    remedy: """
      Remove `numa.cells` from the manifest. If libvirt would insert a cell because of \
      `maxMemory`, also remove `maxMemory`.
      """, startFailure: "s390x not started by QEMU 5.2, 7.2, 10.0 and 11.1, boards by 7.2 and 10.0"
  )

  package static let maxMemoryNotOnMachine = Rule(
    "max-memory-not-on-machine", .refuses, about: [.maxMemorySize, .maxMemorySlots],
    "guests of this machine type cannot have maxMemory",
    fact: """
      libvirt accepts <maxMemory>. But QEMU does not start a guest with <maxMemory> on isapc (seen \
      on libvirt 9.0 and 12.9), or, by QEMU's source, on a machine that models a board.
      """,
    remedy: "Remove `maxMemory` from the manifest.",
    startFailure: "isapc not started by QEMU 7.2 and 11.1; boards by QEMU's source")

  static let ofMachines = [
    memoryDeviceNotOnMachine, numaCellsNotOnMachine, maxMemoryNotOnMachine,
  ]
}
