// SPDX-License-Identifier: Apache-2.0
import TestSupport
import MemoryModel

/// Random memory configurations that a definition can hold; equal seeds give equal ones.
struct RandomConfiguration {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  private mutating func number(_ limit: UInt64) -> UInt64 { generator.next() % limit }

  private mutating func size() -> MemorySize { .kibibytes(1 + number(1 << 24)) }

  private mutating func maybe<Value>(_ value: (inout Self) -> Value) -> Value? {
    number(2) == 0 ? nil : value(&self)
  }

  private mutating func word<Word: WordLeaf>(_ type: Word.Type) -> Word {
    let words = Array(Word.allCases)
    return words[Int(number(UInt64(words.count)))]
  }

  private mutating func nodes() -> NodeSet {
    let low = UInt32(number(8))
    return NodeSet([low...low + UInt32(number(3)), low + 5...low + 5])
  }

  private mutating func text() -> Text {
    let pieces = [
      "/dev/pmem", "a&b", "<c>", "\"", "'", "]]>", "&amp;", "ä日", "\t", "\n", "\r", " ", "%20",
    ]
    let words = (0...number(5)).map { _ in pieces[Int(number(UInt64(pieces.count)))] }
    return Text(words.joined() + "/")
  }

  /// Any configuration that a definition keeps unchanged.
  mutating func configuration() -> MemoryConfiguration {
    var configuration = MemoryConfiguration()
    configuration.cells = (0..<UInt32(number(4))).map { id in
      var cell = NUMACell(id: id, memory: size(), cpus: maybe { $0.nodes() })
      cell.access = maybe { $0.word(MemoryAccess.self) }
      cell.discard = maybe { _ in true }
      return cell
    }
    configuration.devices = (0..<number(4)).map { device("d\($0)") }
    let boot = configuration.cells.isEmpty ? size() : configuration.cells.compactMap(\.memory).total
    configuration.memory = boot
    configuration.currentMemory = .exactly(boot)
    configuration.dumpCore = maybe { _ in false }
    if number(2) == 0 {
      configuration.maxMemory = MaxMemory(size: size(), slots: maybe { Count(1 + $0.number(9)) })
    }
    configuration.memtune.hardLimit = maybe { .size($0.size()) }
    configuration.memtune.softLimit = maybe { .size($0.size()) }
    configuration.memtune.swapHardLimit = maybe { .size($0.size()) }
    configuration.memtune.minGuarantee = maybe { .size($0.size()) }
    configuration.memoryBacking = backing()
    configuration.numatune = tuning(configuration.cells.count)
    configuration.memballoon.model = word(BalloonModel.self)
    configuration.memballoon.autodeflate = maybe { _ in true }
    configuration.memballoon.freePageReporting = maybe { _ in true }
    configuration.memballoon.statsPeriod = maybe { StatisticsPeriod(seconds: 1 + $0.number(99)) }
    return configuration
  }

  private mutating func backing() -> MemoryBacking {
    var backing = MemoryBacking()
    backing.hugepages = maybe { random in
      let pages = (0..<random.number(3)).map { _ in
        Hugepage(size: random.size(), cells: random.maybe { $0.nodes() })
      }
      return pages.isEmpty ? .ofDefaultSize : .pages(pages.sorted())
    }
    backing.sharePages = maybe { _ in false }
    backing.locked = maybe { _ in true }
    backing.source = maybe { .some($0.word(MemorySource.self)) }
    backing.access = maybe { .some($0.word(MemoryAccess.self)) }
    backing.allocation.mode = maybe { $0.word(AllocationMode.self) }
    backing.allocation.threads = maybe { Count(1 + $0.number(9)) }
    backing.discard = maybe { _ in true }
    return backing
  }

  private mutating func tuning(_ cells: Int) -> NUMATuning {
    var tuning = NUMATuning()
    if number(2) == 0 {
      tuning.memory.mode = word(NUMAMode.self)
      tuning.memory.placement = word(NUMAPlacement.self)
      if tuning.memory.placement == .static { tuning.memory.nodeset = nodes() }
    }
    for cell in 0..<UInt32(cells) where number(2) == 0 {
      tuning.memnodes.append(NUMAMemnode(cell: cell, mode: word(NUMAMode.self), nodeset: nodes()))
    }
    return tuning
  }

  private mutating func device(_ name: String) -> MemoryDevice {
    var device = MemoryDevice(
      model: word(MemoryDevice.Model.self), name: name, alias: name, size: size())
    device.node = maybe { Count($0.number(4)) }
    device.block = maybe { $0.size() }
    device.requested = maybe { .exactly($0.size()) }
    if device.model == .virtioMem && device.requested == nil { device.requested = .exactly(.zero) }
    device.access = maybe { $0.word(MemoryAccess.self) }
    device.discard = maybe { _ in true }
    device.pageSize = maybe { $0.size() }
    device.nodemask = maybe { $0.nodes() }
    device.path = maybe { $0.text() }
    device.alignSize = maybe { $0.size() }
    device.labelSize = maybe { $0.size() }
    device.pmem = maybe { _ in true }
    device.readOnly = maybe { _ in true }
    device.uuid = maybe { _ in "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01" }
    device.address = maybe { Address(bytes: $0.generator.next()) }
    device.dynamicMemslots = maybe { _ in true }
    return device
  }
}

extension MemoryConfiguration {
  /// The changes from this configuration to `other`, as a plan would hold them.
  func changes(to other: MemoryConfiguration) -> [Change] {
    var fields: [FieldPath] = []
    for field in declaredFields + other.declaredFields where !fields.contains(field) {
      fields.append(field)
    }
    var changes = fields.compactMap { field -> Change? in
      guard self[field] != other[field] else { return nil }
      return Change(field: field, from: self[field], to: other[field])
    }
    for device in devices where !other.devices.contains(where: { $0.key == device.key }) {
      changes.removeAll { $0.field.item == device.key && $0.field.name.state == .deviceState }
      changes.append(
        Change(
          field: FieldPath(.deviceState, device.key), from: .word("present"), to: .word("absent")))
    }
    return changes
  }
}
