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
    let pages = nodes.map { hugepage($0, path) }
    checkOverlap(of: pages, at: nodes, path)
    let whole = pages.compactMap(\.self)
    return whole.count == nodes.count ? .pages(whole) : nil
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
    of pages: [Hugepage?], at nodes: [YAMLNode], _ path: FieldPath
  ) {
    let general = pages.indices.filter { pages[$0].map { $0.cells == nil } ?? false }
    for index in general.dropFirst() {
      report(
        .hugepagesOverlap, at: nodes[index].place, field: path,
        "\(path) has two sizes for all guest cells",
        why: "An entry without nodeset is for all cells that no other names; the first stands at "
          + "\(position(nodes[general[0]].place)).",
        remedy: "Say which cells it is for, {size: 1GiB, nodeset: 1}, or take one of the two out.")
    }
    let sets = pages.enumerated().compactMap { index, page in
      page?.cells.map { (owner: index, numbers: $0) }
    }
    for overlap in NodeSet.overlaps(sets) {
      report(
        .hugepagesOverlap, at: nodes[overlap.later].place, field: path,
        "\(path) has two sizes for the guest cell \(overlap.number)",
        why: "The other entry that names it stands at \(position(nodes[overlap.earlier].place)).",
        remedy: "Take the cell out of one of the two.")
    }
  }
}

extension NodeSet {
  /// Two sets with different owners that share a number.
  struct Overlap {
    let earlier: Int
    let later: Int
    let number: UInt32
  }

  /// The overlaps of the sets, at most one for each later owner.
  ///
  /// It makes one pass over the sorted ranges of all sets.
  static func overlaps(_ sets: [(owner: Int, numbers: NodeSet)]) -> [Overlap] {
    let ranges = sets.flatMap { set in set.numbers.ranges.map { (set.owner, $0) } }
      .sorted { ($0.1.lowerBound, $0.0) < ($1.1.lowerBound, $1.0) }
    var overlaps: [Overlap] = []
    var seen: Set<Int> = []
    var highest: (owner: Int, bound: UInt32)?
    for (owner, range) in ranges {
      if let highest, range.lowerBound <= highest.bound, owner != highest.owner {
        let (earlier, later) = (min(owner, highest.owner), max(owner, highest.owner))
        if seen.insert(later).inserted {
          overlaps.append(Overlap(earlier: earlier, later: later, number: range.lowerBound))
        }
      }
      if range.upperBound >= highest?.bound ?? 0 { highest = (owner, range.upperBound) }
    }
    return overlaps.sorted { $0.later < $1.later }
  }
}
