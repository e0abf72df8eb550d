// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import YAML
internal import MemoryModel

/// Suggests a field for an unknown key: one with a similar spelling, one of another group, or the
/// one that libvirt calls by this name.
extension ManifestDecoder {
  /// Reports a key that is not a field of `group`; `siblings` are the other keys that are valid
  /// there.
  mutating func reportUnknownField(
    _ entry: YAMLEntry, in group: FieldPath?, siblings: [String]
  ) {
    let key = entry.key.text
    let name = group.map(\.shown) ?? "spec"
    let fields = group.map(\.name.children) ?? FieldName.outermost
    let known = siblings + fields.map(\.lastPart)
    let words = key.utf8.count <= 64 ? String(Suggestion.normalized(key)) : ""
    let why = "What virtmem does not know it refuses, so that no slip goes unnoticed."
    if let note = Self.notes[group?.name.itemOfField]?[words] {
      report(
        .unknownField, at: entry.place, "unknown field \(Quotation.quoted(key)) in \(name)",
        why: why, remedy: note)
    } else if let group, let meant = Self.libvirtNames[group.name]?[words] {
      report(
        .unknownField, at: entry.place,
        "unknown field \(Quotation.quoted(key)) in \(name): did you mean '\(meant.lastPart)'?",
        why: why, remedy: "Write \(meant.lastPart).")
    } else if key != "<<", let meant = Self.elsewhere(words, from: group),
      Suggestion.nearest(to: key, among: known) == nil
    {
      report(
        .unknownField, at: entry.place,
        "unknown field \(Quotation.quoted(key)) in \(name): did you mean '\(meant)'?",
        why: why, remedy: "Write \(Self.nested(meant)) directly below spec.")
    } else {
      reportUnknown(entry, in: name, known: known)
    }
  }

  /// The field of another group that has this name, or the field that libvirt calls by it.
  ///
  /// Fields inside `group` come first. A field of an item gets the item of `group`, or an example.
  private static func elsewhere(_ words: String, from group: FieldPath?) -> FieldPath? {
    let named = byWords[words] ?? []
    let near = group.flatMap { group in named.first { $0.isBelow(group.name) } }
    guard let name = near ?? libvirtNames[nil]?[words] ?? named.first else { return nil }
    guard name.isOfItem else { return FieldPath(name) }
    return FieldPath(name, group?.item ?? name.exampleItem)
  }

  private static let byWords = Dictionary(
    grouping: FieldName.allCases.filter { $0.lastPart != "*" && !$0.isState },
    by: { String(Suggestion.normalized($0.lastPart)) })

  /// libvirt's names that a similar spelling does not match, by the manifest group in which users
  /// write them; nil stands for any group.
  private static let libvirtNames: [FieldName?: [String: FieldName]] = [
    nil: [
      "stats": .statsPeriod, "period": .statsPeriod, "nosharepages": .sharePages,
      "balloon": .memballoon, "hugepage": .hugepages, "page": .hugepages, "pages": .hugepages,
      "cell": .cells, "cpu": .numa, "topology": .numa, "memnode": .memnodes,
      "memaccess": .cellAccess, "requestedsize": .deviceRequested, "blocksize": .deviceBlock,
      "maxmem": .maxMemory, "setmem": .currentMemory, "setmaxmem": .memory, "dimm": .devices,
      "memorydevices": .devices, "target": .devices, "mlock": .locked, "ksm": .sharePages,
    ],
    .memoryBacking: ["nosharepages": .sharePages, "page": .hugepages, "pagesize": .hugepages],
    .allocation: ["immediate": .allocationMode, "ondemand": .allocationMode],
    .numatune: ["memnode": .memnodes], .numa: ["cell": .cells],
    .memballoon: ["stats": .statsPeriod, "period": .statsPeriod],
    .cell: ["memaccess": .cellAccess, "size": .cellMemory, "vcpus": .cellCPUs],
    .memnode: ["nodes": .memnodeNodeset],
    .device: [
      "requestedsize": .deviceRequested, "blocksize": .deviceBlock, "memory": .deviceSize,
      "label": .deviceLabelSize, "cell": .deviceNode, "nodeset": .deviceNodemask,
      "current": .deviceRequested, "base": .deviceAddress, "type": .deviceModel,
    ],
  ]

  /// Remedies for names that libvirt's XML of an item has and manifests don't, by kind of item.
  private static let notes: [FieldName?: [String: String]] = [
    .device: [
      "target": "Write size, block, requested, node and what else is in <target> directly here.",
      "source": "Write path, pageSize, nodemask and what else is in <source> directly here.",
      "alias": "Remove it: the alias is made of the device's name, its key below devices.",
      "name": "Remove it: the device's name is its key below devices.",
    ],
    .cell: ["id": "Remove it: the cell's number is its key below numa.cells."],
    .memnode: ["cellid": "Remove it: the cell's number is its key below numatune.memnodes."],
  ]

  private static func nested(_ path: FieldPath) -> String {
    let parts = path.description.split(separator: ".")
    guard parts.count > 1 else { return "\(path): …" }
    return parts.dropLast().reversed().reduce("\(parts[parts.count - 1]): …") { "\($1): {\($0)}" }
  }
}
