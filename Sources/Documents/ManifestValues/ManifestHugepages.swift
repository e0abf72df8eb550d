// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Reads lists of huge pages, which layers replace as a whole.
extension ManifestDecoder {
  /// A list of huge pages, each with a size and optionally the guest cells that use it; nil if an
  /// entry is invalid.
  mutating func hugepages(
    _ nodes: [YAMLNode], _ path: FieldPath, at place: YAMLPlace
  ) -> FieldValue? {
    guard !nodes.isEmpty else {
      report(
        .emptyValue, at: place, field: path, "\(path) is an empty list",
        remedy: "Write none where there should be no huge pages, or remove the field.")
      return nil
    }
    let entries = nodes.compactMap { node in
      hugepage(node, path).map { (place: node.place, page: $0) }
    }
    checkOverlap(of: entries, path)
    return entries.count == nodes.count ? .pages(entries.map(\.page)) : nil
  }

  private mutating func hugepage(_ node: YAMLNode, _ path: FieldPath) -> Hugepage? {
    let name = "an entry of \(path)"
    guard let entry = object(node, named: name, keys: ["size", "nodeset"]) else { return nil }
    reportMissing("size", in: entry, named: "size of \(name)")
    let bytes = entry["size"].flatMap { size($0, named: "\(path).size", field: path) }
    if let bytes, bytes.bytes.nonzeroBitCount != 1 {
      report(
        .notAPowerOfTwo, at: entry["size"]?.place ?? entry.place, field: path,
        "\(path).size \(bytes) is no power of two",
        why: "libvirt takes it, and the domain does not start: no processor has such pages.",
        remedy: "Write a power of two such as 2MiB or 1GiB.")
      return nil
    }
    guard let node = entry["nodeset"] else { return bytes.map { Hugepage(size: $0) } }
    guard let scalar = node.scalar else {
      reportType(
        of: node, named: "\(path).nodeset", expected: FieldKind.nodeSet.words, field: path,
        remedy: "Write a set such as \"0-3,7\".")
      return nil
    }
    guard let cells = nodeSet(scalar.text, path, at: node.place), let bytes else { return nil }
    return Hugepage(size: bytes, cells: cells)
  }

  private mutating func checkOverlap(
    of entries: [(place: YAMLPlace, page: Hugepage)], _ path: FieldPath
  ) {
    for case .hugepagesOverlap(let cell, let earlier, let later)
      in Hugepage.contradictions(of: entries.map(\.page))
    {
      let (place, other) = (entries[later].place, position(entries[earlier].place))
      if let cell {
        report(
          .hugepagesOverlap, at: place, field: path,
          "\(path) has two sizes for the guest cell \(cell)",
          why: "The other entry that names it stands at \(other).",
          remedy: "Take the cell out of one of the two.")
      } else {
        report(
          .hugepagesOverlap, at: place, field: path, "\(path) has two sizes for all guest cells",
          why: "An entry without nodeset is for all cells that no other names; the first stands at "
            + "\(other).",
          remedy: "Say which cells it is for, {size: 1GiB, nodeset: 1}, or take one of the two "
            + "out.")
      }
    }
  }
}
