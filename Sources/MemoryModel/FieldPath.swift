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

  /// Whether the name is that of a field of an item, or of the item itself.
  public var isOfItem: Bool { rawValue.utf8.contains(UInt8(ascii: "*")) }

  /// Whether other names are below it.
  public var isGroup: Bool { Self.groups.contains(self) }

  private static let groups = Set(allCases.filter { !$0.children.isEmpty })

  /// The names right below it.
  public var children: [FieldName] {
    let depth = rawValue.count { $0 == "." } + 1
    return Self.allCases.filter {
      $0.rawValue.hasPrefix("\(rawValue).") && $0.rawValue.count { $0 == "." } == depth
    }
  }

  /// The part behind the last dot.
  public var lastPart: String { rawValue.split(separator: ".").last.map(String.init) ?? rawValue }
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

  /// Makes the path that `text` spells; nil where no field or group has that name.
  public init?(_ text: String) {
    if let name = FieldName(rawValue: text), !name.isOfItem {
      self.init(name)
      return
    }
    for name in Self.ofItems {
      let ends = name.rawValue.split(separator: "*", omittingEmptySubsequences: false)
      guard text.hasPrefix(ends[0]), text.hasSuffix(ends[1]) else { continue }
      let item = text.dropFirst(ends[0].count).dropLast(ends[1].count)
      guard !item.isEmpty, !item.contains("."), text.count > ends[0].count + ends[1].count else {
        continue
      }
      self.init(name, String(item))
      return
    }
    return nil
  }

  private static let ofItems = FieldName.allCases.filter(\.isOfItem)

  /// The path as manifests and documents spell it.
  public var description: String {
    guard let item else { return name.rawValue }
    let ends = name.rawValue.split(separator: "*", omittingEmptySubsequences: false)
    return "\(ends[0])\(item)\(ends[1])"
  }

  /// Whether this is a field or group within `group`.
  public func isBelow(_ group: FieldPath) -> Bool {
    description.hasPrefix("\(group).")
  }

  /// Paths in the order of their text.
  public static func < (left: FieldPath, right: FieldPath) -> Bool {
    left.description < right.description
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
