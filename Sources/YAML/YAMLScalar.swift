// SPDX-License-Identifier: Apache-2.0

/// A scalar as written, with its kind in the core schema of YAML 1.2.
package struct YAMLScalar: Hashable, Sendable {
  /// The kinds of scalars that the core schema distinguishes.
  package enum Kind: Hashable, Sendable {
    /// `null`, `~`, or nothing at all.
    case null
    /// `true` or `false`; but `yes`, `no`, `on` and `off` are strings.
    case boolean
    /// A whole number, also with `0x` or `0o`; but `1:30` is a string.
    case integer
    /// A number with a fraction or an exponent, an infinity, or not-a-number.
    case float
    /// Any other text, and all quoted text.
    case string

    /// The kind with its article, for messages.
    package var words: String {
      switch self {
      case .null: "nothing"
      case .boolean: "true or false"
      case .integer, .float: "a number"
      case .string: "a string"
      }
    }
  }

  /// The text without quotes and with escapes resolved.
  package let text: String
  /// Whether the scalar is written without quotes and is not a block scalar (`|` or `>`).
  package let isPlain: Bool

  /// Makes a scalar.
  package init(text: String, isPlain: Bool) {
    self.text = text
    self.isPlain = isPlain
  }

  /// The kind of the scalar in the core schema.
  package var kind: Kind {
    guard isPlain else { return .string }
    guard let first = text.utf8.first else { return .null }
    // The first character alone shows that most scalars are strings.
    switch first {
    case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"):
      return ["~", "null", "Null", "NULL"].contains(text) ? .null : .string
    case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
      let words = ["true", "True", "TRUE", "false", "False", "FALSE"]
      return words.contains(text) ? .boolean : .string
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      return Self.kindOfNumber(text.utf8)
    default: return .string
    }
  }

  /// The truth value; nil for any other kind.
  package var boolean: Bool? {
    kind == .boolean ? text.utf8.count == 4 : nil
  }

  private static func kindOfNumber(_ text: String.UTF8View) -> Kind {
    let mayHavePrefix = text.first == UInt8(ascii: "0")
    if mayHavePrefix, text.starts(with: "0x".utf8) || text.starts(with: "0o".utf8) {
      let radix = text.starts(with: "0x".utf8) ? 16 : 8
      let digits = text.dropFirst(2)
      let isNumber = !digits.isEmpty && digits.allSatisfy { isDigit($0, radix: radix) }
      return isNumber ? .integer : .string
    }
    var rest = text[...]
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    if rest.first == UInt8(ascii: ".") {
      if [".inf", ".Inf", ".INF"].contains(where: { rest.elementsEqual($0.utf8) }) {
        return .float
      }
      if [".nan", ".NaN", ".NAN"].contains(where: { text.elementsEqual($0.utf8) }) {
        return .float
      }
    }
    let whole = takeDigits(&rest)
    if rest.isEmpty { return whole > 0 ? .integer : .string }
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = takeDigits(&rest)
    }
    guard whole + fraction > 0 else { return .string }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest.removeFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
      guard takeDigits(&rest) > 0 else { return .string }
    }
    return rest.isEmpty ? .float : .string
  }

  private static func takeDigits(_ text: inout Substring.UTF8View) -> Int {
    let rest = text.drop { isDigit($0, radix: 10) }
    defer { text = rest }
    return text.count - rest.count
  }

  private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "7"): true
    case UInt8(ascii: "8"), UInt8(ascii: "9"): radix >= 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): radix == 16
    default: false
    }
  }
}
