// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules of libvirt for binding a guest's RAM to host nodes.
extension Rule {
  package static let numatuneFollowsVCPUPlacement = Rule(
    "numatune-follows-vcpu-placement", .refuses, about: [.any(.numatune), .any(.numatuneMemory)],
    "libvirt adds numatune again, because numad places the processors",
    fact: """
      If a definition has <vcpu placement='auto'> and no <numatune>, libvirt adds <numatune> with \
      placement auto.
      """,
    remedy: """
      Declare `numatune.memory.nodeset` instead of `none`, or write <vcpu placement='static'> with \
      `virsh edit DOMAIN`.
      """)

  package static let numatuneStaticNeedsNodeset = Rule(
    "numatune-static-needs-nodeset", .refuses,
    about: [.any(.numatuneMode), .any(.numatuneNodeset), .any(.numatunePlacement)],
    "numatune with static placement needs a nodeset",
    fact: "libvirt refuses <numatune><memory> without a nodeset unless its placement is auto.",
    remedy: "Declare `numatune.memory.nodeset`.", remedyField: FieldPath(.numatuneNodeset))

  package static let numatuneAutoWithMemnodes = Rule(
    "numatune-auto-with-memnodes", .refuses,
    about: [.any(.numatunePlacement), .any(.memnodeState)],
    "cells cannot have bindings if numad chooses the host nodes",
    fact: "libvirt refuses <memnode> together with <memory placement='auto'>.",
    remedy: """
      Declare `numatune.memnodes: none`, or `numatune.memory.placement: static` with a `nodeset`.
      """)

  package static let hostNodeMissing = Rule(
    "host-node-missing", .refuses,
    about: [.any(.numatuneNodeset), .any(.memnodeNodeset), .any(.deviceNodemask)],
    "the host does not have this NUMA node",
    fact: """
      libvirt accepts a nodeset with nodes that the host does not have, but the domain then never \
      starts.
      """,
    remedy: "Declare nodes that the host has; `virsh capabilities` lists them.",
    startFailure: "not started by libvirt 9.0, 11.3 and 12.9")

  package static let memnodeCellMissing = Rule(
    "memnode-cell-missing", .refuses, about: [.any(.memnodeState), .any(.cellState), .any(.numa)],
    "a binding is for a NUMA cell that the guest does not have",
    fact: "libvirt refuses a <memnode> for a cell which the guest does not have.",
    remedy: """
      Declare the cell in `numa.cells`, or declare `state: absent` for the binding in \
      `numatune.memnodes`.
      """, remedyField: FieldPath(.cells))

  package static let memnodeNeedsNodeset = Rule(
    "memnode-needs-nodeset", .refuses, about: [.any(.memnodeNodeset)],
    "the binding of a cell needs a nodeset",
    fact: "libvirt refuses a <memnode> without a nodeset.",
    remedy: "Declare the `nodeset` of the binding in `numatune.memnodes`.",
    remedyField: .any(.memnodeNodeset))

  package static let restrictiveWithOtherMemnodes = Rule(
    "restrictive-with-other-memnodes", .refuses, about: [.any(.numatuneMode), .any(.memnodeMode)],
    "mode restrictive must be used for numatune.memory and all cells, or not at all",
    fact: """
      Since 9.4, libvirt refuses to mix restrictive with other modes. Before 9.4, \
      virDomainSetNumaParameters saved the mode restrictive together with other <memnode> modes. \
      libvirt could then not read the file again, and the domain disappeared at the next start of \
      libvirtd.
      """,
    remedy: """
      Declare `mode: restrictive` for `numatune.memory` and for each cell in `numatune.memnodes`, \
      or for none of them. Or declare `numatune.memnodes: none`.
      """)

  static let ofBindings = [
    numatuneFollowsVCPUPlacement, numatuneStaticNeedsNodeset, numatuneAutoWithMemnodes,
    hostNodeMissing, memnodeCellMissing, memnodeNeedsNodeset, restrictiveWithOtherMemnodes,
  ]
}

/// Rules of libvirt for a guest's NUMA cells.
extension Rule {
  package static let numaCellsNotContiguous = Rule(
    "numa-cells-not-contiguous", .refuses, about: [.any(.cellState), .any(.numa)],
    "NUMA cells must be numbered from 0 without a gap",
    fact: "libvirt refuses a guest whose cells are not numbered from 0 without a gap.",
    remedy: """
      Number the cells in `numa.cells` from 0 without a gap. To remove a cell, remove the cell \
      with the highest number.
      """)

  package static let numaCellNeedsMemory = Rule(
    "numa-cell-needs-memory", .refuses, about: [.any(.cellMemory)],
    "a NUMA cell needs memory",
    fact: "libvirt refuses a <cell> without a memory.",
    remedy: """
      Declare the `memory` of the cell. If the cell should have only processors, declare `memory: \
      0KiB`.
      """, remedyField: .any(.cellMemory))

  package static let numaCellsWithoutMemory = Rule(
    "numa-cells-without-memory", .refuses, about: [.any(.cellMemory)],
    "no NUMA cell would have memory",
    fact: """
      The memory of a guest with NUMA cells is the sum of its cells. A guest without memory cannot \
      start.
      """,
    remedy: "Declare a `memory` above zero for at least one cell.",
    startFailure: "not started by libvirt 9.0, 11.3 and 12.9")

  package static let cpuInTwoNUMACells = Rule(
    "cpu-in-two-numa-cells", .refuses, about: [.any(.cellCPUs)],
    "a processor would be in two NUMA cells",
    fact: "libvirt refuses cells whose processors overlap.",
    remedy: """
      Declare each processor in the `cpus` of only one cell. If a processor moves to another cell, \
      declare the `cpus` of both cells.
      """)

  package static let numaCPUNotThere = Rule(
    "numa-cpu-not-there", .refuses, about: [.any(.cellCPUs)],
    "a NUMA cell names a processor that the guest does not have",
    fact: "libvirt refuses cells with a processor number at or above the number in <vcpu>.",
    remedy: "In `cpus`, declare only processors that the guest has.")

  package static let numaCPUsLeftOver = Rule(
    "numa-cpus-left-over", .refuses, about: [.any(.cellCPUs)],
    "processors that no NUMA cell names go to cell 0",
    fact: """
      libvirt's driver for QEMU puts every processor that no cell names into cell 0, whatever \
      `cpus` of cell 0 says.
      """,
    remedy: "Declare every processor in the `cpus` of a cell, or remove `cpus` from cell 0.")

  static let ofCells = [
    numaCellsNotContiguous, numaCellNeedsMemory, numaCellsWithoutMemory, cpuInTwoNUMACells,
    numaCPUNotThere, numaCPUsLeftOver,
  ]
}
