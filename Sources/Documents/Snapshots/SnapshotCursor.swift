// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A mistake in a snapshot, with the offset of its byte.
struct SnapshotMistake: Error {
  let rule: Rule
  let offset: Int
  let summary: String
  var detail = ""
  /// What to do about it.
  var remedy = "Observe anew with virtmem observe; a snapshot is not edited."

  /// What to do about a file that is no snapshot.
  static let otherFile = "Name a file that virtmem observe has written."
}

/// Reads one line of a snapshot from left to right, and accepts only JSON as ``Snapshot`` writes
/// it.
///
/// Keys have a fixed order, so the caller asks for one after the other, and no tree is built. This
/// makes reading fast: ten thousand domains take milliseconds.
struct SnapshotCursor {
  private let bytes: [UInt8]
  private let end: Int
  private(set) var offset: Int
  /// Whether no member of the open object has been read yet.
  private var isFirst = true

  /// Makes a cursor at the beginning of the line in `range`.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  private var byte: UInt8? { offset < end ? bytes[offset] : nil }

  /// The mistake for an invalid value at `place`, which defaults to the cursor's place.
  func mistake(_ summary: String, at place: Int? = nil) -> SnapshotMistake {
    SnapshotMistake(rule: .invalidSnapshot, offset: place ?? offset, summary: summary)
  }

  private mutating func expect(_ expected: UInt8) throws(SnapshotMistake) {
    guard byte == expected else {
      throw mistake("'\(Character(Unicode.Scalar(expected)))' belongs here")
    }
    offset += 1
  }

  /// Reads an object; `body` reads its members in the order of their keys.
  mutating func object<Value>(
    _ body: (inout SnapshotCursor) throws(SnapshotMistake) -> Value
  ) throws(SnapshotMistake) -> Value {
    try expect(UInt8(ascii: "{"))
    isFirst = true
    let value = try body(&self)
    guard byte == UInt8(ascii: "}") else {
      throw mistake("this version knows no such member, or not at this place")
    }
    offset += 1
    isFirst = false
    return value
  }

  /// Reads an array that is not empty; `body` reads each element.
  mutating func array(
    _ body: (inout SnapshotCursor) throws(SnapshotMistake) -> Void
  ) throws(SnapshotMistake) {
    try expect(UInt8(ascii: "["))
    while true {
      try body(&self)
      guard byte == UInt8(ascii: ",") else { break }
      offset += 1
    }
    try expect(UInt8(ascii: "]"))
    isFirst = false
  }

  /// Whether the next member is `key`; if so, the cursor moves to its value.
  mutating func takes(_ key: String) -> Bool {
    var place = offset
    if !isFirst {
      guard byte == UInt8(ascii: ",") else { return false }
      place += 1
    }
    let text = key.utf8Span.span
    guard place + text.count + 3 <= end, bytes[place] == UInt8(ascii: "\"") else { return false }
    place += 1
    for index in 0..<text.count where bytes[place + index] != text[index] { return false }
    place += text.count
    guard bytes[place] == UInt8(ascii: "\""), bytes[place + 1] == UInt8(ascii: ":") else {
      return false
    }
    offset = place + 2
    isFirst = false
    return true
  }

  /// Moves the cursor to the value of the next member, which must be `key`.
  mutating func require(_ key: String) throws(SnapshotMistake) {
    guard takes(key) else { throw mistake("the member \(key) is missing") }
  }

  /// Whether a digit is next.
  var isAtNumber: Bool { byte.map { (0x30...0x39).contains($0) } ?? false }

  /// Whether a string is next.
  var isAtString: Bool { byte == UInt8(ascii: "\"") }

  /// Whether an array is next.
  var isAtArray: Bool { byte == UInt8(ascii: "[") }

  /// A whole number that is not negative.
  mutating func integer() throws(SnapshotMistake) -> UInt64 {
    let start = offset
    var number: UInt64 = 0
    while let byte, (0x30...0x39).contains(byte) {
      let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, isOver) = product.addingReportingOverflow(UInt64(byte - 0x30))
      guard !isTooLarge && !isOver else { throw mistake("the number is too large", at: start) }
      number = sum
      offset += 1
    }
    guard offset > start else { throw mistake("a whole number belongs here") }
    guard offset == start + 1 || bytes[start] != 0x30 else {
      throw mistake("a number does not begin with 0", at: start)
    }
    return number
  }

  /// A whole number that fits `type`, with an optional minus sign.
  mutating func integer<Number: FixedWidthInteger>(
    as type: Number.Type
  ) throws(SnapshotMistake) -> Number {
    let start = offset
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    let magnitude = Int64(exactly: try integer()).map { isNegative ? -$0 : $0 }
    guard let number = magnitude.flatMap({ Number(exactly: $0) }) else {
      throw mistake("the number is too large", at: start)
    }
    return number
  }

  /// `true` or `false`.
  mutating func boolean() throws(SnapshotMistake) -> Bool {
    for (word, value) in [("true", true), ("false", false)]
    where bytes[offset..<end].starts(with: word.utf8) {
      offset += word.utf8.count
      return value
    }
    throw mistake("true or false belongs here")
  }

  /// Whether `null` is next; if so, the cursor moves past it.
  mutating func takesNull() -> Bool {
    guard bytes[offset..<end].starts(with: "null".utf8) else { return false }
    offset += 4
    return true
  }

  /// A string.
  mutating func string() throws(SnapshotMistake) -> String {
    guard byte == UInt8(ascii: "\"") else { throw mistake("a string belongs here") }
    let start = offset + 1
    var next = start
    var hasEscape = false
    while next < end, bytes[next] != UInt8(ascii: "\"") {
      guard bytes[next] >= 0x20 else { throw mistake("a control character", at: next) }
      if bytes[next] == UInt8(ascii: "\\") {
        hasEscape = true
        next += 1
      }
      next += 1
    }
    guard next < end else { throw mistake("the string is never closed") }
    offset = next + 1
    guard let text = String(validating: bytes[start..<next], as: UTF8.self) else {
      throw mistake("the string is not UTF-8", at: start)
    }
    return hasEscape ? try unescaped(text, at: start) : text
  }

  private func unescaped(_ text: String, at start: Int) throws(SnapshotMistake) -> String {
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\\" else {
        result.append(scalar)
        continue
      }
      switch rest.popFirst() {
      case "\"": result.append("\"")
      case "\\": result.append("\\")
      case "n": result.append("\n")
      case "t": result.append("\t")
      case "r": result.append("\r")
      case "u":
        guard let scalar = Self.escapedScalar(&rest) else {
          throw mistake("the string has an escape that is none", at: start)
        }
        result.append(scalar)
      default: throw mistake("the string has an escape that is none", at: start)
      }
    }
    return String(result)
  }

  /// The character whose code begins `rest`, behind `\u`; two codes for a surrogate pair.
  private static func escapedScalar(
    _ rest: inout Substring.UnicodeScalarView
  ) -> Unicode.Scalar? {
    guard let unit = codeUnit(&rest) else { return nil }
    guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
    guard rest.popFirst() == "\\", rest.popFirst() == "u", let trail = codeUnit(&rest),
      UTF16.isTrailSurrogate(trail)
    else { return nil }
    return String(decoding: [unit, trail], as: UTF16.self).unicodeScalars.first
  }

  private static func codeUnit(_ rest: inout Substring.UnicodeScalarView) -> UInt16? {
    let digits = String(String.UnicodeScalarView(rest.prefix(4)))
    rest = rest.dropFirst(4)
    guard digits.utf8.count == 4, !digits.utf8.contains(0x2B), !digits.utf8.contains(0x2D) else {
      return nil
    }
    return UInt16(digits, radix: 16)
  }

  /// Checks that the line ends here.
  func finish() throws(SnapshotMistake) {
    guard offset == end else { throw mistake("the line goes on where it should end") }
  }
}
