// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The fields of memory, read as the table of fields says.
extension ManifestDecoder {
  /// Reads the entries below `group` (`spec` itself where it is nil) into `layer`.
  ///
  /// `siblings` are further names that are known there, for suggestions alone.
  mutating func readFields(
    _ entries: [YAMLEntry], of group: FieldPath? = nil, siblings: [String] = [],
    into layer: inout ManifestLayer
  ) {
    for entry in entries {
      guard let path = FieldPath((group.map { "\($0)." } ?? "") + entry.key.text) else {
        reportUnknownField(entry, in: group, siblings: siblings)
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
    let removal = Field.named(group)
    switch entry.value.content {
    case .mapping(let entries):
      // What the group has ends what an earlier layer said of the group's going.
      if removal != nil { layer.settings[group] = Placed(value: .unmanaged, position: place) }
      return readFields(entries, of: group, into: &layer)
    case .scalar(let scalar) where scalar.text == "unmanaged":
      if removal != nil { layer.settings[group] = Placed(value: .unmanaged, position: place) }
      layer.cleared.append(group)
    case .scalar(let scalar) where scalar.text == "none" && removal != nil:
      layer.settings[group] = Placed(value: .value(.absence), position: place)
      layer.cleared.append(group)
    case .scalar where entry.value.isNull: reportEmpty(entry, named: "\(group)", field: group)
    default:
      let leaf = group.name.children.first?.lastPart ?? ""
      reportType(
        of: entry.value, named: "\(group)",
        expected: removal == nil ? "a mapping, or unmanaged" : "a mapping, none or unmanaged",
        field: group,
        remedy: "Write its fields as a mapping: \(group): {\(leaf): …}.")
    }
  }

  private mutating func reportUnknownField(
    _ entry: YAMLEntry, in group: FieldPath?, siblings: [String]
  ) {
    let prefix = group.map { "\($0)." } ?? ""
    let paths = Field.all.map(\.name.rawValue)
    var known = siblings
    for path in paths where path.hasPrefix(prefix) {
      let name = String(path.dropFirst(prefix.count).prefix { $0 != "." })
      if !known.contains(name) { known.append(name) }
    }
    let key = entry.key.text
    if Suggestion.nearest(to: key, among: known) == nil, let meant = Self.elsewhere(key, paths) {
      report(
        .unknownField, at: entry.place,
        "unknown field \(Quotation.quoted(key)) in \(group.map(\.description) ?? "spec"): "
          + "did you mean '\(meant)'?",
        why: "What virtmem does not know it refuses, so that no slip goes unnoticed.",
        remedy: "Write \(Self.nested(meant)) directly below spec.")
    } else {
      reportUnknown(entry, in: group.map(\.description) ?? "spec", known: known)
    }
  }

  /// libvirt's names that are no other spelling of ours.
  private static let libvirtNames = [
    "stats": "memballoon.statsPeriod", "period": "memballoon.statsPeriod",
    "nosharepages": "memoryBacking.sharePages", "balloon": "memballoon",
    "pagesize": "memoryBacking.hugepages", "cell": "numa", "maxmem": "maxMemory",
    "setmem": "currentMemory", "setmaxmem": "memory",
  ]

  /// The field with that name in another group, or the one that libvirt calls so.
  private static func elsewhere(_ key: String, _ paths: [String]) -> String? {
    guard key.utf8.count <= 64 else { return nil }
    let word = Suggestion.normalized(key)
    return libvirtNames[String(word)]
      ?? paths.first { Suggestion.normalized(String($0.split(separator: ".").last ?? "")) == word }
  }

  private static func nested(_ path: String) -> String {
    let parts = path.split(separator: ".")
    guard parts.count > 1 else { return "\(path): …" }
    return parts.dropLast().reversed().reduce("\(parts[parts.count - 1]): …") { "\($1): {\($0)}" }
  }
}
