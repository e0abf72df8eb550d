// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Testing

/// For each constraint of a definition, a change that it refuses, the fields that it blames, and
/// the change that libvirt accepts.
@Suite struct DefinitionTests {
  static let page = Hugepage(size: .mebibytes(2), cells: NodeSet([1...1]))

  static let backing: [Violation] = [
    Violation(.hugepagesWithOnDemand, "memoryBacking.hugepages") {
      $0.memoryBacking.allocation.mode = .ondemand
    } with: {
      ["memoryBacking.hugepages": .word("default")]
    } repaired: {
      ["memoryBacking.allocation.mode": .word("immediate")]
    },
    Violation(.hugepagesWithOnDemand, "memoryBacking.allocation.mode") {
      $0.memoryBacking.hugepages = .ofDefaultSize
    } with: {
      ["memoryBacking.allocation.mode": .word("ondemand")]
    } repaired: {
      ["memoryBacking.hugepages": .absence]
    },
    Violation(.hugepagesWithAnonymous, "memoryBacking.hugepages", "memoryBacking.source") {
      ["memoryBacking.hugepages": .word("default"), "memoryBacking.source": .word("anonymous")]
    } repaired: {
      ["memoryBacking.source": .word("memfd")]
    },
    Violation(.hugepagesNodesetWithoutCells, "memoryBacking.hugepages") {
      ["memoryBacking.hugepages": .pages([Self.page])]
    } repaired: {
      ["memoryBacking.hugepages": .pages([Hugepage(size: .mebibytes(2))])]
    },
    Violation(.hugepagesCellMissing, "memoryBacking.hugepages") {
      $0.cells = cells(1)
    } with: {
      ["memoryBacking.hugepages": .pages([Self.page])]
    } repaired: {
      cell(1)
    },
    Violation(.hugepagesCellMissing, "numa.cells.1.state") {
      $0.cells = cells(2)
      $0.memoryBacking.hugepages = .pages([Self.page])
    } with: {
      ["numa.cells.1.state": .word("absent")]
    } repaired: {
      ["memoryBacking.hugepages": .absence]
    },
    Violation(.hugepagesOverlap, "memoryBacking.hugepages") {
      [
        "memoryBacking.hugepages": .pages([
          Hugepage(size: .mebibytes(2)), Hugepage(size: .gibibytes(1)),
        ])
      ]
    } repaired: {
      ["memoryBacking.hugepages": .pages([Hugepage(size: .mebibytes(2))])]
    },
    Violation(.sharedMemoryNeeded, "memoryBacking.access") {
      $0.surroundings.sharedMemoryUser = .virtiofs
      $0.memoryBacking.access = .some(.shared)
    } with: {
      ["memoryBacking.access": .absence]
    } repaired: {
      ["memoryBacking.access": .word("shared")]
    },
    Violation(.sharedMemoryNeeded, "numa.cells.1.access") {
      $0.surroundings.sharedMemoryUser = .vhostUserDisk
      $0.memoryBacking.access = .some(.shared)
      $0.cells = cells(2)
    } with: {
      ["numa.cells.1.access": .word("private")]
    } repaired: {
      ["numa.cells.1.access": .word("shared")]
    },
  ]

  static let bindings: [Violation] = [
    Violation(.numatuneStaticNeedsNodeset, "numatune.memory.mode") {
      ["numatune.memory.mode": .word("preferred")]
    } repaired: {
      ["numatune.memory.nodeset": nodes(0)]
    },
    Violation(.numatuneAutoWithMemnodes, "numatune.memory.placement") {
      $0.cells = cells(1)
      $0.numatune.memnodes = [NUMAMemnode(cell: 0, mode: .strict, nodeset: NodeSet([0...0]))]
    } with: {
      ["numatune.memory.placement": .word("auto")]
    } repaired: {
      ["numatune.memnodes": .absence]
    },
    Violation(.numatuneFollowsVCPUPlacement, "numatune") {
      $0.surroundings.placesVCPUsByItself = true
      $0.numatune.memory.placement = .auto
    } with: {
      ["numatune": .absence]
    } repaired: {
      ["numatune": nil, "numatune.memory.nodeset": nodes(0)]
    },
    Violation(.hostNodeMissing, "numatune.memory.nodeset") {
      ["numatune.memory.nodeset": nodes(7)]
    } repaired: {
      ["numatune.memory.nodeset": nodes(1)]
    },
    Violation(.memnodeCellMissing, "numatune.memnodes.0.nodeset") {
      ["numatune.memnodes.0.nodeset": nodes(0)]
    } repaired: {
      cell(0)
    },
    Violation(.memnodeCellMissing, "numa.cells.1.state") {
      $0.cells = cells(2)
      $0.numatune.memnodes = [NUMAMemnode(cell: 1, mode: .strict, nodeset: NodeSet([0...0]))]
    } with: {
      ["numa.cells.1.state": .word("absent")]
    } repaired: {
      ["numatune.memnodes.1.state": .word("absent")]
    },
    Violation(.memnodeNeedsNodeset, "numatune.memnodes.0.mode") {
      $0.cells = cells(1)
    } with: {
      ["numatune.memnodes.0.mode": .word("strict")]
    } repaired: {
      ["numatune.memnodes.0.nodeset": nodes(0)]
    },
    Violation(.restrictiveWithOtherMemnodes, "numatune.memory.mode", since: (9, 0)) {
      $0.cells = cells(1)
      $0.numatune.memory = binding(.strict)
      $0.numatune.memnodes = [NUMAMemnode(cell: 0, mode: .strict, nodeset: NodeSet([0...0]))]
    } with: {
      ["numatune.memory.mode": .word("restrictive")]
    } repaired: {
      ["numatune.memnodes.0.mode": .word("restrictive")]
    },
    Violation(
      .restrictiveWithOtherMemnodes, "numatune.memnodes.0.mode", "numatune.memnodes.0.nodeset"
    ) {
      $0.cells = cells(1)
      $0.numatune.memory = binding(.strict)
    } with: {
      [
        "numatune.memnodes.0.mode": .word("restrictive"),
        "numatune.memnodes.0.nodeset": nodes(0),
      ]
    } repaired: {
      ["numatune.memnodes.0.mode": .word("interleave")]
    },
  ]

  static let topology: [Violation] = [
    Violation(.numaCellsNotContiguous, "numa.cells.2.memory") {
      $0.cells = cells(1)
    } with: {
      cell(2)
    } repaired: {
      cell(1)
    },
    Violation(.numaCellsNotContiguous, "numa.cells.0.state") {
      $0.cells = cells(2)
    } with: {
      ["numa.cells.0.state": .word("absent")]
    } repaired: {
      ["numa.cells.1.state": .word("absent")]
    },
    Violation(.numaCellNeedsMemory, "numa.cells.1.cpus") {
      $0.cells = cells(1)
    } with: {
      ["numa.cells.1.cpus": nodes(1)]
    } repaired: {
      cell(1)
    },
    Violation(.numaCellsWithoutMemory, "numa.cells.0.memory", since: (12, 9)) {
      $0.cells = cells(1)
    } with: {
      ["numa.cells.0.memory": .size(.zero)]
    } repaired: {
      cell(1)
    },
    Violation(.cpuInTwoNUMACells, "numa.cells.1.cpus") {
      $0.cells = cells(2)
      $0.cells[0].cpus = NodeSet([0...3])
    } with: {
      ["numa.cells.1.cpus": .nodes(NodeSet([2...3]))]
    } repaired: {
      ["numa.cells.0.cpus": .nodes(NodeSet([0...1]))]
    },
    Violation(.numaCPUNotThere, "numa.cells.1.cpus") {
      $0.cells = cells(2)
      $0.surroundings.vcpus = 4
    } with: {
      ["numa.cells.1.cpus": .nodes(NodeSet([3...4]))]
    } repaired: {
      ["numa.cells.1.cpus": .nodes(NodeSet([3...3]))]
    },
    Violation(.numaCPUsLeftOver, "numa.cells.0.cpus") {
      $0.cells = cells(2)
      $0.surroundings.vcpus = 4
    } with: {
      ["numa.cells.0.cpus": nodes(0)]
    } repaired: {
      ["numa.cells.1.cpus": .nodes(NodeSet([1...3]))]
    },
    Violation(.memoryIsNotTheCellsSum, "memory", "numa.cells.1.memory") {
      $0.cells = cells(2)
    } with: {
      ["memory": gibibytes(9), "numa.cells.1.memory": gibibytes(4)]
    } repaired: {
      ["memory": gibibytes(12)]
    },
    Violation(.memoryWithSeveralCells, "memory") {
      $0.cells = cells(2)
    } with: {
      ["memory": gibibytes(9)]
    } repaired: {
      ["numa.cells.0.memory": gibibytes(1)]
    },
    Violation(.numaCellNeededByMaxMemory, "numa") {
      $0.cells = cells(1)
      $0.maxMemory.size = .gibibytes(32)
    } with: {
      ["numa": .absence]
    } repaired: {
      ["maxMemory": .absence]
    },
  ]

  static let balloon: [Violation] = [
    Violation(.balloonModelXen, "memballoon.model") {
      ["memballoon.model": .word("xen")]
    } repaired: {
      ["memballoon.model": .word("virtio-transitional")]
    },
    Violation(.noBalloonDevice, "memballoon.autodeflate") {
      $0.memballoon.model = .noDevice
    } with: {
      ["memballoon.autodeflate": .flag(true)]
    } repaired: {
      ["memballoon.model": .word("virtio")]
    },
  ]

  @Test(
    "the model refuses a change, blames its fields, and accepts the repaired change",
    arguments: backing + bindings + topology + balloon)
  func refusedThenRepaired(violation: Violation) {
    violation.check()
  }

  @Test("libvirt before 9.4 accepts restrictive memnodes beside a strict mode")
  func restrictiveMemnodes() {
    var violation = Self.bindings[Self.bindings.count - 1]
    violation.version = Version(9, 3, 0)
    #expect(violation.refusal == nil)
  }

  @Test("the model doesn't blame a change for a contradiction that it doesn't touch")
  func untouched() {
    let contradicting = domain {
      $0.memoryBacking.hugepages = .ofDefaultSize
      $0.memoryBacking.allocation.mode = .ondemand
      $0.cells = [NUMACell(id: 3, memory: .gibibytes(8))]
      $0.numatune.memnodes = [NUMAMemnode(cell: 9)]
    }
    let dump = call(.redefine, .persistent, (path("dumpCore"), .flag(false)))
    #expect(refusal(of: dump, on: contradicting) == nil)
  }

  @Test(
    "the model refuses fields that a driver doesn't support",
    arguments: [
      (HypervisorDriver.lxc, "maxMemory.size", false), (.lxc, "numatune.memory.nodeset", true),
      (.xen, "devices.a.size", false), (.xen, "memoryBacking.locked", true),
    ])
  func drivers(driver: HypervisorDriver, field: String, has: Bool) {
    let value: FieldValue =
      switch field {
      case "memoryBacking.locked": .flag(true)
      case "numatune.memory.nodeset": nodes(0)
      default: gibibytes(16)
      }
    let found = refusal(
      of: call(.redefine, .persistent, (path(field), value)), on: domain(), driver: driver)
    #expect(found == (has ? nil : .driverHasNoKnob))
  }
}
