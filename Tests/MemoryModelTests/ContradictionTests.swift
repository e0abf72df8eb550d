// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Testing

/// What contradicts itself whatever the host is, and its nearest neighbour that does not.
@Suite struct ContradictionTests {
  @Test("a hard limit is at most the limit with swap, and no limit is above every limit")
  func limits() {
    func found(_ hard: Limit?, _ swap: Limit?) -> Contradiction? {
      var memtune = MemoryTuning()
      memtune.hardLimit = hard
      memtune.swapHardLimit = swap
      return memtune.contradiction
    }
    let (low, high) = (Limit.size(.gibibytes(1)), Limit.size(.gibibytes(2)))
    #expect(found(high, low) == .limits(hard: high, swap: low))
    #expect(found(.unlimited, low) == .limits(hard: .unlimited, swap: low))
    #expect(found(low, low) == nil && found(low, .unlimited) == nil && found(high, nil) == nil)
  }

  @Test("without a balloon device there is nothing to set")
  func balloon() {
    var definition = MemoryConfiguration()
    definition.memballoon.model = .noDevice
    definition.memballoon.autodeflate = false
    definition.memballoon.statsPeriod = StatisticsPeriod(seconds: 0)
    #expect(definition.contradictionOfBalloon == nil)
    definition.memballoon.freePageReporting = true
    definition.memballoon.statsPeriod = StatisticsPeriod(seconds: 1)
    #expect(
      definition.contradictionOfBalloon
        == .settingsWithoutBalloon([.freePageReporting, .statsPeriod]))
    definition.memballoon.model = .virtio
    #expect(definition.contradictionOfBalloon == nil)
  }

  @Test("a processor is in one of the cells that stay")
  func processors() {
    var definition = MemoryConfiguration()
    definition.cells = [
      NUMACell(id: 0, cpus: NodeSet([0...3])), NUMACell(id: 1),
      NUMACell(id: 2, cpus: NodeSet([4...4, 9...9])),
    ]
    #expect(definition.contradictionsOfProcessors.isEmpty)
    definition.cells.append(NUMACell(id: 3, cpus: NodeSet([3...5])))
    #expect(
      definition.contradictionsOfProcessors == [
        .processorInTwoCells(3, earlier: "0", later: "3")
      ])
    definition.cells.append(NUMACell(id: 4, cpus: NodeSet([9...9])))
    #expect(
      definition.contradictionsOfProcessors == [
        .processorInTwoCells(3, earlier: "0", later: "3"),
        .processorInTwoCells(9, earlier: "2", later: "4"),
      ])
    definition.cells[3].state = .absent
    definition.cells[4].state = .absent
    #expect(definition.contradictionsOfProcessors.isEmpty)
  }

  @Test("huge pages of one size are behind a cell, and of one behind all that no entry names")
  func hugepages() {
    let (large, small) = (MemorySize.gibibytes(1), MemorySize.mebibytes(2))
    var entries = [
      Hugepage(size: small), Hugepage(size: large, cells: NodeSet([0...1])),
      Hugepage(size: small, cells: NodeSet([2...3])),
    ]
    #expect(Hugepage.contradictions(of: entries).isEmpty)
    entries += [Hugepage(size: large), Hugepage(size: small, cells: NodeSet([1...2]))]
    #expect(
      Hugepage.contradictions(of: entries) == [
        .hugepagesOverlap(cell: nil, earlier: 0, later: 3),
        .hugepagesOverlap(cell: 1, earlier: 1, later: 4),
      ])
    entries[4].cells = NodeSet([4...4, 6...6])
    entries.append(Hugepage(size: large, cells: NodeSet([6...6])))
    #expect(
      Hugepage.contradictions(of: entries) == [
        .hugepagesOverlap(cell: nil, earlier: 0, later: 3),
        .hugepagesOverlap(cell: 6, earlier: 4, later: 5),
      ])
  }

  @Test("no other binding stands beside the nodes that numad chooses")
  func placement() {
    var numatune = NUMATuning()
    numatune.memory.nodeset = NodeSet([1...1])
    numatune.memnodes = [NUMAMemnode(cell: 2)]
    #expect(numatune.contradictions.isEmpty)
    numatune.memory.placement = .auto
    #expect(
      numatune.contradictions == [.nodesetBesideAuto(NodeSet([1...1])), .memnodeBesideAuto("2")])
    numatune.memory.nodeset = nil
    numatune.memnodes[0].state = .absent
    #expect(numatune.contradictions.isEmpty)
  }

  @Test("a device plugs whole blocks, a power of two each, and at most its size")
  func blocks() {
    var device = MemoryDevice(model: .virtioMem, size: .mebibytes(4), block: .mebibytes(2))
    #expect(device.contradictionOfBlock == nil)
    #expect(device.contradictions(ofRequested: .mebibytes(4)).isEmpty)
    #expect(
      device.contradictions(ofRequested: .mebibytes(5)) == [
        .requestedAboveSize(.mebibytes(5), size: .mebibytes(4)),
        .requestedNotOfBlocks(.mebibytes(5), block: .mebibytes(2)),
      ])
    device.block = .mebibytes(3)
    #expect(device.contradictionOfBlock == .blockNotPowerOfTwo(.mebibytes(3)))
    device.block = .zero
    #expect(device.contradictions(ofRequested: .mebibytes(3)).isEmpty)
  }

  @Test("a label has 128 KiB and leaves something of its device")
  func labels() {
    var device = MemoryDevice(model: .nvdimm)
    device.labelSize = .kibibytes(128)
    #expect(device.contradictionsOfLabel.isEmpty)
    device.size = .kibibytes(128)
    #expect(
      device.contradictionsOfLabel
        == [.labelTakesDevice(.kibibytes(128), size: .kibibytes(128))])
    device.size = .gibibytes(1)
    device.labelSize = .kibibytes(127)
    #expect(device.contradictionsOfLabel == [.labelTooSmall(.kibibytes(127))])
  }

  @Test("a manifest may declare each field for every model that has it")
  func models() {
    for row in MemoryDevice.fieldsOfModels {
      #expect(Set(row.models).isSubset(of: row.declarable), "\(row.name.text)")
    }
    let names = MemoryDevice.fieldsOfModels.map(\.name)
    #expect(Set(names).count == names.count)
  }
}
