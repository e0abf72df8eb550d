// SPDX-License-Identifier: Apache-2.0

/// The name of a field or of a group of fields; a group comes before its members.
///
/// An item is one element of a list: a guest cell, a cell's `<memnode>` binding, or a memory
/// device.
package enum FieldName: UInt8, Hashable, Sendable, CaseIterable {
  case maxMemory, maxMemorySize, maxMemorySlots
  case memory, currentMemory, dumpCore
  case memtune, hardLimit, softLimit, swapHardLimit, minGuarantee
  case memoryBacking, hugepages, sharePages, locked, source, access, allocation, allocationMode,
    allocationThreads, discard
  case numatune, numatuneMemory, numatuneMode, numatuneNodeset, numatunePlacement, memnodes,
    memnode, memnodeState, memnodeMode, memnodeNodeset
  case numa, cells, cell, cellState, cellCPUs, cellMemory, cellAccess, cellDiscard
  case memballoon, balloonModel, autodeflate, freePageReporting, statsPeriod
  case devices, device, deviceState, deviceModel, deviceSize, deviceBlock, deviceRequested,
    deviceNode, deviceAccess, deviceDiscard, devicePageSize, deviceNodemask, devicePath,
    deviceAlignSize, deviceLabelSize, devicePmem, deviceReadOnly, deviceUUID, deviceAddress,
    deviceDynamicMemslots

  /// The name as manifests spell it, with `*` in place of the key of an item.
  package var text: String {
    switch self {
    case .maxMemory: "maxMemory"
    case .maxMemorySize: "maxMemory.size"
    case .maxMemorySlots: "maxMemory.slots"
    case .memory: "memory"
    case .currentMemory: "currentMemory"
    case .dumpCore: "dumpCore"
    case .memtune: "memtune"
    case .hardLimit: "memtune.hardLimit"
    case .softLimit: "memtune.softLimit"
    case .swapHardLimit: "memtune.swapHardLimit"
    case .minGuarantee: "memtune.minGuarantee"
    case .memoryBacking: "memoryBacking"
    case .hugepages: "memoryBacking.hugepages"
    case .sharePages: "memoryBacking.sharePages"
    case .locked: "memoryBacking.locked"
    case .source: "memoryBacking.source"
    case .access: "memoryBacking.access"
    case .allocation: "memoryBacking.allocation"
    case .allocationMode: "memoryBacking.allocation.mode"
    case .allocationThreads: "memoryBacking.allocation.threads"
    case .discard: "memoryBacking.discard"
    case .numatune: "numatune"
    case .numatuneMemory: "numatune.memory"
    case .numatuneMode: "numatune.memory.mode"
    case .numatuneNodeset: "numatune.memory.nodeset"
    case .numatunePlacement: "numatune.memory.placement"
    case .memnodes: "numatune.memnodes"
    case .memnode: "numatune.memnodes.*"
    case .memnodeState: "numatune.memnodes.*.state"
    case .memnodeMode: "numatune.memnodes.*.mode"
    case .memnodeNodeset: "numatune.memnodes.*.nodeset"
    case .numa: "numa"
    case .cells: "numa.cells"
    case .cell: "numa.cells.*"
    case .cellState: "numa.cells.*.state"
    case .cellCPUs: "numa.cells.*.cpus"
    case .cellMemory: "numa.cells.*.memory"
    case .cellAccess: "numa.cells.*.access"
    case .cellDiscard: "numa.cells.*.discard"
    case .memballoon: "memballoon"
    case .balloonModel: "memballoon.model"
    case .autodeflate: "memballoon.autodeflate"
    case .freePageReporting: "memballoon.freePageReporting"
    case .statsPeriod: "memballoon.statsPeriod"
    case .devices: "devices"
    case .device: "devices.*"
    case .deviceState: "devices.*.state"
    case .deviceModel: "devices.*.model"
    case .deviceSize: "devices.*.size"
    case .deviceBlock: "devices.*.block"
    case .deviceRequested: "devices.*.requested"
    case .deviceNode: "devices.*.node"
    case .deviceAccess: "devices.*.access"
    case .deviceDiscard: "devices.*.discard"
    case .devicePageSize: "devices.*.pageSize"
    case .deviceNodemask: "devices.*.nodemask"
    case .devicePath: "devices.*.path"
    case .deviceAlignSize: "devices.*.alignSize"
    case .deviceLabelSize: "devices.*.labelSize"
    case .devicePmem: "devices.*.pmem"
    case .deviceReadOnly: "devices.*.readOnly"
    case .deviceUUID: "devices.*.uuid"
    case .deviceAddress: "devices.*.address"
    case .deviceDynamicMemslots: "devices.*.dynamicMemslots"
    }
  }
}

/// The nesting of names: `memtune` contains `memtune.hardLimit`, and `devices` contains
/// `devices.*`.
extension FieldName {
  /// Makes the name that manifests spell as `text`; nil for an unknown name.
  package init?(_ text: String) {
    guard let name = Self.byText[text] else { return nil }
    self = name
  }

  /// Whether the name is an item (`devices.*`) or a field of an item.
  package var isOfItem: Bool { itemOfField != nil }

  /// Whether the name contains other names.
  package var isGroup: Bool { !children.isEmpty }

  /// The names one level below.
  package var children: [FieldName] { nesting.children }

  /// The names one level below `spec`.
  package static let outermost = allCases.filter(\.ancestors.isEmpty)

  /// The part after the last dot.
  package var lastPart: String { nesting.lastPart }

  /// The groups that contain the name, the innermost first.
  package var ancestors: [FieldName] { nesting.ancestors }

  /// Whether `group` contains the name at any depth.
  package func isBelow(_ group: FieldName) -> Bool { ancestors.contains(group) }

  /// The item that the group is a list of, such as `devices.*`; nil for a group that is not a list.
  package var itemOfGroup: FieldName? {
    switch self {
    case .devices: .device
    case .cells: .cell
    case .memnodes: .memnode
    default: nil
    }
  }

  /// The item that the name is or belongs to; nil outside items.
  package var itemOfField: FieldName? { nesting.item }

  /// Whether an item can have the key `key`.
  ///
  /// The key of a cell is its number without sign or leading zeros. The key of a device is a name
  /// that is valid in a libvirt user alias.
  package func takesItem(named key: String) -> Bool {
    switch self {
    case .device:
      return !key.isEmpty
        && key.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
          default: false
          }
        }
    case .cell, .memnode:
      return UInt32(key).map { $0 < NodeSet.limit && "\($0)" == key } ?? false
    default: return false
    }
  }

  /// The name with the last part `part` one level below `group`; nil means below `spec`.
  static func named(_ part: String, in group: FieldName?) -> FieldName? {
    group.map { $0.nesting.byPart[part] } ?? outermostByPart[part]
  }

  /// The position of a name in the tree; computed once, because planning asks for it for every
  /// field.
  private struct Nesting: Sendable {
    var lastPart: String
    var item: FieldName?
    var ancestors: [FieldName] = []
    var children: [FieldName] = []
    var byPart: [String: FieldName] = [:]
  }

  private var nesting: Nesting { Self.nestings[Int(rawValue)] }

  private static let byText = Dictionary(uniqueKeysWithValues: allCases.map { ($0.text, $0) })

  private static let outermostByPart = Dictionary(
    uniqueKeysWithValues: outermost.map { ($0.text, $0) })

  private static let nestings = allCases.reduce(into: [Nesting]()) { nestings, name in
    let part = name.text.split(separator: ".").last.map(String.init) ?? name.text
    var nesting = Nesting(lastPart: part)
    if let parent = FieldName(String(name.text.dropLast(part.count + 1))) {
      let above = nestings[Int(parent.rawValue)]
      nesting.ancestors = [parent] + above.ancestors
      nesting.item = part == "*" ? name : above.item
      nestings[Int(parent.rawValue)].children.append(name)
      if part != "*" { nestings[Int(parent.rawValue)].byPart[part] = name }
    }
    nestings.append(nesting)
  }
}
