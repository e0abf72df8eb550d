// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about what guests of an architecture or a machine type can't have.
extension Rule {
  package static let memoryDeviceNotOnMachine = Rule(
    "memory-device-not-on-machine", .refuses, about: [.any(.deviceModel)],
    "guests of this architecture or machine type have no such memory device",
    fact: """
      DIMMs: x86, Arm (virt), ppc64 (pseries) and loongarch64. nvdimm: x86 (pc, q35), Arm (virt) \
      and ppc64 (pseries). virtio-mem: x86 (pc, q35), Arm (virt), and s390x since libvirt 11.1 and \
      QEMU 10.0. virtio-pmem and sgx-epc: x86 (pc, q35). libvirt refuses any other, or QEMU does \
      when the domain starts. Seen on libvirt 9.0, 11.3 and 12.9; sgx-epc goes by the source.
      """,
    remedy: "Declare a device of a model that the guest can have, or take it out.")

  package static let numaCellsNotOnMachine = Rule(
    "numa-cells-not-on-machine", .refuses,
    about: [.any(.cellState), .any(.numa), .maxMemorySize],
    "guests of this architecture or machine type have no NUMA cells",
    fact: """
      libvirt takes the cells, and QEMU does not start a guest with cells on s390x, or on Arm, \
      ppc64, RISC-V and loongarch64 machines that are modelled on boards; on RISC-V libvirt starts \
      none up to 9.0. Seen on libvirt 7.0, 9.0, 11.3 and 12.9.
      """,
    remedy: """
      Take `numa.cells` out; a `maxMemory` for which libvirt would insert a cell, too.
      """, startFailure: "s390x not started by QEMU 5.2, 7.2, 10.0 and 11.1, boards by 7.2 and 10.0"
  )

  package static let maxMemoryNotOnMachine = Rule(
    "max-memory-not-on-machine", .refuses, about: [.maxMemorySize, .maxMemorySlots],
    "memory can't be plugged into guests of this machine type",
    fact: """
      libvirt takes <maxMemory>, and QEMU does not start a guest with it on isapc (seen on libvirt \
      9.0 and 12.9), nor, by its source, on a machine that is modelled on a board.
      """,
    remedy: "Take `maxMemory` out.",
    startFailure: "isapc not started by QEMU 7.2 and 11.1; boards by QEMU's source")

  static let ofMachines = [
    memoryDeviceNotOnMachine, numaCellsNotOnMachine, maxMemoryNotOnMachine,
  ]
}
