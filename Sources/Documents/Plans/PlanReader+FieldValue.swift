// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

// Field values. A number or a word in JSON can mean several kinds of value; the table of fields
// decides which one it is.
extension PlanReader {
  /// The path of the field that a member names, and the field's row in the table.
  static func row(_ node: YAMLNode) throws(PlanMistake) -> (path: FieldPath, row: Field) {
    let path = try path(node)
    guard let row = Field.named(path) else {
      throw node.invalid("\(Quotation.quoted(path.description)) is a group of fields")
    }
    return (path, row)
  }

  /// The path of the field or group that a member names.
  static func path(_ node: YAMLNode) throws(PlanMistake) -> FieldPath {
    let text = try node.string()
    guard let path = FieldPath(text) else {
      throw node.invalid("this version knows no field \(Quotation.quoted(text))")
    }
    return path
  }

  /// A field's value; nil for `null`.
  static func optionalValue(
    _ node: YAMLNode, of field: Field
  ) throws(PlanMistake) -> FieldValue? {
    node.isNull ? nil : try value(node, of: field)
  }

  /// A field's value: of all possible meanings, the first that the field can hold.
  static func value(_ node: YAMLNode, of field: Field) throws(PlanMistake) -> FieldValue {
    guard let value = try meanings(of: node).first(where: field.takes) else {
      throw node.invalid(
        "this is no value of \(field.name.text), which takes \(field.kind.words)")
    }
    return value
  }

  /// All field values that ``JSONWriter`` writes as this JSON value.
  private static func meanings(of node: YAMLNode) throws(PlanMistake) -> [FieldValue] {
    switch node.content {
    case .sequence:
      return [.pages(try node.elements(page))]
    case .mapping:
      let range = try node.members(["max", "min"])
      let (low, high): (UInt64, UInt64) = (
        try range["min"].integer(), try range["max"].integer()
      )
      guard low <= high else { throw node.invalid("min is above max") }
      return [.sizeRange(MemorySize(bytes: low)...MemorySize(bytes: high))]
    case .scalar(let scalar):
      switch (scalar.kind, scalar.text) {
      case (.integer, _):
        let number: UInt64 = try node.integer()
        return [.size(MemorySize(bytes: number)), .seconds(number), .count(number)]
      case (.boolean, _): return scalar.boolean.map { [.flag($0)] } ?? []
      case (.string, let text):
        let word: FieldValue? =
          switch text {
          case "unlimited": .unlimited
          case "none": .absence
          default: nil
          }
        return [word, NodeSet(text).map(FieldValue.nodes), .word(text)].compactMap(\.self)
      default: return []
      }
    }
  }

  private static func page(_ node: YAMLNode) throws(PlanMistake) -> Hugepage {
    let page = try node.members(["nodeset", "size"])
    let cells = try page["nodeset"].unlessNull { (node) throws(PlanMistake) -> NodeSet in
      guard let cells = NodeSet(try node.string()) else {
        throw node.invalid("this is no set of cells")
      }
      return cells
    }
    return Hugepage(size: MemorySize(bytes: try page["size"].integer()), cells: cells)
  }
}
