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
    ["enum": .list(words.map(SchemaNode.text))]
  }

  /// A reference to the definition `name` in `$defs`.
  static func reference(_ name: String) -> SchemaNode { ["$ref": .text("#/$defs/\(name)")] }

  /// A mapping that allows only the keys in `properties`.
  static func mapping(
    _ properties: [String: SchemaNode], required: [String] = []
  ) -> SchemaNode {
    var members: [String: SchemaNode] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
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
