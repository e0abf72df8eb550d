// SPDX-License-Identifier: Apache-2.0

/// Finds the tokens of a JSON text from left to right.
struct JSONParser {
  /// The greatest depth of nested objects and arrays; no document of virtmem comes near it.
  static let maximumDepth = 64

  /// The tokens found so far.
  private(set) var tokens: [JSONText.Token] = []
  /// The offset of the first space or line break between tokens.
  private(set) var firstSpace: Int?

  private let bytes: [UInt8]
  private let end: Int
  private var offset: Int
  /// The bracket that closes the innermost open object or array.
  private var closing: UInt8?

  /// Makes a parser at the beginning of `range`.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
    tokens.reserveCapacity(range.count / 8)
  }

  /// Finds all tokens of one value.
  mutating func parse() throws(JSONMistake) {
    try value(depth: 1)
  }

  private var byte: UInt8? { offset < end ? bytes[offset] : nil }

  private mutating func skipSpaces() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      if firstSpace == nil { firstSpace = offset }
      offset += 1
    }
  }

  /// The mistake for text that is no JSON, or for the end of the text before all is closed.
  private func unexpected(_ summary: String) -> JSONMistake {
    guard offset == end, let closing else { return JSONMistake(.notJSON(summary), at: offset) }
    return unclosed(closing)
  }

  private func unclosed(_ bracket: UInt8) -> JSONMistake {
    JSONMistake(.unclosed(Character(Unicode.Scalar(bracket))), at: offset)
  }

  private mutating func value(depth: Int) throws(JSONMistake) {
    skipSpaces()
    guard let byte else { throw unexpected("a value belongs here") }
    switch byte {
    case UInt8(ascii: "{"): try container(.object, until: UInt8(ascii: "}"), depth: depth)
    case UInt8(ascii: "["): try container(.array, until: UInt8(ascii: "]"), depth: depth)
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): number()
    case UInt8(ascii: "t"): try word("true", .boolean)
    case UInt8(ascii: "f"): try word("false", .boolean)
    case UInt8(ascii: "n"): try word("null", .null)
    default: throw unexpected("a value belongs here")
    }
  }

  /// Reads an object or an array up to the bracket `close`.
  private mutating func container(
    _ kind: JSONKind, until close: UInt8, depth: Int
  ) throws(JSONMistake) {
    guard depth <= Self.maximumDepth else { throw JSONMistake(.tooDeep, at: offset) }
    let (index, outer) = (tokens.count, closing)
    closing = close
    append(kind, upTo: offset + 1)
    skipSpaces()
    while byte != close {
      if kind == .object { try key() }
      try value(depth: depth + 1)
      skipSpaces()
      guard byte == UInt8(ascii: ",") else { break }
      offset += 1
      skipSpaces()
      guard byte != close else { throw unexpected("a value belongs here") }
    }
    guard byte == close else { throw unclosed(close) }
    offset += 1
    tokens[index].end = UInt32(offset)
    tokens[index].next = UInt32(tokens.count)
    closing = outer
  }

  private mutating func key() throws(JSONMistake) {
    guard byte == UInt8(ascii: "\"") else { throw unexpected("a key belongs here") }
    try string()
    skipSpaces()
    guard byte == UInt8(ascii: ":") else { throw unexpected("':' belongs here") }
    offset += 1
  }

  private mutating func string() throws(JSONMistake) {
    append(.string, upTo: try closingQuote() + 1)
  }

  /// The offset of the quote that closes the string at the parser's place.
  private func closingQuote() throws(JSONMistake) -> Int {
    // Nearly all bytes of a document are in strings, so each is looked at once.
    let (bytes, end) = (bytes.span, end)
    var next = offset + 1
    while next < end {
      let byte = bytes[next]
      if byte == UInt8(ascii: "\"") { return next }
      guard byte >= 0x20 else { throw JSONMistake(.notJSON("a control character"), at: next) }
      next += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    throw JSONMistake(.unclosedString, at: offset)
  }

  private mutating func number() {
    var next = offset
    while next < end, Self.isOfNumber(bytes[next]) { next += 1 }
    append(.number, upTo: next)
  }

  private static func isOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private mutating func word(_ word: String, _ kind: JSONKind) throws(JSONMistake) {
    let start = offset
    for expected in word.utf8 {
      guard byte == expected else { throw unexpected("a value belongs here") }
      offset += 1
    }
    append(kind, from: start, upTo: offset)
  }

  /// Appends a token that contains no other token yet, and moves behind it.
  private mutating func append(_ kind: JSONKind, from start: Int? = nil, upTo end: Int) {
    tokens.append(
      JSONText.Token(
        kind: kind, start: UInt32(start ?? offset), end: UInt32(end),
        next: UInt32(tokens.count + 1)))
    offset = end
  }
}
