// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules of libvirt for binding a guest's RAM to host nodes.
extension Rule {
  package static let numatuneFollowsVCPUPlacement = Rule(
    "numatune-follows-vcpu-placement", .refuses, about: [.any(.numatune), .any(.numatuneMemory)],
    "numad places the processors, and so the memory",
    fact: """
      With <vcpu placement='auto'> libvirt adds <numatune> with placement auto where there is \
      none.
      """,
    remedy: "Declare a `nodeset`, or change the processors' placement with `virsh edit`.")

  package static let numatuneStaticNeedsNodeset = Rule(
    "numatune-static-needs-nodeset", .refuses,
    about: [.any(.numatuneMode), .any(.numatuneNodeset), .any(.numatunePlacement)],
    "static numatune needs a nodeset",
    fact: "libvirt refuses <numatune><memory> without a nodeset unless its placement is auto.",
    remedy: "Declare `numatune.memory.nodeset` too.")

  package static let numatuneAutoWithMemnodes = Rule(
    "numatune-auto-with-memnodes", .refuses,
    about: [.any(.numatunePlacement), .any(.memnodeState)],
    "cells can't be bound one by one where numad chooses",
    fact: "libvirt refuses <memnode> beside <memory placement='auto'>.",
    remedy: "Declare `memnodes: none`, or a `nodeset`.")

  package static let hostNodeMissing = Rule(
    "host-node-missing", .refuses,
    about: [.any(.numatuneNodeset), .any(.memnodeNodeset), .any(.deviceNodemask)],
    "the host does not have that NUMA node",
    fact: """
      libvirt accepts a nodeset of nodes that are not there, and the domain then never starts.
      """,
    remedy: "Name nodes that the host has; `virsh capabilities` lists them.",
    startFailure: "not started by libvirt 9.0, 11.3 and 12.9")

  package static let memnodeCellMissing = Rule(
    "memnode-cell-missing", .refuses, about: [.any(.memnodeState), .any(.cellState), .any(.numa)],
    "a binding is for a guest cell that is not there",
    fact: "libvirt refuses a <memnode> for a cell which the guest does not have.",
    remedy: "Declare the cell in `numa.cells`, or the binding `state: absent`.")

  package static let memnodeNeedsNodeset = Rule(
    "memnode-needs-nodeset", .refuses, about: [.any(.memnodeNodeset)],
    "a cell's binding needs a nodeset",
    fact: "libvirt refuses a <memnode> without a nodeset.",
    remedy: "Declare its `nodeset`.")

  package static let restrictiveWithOtherMemnodes = Rule(
    "restrictive-with-other-memnodes", .refuses, about: [.any(.numatuneMode), .any(.memnodeMode)],
    "restrictive goes for the domain and all of its cells, or for none",
    fact: """
      Since 9.4 libvirt refuses to mix restrictive with other modes. Before, \
      virDomainSetNumaParameters saved a restrictive mode beside other <memnode> modes, the file \
      could not be read again, and the domain disappeared at libvirtd's next start.
      """,
    remedy: """
      Declare the same of `numatune.memory.mode` and each `memnodes` mode, or `memnodes: none`.
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
    "cells are numbered from 0 without a gap",
    fact: "libvirt refuses a guest whose cells are not numbered from 0 without a gap.",
    remedy: "Number the cells from 0, and remove the last ones first.")

  package static let numaCellNeedsMemory = Rule(
    "numa-cell-needs-memory", .refuses, about: [.any(.cellMemory)],
    "a cell needs a memory",
    fact: "libvirt refuses a <cell> without a memory.",
    remedy: "Declare its `memory`; `0KiB` is a cell of processors alone.")

  package static let numaCellsWithoutMemory = Rule(
    "numa-cells-without-memory", .refuses, about: [.any(.cellMemory)],
    "no cell would have any memory",
    fact: """
      The memory of a guest with NUMA cells is their sum, and a guest can't start without any.
      """,
    remedy: "Declare the `memory` of at least one cell.",
    startFailure: "not started by libvirt 9.0, 11.3 and 12.9")

  package static let cpuInTwoNUMACells = Rule(
    "cpu-in-two-numa-cells", .refuses, about: [.any(.cellCPUs)],
    "a processor would be in two cells",
    fact: "libvirt refuses cells whose processors overlap.",
    remedy: "Name each processor in one cell's `cpus`, and declare the cell that it leaves too.")

  package static let numaCPUNotThere = Rule(
    "numa-cpu-not-there", .refuses, about: [.any(.cellCPUs)],
    "a cell names a processor that the guest does not have",
    fact: "libvirt refuses cells with processors beyond the number of <vcpu>.",
    remedy: "Name processors that the guest has.")

  package static let numaCPUsLeftOver = Rule(
    "numa-cpus-left-over", .refuses, about: [.any(.cellCPUs)],
    "processors that no cell names go to cell 0",
    fact: """
      QEMU's driver puts every processor that no cell names into cell 0, whatever `cpus` says of \
      it.
      """,
    remedy: "Name every processor in a cell, or leave the `cpus` of cell 0 out.")

  static let ofCells = [
    numaCellsNotContiguous, numaCellNeedsMemory, numaCellsWithoutMemory, cpuInTwoNUMACells,
    numaCPUNotThere, numaCPUsLeftOver,
  ]
}
