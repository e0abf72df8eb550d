// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import YAML
internal import MemoryModel

/// Reads field values according to the kind of the field.
extension ManifestDecoder {
  /// The setting of a field; nil if the value is invalid.
  mutating func setting(
    of field: Field, _ path: FieldPath, _ entry: YAMLEntry
  ) -> Setting? {
    let node = entry.value
    switch node.content {
    case _ where node.isNull:
      reportEmpty(entry, named: path.shown, field: path)
      return nil
    case .mapping where field.kind == .sizeOrRange || field.kind == .sizeOrZeroOrRange:
      return bounds(node, path, allowsZero: field.kind == .sizeOrZeroOrRange)
    case .sequence(let nodes) where field.kind == .hugepages:
      return hugepages(nodes, path, at: node.place).map(Setting.value)
    case .scalar(let scalar) where scalar.text == "unmanaged": return .unmanaged
    case .scalar(let scalar) where scalar.text == "none" && !field.kind.takesNone:
      reportNone(path, at: node.place)
      return nil
    case .scalar(let scalar) where field.kind == .boolean || scalar.kind != .boolean:
      return value(scalar, of: field, path, at: node).map(Setting.value)
    case .scalar, .mapping, .sequence:
      reportType(
        of: node, named: path.shown, expected: field.kind.words, field: path,
        remedy: "Write \(field.kind.words).")
      return nil
    }
  }

  private mutating func value(
    _ scalar: YAMLScalar, of field: Field, _ path: FieldPath, at node: YAMLNode
  ) -> FieldValue? {
    let (text, place) = (scalar.text, node.place)
    // No word begins with a digit, and most values do, so this check saves time.
    let mayBeWord = !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= text.utf8.first ?? 0)
    if mayBeWord || !field.kind.allWords.isEmpty && !field.kind.takesSize,
      reportsWord(text, of: field, path, at: place)
    {
      return nil
    }
    switch field.kind {
    case .boolean: return boolean(node, named: path.shown).map(FieldValue.flag)
    case .duration: return duration(text, named: path.shown, at: place).map(FieldValue.seconds)
    case .count: return count(text, from: 1, path, at: place).map(FieldValue.count)
    case .number: return count(text, from: 0, path, at: place).map(FieldValue.count)
    case .text: return string(node, named: path.shown, field: path).map(FieldValue.word)
    case .uuid: return uuid(node, named: path.shown).map(FieldValue.word)
    case .nodeSet: return nodeSet(text, path, at: place).map(FieldValue.nodes)
    case .address: return address(text, path, at: place)
    case .word(let words) where words.contains(text): return .word(text)
    case .wordOrNone, .sizeOrNone, .onlyNone, .hugepages:
      if text == "none" { return .absence }
      if field.kind == .sizeOrNone { break }
      return .word(text)
    case .sizeOrUnlimited where text == "unlimited": return .unlimited
    case .word, .size, .sizeOrZero, .sizeOrRange, .sizeOrZeroOrRange, .sizeOrUnlimited: break
    }
    let allowsZero = field.kind == .sizeOrZero || field.kind == .sizeOrZeroOrRange
    return size(text, of: field, path, allowsZero: allowsZero, at: place).map(FieldValue.size)
  }

  /// Reports a word that the field does not take; false if it reports nothing.
  ///
  /// It reports nothing for a valid word, or for a text that may be a value of another kind.
  private mutating func reportsWord(
    _ text: String, of field: Field, _ path: FieldPath, at place: YAMLPlace
  ) -> Bool {
    guard field.kind != .text, field.kind != .boolean else { return false }
    let words = field.kind.allWords
    let isOfWords = !words.isEmpty && !field.kind.takesSize
    guard !words.contains(text) else { return false }
    let near = isOfWords ? Suggestion.nearest(to: text, among: words) : nil
    let lower = text.utf8.count <= 16 ? text.lowercased() : text
    if let meant = (words + ["unmanaged"]).first(where: { $0 == lower }) ?? near {
      report(
        .invalidValue, at: place, field: path,
        "\(path.shown) can't be \(Quotation.quoted(text)): did you mean '\(meant)'?",
        remedy: "Write \(meant).")
      return true
    }
    guard isOfWords || ["unlimited", "none"].contains(lower) else { return false }
    report(
      .invalidValue, at: place, field: path,
      "\(path.shown) can't be \(Quotation.shortened(text))",
      why: "It takes \(field.kind.words).",
      remedy: "Write such a value, or unmanaged to leave the field as it is.")
    return true
  }

  private mutating func size(
    _ text: String, of field: Field, _ path: FieldPath, allowsZero: Bool, at place: YAMLPlace
  ) -> MemorySize? {
    // virsh takes -1 for no limit; manifests use the word `unlimited`.
    guard field.kind != .sizeOrUnlimited || text != "-1" else {
      report(
        .invalidSize, at: place, field: path, "\(path.shown): '-1' is not a size",
        why: "virsh takes -1 for no limit; manifests say it in a word.", remedy: "Write unlimited.")
      return nil
    }
    return size(text, named: path.shown, at: place, field: path, allowsZero: allowsZero)
  }

  /// The size that a scalar spells; nil if it spells none.
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

  /// The number of seconds that a scalar spells; nil if it spells none.
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

  /// The bounds of a range; one may be missing if another layer sets it.
  private mutating func bounds(
    _ node: YAMLNode, _ path: FieldPath, allowsZero: Bool
  ) -> Setting? {
    guard let object = object(node, named: path.shown, keys: ["min", "max"]) else { return nil }
    let low = placed("min", in: object) {
      $0.size($1, named: "\(path.shown).min", field: path, allowsZero: allowsZero)
    }
    let high = placed("max", in: object) {
      $0.size($1, named: "\(path.shown).max", field: path, allowsZero: allowsZero)
    }
    guard low != nil || high != nil else {
      for key in ["min", "max"] { reportMissing(key, in: object, named: "\(path.shown).\(key)") }
      return nil
    }
    let isMistaken = low.map { $0.value == nil } ?? false || high.map { $0.value == nil } ?? false
    return isMistaken ? nil : .bounds(min: low, max: high)
  }
}

extension FieldKind {
  /// Whether the field takes `none`, as a value or to remove the field.
  fileprivate var takesNone: Bool { allWords.contains("none") }

  /// The words that a field of this kind takes, apart from `unmanaged`.
  fileprivate var allWords: [String] {
    switch self {
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
}
