// SPDX-License-Identifier: Apache-2.0

/// A field of a domain: its path below `spec`, such as `memtune.hardLimit` or
/// `devices.elastic0.requested`.
package struct FieldPath: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Which field it is.
  package let name: FieldName
  /// The item whose field it is: a cell's number, a device's name; nil where there is but one.
  package let item: String?

  /// Makes the path of a field, of the item where it is an item's.
  package init(_ name: FieldName, _ item: String? = nil) {
    self.name = name
    self.item = item
  }

  /// The field, of every item where it is an item's.
  package static func any(_ name: FieldName) -> FieldPath {
    FieldPath(name, name.isOfItem ? "*" : nil)
  }

  /// Makes the path of what is called `key` right below `group`, or below `spec` where that is nil.
  ///
  /// nil where no field, group or item can be called so there.
  package init?(_ key: String, in group: FieldPath?) {
    if let name = FieldName.named(key, in: group?.name) {
      self.init(name, group?.item)
    } else if let kind = group?.name.itemOfGroup, kind.takesItem(named: key) {
      self.init(kind, key)
    } else {
      return nil
    }
  }

  /// Makes the path that `text` spells; nil where no field or group has that name.
  package init?(_ text: String) {
    var path: FieldPath?
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      guard let next = FieldPath(String(part), in: path) else { return nil }
      path = next
    }
    guard let path else { return nil }
    self = path
  }

  /// The path as manifests and documents spell it.
  package var description: String {
    let text = name.text
    guard let item, let star = text.utf8.firstIndex(of: UInt8(ascii: "*")) else { return text }
    return "\(text[..<star])\(item)\(text[text.utf8.index(after: star)...])"
  }

  /// Whether this is a field or group within `group`.
  package func isBelow(_ group: FieldPath) -> Bool {
    name.isBelow(group.name) && (group.item == nil || group.item == item)
  }

  /// The item that this is a field of, or is itself; nil where there is but one.
  package var ofItem: FieldPath? {
    name.itemOfField.map { FieldPath($0, item) }
  }

  /// The groups that this is in, and the item; the nearest first.
  package var groups: [FieldPath] {
    name.ancestors.map { FieldPath($0, $0.isOfItem ? item : nil) }
  }

  /// Paths in the order of their text.
  package static func < (left: FieldPath, right: FieldPath) -> Bool {
    left.item == nil && right.item == nil
      ? left.name.text < right.name.text : left.description < right.description
  }

  /// The ceiling as a whole, which `none` takes away.
  package static let maxMemory = FieldPath(.maxMemory)
  /// The most memory of boot RAM and devices.
  package static let maxMemorySize = FieldPath(.maxMemorySize)
  /// The number of DIMM slots.
  package static let maxMemorySlots = FieldPath(.maxMemorySlots)
  /// RAM at boot.
  package static let memory = FieldPath(.memory)
  /// The balloon's figure.
  package static let currentMemory = FieldPath(.currentMemory)
  /// The most host memory.
  package static let hardLimit = FieldPath(.hardLimit)
  /// The memory to fall back to under pressure.
  package static let softLimit = FieldPath(.softLimit)
  /// The most memory plus swap, or swap.
  package static let swapHardLimit = FieldPath(.swapHardLimit)
  /// The guaranteed memory.
  package static let minGuarantee = FieldPath(.minGuarantee)
  /// How often the guest reports.
  package static let statsPeriod = FieldPath(.statsPeriod)
}
