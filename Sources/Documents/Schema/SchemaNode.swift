// SPDX-License-Identifier: Apache-2.0

/// A JSON value of the schema that is being built.
indirect enum SchemaNode: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  Sendable
{
  case text(String)
  case flag(Bool)
  case number(Int)
  case list([SchemaNode])
  case object([String: SchemaNode])

  init(stringLiteral text: String) { self = .text(text) }
  init(booleanLiteral flag: Bool) { self = .flag(flag) }
  init(integerLiteral number: Int) { self = .number(number) }
  init(arrayLiteral nodes: SchemaNode...) { self = .list(nodes) }
  init(dictionaryLiteral members: (String, SchemaNode)...) {
    self = .object(Dictionary(members) { first, _ in first })
  }

  /// A value that is one of `words`.
  static func words(_ words: [String]) -> SchemaNode {
    let choice = words.dropLast().joined(separator: ", ")
    let last = words.last ?? ""
    return [
      "enum": .list(words.map(SchemaNode.text)),
      "errorMessage": .text("Write \(choice.isEmpty ? last : "\(choice) or \(last)")."),
    ]
  }

  /// `true` or `false`.
  static let boolean: SchemaNode = ["type": "boolean", "errorMessage": "Write true or false."]

  /// A reference to the definition `name` in `$defs`.
  static func reference(_ name: String) -> SchemaNode { ["$ref": .text("#/$defs/\(name)")] }

  /// A mapping that allows only the keys in `properties`; its message names them.
  static func mapping(
    _ properties: [String: SchemaNode], required: [String] = []
  ) -> SchemaNode {
    var members: [String: SchemaNode] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
    let keys = properties.keys.sorted().map { key in
      required.contains(key) && properties.count > 1 ? "\(key) (required)" : key
    }
    members["errorMessage"] = .text("Write a mapping with \(keys.joined(separator: ", ")).")
    if !required.isEmpty { members["required"] = .list(required.map(SchemaNode.text)) }
    return .object(members)
  }

  /// The same schema with a description, which editors display.
  func described(_ description: String) -> SchemaNode { with("description", description) }

  /// The same schema with the message that editors show for a value that it refuses.
  func refused(_ message: String) -> SchemaNode { with("errorMessage", message) }

  private func with(_ keyword: String, _ text: String) -> SchemaNode {
    guard case .object(var members) = self else { return self }
    members[keyword] = .text(text)
    return .object(members)
  }

  /// The mapping that `self` describes, of which every key in `required` has a value as in
  /// `example`.
  ///
  /// With `required` alone, a validator has one message for each key that is missing.
  func requiring(_ required: [String], as example: SchemaNode, says message: String) -> SchemaNode {
    [
      "if": ["type": "object", "required": .list(required.map(SchemaNode.text))], "then": self,
      "else": ["const": example, "errorMessage": .text(message)],
    ]
  }

  /// Writes the value; members are sorted by key.
  func write(to json: inout JSONWriter) {
    switch self {
    case .text(let text): json.string(text)
    case .flag(let flag): json.boolean(flag)
    case .number(let number): json.integer(number)
    case .list(let nodes): json.array(nodes) { $1.write(to: &$0) }
    case .object(let members):
      json.object { json in
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
          json.key(key)
          value.write(to: &json)
        }
      }
    }
  }
}
