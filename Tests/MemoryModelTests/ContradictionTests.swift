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
