// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Reads the values of one file's documents and notes every mistake on the way.
struct ManifestDecoder {
  /// The file as messages name it.
  let file: String
  /// Every mistake so far.
  private(set) var mistakes: [Diagnostic] = []

  /// Makes a decoder for `file`.
  init(file: String) {
    self.file = file
  }

  /// The place in the file.
  func position(_ place: YAMLPlace) -> SourcePosition {
    SourcePosition(file: file, line: place.line, column: place.column)
  }

  /// Notes a mistake: what is wrong, why, and how to mend it.
  mutating func report(
    _ rule: Rule, at place: YAMLPlace, field: FieldPath? = nil, _ summary: String,
    why detail: String = "", remedy: String
  ) {
    mistakes.append(
      Diagnostic(
        .error, rule: rule, field: field, summary: summary, detail: detail,
        remedy: remedy, source: position(place)))
  }

  /// Notes that a value is of another type than `expected` says, such as `a string`.
  mutating func reportType(
    of node: YAMLNode, named name: String, expected: String, field: FieldPath? = nil,
    remedy: String
  ) {
    report(
      .wrongType, at: node.place, field: field, "\(name) takes \(expected), not \(node.words)",
      remedy: remedy)
  }
}

/// The entries of a mapping, known and not.
struct ManifestObject {
  /// Where the mapping begins.
  let place: YAMLPlace
  /// The entries with known keys, so few that they are searched faster than hashed.
  fileprivate(set) var known: [YAMLEntry] = []
  /// The entries with other keys.
  fileprivate(set) var others: [YAMLEntry] = []

  /// The entry of a known key, be its value good or not; nil where it is not there.
  fileprivate func entry(_ key: String) -> YAMLEntry? {
    known.first { $0.key.text == key }
  }

  /// The value of a known key; nil where it is not there or empty.
  subscript(key: String) -> YAMLNode? {
    entry(key).flatMap { $0.value.isNull ? nil : $0.value }
  }
}

extension ManifestDecoder {
  /// The mapping `node` with no other keys than `keys`; nil where it is none.
  mutating func object(_ node: YAMLNode, named name: String, keys: [String]) -> ManifestObject? {
    guard let object = openObject(node, named: name, keys: keys) else { return nil }
    for entry in object.others { reportUnknown(entry, in: name, known: keys) }
    return object
  }

  /// The mapping `node`, other keys than `keys` in ``ManifestObject/others``; nil where it is none.
  mutating func openObject(
    _ node: YAMLNode, named name: String, keys: [String]
  ) -> ManifestObject? {
    guard case .mapping(let entries) = node.content else {
      let example = keys.prefix(2).map { "\($0): …" }.joined(separator: ", ")
      reportType(
        of: node, named: name, expected: "a mapping", remedy: "Write it as {\(example)}.")
      return nil
    }
    var object = ManifestObject(place: node.place)
    for entry in entries {
      let key = entry.key.text
      guard keys.contains(key) else {
        object.others.append(entry)
        continue
      }
      object.known.append(entry)
      if entry.value.isNull { reportEmpty(entry, named: key) }
    }
    return object
  }

  /// Notes a key that has no value.
  mutating func reportEmpty(_ entry: YAMLEntry, named name: String, field: FieldPath? = nil) {
    report(
      .emptyValue, at: entry.place, field: field, "\(name) has no value",
      why: "An empty value could mean the default, nothing or a slip, so it is not taken.",
      remedy: "Write a value, or remove the line.")
  }

  /// Notes a key that is not there; where it is there and empty, that has been noted already.
  mutating func reportMissing(_ key: String, in object: ManifestObject, named name: String) {
    guard object.entry(key) == nil else { return }
    report(
      .missingField, at: object.place, "\(name) is missing", why: "It has no default.",
      remedy: "Add \(key) here.")
  }

  /// The value of `key` as `read` takes it, with its place; nil where the key is not there.
  ///
  /// A mistake is a ``Placed`` without a value: it counts in merging, but nothing follows from it.
  mutating func placed<Value>(
    _ key: String, in object: ManifestObject,
    _ read: (inout ManifestDecoder, YAMLNode) -> Value?
  ) -> Placed<Value>? {
    guard object.entry(key) != nil else { return nil }
    let node = object[key]
    return Placed(
      value: node.flatMap { read(&self, $0) }, position: position(node?.place ?? object.place))
  }

  /// Notes a key that nothing is known by, and the one that is probably meant.
  mutating func reportUnknown(_ entry: YAMLEntry, in name: String, known: [String]) {
    let key = entry.key.text
    let summary = "unknown field \(Quotation.quoted(key)) in \(name)"
    let why = "What virtmem does not know it refuses, so that no slip goes unnoticed."
    if key == "<<" {
      report(
        .unknownField, at: entry.place, summary, why: "Merge keys are YAML 1.1; this is YAML 1.2.",
        remedy: "Put what is shared into a Profile.")
    } else if let meant = Suggestion.nearest(to: key, among: known) {
      report(
        .unknownField, at: entry.place, summary + ": did you mean '\(meant)'?", why: why,
        remedy: "Write \(meant), or remove the field.")
    } else {
      report(
        .unknownField, at: entry.place, summary, why: why,
        remedy: "Remove it. Known here: \(known.joined(separator: ", ")).")
    }
  }

  /// The text of a string that is not empty; nil where `node` is none.
  mutating func string(
    _ node: YAMLNode, named name: String, field: FieldPath? = nil
  ) -> String? {
    guard let scalar = node.scalar, scalar.kind == .string else {
      let text = Quotation.shortened(node.scalar?.text ?? "text")
      reportType(
        of: node, named: name, expected: "a string",
        remedy: node.scalar == nil ? "Write one value." : "Put it in quotes: \"\(text)\".")
      return nil
    }
    guard !scalar.text.isEmpty else {
      report(
        .emptyValue, at: node.place, "\(name) is empty", remedy: "Write a value between the quotes."
      )
      return nil
    }
    return isHarmless(scalar, at: node.place, named: name, field: field) ? scalar.text : nil
  }

  /// Whether a name, a label or a path has nothing in it that none can have; notes what it has.
  mutating func isHarmless(
    _ scalar: YAMLScalar, at place: YAMLPlace, named name: String, field: FieldPath? = nil
  ) -> Bool {
    guard let refused = scalar.text.unicodeScalars.first(where: Self.isRefused) else { return true }
    let isBracket = refused == "<" || refused == ">"
    report(
      .invalidValue, at: place, field: field,
      "\(name) has \(isBracket ? "< or >" : "a control character or a line break") in it",
      remedy: isBracket
        ? "Write it without them." : "Write it in one line, without \\-escapes.")
    return false
  }

  /// Whether a name can't have a character: those of Unicode's category Cc, which is just these and
  /// stays so, and what pages and reports are marked up with.
  static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar == "<" || scalar == ">"
  }

  /// The truth value; nil where `node` is none.
  mutating func boolean(_ node: YAMLNode, named name: String) -> Bool? {
    if let value = node.scalar?.boolean { return value }
    let meant =
      switch node.scalar?.text.lowercased() {
      case "true", "yes", "on", "y", "1": "true"
      case "false", "no", "off", "n", "0": "false"
      default: "true or false"
      }
    let string = node.scalar.flatMap { $0.kind == .string ? $0 : nil }
    let found = string.map { "the string \(Quotation.quoted($0.text))" } ?? node.words
    let isQuoted = string?.isPlain == false
    report(
      .wrongType, at: node.place, "\(name) takes true or false, not \(found)",
      why: "In YAML 1.2 only true and false, without quotes, are truth values.",
      remedy: "Write \(meant)\(isQuoted ? " without quotes" : "").")
    return nil
  }

  /// The choice that `node` names; nil where it names none.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ node: YAMLNode, named name: String, of type: Choice.Type
  ) -> Choice? where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    guard let scalar = node.scalar, scalar.kind == .string else {
      reportType(
        of: node, named: name, expected: "one of \(words.joined(separator: ", "))",
        remedy: "Write one of these words.")
      return nil
    }
    if let choice = Choice(rawValue: scalar.text) { return choice }
    let meant = Suggestion.nearest(to: scalar.text, among: words)
    report(
      .invalidValue, at: node.place,
      "\(name) can't be \(Quotation.quoted(scalar.text))"
        + (meant.map { ": did you mean '\($0)'?" } ?? ""),
      remedy: "Write one of \(words.joined(separator: ", ")).")
    return nil
  }
}
