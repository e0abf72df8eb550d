// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The JSON Schema of each kind of field value.
///
/// Each is one pattern, one list of words or one `if`, so that a validator has one message for a
/// mistake. With `anyOf` it would have one for each alternative, or none that helps.
enum SchemaKinds {
  private static let unit = "(KiB|MiB|GiB|TiB|KB|MB|GB|TB|bytes|b)"
  /// A number below 16384, libvirt's limit for sets of numbers.
  private static let member =
    "0*([0-9]{1,4}|1[0-5][0-9]{3}|16[0-2][0-9]{2}|163[0-7][0-9]|1638[0-3])"
  private static let part = " *(\\^\(member)|\(member)(-\(member))?) *"

  private static let size = "0*[1-9][0-9]*\(unit)"
  private static let sizeOrZero = "[0-9]+\(unit)"
  private static let durationAboveZero = "0*[1-9][0-9]*[smh]"
  private static let nodeSet = "\(part)(,\(part))*"
  /// A date that exists: the months have their lengths, and the leap years stand last.
  private static let date =
    "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    + "|02-(0[1-9]|1[0-9]|2[0-8]))"
    + "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29"
  private static let uuid =
    "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"

  /// The value definitions that several fields share, by name.
  static let definitions: [String: SchemaNode] = [
    "string": [
      "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
      "errorMessage": "Write text without control characters.",
    ],
    "size": pattern(size, says: "a size such as 8GiB"),
    "range": range(of: size, says: "a size such as 8GiB"),
    "rangeFromZero": range(of: sizeOrZero, says: "a size such as 8GiB or 0KiB"),
    "durationAboveZero": pattern(durationAboveZero, says: "a whole number of s, m or h, as 10m"),
    "date": pattern(date, says: "a date that exists, such as 2026-12-31"),
    "suspension": suspension,
    "uuid": pattern(uuid, says: "a UUID"),
    "hugepages": [
      "type": "array", "minItems": 1, "errorMessage": .text("Write \(FieldKind.hugepages.words)."),
      "items": SchemaNode.mapping([
        "size": .reference("size"),
        "nodeset": numbers(
          nodeSet, from: 0, to: Int(NodeSet.limit) - 1, says: "numbers such as \"0-3,7\""),
      ]).refused("Write an entry with size and nodeset, such as {size: 2MiB, nodeset: 0}.")
        .requiring(
          ["size"], as: ["size": "2MiB"], says: "Write an entry such as {size: 2MiB, nodeset: 0}."),
      "description": "Pages by their size and the guest cells they are for.",
    ],
  ]

  private static var suspension: SchemaNode {
    let mapping = SchemaNode.mapping([
      "until": SchemaNode.reference("date").described("The last day for which it is meant."),
      "reason": SchemaNode.reference("string").described("Why, for those who read a plan."),
    ])
    guard case .object(var members) = mapping else { return mapping }
    members["minProperties"] = 1
    members["examples"] = [["until": "2026-12-31", "reason": "the disks are replaced"]]
    return .object(members)
  }

  /// A string that matches `pattern` as a whole.
  private static func pattern(_ pattern: String, says words: String) -> SchemaNode {
    [
      "type": "string", "pattern": .text("^(\(pattern))$"),
      "errorMessage": .text("Write \(words)."),
      "description": .text(words.prefix(1).uppercased() + words.dropFirst() + "."),
    ]
  }

  private static func range(of size: String, says words: String) -> SchemaNode {
    let bound: SchemaNode = [
      "type": "string", "pattern": .text("^(\(size))$"), "errorMessage": .text("Write \(words)."),
    ]
    let message = "Write both bounds, such as {min: 4GiB, max: 8GiB}."
    return SchemaNode.mapping(["min": bound, "max": bound]).refused(message)
      .requiring(["min", "max"], as: ["min": "4GiB", "max": "8GiB"], says: message)
      .described("Anything between two bounds, both included.")
  }

  /// A whole number in some range, or a string that matches `pattern`.
  private static func numbers(
    _ pattern: String, from least: Int, to most: Int, says words: String
  ) -> SchemaNode {
    [
      "type": ["string", "integer"], "pattern": .text("^(\(pattern))$"), "minimum": .number(least),
      "maximum": .number(most), "errorMessage": .text("Write \(words)."),
    ]
  }

  /// The schema of a field of `kind`; every field also accepts `unmanaged`.
  static func schema(of kind: FieldKind) -> SchemaNode {
    let limit = Int(UInt32.max)
    return switch kind {
    case .size: scalar(size, kind)
    case .sizeOrZero: scalar(sizeOrZero, kind)
    case .sizeOrUnlimited: scalar("\(size)|unlimited", kind)
    case .sizeOrNone: scalar("\(size)|none", kind)
    case .sizeOrRange: object(.reference("range"), else: scalar(size, kind))
    case .sizeOrZeroOrRange: object(.reference("rangeFromZero"), else: scalar(sizeOrZero, kind))
    case .duration: scalar("[0-9]+[smh]", kind)
    case .count: numbers("\\+?0*[1-9][0-9]*|unmanaged", from: 1, to: limit, says: kind.words)
    case .number: numbers("\\+?[0-9]+|unmanaged", from: 0, to: limit, says: kind.words)
    case .boolean:
      [
        "enum": [true, false, "unmanaged"], "errorMessage": "Write true, false or unmanaged.",
      ]
    case .word(let words): .words(words + ["unmanaged"])
    case .wordOrNone(let words): .words(words + ["none", "unmanaged"])
    case .nodeSet:
      numbers("\(nodeSet)|unmanaged", from: 0, to: Int(NodeSet.limit) - 1, says: kind.words)
    case .hugepages:
      [
        "if": ["type": "array"], "then": .reference("hugepages"),
        "else": SchemaNode.words(["default", "none", "unmanaged"])
          .refused("Write \(kind.words)."),
      ]
    case .text:
      [
        "$ref": "#/$defs/string", "not": ["const": "none"],
        "errorMessage": "Write a text; 'none' is not one.",
      ]
    case .uuid: scalar(uuid, kind)
    case .address:
      [
        "type": ["string", "integer"],
        "pattern": "^(0x0*[1-9A-Fa-f][0-9A-Fa-f]*|0*[1-9][0-9]*|unmanaged)$", "minimum": 1,
        "errorMessage": .text("Write \(kind.words)."),
      ]
    case .onlyNone: .words(["none", "unmanaged"])
    }
  }

  private static func scalar(_ pattern: String, _ kind: FieldKind) -> SchemaNode {
    [
      "type": "string", "pattern": .text("^(\(pattern)|unmanaged)$"),
      "errorMessage": .text("Write \(kind.words)."), "examples": [.text(kind.example)],
    ]
  }

  /// A mapping that `schema` describes, or another value.
  static func object(_ schema: SchemaNode, else other: SchemaNode) -> SchemaNode {
    ["if": ["type": "object"], "then": schema, "else": other]
  }

  /// The description of a group that has no row in the table of fields.
  static func summary(of group: FieldName) -> String {
    switch group {
    case .memtune: "Limits that the host puts on the domain's memory.\nlibvirt: <memtune>."
    case .memoryBacking: "Where the guest's RAM comes from.\nlibvirt: <memoryBacking>."
    case .memballoon: "The device by which a guest gives memory back.\nlibvirt: <memballoon>."
    case .devices: "Memory devices by user alias (ua-NAME).\nlibvirt: <devices><memory>."
    case .device: "A memory device; what is not listed is not managed.\nlibvirt: <memory>."
    case .cells: "The guest's NUMA cells by their numbers.\nlibvirt: <cpu><numa>."
    case .cell: "A cell of the guest.\nlibvirt: <cell>."
    case .memnode: "The binding of one guest cell.\nlibvirt: <memnode>."
    default: group.text
    }
  }
}
