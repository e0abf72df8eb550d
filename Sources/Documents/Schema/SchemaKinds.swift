// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The JSON Schema of each kind of field value.
enum SchemaKinds {
  private static let unit = "(KiB|MiB|GiB|TiB|KB|MB|GB|TB|bytes|b)"
  /// A number below 16384, libvirt's limit for sets of numbers.
  private static let member =
    "0*([0-9]{1,4}|1[0-5][0-9]{3}|16[0-2][0-9]{2}|163[0-7][0-9]|1638[0-3])"
  private static let part = " *(\\^\(member)|\(member)(-\(member))?) *"

  /// The value definitions that several fields share, by name.
  static let definitions: [String: SchemaNode] = [
    "string": [
      "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
    ],
    "size": pattern(
      "^0*[1-9][0-9]*\(unit)$",
      "A whole number and, with nothing between, KiB, MiB, GiB, TiB, KB, MB, GB, TB or bytes."),
    "sizeOrZero": pattern("^[0-9]+\(unit)$", "A size such as 8GiB, or 0KiB."),
    "range": range(of: "size"),
    "rangeFromZero": range(of: "sizeOrZero"),
    "duration": pattern("^[0-9]+[smh]$", "A whole number of s, m or h: 10s."),
    "durationAboveZero": pattern("^0*[1-9][0-9]*[smh]$", "A whole number of s, m or h: 10m."),
    "nodeSet": [
      "type": ["string", "integer"], "pattern": .text("^\(part)(,\(part))*$"), "minimum": 0,
      "maximum": .number(Int(NodeSet.limit) - 1),
      "description": "Numbers and ranges: \"0-3,7\", with ^ before what is taken out again.",
    ],
    "count": whole("^\\+?0*[1-9][0-9]*$", from: 1),
    "number": whole("^\\+?[0-9]+$", from: 0),
    "uuid": pattern(
      "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$", "A UUID."),
    "address": [
      "type": ["string", "integer"], "pattern": "^(0x0*[1-9A-Fa-f][0-9A-Fa-f]*|0*[1-9][0-9]*)$",
      "minimum": 1,
      "description": "A place in memory such as 0x140000000.",
    ],
    "hugepages": [
      "type": "array", "minItems": 1,
      "items": .mapping(
        ["size": .reference("size"), "nodeset": .reference("nodeSet")], required: ["size"]),
      "description": "Pages by their size and the guest cells they are for.",
    ],
  ]

  private static func pattern(_ pattern: String, _ description: String) -> SchemaNode {
    ["type": "string", "pattern": .text(pattern), "description": .text(description)]
  }

  private static func range(of size: String) -> SchemaNode {
    [
      "type": "object", "minProperties": 1, "additionalProperties": false,
      "properties": ["min": .reference(size), "max": .reference(size)],
      "description": "Anything between two bounds, both included.",
    ]
  }

  private static func whole(_ pattern: String, from least: Int) -> SchemaNode {
    [
      "type": ["integer", "string"], "pattern": .text(pattern), "minimum": .number(least),
      "maximum": .number(Int(UInt32.max)),
    ]
  }

  /// The schema of a field of `kind`; every field also accepts `unmanaged`.
  static func schema(of kind: FieldKind) -> SchemaNode {
    switch kind {
    case .size: any(of: "size")
    case .sizeOrZero: any(of: "sizeOrZero")
    case .sizeOrRange: any(of: "size", "range")
    case .sizeOrZeroOrRange: any(of: "sizeOrZero", "rangeFromZero")
    case .sizeOrUnlimited: any(of: "size", words: ["unlimited"])
    case .sizeOrNone: any(of: "size", words: ["none"])
    case .duration: any(of: "duration")
    case .count: any(of: "count")
    case .number: any(of: "number")
    case .boolean: ["anyOf": [["type": "boolean"], .words(["unmanaged"])]]
    case .word(let words): .words(words + ["unmanaged"])
    case .wordOrNone(let words): .words(words + ["none", "unmanaged"])
    case .nodeSet: any(of: "nodeSet")
    case .hugepages: any(of: "hugepages", words: ["default", "none"])
    case .text: ["$ref": "#/$defs/string", "not": ["const": "none"]]
    case .uuid: any(of: "uuid")
    case .address: any(of: "address")
    case .onlyNone: .words(["none", "unmanaged"])
    }
  }

  private static func any(of definitions: String..., words: [String] = []) -> SchemaNode {
    [
      "anyOf": .list(
        definitions.map(SchemaNode.reference) + [.words(words + ["unmanaged"])])
    ]
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
