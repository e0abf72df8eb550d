// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Reads memory fields according to the table of fields.
extension ManifestDecoder {
  /// Reads the entries below `group` (nil for `spec` itself) into `layer`.
  ///
  /// `siblings` are other keys that are valid there; only suggestions use them.
  mutating func readFields(
    _ entries: [YAMLEntry], of group: FieldPath? = nil, siblings: [String] = [],
    into layer: inout ManifestLayer
  ) {
    for entry in entries {
      guard let path = FieldPath(entry.key.text, in: group) else {
        if let group, let item = group.name.itemOfGroup {
          reportItem(entry, of: group, item)
        } else {
          reportUnknownField(entry, in: group, siblings: siblings)
        }
        continue
      }
      if path.name.isGroup {
        readGroup(path, entry, into: &layer)
      } else if let field = Field.named(path) {
        let value = setting(of: field, path, entry)
        layer.settings[path] = Placed(value: value, position: position(entry.value.place))
      }
    }
  }

  private mutating func readGroup(
    _ group: FieldPath, _ entry: YAMLEntry, into layer: inout ManifestLayer
  ) {
    let place = position(entry.value.place)
    let presence = Field.named(group)
    switch entry.value.content {
    case .mapping(let entries):
      // Fields in the group override an earlier layer that removes the whole group with `none`.
      if presence != nil { layer.settings[group] = Placed(value: .unmanaged, position: place) }
      return readFields(entries, of: group, into: &layer)
    case .scalar(let scalar) where scalar.text == "unmanaged":
      if presence != nil { layer.settings[group] = Placed(value: .unmanaged, position: place) }
      layer.cleared.insert(group)
    case .scalar(let scalar) where scalar.text == "none" && presence != nil:
      layer.settings[group] = Placed(value: .value(.absence), position: place)
      layer.cleared.insert(group)
    case .scalar where entry.value.isNull: reportEmpty(entry, named: group.shown, field: group)
    case .scalar(let scalar) where scalar.text == "none": reportNone(group, at: entry.value.place)
    default: reportNoGroup(entry.value, group)
    }
  }

  private mutating func reportNoGroup(_ node: YAMLNode, _ group: FieldPath) {
    let words = (Field.named(group) == nil ? [] : ["none"]) + ["unmanaged"]
    if let text = node.scalar?.text, let meant = words.first(where: { $0 == text.lowercased() }) {
      return report(
        .invalidValue, at: node.place, field: group,
        "\(group.shown) can't be \(Quotation.quoted(text)): did you mean '\(meant)'?",
        remedy: "Write \(meant).")
    }
    var path = group
    // The user wrote a field where an item's name belongs, such as `devices: {model: dimm}`.
    if node.scalar != nil, group.name.children.contains(where: { $0.lastPart == group.item }) {
      path = FieldPath(group.name, group.name.exampleItem)
    }
    let leaf = group.name.children.first { !$0.isState }?.lastPart ?? ""
    let inner =
      group.name.itemOfGroup.map { "\($0.exampleItem): {\($0.children[1].lastPart): …}" }
      ?? "\(path == group ? leaf : group.item ?? leaf): …"
    reportType(
      of: node, named: group.shown,
      expected: words.count > 1 ? "a mapping, none or unmanaged" : "a mapping, or unmanaged",
      field: group, remedy: "Write its fields as a mapping: \(path.shown): {\(inner)}.")
  }
}

/// Reports invalid item names, and `none` for fields that can't be removed with it.
extension ManifestDecoder {
  private mutating func reportItem(_ entry: YAMLEntry, of group: FieldPath, _ item: FieldName) {
    let key = entry.key.text
    let kind = item == .device ? "a device's name" : "a guest cell's number"
    let isField = item.children.contains { $0.lastPart == key }
    let why: String
    let remedy: String
    if item == .device {
      why =
        "A device's name is made of A to Z, a to z, 0 to 9, _ and -; libvirt drops an alias "
        + "with anything else in it without a word."
      let name = Self.deviceName(key)
      remedy = name.isEmpty ? "Write a name such as elastic0." : "Write \(name)."
    } else {
      why =
        "Guest cells are numbered from 0 to \(NodeSet.limit - 1), without a sign, a fraction "
        + "or leading zeros."
      let number = Self.cellNumber(key)
      remedy =
        if isField {
          "Say of which cell: \(group): {0: {\(key): …}}."
        } else {
          number.map { "Write \($0)." } ?? "Write a number such as 0."
        }
    }
    report(
      .invalidItem, at: entry.place, field: group,
      "\(group): \(Quotation.quoted(key)) can't be \(kind)", why: why, remedy: remedy)
  }

  /// `key` with `-` for each character that a device's name can't have; empty if no other character
  /// is left.
  private static func deviceName(_ key: String) -> String {
    let characters = key.unicodeScalars.prefix(48).map { scalar -> Character in
      FieldName.device.takesItem(named: String(scalar)) ? Character(scalar) : "-"
    }
    return characters.contains { $0 != "-" } ? String(characters) : ""
  }

  /// The number that `key` spells in another way, such as `00` or `1.0`.
  private static func cellNumber(_ key: String) -> String? {
    let digits =
      key.hasSuffix(".0") ? key.dropLast(2) : key.hasPrefix("+") ? key.dropFirst() : key[...]
    return UInt32(digits).map { "\($0)" }.flatMap {
      FieldName.cell.takesItem(named: $0) ? $0 : nil
    }
  }

  /// Reports `none` for a field that can't have this value, and suggests how to express it instead.
  mutating func reportNone(_ path: FieldPath, at place: YAMLPlace) {
    let why =
      if let field = Field.named(path) {
        "It takes \(field.kind.words)."
      } else if path.item != nil {
        "A device, a cell and a binding go by a field of their own."
      } else {
        "Its fields go one by one."
      }
    report(
      .invalidValue, at: place, field: path, "\(path.shown) can't be none", why: why,
      remedy: Self.remedyOfNone(path))
  }

  private static func remedyOfNone(_ path: FieldPath) -> String {
    switch path.name {
    case .memballoon: return "Write memballoon: {model: none} for no balloon device."
    case .memtune: return "Write unlimited for each of its limits, or unmanaged."
    case .memoryBacking:
      return "Write none for what of hugepages, source, access and allocation should go."
    case .cells: return "Write numa: none, or {state: absent} for each cell that should go."
    case .devices: return "Write {state: absent} for each device that should go."
    case .device, .cell, .memnode: return "Write \(path.shown): {state: absent}."
    default: break
    }
    if let value = Field.named(path)?.valueOfAbsence {
      return "Write \(value.manifestText), which libvirt means by leaving it out."
    } else if let item = path.ofItem {
      return "Write unmanaged to leave it as it is; {state: absent} takes \(item.shown) away whole."
    } else if let group = path.groups.first(where: { Field.named($0) != nil }) {
      return "Write unmanaged to leave it as it is; \(group): none takes all of it away."
    }
    return "Write such a value, or unmanaged to leave the field as it is."
  }
}

extension FieldValue {
  /// The manifest's spelling of a flag, a duration or a limit.
  fileprivate var manifestText: String {
    if case .seconds(let seconds) = self { "\(seconds)s" } else { "\(self)" }
  }
}

extension FieldName {
  /// An example of an item's name, for messages about an item without a name.
  var exampleItem: String {
    isBelow(.devices) ? "elastic0" : "0"
  }
}

extension FieldPath {
  /// The path for messages, with a long item name shortened.
  var shown: String {
    FieldPath(name, item.map(Quotation.shortened)).description
  }
}
