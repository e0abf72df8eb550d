// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import MemoryModel

/// Writes JSON without whitespace, in one pass and into one buffer.
///
/// The caller writes the keys of an object in the order of their bytes; debug builds check this.
struct JSONWriter {
  /// The bytes written so far.
  private(set) var bytes: [UInt8] = []
  private var needsComma = false
  /// Whether the strings are for YAML, whose escapes differ from those of JSON for some characters.
  private let isYAML: Bool
  #if DEBUG
    /// The last key of each open object; empty before its first key.
    private var lastKeys: [String] = []
  #endif

  /// Makes a writer whose buffer has room for `capacity` bytes.
  init(capacity: Int = 0, asYAML isYAML: Bool = false) {
    self.isYAML = isYAML
    bytes.reserveCapacity(capacity)
  }

  /// Ends the document with a newline and returns its bytes.
  consuming func finished() -> [UInt8] {
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// Writes an object; `body` writes its members.
  mutating func object(_ body: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "{"))
    #if DEBUG
      lastKeys.append("")
    #endif
    body(&self)
    #if DEBUG
      lastKeys.removeLast()
    #endif
    close(UInt8(ascii: "}"))
  }

  /// Writes an array; `body` writes each element.
  mutating func array<Elements: Sequence>(
    _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
  ) {
    open(UInt8(ascii: "["))
    for element in elements {
      body(&self, element)
    }
    close(UInt8(ascii: "]"))
  }

  /// Writes an array whose elements other writers wrote; each part has some of them, with commas
  /// between.
  mutating func array(joining parts: [[UInt8]]) {
    open(UInt8(ascii: "["))
    for part in parts where !part.isEmpty {
      separate()
      bytes += part
    }
    close(UInt8(ascii: "]"))
  }

  /// Writes an array of strings.
  mutating func array(_ strings: [String]) {
    array(strings) { $0.string($1) }
  }

  /// Writes a member's key; the caller must write its value next.
  mutating func key(_ key: String) {
    #if DEBUG
      if let last = lastKeys.popLast() {
        // All keys are ASCII, so comparing the strings compares their bytes.
        assert(last < key, "\(key) after \(last)")
        assert(Self.isPlain(key), key)
        lastKeys.append(key)
      }
    #endif
    separate()
    // No key needs an escape.
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: key.utf8)
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes a member that is a string; nil as `null`.
  mutating func member(_ key: String, _ value: String?) {
    self.key(key)
    if let value { string(value) } else { null() }
  }

  /// Writes a member that is a whole number.
  mutating func member(_ key: String, _ value: some BinaryInteger) {
    self.key(key)
    integer(value)
  }

  /// Writes a string with escapes.
  ///
  /// It escapes characters that JSON requires to be escaped, characters that YAML does not allow
  /// unescaped (users may read documents as YAML), and characters that are invisible or could control
  /// a terminal or a CI pipeline that shows the document. All other characters stay UTF-8.
  mutating func string(_ value: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    // Most strings need no escape, so their bytes are copied at once.
    if Self.isPlain(value) {
      bytes.append(contentsOf: value.utf8)
    } else {
      var last: Unicode.Scalar = " "
      for scalar in value.unicodeScalars {
        // CI pipelines execute commands that begin with `##[` or `##vso[` anywhere in a line.
        if scalar == "#" && last == "#" { escapeByCode(scalar) } else { escape(scalar) }
        last = scalar
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes a whole number.
  mutating func integer(_ value: some BinaryInteger) {
    separate()
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(digitsOf: UInt64(value.magnitude))
  }

  /// Writes a number of seconds, rounded to milliseconds, without trailing zeros; `null` if it is
  /// not finite or too large.
  mutating func seconds(_ value: Double) {
    guard let milliseconds = Int64(exactly: (value * 1000).rounded()) else { return null() }
    separate()
    if milliseconds < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(digitsOf: milliseconds.magnitude / 1000)
    let fraction = milliseconds.magnitude % 1000
    guard fraction != 0 else { return }
    var digits = String(1000 + fraction).utf8.dropFirst()
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    bytes.append(UInt8(ascii: "."))
    bytes.append(contentsOf: digits)
  }

  /// Writes `true` or `false`.
  mutating func boolean(_ value: Bool) {
    separate()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// Writes `null`.
  mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  /// Whether a string is certain to need no escape.
  private static func isPlain(_ value: String) -> Bool {
    let text = value.utf8Span.span
    for index in text.indices where needsEscape(text[index]) { return false }
    return true
  }

  /// Whether a byte needs an escape, or begins a character that may need one.
  private static func needsEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "#"): true
    default: !(0x20..<0x7F).contains(byte)
    }
  }

  private mutating func escape(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": bytes.append(contentsOf: "\\\"".utf8)
    case "\\": bytes.append(contentsOf: "\\\\".utf8)
    case "\n": bytes.append(contentsOf: "\\n".utf8)
    case "\t": bytes.append(contentsOf: "\\t".utf8)
    case "\r": bytes.append(contentsOf: "\\r".utf8)
    case _ where scalar.isVisible: bytes.append(contentsOf: String(scalar).utf8)
    default: escapeByCode(scalar)
    }
  }

  /// Writes a character as `\u` and four hexadecimal digits.
  ///
  /// Outside Unicode's first plane JSON has two such codes for a character, a surrogate pair. YAML
  /// has none, but `\U` and eight digits.
  private mutating func escapeByCode(_ scalar: Unicode.Scalar) {
    if isYAML && scalar.value > 0xFFFF { return escape("U", scalar.value, digits: 8) }
    for unit in String(scalar).utf16 { escape("u", UInt32(unit), digits: 4) }
  }

  private mutating func escape(_ letter: Character, _ code: UInt32, digits count: Int) {
    let digits = String(code, radix: 16)
    bytes.append(contentsOf: "\\\(letter)".utf8)
    bytes.append(contentsOf: String(repeating: "0", count: count - digits.count).utf8)
    bytes.append(contentsOf: digits.utf8)
  }
}
