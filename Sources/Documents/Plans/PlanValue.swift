// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// What is wrong with a plan's document, at the place that it is wrong.
struct PlanMistake: Error {
  let rule: Rule
  let place: YAMLPlace
  /// What is wrong, without naming the member.
  let summary: String
  /// Why that is so, where it needs more words.
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

/// The members of an object of a plan's document: all that it has to have and no other.
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

  /// The value of a member; asking for one that the object was not read with is our own mistake.
  subscript(key: String) -> YAMLNode {
    guard let entry = entries.first(where: { $0.key.text == key }) else {
      preconditionFailure("no member \(key) was asked for")
    }
    return entry.value
  }
}

// The strict readings of a value: what is written, or a mistake.
extension YAMLNode {
  /// The members of an object that has just these.
  func members(_ keys: [String]) throws(PlanMistake) -> PlanMembers {
    try PlanMembers(self, keys)
  }

  /// Whether an object has a member of that name.
  func has(_ key: String) -> Bool {
    guard case .mapping(let entries) = content else { return false }
    return entries.contains { $0.key.text == key }
  }

  /// The elements of an array as `read` takes them.
  func elements<Value>(
    _ read: (YAMLNode) throws(PlanMistake) -> Value
  ) throws(PlanMistake) -> [Value] {
    guard case .sequence(let nodes) = content else { throw mistyped("an array") }
    return try nodes.map(read)
  }

  /// What `read` takes the value for; nil for `null`.
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

  /// A URI that may be connected to; nil for `null`.
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

  /// A whole number.
  func integer<Number: FixedWidthInteger>() throws(PlanMistake) -> Number {
    guard let scalar, scalar.kind == .integer else { throw mistyped("a whole number") }
    guard let number = Number(scalar.text) else {
      throw invalid("\(Quotation.quoted(scalar.text)) is too large, or not spelled as JSON does")
    }
    return number
  }

  /// A truth value.
  func boolean() throws(PlanMistake) -> Bool {
    guard let scalar, scalar.kind == .boolean else { throw mistyped("true or false") }
    return scalar.text == "true"
  }

  /// A word of `Choice`.
  func word<Choice: RawRepresentable>() throws(PlanMistake) -> Choice
  where Choice.RawValue == String {
    let text = try string()
    guard let choice = Choice(rawValue: text) else {
      throw invalid("this version knows no \(Quotation.quoted(text)) here")
    }
    return choice
  }

  /// The mistake that the value is of another type.
  func mistyped(_ expected: String) -> PlanMistake {
    PlanMistake(
      rule: .wrongType, place: place, summary: "\(expected) belongs here, not \(words)")
  }

  /// The mistake that the value can't be there.
  func invalid(_ summary: String) -> PlanMistake {
    PlanMistake(rule: .invalidValue, place: place, summary: summary)
  }

  /// The name of the member at `place`, such as `domains[0].steps[2].plane`; nil where none is.
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
