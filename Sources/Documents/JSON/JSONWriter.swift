// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import MemoryModel
internal import Synchronization

/// Writes JSON without a blank, in one pass and into one buffer.
///
/// The caller gives the keys of an object in the order of their bytes; debug builds check that.
struct JSONWriter {
  /// What was written so far.
  private(set) var bytes: [UInt8] = []
  private var needsComma = false
  #if DEBUG
    /// The last key of each object that is open, empty before its first.
    private var lastKeys: [String] = []
  #endif

  /// Makes a writer that has room for `capacity` bytes before it has to grow.
  init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Ends the document with a newline and gives its bytes.
  consuming func finished() -> [UInt8] {
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// Writes an object, whose members `body` writes.
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

  /// Writes an array, of which `body` writes each element.
  mutating func array<Elements: Sequence>(
    _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
  ) {
    open(UInt8(ascii: "["))
    for element in elements {
      body(&self, element)
    }
    close(UInt8(ascii: "]"))
  }

  /// Writes an array of which `body` writes each element, on all processors; what is written from
  /// `start` on, the array's end left out, is added to `hash` meanwhile.
  ///
  /// `body` must be pure: nothing is promised of when it is called.
  mutating func concurrentArray<Element: Sendable>(
    _ elements: [Element], from start: Int, addingTo hash: inout SHA256,
    _ body: @Sendable (inout JSONWriter, Element) -> Void
  ) {
    open(UInt8(ascii: "["))
    hash.add(bytes.span.extracting(start...))
    let written = Mutex((bytes: bytes, hash: hash))
    // There is one array of bytes, which grows in place.
    bytes = []
    elements.concurrentParts { elements in
      var part = JSONWriter()
      for element in elements { body(&part, element) }
      return part.bytes
    } inOrder: { part in
      written.withLock { written in
        let isFirst = written.bytes.last == UInt8(ascii: "[")
        let separated = isFirst ? part : [UInt8(ascii: ",")] + part
        written.bytes += separated
        written.hash.add(separated.span)
      }
    }
    (bytes, hash) = written.withLock { written in
      defer { written.bytes = [] }
      return written
    }
    close(UInt8(ascii: "]"))
  }

  /// Writes an array of strings.
  mutating func array(_ strings: [String]) {
    array(strings) { $0.string($1) }
  }

  /// Writes a member's key; its value has to follow.
  mutating func key(_ key: String) {
    #if DEBUG
      if let last = lastKeys.popLast() {
        // Strings compare as their UTF-8 bytes do as long as they are ASCII, as all our keys are.
        assert(last < key, "\(key) after \(last)")
        assert(Self.isPlain(key), key)
        lastKeys.append(key)
      }
    #endif
    separate()
    // All our keys are plain.
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

  /// Writes a string, escaped what JSON demands, what YAML does not let stand raw, and what could
  /// command a terminal or a pipeline that shows the document.
  ///
  /// Documents are read back as YAML. All else stays UTF-8.
  mutating func string(_ value: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    // Mostly there is nothing to escape, and the bytes go over in one run.
    if Self.isPlain(value) {
      bytes.append(contentsOf: value.utf8)
    } else {
      var last: Unicode.Scalar = " "
      for scalar in value.unicodeScalars {
        // Pipelines take commands that begin with `##[` or `##vso[` from anywhere in a line.
        if scalar == "#" && last == "#" { escapeByCode(scalar) } else { escape(scalar) }
        last = scalar
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes a whole number, exactly.
  mutating func integer(_ value: some BinaryInteger) {
    separate()
    bytes.append(contentsOf: String(value).utf8)
  }

  /// Writes a number of seconds to the millisecond, without trailing zeros; no number as `null`.
  mutating func seconds(_ value: Double) {
    guard let milliseconds = Int64(exactly: (value * 1000).rounded()) else { return null() }
    separate()
    if milliseconds < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(contentsOf: String(milliseconds.magnitude / 1000).utf8)
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

  /// Whether a string stands in a document as it is.
  private static func isPlain(_ value: String) -> Bool {
    let text = value.utf8Span.span
    for index in text.indices where needsEscape(text[index]) { return false }
    return true
  }

  /// Whether a byte is escaped, or begins a character that may be.
  private static func needsEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "#"), 0x7F, 0xC2, 0xD8,
      0xE2,
      0xEF:
      true
    default: false
    }
  }

  private mutating func escape(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": bytes.append(contentsOf: "\\\"".utf8)
    case "\\": bytes.append(contentsOf: "\\\\".utf8)
    case "\n": bytes.append(contentsOf: "\\n".utf8)
    case "\t": bytes.append(contentsOf: "\\t".utf8)
    case "\r": bytes.append(contentsOf: "\\r".utf8)
    case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{FFFE}"..."\u{FFFF}": escapeByCode(scalar)
    // Line separators, byte order marks, and what turns the direction of writing.
    case "\u{AD}", "\u{61C}", "\u{200B}"..."\u{200F}", "\u{2028}"..."\u{202E}",
      "\u{2060}"..."\u{206F}", "\u{FEFF}", "\u{FFF9}"..."\u{FFFB}":
      escapeByCode(scalar)
    default: bytes.append(contentsOf: String(scalar).utf8)
    }
  }

  /// Writes a character of Unicode's first plane as its four digits.
  private mutating func escapeByCode(_ scalar: Unicode.Scalar) {
    let digits = String(scalar.value, radix: 16)
    bytes.append(contentsOf: "\\u".utf8)
    bytes.append(contentsOf: String(repeating: "0", count: 4 - digits.count).utf8)
    bytes.append(contentsOf: digits.utf8)
  }
}
