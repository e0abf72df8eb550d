// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import YAML
internal import MemoryModel

/// Reads the values of one file's documents and collects all mistakes.
struct ManifestDecoder {
  /// The file's name in messages.
  let file: String
  /// The mistakes found so far.
  private(set) var mistakes: [Diagnostic] = []

  /// Makes a decoder for `file`.
  init(file: String) {
    self.file = file
  }

  /// The source position of `place` in the decoder's file.
  func position(_ place: YAMLPlace) -> SourcePosition {
    SourcePosition(file: file, line: place.line, column: place.column)
  }

  /// Adds an error diagnostic: what is wrong, why, and how to correct it.
  mutating func report(
    _ rule: Rule, at place: YAMLPlace, field: FieldPath? = nil, _ summary: String,
    why detail: String = "", remedy: String
  ) {
    mistakes.append(
      Diagnostic(
        .error, rule: rule, field: field, summary: summary, detail: detail,
        remedy: remedy, source: position(place)))
  }

  /// Reports a value of the wrong type; `expected` describes the right one, such as `a string`.
  mutating func reportType(
    of node: YAMLNode, named name: String, expected: String, field: FieldPath? = nil,
    remedy: String
  ) {
    report(
      .wrongType, at: node.place, field: field, "\(name) takes \(expected), not \(node.words)",
      remedy: remedy)
  }
}

/// The entries of a mapping, with known and with other keys.
struct ManifestObject {
  /// The place where the mapping begins.
  let place: YAMLPlace
  /// The entries with known keys; they are so few that a linear search is faster than hashing.
  fileprivate(set) var known: [YAMLEntry] = []
  /// The entries with other keys.
  fileprivate(set) var others: [YAMLEntry] = []

  /// The entry of a known key, even if its value is invalid; nil if the key is missing.
  fileprivate func entry(_ key: String) -> YAMLEntry? {
    known.first { $0.key.text == key }
  }

  /// The value of a known key; nil if the key is missing or its value is empty.
  subscript(key: String) -> YAMLNode? {
    entry(key).flatMap { $0.value.isNull ? nil : $0.value }
  }
}

extension ManifestDecoder {
  /// The mapping `node`; nil if it is not a mapping.
  ///
  /// It reports each key that is not in `keys`.
  mutating func object(_ node: YAMLNode, named name: String, keys: [String]) -> ManifestObject? {
    guard let object = openObject(node, named: name, keys: keys) else { return nil }
    for entry in object.others { reportUnknown(entry, in: name, known: keys) }
    return object
  }

  /// The mapping `node`; nil if it is not a mapping.
  ///
  /// Keys that are not in `keys` go to ``ManifestObject/others`` and are not reported.
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

  /// Reports a key without a value.
  mutating func reportEmpty(_ entry: YAMLEntry, named name: String, field: FieldPath? = nil) {
    report(
      .emptyValue, at: entry.place, field: field, "\(name) has no value",
      why: "An empty value could mean the default, nothing or a slip, so it is not taken.",
      remedy: "Write a value, or remove the line.")
  }

  /// Reports a missing key, unless it is present and empty, which ``openObject(_:named:keys:)`` has
  /// already reported.
  mutating func reportMissing(_ key: String, in object: ManifestObject, named name: String) {
    guard object.entry(key) == nil else { return }
    report(
      .missingField, at: object.place, "\(name) is missing", why: "It has no default.",
      remedy: "Add \(key) here.")
  }

  /// The value of `key`, converted by `read`, with its place; nil if the key is missing.
  ///
  /// An invalid value gives a ``Placed`` without a value: it overrides other layers in merging, but
  /// has no other effect.
  mutating func placed<Value>(
    _ key: String, in object: ManifestObject,
    _ read: (inout ManifestDecoder, YAMLNode) -> Value?
  ) -> Placed<Value>? {
    guard object.entry(key) != nil else { return nil }
    let node = object[key]
    return Placed(
      value: node.flatMap { read(&self, $0) }, position: position(node?.place ?? object.place))
  }

  /// Reports an unknown key, and suggests the known key that the user probably meant.
  mutating func reportUnknown(_ entry: YAMLEntry, in name: String, known: [String]) {
    let key = entry.key.text
    let summary = "unknown field \(Quotation.quoted(key)) in \(name)"
    let why = "What virtmem does not know it refuses, so that no slip goes unnoticed."
    if key == "<<" {
      report(
        .unknownField, at: entry.place, summary, why: "Merge keys are YAML 1.1; this is YAML 1.2.",
        remedy: "Put what is shared into a Profile.")
    } else if known.contains("spec"), FieldPath(key, in: nil) != nil {
      report(
        .unknownField, at: entry.place, summary, why: "\(key) is a field of spec.",
        remedy: "Indent it below `spec:`.")
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

  /// The text of a non-empty string without forbidden characters; nil if `node` is anything else.
  ///
  /// `allowsBrackets` says that `<` and `>` are not forbidden: the text is no name.
  mutating func string(
    _ node: YAMLNode, named name: String, field: FieldPath? = nil, allowsBrackets: Bool = false
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
    let isHarmless = isHarmless(
      scalar, at: node.place, named: name, field: field, allowsBrackets: allowsBrackets)
    return isHarmless ? scalar.text : nil
  }

  /// Whether a name, a label or a path has no forbidden character; reports the first one.
  mutating func isHarmless(
    _ scalar: YAMLScalar, at place: YAMLPlace, named name: String, field: FieldPath? = nil,
    allowsBrackets: Bool = false
  ) -> Bool {
    let isBracket = { (scalar: Unicode.Scalar) in scalar == "<" || scalar == ">" }
    let refused = scalar.text.unicodeScalars.first {
      Self.isRefused($0) && !(allowsBrackets && isBracket($0))
    }
    guard let refused else { return true }
    report(
      .invalidValue, at: place, field: field,
      "\(name) has \(isBracket(refused) ? "< or >" : "a control character or a line break") in it",
      remedy: isBracket(refused)
        ? "Write it without them." : "Write it in one line, without \\-escapes.")
    return false
  }

  /// Whether names must not contain a character: a control character (Unicode category Cc), `<` or
  /// `>`.
  ///
  /// Unicode never adds characters to the category Cc. Web pages and reports use `<` and `>` as
  /// markup.
  static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar == "<" || scalar == ">"
  }

  /// The boolean value; nil if `node` is not `true` or `false`.
  ///
  /// `other` is what the key takes besides, for the messages.
  mutating func boolean(
    _ node: YAMLNode, named name: String, or other: String? = nil
  ) -> Bool? {
    if let value = node.scalar?.boolean { return value }
    let accepted = "true or false" + (other.map { ", or \($0)" } ?? "")
    let meant =
      switch node.scalar?.text.lowercased() {
      case "true", "yes", "on", "y", "1": "true"
      case "false", "no", "off", "n", "0": "false"
      default: accepted
      }
    let string = node.scalar.flatMap { $0.kind == .string ? $0 : nil }
    let found = string.map { "the string \(Quotation.quoted($0.text))" } ?? node.words
    let isQuoted = string?.isPlain == false
    report(
      .wrongType, at: node.place, "\(name) takes \(accepted), not \(found)",
      why: "In YAML 1.2 only true and false, without quotes, are truth values.",
      remedy: "Write \(meant)\(isQuoted ? " without quotes" : "").")
    return nil
  }

  /// The case of `Choice` that `node` names; nil if it names none.
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
