// SPDX-License-Identifier: Apache-2.0

/// Splits the bytes of a YAML stream into documents and finds invalid characters.
///
/// libyaml stops at a syntax error. The stream is split first, so that the other documents are
/// still read.
enum YAMLText {
  /// The part of a stream that holds one document, with the directives before its `---`.
  struct Document {
    /// The offsets of the document in the stream.
    let range: Range<Int>
    /// The number of its first line, counted from 1.
    let firstLine: Int
  }

  /// An invalid character, described for a message.
  struct Flaw {
    let place: YAMLPlace
    let summary: String
    let detail: String
    let remedy: String
  }

  /// The length of the UTF-8 byte order mark at the start: 3, or 0 without one.
  static func byteOrderMarkLength(_ bytes: [UInt8]) -> Int {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// Whether the byte at `index` ends a line: LF, or CR without LF after it.
  static func endsLine(_ bytes: [UInt8], at index: Int) -> Bool {
    switch bytes[index] {
    case UInt8(ascii: "\n"): true
    case UInt8(ascii: "\r"): index + 1 == bytes.count || bytes[index + 1] != UInt8(ascii: "\n")
    default: false
    }
  }

  /// `UTF-16` or `UTF-32` where the first bytes show that encoding; else nil.
  static func foreignEncoding(_ bytes: [UInt8]) -> String? {
    let start = Array(bytes.prefix(4))
    let zeros = start.map { $0 == 0 }
    if start.starts(with: [0, 0, 0xFE, 0xFF]) || start == [0xFF, 0xFE, 0, 0] { return "UTF-32" }
    if start.starts(with: [0xFE, 0xFF]) || start.starts(with: [0xFF, 0xFE]) { return "UTF-16" }
    switch zeros {
    case [true, true, true, false], [false, true, true, true]: return "UTF-32"
    case [true, false, true, false], [false, true, false, true], [false, true], [true, false]:
      return "UTF-16"
    default: return nil
    }
  }

  /// The documents of a stream, split before each `---` line and after each `...` line.
  ///
  /// At the start of a line these markers end even an open quoted text, so every split is correct.
  static func documents(in bytes: [UInt8]) -> [Document] {
    var documents: [Document] = []
    var (start, firstLine) = (byteOrderMarkLength(bytes), 1)
    var (lineStart, line) = (start, 1)
    var directive: (start: Int, line: Int)?
    for index in start..<bytes.count where endsLine(bytes, at: index) || index + 1 == bytes.count {
      switch bytes[lineStart] {
      case UInt8(ascii: "-") where isMarker("---", in: bytes, at: lineStart):
        let cut = directive ?? (lineStart, line)
        if cut.start > start {
          documents.append(Document(range: start..<cut.start, firstLine: firstLine))
        }
        (start, firstLine) = cut
        directive = nil
      case UInt8(ascii: ".") where isMarker("...", in: bytes, at: lineStart):
        documents.append(Document(range: start..<index + 1, firstLine: firstLine))
        (start, firstLine) = (index + 1, line + 1)
        directive = nil
      case UInt8(ascii: "%"): directive = directive ?? (lineStart, line)
      case UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
      default: directive = nil
      }
      (lineStart, line) = (index + 1, line + 1)
    }
    if start < bytes.count {
      documents.append(Document(range: start..<bytes.count, firstLine: firstLine))
    }
    return documents
  }

  private static func isMarker(_ marker: String, in bytes: [UInt8], at index: Int) -> Bool {
    guard bytes[index...].starts(with: marker.utf8) else { return false }
    return index + 3 == bytes.count || [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index + 3])
  }

  /// The first invalid byte or character of a document; nil where there is none.
  static func flaw(in bytes: [UInt8], of document: Document) -> Flaw? {
    var index = document.range.lowerBound
    while index < document.range.upperBound {
      let byte = bytes[index]
      if byte >= 0x20 && byte < 0x7F || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        index += 1
        continue
      }
      let character = character(in: bytes[index..<document.range.upperBound])
      guard let (scalar, length) = character, !isRefused(scalar) else {
        return flaw(character?.scalar, at: place(of: index, in: bytes, of: document), byte: byte)
      }
      index += length
    }
    return nil
  }

  private static func character(
    in bytes: ArraySlice<UInt8>
  ) -> (scalar: UnicodeScalar, length: Int)? {
    var decoder = UTF8()
    var iterator = bytes.prefix(4).makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return (scalar, UTF8.width(scalar))
  }

  /// Whether YAML forbids the character, or YAML and libyaml differ on whether it ends a line.
  private static func isRefused(_ scalar: UnicodeScalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
    default: false
    }
  }

  private static func flaw(_ scalar: UnicodeScalar?, at place: YAMLPlace, byte: UInt8) -> Flaw {
    guard let scalar else {
      return Flaw(
        place: place,
        summary: "the byte 0x\(String(byte, radix: 16, uppercase: true)) is not UTF-8",
        detail: "Manifests and plans are UTF-8 text; this may be Latin-1, or no text at all.",
        remedy: "Save the file as UTF-8.")
    }
    let code = String(scalar.value, radix: 16, uppercase: true)
    let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
    return Flaw(
      place: place, summary: "the invisible character \(name) is not allowed",
      detail:
        "Control characters, line separators and byte order marks inside a text can't be seen.",
      remedy: "Remove it; in double quotes it can be written as \"\\u\(name.dropFirst(2))\".")
  }

  private static func place(of index: Int, in bytes: [UInt8], of document: Document) -> YAMLPlace {
    var (line, lineStart) = (document.firstLine, document.range.lowerBound)
    for place in document.range.lowerBound..<index where endsLine(bytes, at: place) {
      (line, lineStart) = (line + 1, place + 1)
    }
    let column = String(decoding: bytes[lineStart..<index], as: UTF8.self).unicodeScalars.count + 1
    return YAMLPlace(line: line, column: column)
  }
}
