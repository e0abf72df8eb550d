// SPDX-License-Identifier: Apache-2.0

/// A JSON text with the places of its values, which one pass finds.
///
/// Plans and snapshots are read from it. It is no tree: a value is decoded when ``JSONValue`` is
/// asked for it, so reading takes little memory and time.
final class JSONText: Sendable {
  /// A key or a value with its place in the text.
  ///
  /// Offsets and indices fit 32 bits, because the files have at most 1 GiB.
  struct Token {
    let kind: JSONKind
    /// The offset of the first byte.
    let start: UInt32
    /// The offset after the last byte.
    var end: UInt32
    /// The index of the token that follows it and, for an object or an array, its content.
    var next: UInt32
  }

  /// The bytes of the file; the text may be a part of them.
  let bytes: [UInt8]
  /// The tokens in the order of the text; in an object, each key comes directly before its value.
  let tokens: [Token]
  /// The offset of the first space or line break between tokens; virtmem writes none.
  let firstSpace: Int?

  /// Finds the JSON value with which `range` of `bytes` begins; something else may follow it.
  ///
  /// The content of strings and numbers is checked when they are decoded.
  ///
  /// - Throws: the first mistake of the syntax.
  init(_ bytes: [UInt8], in range: Range<Int>) throws(JSONMistake) {
    var parser = JSONParser(bytes, range)
    try parser.parse()
    self.bytes = bytes
    tokens = parser.tokens
    firstSpace = parser.firstSpace
  }

  /// The value that contains all others.
  var root: JSONValue { JSONValue(self, at: 0) }

  /// Whether the token at `index` is the string `word`, written without escapes.
  func isString(_ word: String, at index: Int) -> Bool {
    let token = tokens[index]
    // A reader asks for many keys that are not there, and most differ in length.
    guard token.kind == .string, Int(token.end - token.start) == word.utf8.count + 2 else {
      return false
    }
    let (letters, start) = (word.utf8Span.span, Int(token.start) + 1)
    for place in letters.indices where bytes[start + place] != letters[place] { return false }
    return true
  }
}

/// The kinds of JSON values.
enum JSONKind {
  case object, array, string, number, boolean, null

  /// The kind for messages, such as `a number`.
  var words: String {
    switch self {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .boolean: "true or false"
    case .null: "null"
    }
  }
}
