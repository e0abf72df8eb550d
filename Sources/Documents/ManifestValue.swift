// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The values of fields, spelled as their kind says.
extension ManifestDecoder {
  /// What a field is set to; nil where it is a mistake.
  mutating func setting(
    of field: Field, _ path: FieldPath, _ entry: YAMLEntry
  ) -> Setting? {
    let node = entry.value
    switch node.content {
    case _ where node.isNull:
      reportEmpty(entry, named: "\(path)", field: path)
      return nil
    case .mapping where field.kind == .sizeOrRange || field.kind == .sizeOrZeroOrRange:
      return bounds(node, path, allowsZero: field.kind == .sizeOrZeroOrRange)
    case .sequence(let nodes) where field.kind == .hugepages:
      return hugepages(nodes, path)
    case .scalar(let scalar) where scalar.text == "unmanaged" && scalar.kind == .string:
      return .unmanaged
    case .scalar(let scalar) where field.kind == .boolean || scalar.kind != .boolean:
      return value(scalar, of: field, path, at: node).map(Setting.value)
    case .scalar, .mapping, .sequence:
      reportType(
        of: node, named: "\(path)", expected: field.kind.words, field: path,
        remedy: "Write \(field.kind.words).")
      return nil
    }
  }

  private mutating func value(
    _ scalar: YAMLScalar, of field: Field, _ path: FieldPath, at node: YAMLNode
  ) -> FieldValue? {
    let (text, place) = (scalar.text, node.place)
    switch field.kind {
    case .boolean: return boolean(node, named: "\(path)").map(FieldValue.flag)
    case .duration: return duration(text, named: "\(path)", at: place).map(FieldValue.seconds)
    case .count: return count(text, from: 1, path, at: place).map(FieldValue.count)
    case .number: return count(text, from: 0, path, at: place).map(FieldValue.count)
    case .text: return string(node, named: "\(path)").map(FieldValue.word)
    case .uuid: return uuid(node, named: "\(path)").map(FieldValue.word)
    case .nodeSet: return nodeSet(text, path, at: place).map(FieldValue.nodes)
    case .address: return address(text, path, at: place)
    case .word(let words) where words.contains(text): return .word(text)
    case .wordOrNone(let words) where words.contains(text): return .word(text)
    case .wordOrNone where text == "none", .sizeOrNone where text == "none",
      .onlyNone where text == "none", .hugepages where text == "none":
      return .absence
    case .hugepages where text == "default": return .word("default")
    case .sizeOrUnlimited where text == "unlimited": return .unlimited
    default: break
    }
    let words = Self.words(of: field.kind) + ["unmanaged"]
    if reportsWord(text, among: words, of: field, path, at: place) { return nil }
    let allowsZero = field.kind == .sizeOrZero || field.kind == .sizeOrZeroOrRange
    return size(text, of: field, path, allowsZero: allowsZero, at: place).map(FieldValue.size)
  }

  /// Notes a word that the field does not take; false where `text` may be a size.
  private mutating func reportsWord(
    _ text: String, among words: [String], of field: Field, _ path: FieldPath, at place: YAMLPlace
  ) -> Bool {
    let takesSize = field.kind.takesSize
    let near = Suggestion.nearest(to: text, among: words)
    if let meant = words.first(where: { $0 == text.lowercased() }) ?? (takesSize ? nil : near) {
      report(
        .invalidValue, at: place, field: path,
        "\(path) can't be \(Quotation.quoted(text)): did you mean '\(meant)'?",
        remedy: "Write \(meant).")
      return true
    }
    guard !takesSize || ["unlimited", "none"].contains(text.lowercased()) else { return false }
    report(
      .invalidValue, at: place, field: path, "\(path) can't be \(Quotation.shortened(text))",
      why: "It takes \(field.kind.words).",
      remedy: "Write such a value, or unmanaged to leave the field as it is.")
    return true
  }

  /// The words that a field of the kind takes.
  private static func words(of kind: FieldKind) -> [String] {
    switch kind {
    case .sizeOrUnlimited: ["unlimited"]
    case .sizeOrNone, .onlyNone: ["none"]
    case .hugepages: ["default", "none"]
    case .word(let words): words
    case .wordOrNone(let words): words + ["none"]
    case .size, .sizeOrZero, .sizeOrRange, .sizeOrZeroOrRange, .duration, .count, .number,
      .boolean, .nodeSet, .text, .uuid, .address:
      []
    }
  }

  private mutating func count(
    _ text: String, from least: UInt64, _ path: FieldPath, at place: YAMLPlace
  ) -> UInt64? {
    if let count = UInt64(text), count >= least, count <= UInt64(UInt32.max) { return count }
    report(
      .invalidValue, at: place, field: path,
      "\(path): \(Quotation.quoted(text)) is no \(least == 0 ? "number" : "count")",
      why: "It takes a whole number from \(least) to \(UInt32.max).",
      remedy: "Write a number such as 8.")
    return nil
  }

  private mutating func nodeSet(
    _ text: String, _ path: FieldPath, at place: YAMLPlace
  ) -> NodeSet? {
    if let nodes = NodeSet(text) { return nodes }
    report(
      .invalidValue, at: place, field: path,
      "\(path): \(Quotation.quoted(text)) is no set of numbers",
      why: "It is numbers and ranges with commas between, ^ before what is taken out again.",
      remedy: "Write a set such as \"0-3,7\".")
    return nil
  }

  private mutating func address(
    _ text: String, _ path: FieldPath, at place: YAMLPlace
  ) -> FieldValue? {
    if let address = Address(text) { return address.fieldValue }
    report(
      .invalidValue, at: place, field: path,
      "\(path): \(Quotation.quoted(text)) is no address", why: "It counts bytes.",
      remedy: "Write an address such as \"0x140000000\".")
    return nil
  }

  /// A list of huge pages, each with a size and perhaps the guest cells that it is for.
  private mutating func hugepages(_ nodes: [YAMLNode], _ path: FieldPath) -> Setting? {
    var pages: [Hugepage] = []
    for node in nodes {
      guard let page = object(node, named: "an entry of \(path)", keys: ["size", "nodeset"])
      else { return nil }
      reportMissing("size", in: page, named: "size of an entry of \(path)")
      let bytes = page["size"].flatMap { size($0, named: "\(path).size", field: path) }
      var cells: NodeSet?
      if let node = page["nodeset"] {
        guard let scalar = node.scalar else {
          reportType(
            of: node, named: "\(path).nodeset", expected: FieldKind.nodeSet.words, field: path,
            remedy: "Write a set such as \"0-3,7\".")
          return nil
        }
        cells = nodeSet(scalar.text, path, at: node.place)
        if cells == nil { return nil }
      }
      guard let bytes else { return nil }
      pages.append(Hugepage(size: bytes, cells: cells))
    }
    guard !pages.isEmpty else {
      report(
        .emptyValue, at: nodes.first?.place ?? YAMLPlace(line: 1, column: 1), field: path,
        "\(path) is an empty list",
        remedy: "Write none where there should be no huge pages, or remove the field.")
      return nil
    }
    return .value(.pages(pages))
  }

  private mutating func size(
    _ text: String, of field: Field, _ path: FieldPath, allowsZero: Bool, at place: YAMLPlace
  ) -> MemorySize? {
    // To libvirt's tools -1 is no limit; here that has a word.
    guard field.kind != .sizeOrUnlimited || text != "-1" else {
      report(
        .invalidSize, at: place, field: path, "\(path): '-1' is not a size",
        why: "virsh takes -1 for no limit; manifests say it in a word.", remedy: "Write unlimited.")
      return nil
    }
    return size(text, named: "\(path)", at: place, field: path, allowsZero: allowsZero)
  }

  /// The size that a scalar spells; nil where `node` is none.
  mutating func size(
    _ node: YAMLNode, named name: String, field: FieldPath? = nil, allowsZero: Bool = false
  ) -> MemorySize? {
    guard let scalar = node.scalar, scalar.kind != .boolean else {
      reportType(
        of: node, named: name, expected: "a size such as 8GiB", field: field,
        remedy: "Write one size.")
      return nil
    }
    return size(
      scalar.text, named: name, at: node.place, field: field, allowsZero: allowsZero)
  }

  private mutating func size(
    _ text: String, named name: String, at place: YAMLPlace, field: FieldPath?, allowsZero: Bool
  ) -> MemorySize? {
    do {
      return try ManifestSize.read(text, allowsZero: allowsZero)
    } catch {
      report(
        .invalidSize, at: place, field: field, "\(name): \(error.summary)", why: error.detail,
        remedy: error.remedy)
      return nil
    }
  }

  /// The seconds that a scalar spells; nil where `node` is none.
  mutating func duration(_ node: YAMLNode, named name: String) -> UInt64? {
    guard let scalar = node.scalar, scalar.kind != .boolean else {
      reportType(
        of: node, named: name, expected: FieldKind.duration.words, remedy: "Write one duration.")
      return nil
    }
    return duration(scalar.text, named: name, at: node.place)
  }

  private mutating func duration(
    _ text: String, named name: String, at place: YAMLPlace
  ) -> UInt64? {
    do {
      return try ManifestDuration.readSeconds(text)
    } catch {
      report(
        .invalidDuration, at: place, "\(name): \(error.summary)", why: error.detail,
        remedy: error.remedy)
      return nil
    }
  }

  /// The bounds of a range; a Profile may leave one of them to others.
  private mutating func bounds(
    _ node: YAMLNode, _ path: FieldPath, allowsZero: Bool
  ) -> Setting? {
    guard let object = object(node, named: "\(path)", keys: ["min", "max"]) else { return nil }
    let low = placed("min", in: object) {
      $0.size($1, named: "\(path).min", field: path, allowsZero: allowsZero)
    }
    let high = placed("max", in: object) {
      $0.size($1, named: "\(path).max", field: path, allowsZero: allowsZero)
    }
    guard low != nil || high != nil else {
      for key in ["min", "max"] { reportMissing(key, in: object, named: "\(path).\(key)") }
      return nil
    }
    let isMistaken = low.map { $0.value == nil } ?? false || high.map { $0.value == nil } ?? false
    return isMistaken ? nil : .bounds(min: low, max: high)
  }
}
