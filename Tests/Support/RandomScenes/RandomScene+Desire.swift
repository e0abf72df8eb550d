// SPDX-License-Identifier: Apache-2.0
internal import LibvirtModel
internal import MemoryModel

/// Desired states: mostly what is observed, partly changed, and partly new.
extension RandomScene {
  mutating func desire() {
    var asked = wishNearTo(observed[pick([.live, .persistent])] ?? MemoryConfiguration())
    changeSizes(&asked)
    changeItems(&asked)
    if chance(6) { removeGroup(&asked) }
    dropInvalid(&asked)
    desired.configuration = asked
    desired.policy.shrink = pick([.allow, .guarded, .never])
    desired.policy.disruption = pick([.none, .live, .live, .restart])
    if chance(15) {
      desired.suspension = Suspension(
        until: pick([nil, Day("2026-11-01")]), reason: pick([nil, "maintenance"]))
    }
  }

  /// Some fields of `definition`; of half of the kinds, all fields or none.
  private mutating func wishNearTo(_ definition: MemoryConfiguration) -> MemoryConfiguration {
    var named = definition
    let names = definition.deviceNames
    for index in names.indices { named.devices[index].name = names[index] }
    let behaviour = GuestBehaviour(of: observed, on: host)
    named = behaviour.normalised(named, on: pick([.live, .persistent]))
    var asked = MemoryConfiguration()
    let density = pick([2, 3, 6] as [UInt64])
    let notes: Set<FieldName> = [.maxMemory, .numatune, .numatuneMemory, .memnodes, .numa]
    for field in named.declaredFields {
      guard !notes.contains(field.name), field.name != .allocation, !field.name.isState,
        chance(field.item == nil ? density : 2)
      else { continue }
      asked[field] = named[field]
    }
    return asked
  }

  private mutating func changeSizes(_ asked: inout MemoryConfiguration) {
    if chance(4) { asked.memory = size() }
    if chance(6) { asked.maxMemory.size = size() + size() }
    if chance(8) { asked.maxMemory.slots = pick([1, 8, 300]) }
    if chance(4) {
      let (one, other) = (size(), size())
      asked.currentMemory =
        chance(3) ? .within(min(one, other)...max(one, other)) : .exactly(one)
    }
    if chance(5) { asked.memtune.hardLimit = limit() }
    if chance(5) { asked.memtune.softLimit = limit() }
    if chance(5) { asked.memtune.swapHardLimit = limit() }
    if chance(12) { asked.memtune.minGuarantee = pick([.absent, .size(size())]) }
    if chance(8) { asked.dumpCore = chance(2) }
    if chance(8) {
      asked.memoryBacking = backing(asked.cells.count)
      if asked.memoryBacking.hugepages == nil && chance(2) {
        asked.memoryBacking.hugepages = .absent
      }
    }
    if chance(8) { asked.numatune.memory.mode = word(NUMAMode.self) }
    if chance(6) { asked.numatune.memory.nodeset = hostNodes() }
    if chance(16) { asked.numatune.memory.placement = word(NUMAPlacement.self) }
    if chance(8) { asked.memballoon = balloon() }
    if chance(5) { asked.memballoon.statsPeriod = StatisticsPeriod(seconds: pick([0, 5, 10])) }
  }

  private mutating func changeItems(_ asked: inout MemoryConfiguration) {
    for index in asked.devices.indices {
      switch number(8) {
      case 0: asked.devices[index].state = .absent
      case 1: asked.devices[index].size = .gibibytes(1 + number(3))
      case 2, 3:
        let (one, other) = (MemorySize.mebibytes(128 * number(8)), MemorySize.mebibytes(1024))
        asked.devices[index].requested =
          chance(3) ? .within(min(one, other)...max(one, other)) : .exactly(one)
      case 4: asked.devices[index].node = Count(number(3))
      default: break
      }
    }
    if chance(4) {
      var device = device(nil, cells: pick([1, 2]))
      device.name = "new"
      if chance(6) { device.size = nil }
      if chance(6) { device.state = .absent }
      if device.model == .virtioMem && chance(3) {
        device.requested = .within(.mebibytes(256) ... .gibibytes(1))
      }
      asked.devices.append(device)
    }
    changeCells(&asked)
    if chance(8) {
      var memnode = NUMAMemnode(cell: UInt32(number(3)), nodeset: hostNodes())
      asked.numatune.memnodes.removeAll { $0.cell == memnode.cell }
      if chance(3) { memnode.state = .absent }
      if chance(2) { memnode.mode = word(NUMAMode.self) }
      asked.numatune.memnodes.append(memnode)
    }
  }

  private mutating func changeCells(_ asked: inout MemoryConfiguration) {
    for index in asked.cells.indices {
      switch number(8) {
      case 0: asked.cells[index].state = .absent
      case 1, 2: asked.cells[index].memory = size()
      case 3: asked.cells[index].access = word(MemoryAccess.self)
      default: break
      }
    }
    guard chance(6) else { return }
    var cell = NUMACell(id: UInt32(number(4)), memory: chance(6) ? .zero : size())
    if chance(2) { cell.cpus = NodeSet([cell.id...cell.id]) }
    asked.cells.removeAll { $0.id == cell.id }
    asked.cells.append(cell)
  }

  /// Declares a group absent as a whole, instead of its fields.
  private mutating func removeGroup(_ asked: inout MemoryConfiguration) {
    switch number(7) {
    case 0:
      asked.maxMemory = MaxMemory()
      asked.maxMemory.presence = .absent
    case 1:
      asked.memoryBacking.allocation = MemoryAllocation()
      asked.memoryBacking.allocation.presence = .absent
    case 2:
      asked.numatune = NUMATuning()
      asked.numatune.presence = .absent
    case 3:
      asked.numatune.memory = NUMABinding()
      asked.numatune.memory.presence = .absent
    case 4:
      asked.numatune.memnodes = []
      asked.numatune.memnodesPresence = .absent
    case 5:
      asked.cells = []
      asked.numa = .absent
    default:
      asked.memoryBacking.source = .absent
      asked.memoryBacking.access = .absent
    }
  }

  /// Removes what the manifest reader would refuse, and declares the remaining items present.
  private mutating func dropInvalid(_ asked: inout MemoryConfiguration) {
    if let hard = asked.memtune.hardLimit, let swap = asked.memtune.swapHardLimit, hard > swap {
      (asked.memtune.hardLimit, asked.memtune.swapHardLimit) = (swap, hard)
    }
    if asked.memballoon.isRuledOut {
      asked.memballoon = MemoryBalloon()
      asked.memballoon.model = .noDevice
    }
    if asked.numatune.memory.placement == .auto {
      asked.numatune.memory.nodeset = nil
      asked.numatune.memnodes = []
    }
    var taken = NodeSet()
    for index in asked.cells.indices where asked.cells[index].state != .absent {
      asked.cells[index].state = .present
      if let cpus = asked.cells[index].cpus, cpus.intersects(taken) {
        asked.cells[index].cpus = nil
      }
      taken = taken.union(asked.cells[index].cpus ?? NodeSet())
    }
    for index in asked.numatune.memnodes.indices
    where asked.numatune.memnodes[index].state != .absent {
      asked.numatune.memnodes[index].state = .present
    }
    asked.cells.sort { $0.id < $1.id }
    asked.numatune.memnodes.sort { $0.cell < $1.cell }
    asked.devices.sort { $0.key < $1.key }
    for index in asked.devices.indices { dropInvalid(&asked.devices[index]) }
  }

  private func dropInvalid(_ device: inout MemoryDevice) {
    device.plugged = nil
    device.alias = nil
    if device.state != .absent { device.state = .present }
    guard let size = device.size else { return }
    switch device.requested {
    case .exactly(let requested)? where requested > size: device.requested = .exactly(size)
    case .within(let range)? where range.upperBound > size:
      device.requested = .within(min(range.lowerBound, size)...size)
    default: break
    }
  }
}
