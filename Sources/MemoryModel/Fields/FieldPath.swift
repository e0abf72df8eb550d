// SPDX-License-Identifier: Apache-2.0

/// The path of a field or a group of fields in a domain's `spec`.
///
/// For example `memtune.hardLimit` or `devices.elastic0.requested`.
package struct FieldPath: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name of the field or the group.
  package let name: FieldName
  /// The key of the item: a cell's number or a device's name; nil outside items.
  package let item: String?

  /// Makes a path; `item` is the key of the item, for an item or a field of one.
  package init(_ name: FieldName, _ item: String? = nil) {
    self.name = name
    self.item = item
  }

  /// The path of a field; for a field of items it stands for every item.
  package static func any(_ name: FieldName) -> FieldPath {
    FieldPath(name, name.isOfItem ? "*" : nil)
  }

  /// Makes the path one level below `group` with the last part `key`; nil means below `spec`.
  ///
  /// Nil if `key` is no field, no group and no valid key of an item there.
  package init?(_ key: String, in group: FieldPath?) {
    if let name = FieldName.named(key, in: group?.name) {
      self.init(name, group?.item)
    } else if let kind = group?.name.itemOfGroup, kind.takesItem(named: key) {
      self.init(kind, key)
    } else {
      return nil
    }
  }

  /// Makes the path that `text` spells; nil if no field or group has this path.
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

  /// Whether `group` contains this path at any depth.
  package func isBelow(_ group: FieldPath) -> Bool {
    name.isBelow(group.name) && (group.item == nil || group.item == item)
  }

  /// The item that this path is or belongs to; nil outside items.
  package var ofItem: FieldPath? {
    name.itemOfField.map { FieldPath($0, item) }
  }

  /// The groups and the item that contain this path, the innermost first.
  package var groups: [FieldPath] {
    name.ancestors.map { FieldPath($0, $0.isOfItem ? item : nil) }
  }

  /// Orders paths by their text.
  package static func < (left: FieldPath, right: FieldPath) -> Bool {
    left.item == nil && right.item == nil
      ? left.name.text < right.name.text : left.description < right.description
  }

  /// The path of `<maxMemory>` as a whole, which `none` removes.
  package static let maxMemory = FieldPath(.maxMemory)
  /// The path of the maximum for boot RAM plus all memory devices; `<maxMemory>`.
  package static let maxMemorySize = FieldPath(.maxMemorySize)
  /// The path of the number of DIMM slots; `<maxMemory slots>`.
  package static let maxMemorySlots = FieldPath(.maxMemorySlots)
  /// The path of the RAM at boot, without memory devices; `<memory>`.
  package static let memory = FieldPath(.memory)
  /// The path of the balloon target; `<currentMemory>`.
  package static let currentMemory = FieldPath(.currentMemory)
  /// The path of the limit on host memory; `<hard_limit>`.
  package static let hardLimit = FieldPath(.hardLimit)
  /// The path of the soft limit on host memory; `<soft_limit>`.
  package static let softLimit = FieldPath(.softLimit)
  /// The path of the limit on memory plus swap (cgroup v1) or swap (cgroup v2);
  /// `<swap_hard_limit>`.
  package static let swapHardLimit = FieldPath(.swapHardLimit)
  /// The path of the memory that ESX guarantees to the guest; `<min_guarantee>`.
  package static let minGuarantee = FieldPath(.minGuarantee)
  /// The path of the interval of the balloon statistics; `<stats period>`.
  package static let statsPeriod = FieldPath(.statsPeriod)
}
