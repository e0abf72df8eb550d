// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The values of fields, spelled as their kind says.
extension ManifestDecoder {
  /// What a field is set to; nil where it is a mistake.
  mutating func setting(of field: Field, _ entry: YAMLEntry) -> Setting? {
    let (path, node) = (field.path, entry.value)
    if node.isNull {
      reportEmpty(entry, named: "\(path)", field: path)
      return nil
    }
    guard let scalar = node.scalar, scalar.kind != .boolean else {
      if case .mapping = node.content, field.kind == .sizeOrRange {
        return bounds(node, path)
      }
      reportType(
        of: node, named: "\(path)", expected: field.kind.words, field: path,
        remedy: "Write \(field.kind.words).")
      return nil
    }
    guard scalar.text != "unmanaged" else { return .unmanaged }
    return value(scalar.text, of: field, at: node.place).map(Setting.value)
  }

  private mutating func value(
    _ text: String, of field: Field, at place: YAMLPlace
  ) -> FieldValue? {
    switch field.kind {
    case .duration: return duration(text, named: "\(field.path)", at: place).map(FieldValue.seconds)
    case .count: return count(text, of: field, at: place).map(FieldValue.count)
    case .sizeOrUnlimited where text == "unlimited": return .unlimited
    case .sizeOrNone where text == "none": return .absence
    default: break
    }
    if let word = Self.words(of: field.kind).first(where: { $0 == text.lowercased() }) {
      report(
        .invalidValue, at: place, field: field.path,
        "\(field.path) can't be \(Quotation.quoted(text)): did you mean '\(word)'?",
        remedy: "Write \(word).")
      return nil
    }
    if ["unlimited", "none"].contains(text.lowercased()) {
      report(
        .invalidValue, at: place, field: field.path, "\(field.path) can't be \(text)",
        why: "It takes \(field.kind.words).",
        remedy: "Write such a value, or unmanaged to leave the field as it is.")
      return nil
    }
    return size(text, of: field, at: place).map(FieldValue.size)
  }

  /// The words that a field of the kind takes besides its values.
  private static func words(of kind: FieldKind) -> [String] {
    switch kind {
    case .sizeOrUnlimited: ["unlimited", "unmanaged"]
    case .sizeOrNone: ["none", "unmanaged"]
    case .onlyNone: ["none", "unmanaged"]
    case .size, .sizeOrRange, .duration, .count: ["unmanaged"]
    }
  }

  private mutating func count(_ text: String, of field: Field, at place: YAMLPlace) -> UInt64? {
    if let count = UInt64(text), count > 0, count <= UInt64(UInt32.max) { return count }
    report(
      .invalidValue, at: place, field: field.path,
      "\(field.path): \(Quotation.quoted(text)) is no count",
      why: "It takes a whole number from 1 to \(UInt32.max).", remedy: "Write a number such as 8.")
    return nil
  }

  private mutating func size(_ text: String, of field: Field, at place: YAMLPlace) -> MemorySize? {
    // To libvirt's tools -1 is no limit; here that has a word.
    guard field.kind != .sizeOrUnlimited || text != "-1" else {
      report(
        .invalidSize, at: place, field: field.path, "\(field.path): '-1' is not a size",
        why: "virsh takes -1 for no limit; manifests say it in a word.", remedy: "Write unlimited.")
      return nil
    }
    return size(text, named: "\(field.path)", at: place, field: field.path)
  }

  /// The size that a scalar spells; nil where `node` is none.
  mutating func size(
    _ node: YAMLNode, named name: String, field: FieldPath? = nil
  ) -> MemorySize? {
    guard let scalar = node.scalar, scalar.kind != .boolean else {
      reportType(
        of: node, named: name, expected: "a size such as 8GiB", field: field,
        remedy: "Write one size.")
      return nil
    }
    return size(scalar.text, named: name, at: node.place, field: field)
  }

  private mutating func size(
    _ text: String, named name: String, at place: YAMLPlace, field: FieldPath?
  ) -> MemorySize? {
    do {
      return try ManifestSize.read(text)
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
  private mutating func bounds(_ node: YAMLNode, _ path: FieldPath) -> Setting? {
    guard let object = object(node, named: "\(path)", keys: ["min", "max"]) else { return nil }
    let low = placed("min", in: object) { $0.size($1, named: "\(path).min", field: path) }
    let high = placed("max", in: object) { $0.size($1, named: "\(path).max", field: path) }
    guard low != nil || high != nil else {
      for key in ["min", "max"] { reportMissing(key, in: object, named: "\(path).\(key)") }
      return nil
    }
    let isMistaken = low.map { $0.value == nil } ?? false || high.map { $0.value == nil } ?? false
    return isMistaken ? nil : .bounds(min: low, max: high)
  }
}
