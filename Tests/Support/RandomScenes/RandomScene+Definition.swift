// SPDX-License-Identifier: Apache-2.0
internal import MemoryModel

/// Definitions as libvirt shows them, with every field.
extension RandomScene {
  /// The definition of a domain that doesn't run.
  mutating func definition(around surroundings: Surroundings? = nil) -> MemoryConfiguration {
    var definition = MemoryConfiguration()
    definition.surroundings = surroundings ?? self.surroundings()
    cells(&definition)
    if chance(2) { devices(&definition) }
    if chance(3) || !definition.devices.isEmpty {
      let total = (definition.memory ?? .zero) + definition.deviceTotal
      definition.maxMemory = MaxMemory(size: total + pick([.zero, .mebibytes(1), size(), size()]))
      let slots = UInt64(definition.devices.count) + number(3)
      definition.maxMemory.slots = slots == 0 ? nil : Count(slots)
    }
    chooseCurrentMemory(&definition)
    definition.dumpCore = pick([nil, nil, true, false])
    definition.memtune.hardLimit = limit()
    definition.memtune.softLimit = limit()
    definition.memtune.swapHardLimit = limit()
    if chance(2) { definition.memoryBacking = backing(definition.cells.count) }
    if chance(2) { definition.numatune = tuning(definition.cells.count) }
    definition.memballoon = balloon()
    return definition
  }

  private mutating func surroundings() -> Surroundings {
    var surroundings = Surroundings()
    surroundings.vcpus = pick([nil, 4, 4])
    surroundings.sharedMemoryUser = chance(15) ? .virtiofs : nil
    surroundings.pinnings = chance(10) ? 1 : 0
    return surroundings
  }

  private mutating func cells(_ definition: inout MemoryConfiguration) {
    let count = pick([0, 0, 1, 2, 3] as [UInt32])
    definition.memory = size()
    guard count > 0 else { return }
    definition.cells = (0..<count).map { id in
      var cell = NUMACell(id: id, memory: id > 0 && chance(6) ? .zero : size())
      cell.access = chance(4) ? word(MemoryAccess.self) : nil
      cell.discard = chance(5) ? true : nil
      return cell
    }
    if let vcpus = definition.surroundings.vcpus, chance(2) || driver == .qemu {
      for id in 1..<max(1, count) where chance(2) {
        definition.cells[Int(id)].cpus = NodeSet([id...id])
      }
      let others = definition.cells.compactMap(\.cpus).reduce(NodeSet()) { $0.union($1) }
      definition.cells[0].cpus = NodeSet([0...vcpus - 1]).subtracting(others)
    }
    definition.memory = definition.cells.compactMap(\.memory).total
  }

  /// Any currentMemory that the definition could show.
  private mutating func chooseCurrentMemory(_ definition: inout MemoryConfiguration) {
    let total = (definition.memory ?? .zero) + definition.deviceTotal
    definition.currentMemory =
      chance(5) ? nil : .exactly(pick([min(size(), total), total, definition.reach ?? total]))
  }

  private mutating func devices(_ definition: inout MemoryConfiguration) {
    for number in 0..<1 + number(4) {
      let alias = chance(2) ? "d\(number)" : nil
      definition.devices.append(device(alias, cells: definition.cells.count))
      if alias == nil && chance(4), let twin = definition.devices.last {
        definition.devices.append(twin)
      }
    }
  }

  /// Any device, with the settings of its model.
  mutating func device(_ alias: String?, cells: Int) -> MemoryDevice {
    let models: [MemoryDevice.Model] = [
      .dimm, .dimm, .dimm, .virtioMem, .virtioMem, .virtioMem, .nvdimm, .virtioPmem, .sgxEpc,
    ]
    let model = pick(models)
    var device = MemoryDevice(model: model, alias: alias, size: .gibibytes(1 + number(2)))
    if model == .dimm && chance(8) { device.size = .gibibytes(1) + .mebibytes(1) }
    let node = Count(cells > 0 ? number(UInt64(cells)) : 0)
    if model != .virtioPmem && (cells > 0 || chance(3)) { device.node = node }
    if model != .sgxEpc && chance(5) { device.access = .shared }
    switch model {
    case .dimm, .virtioMem:
      device.discard = chance(6) ? true : nil
      device.pageSize = chance(6) ? .mebibytes(2) : nil
      device.nodemask = chance(6) ? pick([NodeSet([0...0]), NodeSet([0...1])]) : nil
      guard model == .virtioMem else { break }
      device.block = pick([.mebibytes(2), .mebibytes(2), .mebibytes(128)])
      device.requested = .exactly(pick([.zero, .mebibytes(512), .gibibytes(1)]))
      device.dynamicMemslots = version >= Version(10, 1, 0) && chance(4) ? true : nil
      device.address = version >= Version(9, 4, 0) && chance(6) ? anyAddress() : nil
    case .nvdimm:
      device.path = "/dev/pmem0"
      device.labelSize = chance(2) ? .kibibytes(256) : nil
      device.alignSize = chance(4) ? .mebibytes(2) : nil
      device.pmem = chance(4) ? true : nil
      device.readOnly = chance(4) ? true : nil
    case .virtioPmem: device.path = "/dev/pmem1"
    case .sgxEpc: device.nodemask = chance(4) ? NodeSet([0...0]) : nil
    }
    return device
  }

  private mutating func anyAddress() -> Address {
    Address(bytes: (5 + number(3)) << 30)
  }

  mutating func backing(_ cells: Int) -> MemoryBacking {
    var backing = MemoryBacking()
    backing.hugepages = pick([nil, nil, .ofDefaultSize, .pages([Hugepage(size: .mebibytes(2))])])
    if cells > 1 && chance(4) {
      backing.hugepages = .pages([
        Hugepage(size: .gibibytes(1), cells: NodeSet([0...0])),
        Hugepage(size: .mebibytes(2), cells: NodeSet([1...1])),
      ])
    }
    backing.sharePages = chance(4) ? false : nil
    backing.locked = chance(6) ? true : nil
    backing.source = chance(3) ? .some(word(MemorySource.self)) : nil
    backing.access = chance(3) ? .some(word(MemoryAccess.self)) : nil
    backing.allocation.mode = chance(3) ? word(AllocationMode.self) : nil
    backing.allocation.threads = chance(4) ? Count(1 + number(8)) : nil
    backing.discard = chance(5) ? true : nil
    return backing
  }

  mutating func tuning(_ cells: Int) -> NUMATuning {
    var tuning = NUMATuning()
    if !chance(4) {
      tuning.memory.mode = word(NUMAMode.self)
      tuning.memory.placement = chance(6) ? .auto : .static
      if tuning.memory.placement == .static { tuning.memory.nodeset = hostNodes() }
    }
    guard tuning.memory.placement != .auto else { return tuning }
    for cell in 0..<UInt32(cells) where chance(2) {
      let mode: NUMAMode = tuning.memory.mode == .restrictive ? .restrictive : .strict
      tuning.memnodes.append(NUMAMemnode(cell: cell, mode: mode, nodeset: hostNodes()))
    }
    return tuning
  }

  mutating func hostNodes() -> NodeSet {
    pick([NodeSet([0...0]), NodeSet([1...1]), NodeSet([0...1])])
  }

  mutating func balloon() -> MemoryBalloon {
    var balloon = MemoryBalloon()
    balloon.model = pick([nil, .virtio, .virtio, .virtio, .virtioTransitional, .noDevice])
    guard !balloon.isRuledOut else { return balloon }
    balloon.autodeflate = chance(4) ? true : nil
    balloon.freePageReporting = chance(4) ? true : nil
    balloon.statsPeriod = pick([nil, StatisticsPeriod(seconds: 10)])
    return balloon
  }

  /// Turns a definition into a running one: virtio-mem plugged some memory, as currentMemory shows.
  mutating func run(_ definition: inout MemoryConfiguration) {
    for index in definition.devices.indices {
      guard case .exactly(let requested)? = definition.devices[index].requested else { continue }
      definition.devices[index].plugged = pick([requested, requested, requested, .mebibytes(256)])
    }
    let (reach, full) = (definition.reach ?? .zero, definition.devices)
    if driver == .qemu && definition.memballoon.isRuledOut {
      let sizes = full.filter { $0.model == .virtioMem }.map(\.fullSize).total
      definition.currentMemory = .exactly(reach + sizes)
    } else if case .exactly(let balloonTarget)? = definition.currentMemory {
      definition.currentMemory = .exactly(min(balloonTarget, reach) + definition.pluggedTotal)
    } else {
      definition.currentMemory = .exactly(reach + definition.pluggedTotal)
    }
  }

  /// Changes a few fields of a definition, so that two definitions differ a little.
  mutating func change(_ definition: inout MemoryConfiguration, times: UInt64) {
    for _ in 0..<times {
      switch number(9) {
      case 0 where definition.cells.isEmpty: definition.memory = size()
      case 0:
        definition.cells[0].memory = size()
        definition.memory = definition.cells.compactMap(\.memory).total
      case 1: chooseCurrentMemory(&definition)
      case 2: definition.memtune.hardLimit = limit()
      case 3: definition.memoryBacking = backing(definition.cells.count)
      case 4: definition.numatune = tuning(definition.cells.count)
      case 5: definition.memballoon = balloon()
      case 6: if !definition.devices.isEmpty { definition.devices.removeLast() }
      case 7: definition.devices.append(device("extra", cells: definition.cells.count))
      default:
        for index in definition.devices.indices where definition.devices[index].block != nil {
          definition.devices[index].requested = .exactly(pick([.zero, .mebibytes(256)]))
        }
      }
    }
    var aliases: Set<String> = []
    definition.devices.removeAll { $0.alias.map { !aliases.insert($0).inserted } ?? false }
  }
}
