// SPDX-License-Identifier: Apache-2.0

/// The name of a field, or of a group of fields, with `*` where the name of an item stands.
///
/// An item is one of several of a kind: a guest cell, a cell's binding, a memory device.
public enum FieldName: String, Hashable, Sendable, CaseIterable {
  case maxMemory
  case maxMemorySize = "maxMemory.size"
  case maxMemorySlots = "maxMemory.slots"
  case memory
  case currentMemory
  case dumpCore
  case memtune
  case hardLimit = "memtune.hardLimit"
  case softLimit = "memtune.softLimit"
  case swapHardLimit = "memtune.swapHardLimit"
  case minGuarantee = "memtune.minGuarantee"
  case memoryBacking
  case hugepages = "memoryBacking.hugepages"
  case sharePages = "memoryBacking.sharePages"
  case locked = "memoryBacking.locked"
  case source = "memoryBacking.source"
  case access = "memoryBacking.access"
  case allocation = "memoryBacking.allocation"
  case allocationMode = "memoryBacking.allocation.mode"
  case allocationThreads = "memoryBacking.allocation.threads"
  case discard = "memoryBacking.discard"
  case numatune
  case numatuneMemory = "numatune.memory"
  case numatuneMode = "numatune.memory.mode"
  case numatuneNodeset = "numatune.memory.nodeset"
  case numatunePlacement = "numatune.memory.placement"
  case memnodes = "numatune.memnodes"
  case memnode = "numatune.memnodes.*"
  case memnodeState = "numatune.memnodes.*.state"
  case memnodeMode = "numatune.memnodes.*.mode"
  case memnodeNodeset = "numatune.memnodes.*.nodeset"
  case numa
  case cells = "numa.cells"
  case cell = "numa.cells.*"
  case cellState = "numa.cells.*.state"
  case cellCPUs = "numa.cells.*.cpus"
  case cellMemory = "numa.cells.*.memory"
  case cellAccess = "numa.cells.*.access"
  case cellDiscard = "numa.cells.*.discard"
  case memballoon
  case balloonModel = "memballoon.model"
  case autodeflate = "memballoon.autodeflate"
  case freePageReporting = "memballoon.freePageReporting"
  case statsPeriod = "memballoon.statsPeriod"
  case devices
  case device = "devices.*"
  case deviceState = "devices.*.state"
  case deviceModel = "devices.*.model"
  case deviceSize = "devices.*.size"
  case deviceBlock = "devices.*.block"
  case deviceRequested = "devices.*.requested"
  case deviceNode = "devices.*.node"
  case deviceAccess = "devices.*.access"
  case deviceDiscard = "devices.*.discard"
  case devicePageSize = "devices.*.pageSize"
  case deviceNodemask = "devices.*.nodemask"
  case devicePath = "devices.*.path"
  case deviceAlignSize = "devices.*.alignSize"
  case deviceLabelSize = "devices.*.labelSize"
  case devicePmem = "devices.*.pmem"
  case deviceReadOnly = "devices.*.readOnly"
  case deviceUUID = "devices.*.uuid"
  case deviceAddress = "devices.*.address"
  case deviceDynamicMemslots = "devices.*.dynamicMemslots"
}

/// A field of a domain: its path below `spec`, such as `memtune.hardLimit` or
/// `devices.elastic0.requested`.
public struct FieldPath: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Which field it is.
  public let name: FieldName
  /// The item whose field it is: a cell's number, a device's name; nil where there is but one.
  public let item: String?

  /// Makes the path of a field, of the item where it is an item's.
  public init(_ name: FieldName, _ item: String? = nil) {
    self.name = name
    self.item = item
  }

  /// Makes the path of what is called `key` right below `group`, or below `spec` where that is nil.
  ///
  /// nil where no field, group or item can be called so there.
  public init?(_ key: String, in group: FieldPath?) {
    if let name = FieldName.named(key, in: group?.name) {
      self.init(name, group?.item)
    } else if let kind = group?.name.itemOfGroup, kind.takesItem(named: key) {
      self.init(kind, key)
    } else {
      return nil
    }
  }

  /// Makes the path that `text` spells; nil where no field or group has that name.
  public init?(_ text: String) {
    var path: FieldPath?
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      guard let next = FieldPath(String(part), in: path) else { return nil }
      path = next
    }
    guard let path else { return nil }
    self = path
  }

  /// The path as manifests and documents spell it.
  public var description: String {
    let text = name.rawValue
    guard let item, let star = text.utf8.firstIndex(of: UInt8(ascii: "*")) else { return text }
    return "\(text[..<star])\(item)\(text[text.utf8.index(after: star)...])"
  }

  /// Whether this is a field or group within `group`.
  public func isBelow(_ group: FieldPath) -> Bool {
    name.isBelow(group.name) && (group.item == nil || group.item == item)
  }

  /// The item that this is a field of, or is itself; nil where there is but one.
  public var ofItem: FieldPath? {
    name.itemOfField.map { FieldPath($0, item) }
  }

  /// The groups that this is in, and the item; the nearest first.
  public var groups: [FieldPath] {
    name.ancestors.map { FieldPath($0, $0.isOfItem ? item : nil) }
  }

  /// Paths in the order of their text.
  public static func < (left: FieldPath, right: FieldPath) -> Bool {
    left.item == nil && right.item == nil
      ? left.name.rawValue < right.name.rawValue : left.description < right.description
  }

  /// The ceiling as a whole, which `none` takes away.
  public static let maxMemory = FieldPath(.maxMemory)
  /// The most memory of boot RAM and devices.
  public static let maxMemorySize = FieldPath(.maxMemorySize)
  /// The number of DIMM slots.
  public static let maxMemorySlots = FieldPath(.maxMemorySlots)
  /// RAM at boot.
  public static let memory = FieldPath(.memory)
  /// The balloon's figure.
  public static let currentMemory = FieldPath(.currentMemory)
  /// The most host memory.
  public static let hardLimit = FieldPath(.hardLimit)
  /// The memory to fall back to under pressure.
  public static let softLimit = FieldPath(.softLimit)
  /// The most memory plus swap, or swap.
  public static let swapHardLimit = FieldPath(.swapHardLimit)
  /// The guaranteed memory.
  public static let minGuarantee = FieldPath(.minGuarantee)
  /// How often the guest reports.
  public static let statsPeriod = FieldPath(.statsPeriod)
}
