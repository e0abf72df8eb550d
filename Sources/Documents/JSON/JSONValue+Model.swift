// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import YAML

// Reads the model's values in the form that all documents share.
extension JSONValue {
  /// The path of a field or of a group of fields; nil for `null`.
  func optionalFieldPath() throws(JSONMistake) -> FieldPath? {
    isNull ? nil : try fieldPath()
  }

  func fieldPath() throws(JSONMistake) -> FieldPath {
    let text = try string()
    guard let path = FieldPath(text) else {
      throw invalid("this version knows no field \(Quotation.quoted(text))")
    }
    return path
  }

  /// The path of a field, and the field's row in the table.
  func field() throws(JSONMistake) -> (path: FieldPath, row: Field) {
    let path = try fieldPath()
    guard let row = Field.named(path) else {
      throw invalid("\(Quotation.quoted(path.description)) is a group of fields")
    }
    return (path, row)
  }

  /// The value of `field`; nil for `null`.
  func optionalValue(of field: Field) throws(JSONMistake) -> FieldValue? {
    isNull ? nil : try value(of: field)
  }

  /// The value of `field`.
  ///
  /// A number or a word can mean several kinds of value; it is the first that the field can hold.
  func value(of field: Field) throws(JSONMistake) -> FieldValue {
    guard let value = try meanings().first(where: field.takes) else {
      throw invalid("this is no value of \(field.name.text), which takes \(field.kind.words)")
    }
    return value
  }

  /// All field values that ``JSONWriter`` writes as this JSON value.
  private func meanings() throws(JSONMistake) -> [FieldValue] {
    switch kind {
    case .array:
      return [.pages(try someElements().map { (page) throws(JSONMistake) in try page.page() })]
    case .object: return [.sizeRange(try range())]
    case .number where !isWholeNumber: return []
    case .number:
      let number: UInt64 = try integer()
      return [.size(MemorySize(bytes: number)), .seconds(number), .count(number)]
    case .boolean: return [.flag(try boolean())]
    case .string:
      let text = try string()
      let word: FieldValue? =
        switch text {
        case "unlimited": .unlimited
        case "none": .absence
        default: nil
        }
      return [word, NodeSet(text).map(FieldValue.nodes), .word(text)].compactMap(\.self)
    case .null: return []
    }
  }

  private func range() throws(JSONMistake) -> ClosedRange<MemorySize> {
    let range = try members(["max", "min"])
    let (low, high) = (try range["min"].size(), try range["max"].size())
    guard low <= high else { throw invalid("min is above max") }
    return low...high
  }

  private func page() throws(JSONMistake) -> Hugepage {
    let page = try members(["nodeset", "size"])
    let cells = try page["nodeset"].unlessNull { (cells) throws(JSONMistake) -> NodeSet in
      guard let set = NodeSet(try cells.string()) else {
        throw cells.invalid("this is no set of cells")
      }
      return set
    }
    return Hugepage(size: try page["size"].size(), cells: cells)
  }
}
