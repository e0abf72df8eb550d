// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// A mistake in a plan's document, with its place.
struct PlanMistake: Error {
  let rule: Rule
  let place: YAMLPlace
  /// The mistake, without the member's name.
  let summary: String
  /// The reason, if the summary needs one.
  var detail = ""
  /// What to do about it.
  var remedy = PlanMistake.savedAnew

  /// What to do about a plan that is not as it was saved.
  static let savedAnew = "Save the plan anew with virtmem plan --out; a plan is not edited."
  /// What to do about a file that is no plan.
  static let otherFile = "Name a file that virtmem plan --out has saved."
  /// What to do about a plan that another version wrote.
  static let otherVersion = "Use the virtmem that saved it, or save the plan anew."
}

/// The members of an object in a plan's document: all required members, and no others.
struct PlanMembers {
  fileprivate let entries: [YAMLEntry]
  private let place: YAMLPlace

  fileprivate init(_ node: YAMLNode, _ keys: [String]) throws(PlanMistake) {
    guard case .mapping(let entries) = node.content else { throw node.mistyped("an object") }
    for entry in entries where !keys.contains(entry.key.text) {
      throw PlanMistake(
        rule: .unknownField, place: entry.place, summary: "this version knows no such member",
        remedy: PlanMistake.otherVersion)
    }
    for key in keys where !entries.contains(where: { $0.key.text == key }) {
      throw PlanMistake(
        rule: .missingField, place: node.place, summary: "the member \(key) is missing")
    }
    self.entries = entries
    place = node.place
  }

  /// The value of a member; traps for a key that was not among the object's required keys.
  subscript(key: String) -> YAMLNode {
    guard let entry = entries.first(where: { $0.key.text == key }) else {
      preconditionFailure("no member \(key) was asked for")
    }
    return entry.value
  }
}

// Strict readers for JSON values: each returns the value or throws a mistake.
extension YAMLNode {
  /// The members of an object that must have exactly the keys `keys`.
  func members(_ keys: [String]) throws(PlanMistake) -> PlanMembers {
    try PlanMembers(self, keys)
  }

  /// Whether the node is an object with a member named `key`.
  func has(_ key: String) -> Bool {
    guard case .mapping(let entries) = content else { return false }
    return entries.contains { $0.key.text == key }
  }

  /// The elements of an array, each converted by `read`.
  func elements<Value>(
    _ read: (YAMLNode) throws(PlanMistake) -> Value
  ) throws(PlanMistake) -> [Value] {
    guard case .sequence(let nodes) = content else { throw mistyped("an array") }
    return try nodes.map(read)
  }

  /// The value, converted by `read`; nil for `null`.
  func unlessNull<Value>(
    _ read: (YAMLNode) throws(PlanMistake) -> Value
  ) throws(PlanMistake) -> Value? {
    isNull ? nil : try read(self)
  }

  /// A string.
  func string() throws(PlanMistake) -> String {
    guard let scalar, scalar.kind == .string else { throw mistyped("a string") }
    return scalar.text
  }

  /// A URI that virtmem may connect to; nil for `null`.
  func optionalURI() throws(PlanMistake) -> String? {
    guard let text = try optionalString() else { return nil }
    guard let refusal = URIRefusal(of: text) else { return text }
    throw PlanMistake(
      rule: .refusedURI, place: place, summary: refusal.summary, detail: refusal.detail,
      remedy: URIRefusal.remedy)
  }

  /// A string; nil for `null`.
  func optionalString() throws(PlanMistake) -> String? {
    isNull ? nil : try string()
  }

  /// An array of strings.
  func strings() throws(PlanMistake) -> [String] {
    try elements { (node) throws(PlanMistake) in try node.string() }
  }

  /// A whole number that fits `Number`.
  func integer<Number: FixedWidthInteger>() throws(PlanMistake) -> Number {
    guard let scalar, scalar.kind == .integer else { throw mistyped("a whole number") }
    guard let number = Number(scalar.text) else {
      throw invalid("\(Quotation.quoted(scalar.text)) is too large, or not spelled as JSON does")
    }
    return number
  }

  /// The members of an object whose keys are not fixed.
  func entries() throws(PlanMistake) -> [(key: String, value: YAMLNode)] {
    guard case .mapping(let entries) = content else { throw mistyped("an object") }
    return entries.map { ($0.key.text, $0.value) }
  }

  /// A number of seconds, to the millisecond.
  func seconds() throws(PlanMistake) -> Double {
    guard let scalar, scalar.kind == .integer || scalar.kind == .float,
      let seconds = Double(scalar.text)
    else { throw mistyped("a number of seconds") }
    return seconds
  }

  /// A boolean.
  func boolean() throws(PlanMistake) -> Bool {
    guard let scalar, scalar.kind == .boolean else { throw mistyped("true or false") }
    return scalar.text == "true"
  }

  /// The case of `Choice` whose raw value is the string.
  func word<Choice: RawRepresentable>() throws(PlanMistake) -> Choice
  where Choice.RawValue == String {
    let text = try string()
    guard let choice = Choice(rawValue: text) else {
      throw invalid("this version knows no \(Quotation.quoted(text)) here")
    }
    return choice
  }

  /// The mistake for a value of another type than `expected`, such as `a string`.
  func mistyped(_ expected: String) -> PlanMistake {
    PlanMistake(
      rule: .wrongType, place: place, summary: "\(expected) belongs here, not \(words)")
  }

  /// The mistake for a value that is not allowed here.
  func invalid(_ summary: String) -> PlanMistake {
    PlanMistake(rule: .invalidValue, place: place, summary: summary)
  }

  /// The path of the member at `place`, such as `domains[0].steps[2].plane`; nil if there is no
  /// member.
  func name(of place: YAMLPlace, prefix: String = "") -> String? {
    switch content {
    case .scalar: return self.place == place ? prefix : nil
    case .sequence(let nodes):
      if self.place == place { return prefix }
      for (index, node) in nodes.enumerated() {
        if let name = node.name(of: place, prefix: "\(prefix)[\(index)]") { return name }
      }
    case .mapping(let entries):
      if self.place == place { return prefix }
      for entry in entries {
        let key = Quotation.shortened(entry.key.text)
        let member = prefix.isEmpty ? key : "\(prefix).\(key)"
        if entry.place == place { return member }
        if let name = entry.value.name(of: place, prefix: member) { return name }
      }
    }
    return nil
  }
}
