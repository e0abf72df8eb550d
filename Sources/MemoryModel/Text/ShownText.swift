// SPDX-License-Identifier: Apache-2.0

/// Text for terminals and for the logs of CI pipelines that is safe to print.
///
/// Literals are printed as they are. Interpolated values, such as names, paths and libvirt's
/// messages, may come from an attacker: line breaks and control characters in them are escaped, and
/// passwords are hidden. No line of ``description`` can be taken for a command by GitHub Actions or
/// Azure Pipelines. virtmem writes to its standard streams only this type and documents; the
/// document writers escape their strings themselves.
package struct ShownText: Hashable, Sendable {
  private var text: String

  private init(harmless text: String) {
    self.text = text
  }

  /// Makes text from several lines that another component wrote, such as the argument parser.
  ///
  /// Line breaks stay; each line is escaped like an interpolated value.
  package init(lines: String) {
    text = lines.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).visible }.joined(separator: "\n")
  }

  /// Whether the text has no characters.
  package var isEmpty: Bool { text.isEmpty }

  /// The number of characters that a terminal shows, which are those without the sequences for
  /// colour.
  package var count: Int {
    guard text.utf8.contains(0x1B) else { return text.count }
    let parts = text.split(separator: "\u{1B}", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(parts[0].count) { $0 + $1.drop { $0 != "m" }.count - 1 }
  }

  /// The text on one line of `width` columns, with `…` in the place of what does not fit.
  ///
  /// The text must have no colour. Nil as `width` is a line of any length.
  package func cut(to width: Int?) -> ShownText {
    guard let width, text.count > width else { return self }
    return ShownText(harmless: text.prefix(max(0, width - 1)) + "…")
  }

  /// Joins two texts.
  package static func + (left: ShownText, right: ShownText) -> ShownText {
    ShownText(harmless: left.text + right.text)
  }

  /// Appends `right` to `left`.
  package static func += (left: inout ShownText, right: ShownText) {
    left.text += right.text
  }

  /// Makes a text of `count` spaces; of none where `count` is negative.
  package static func spaces(_ count: Int) -> ShownText {
    ShownText(harmless: String(repeating: " ", count: max(0, count)))
  }

  /// The text, padded with spaces at its end to at least `width` characters.
  package func padded(to width: Int) -> ShownText {
    self + .spaces(width - count)
  }

  /// The parts of the text between its spaces, each with the number of spaces before it.
  package var words: [(gap: Int, word: ShownText)] {
    var words: [(gap: Int, word: ShownText)] = []
    var gap = 0
    for (index, part) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      if index > 0 { gap += 1 }
      guard !part.isEmpty else { continue }
      words.append((gap, ShownText(harmless: String(part))))
      gap = 0
    }
    return words
  }

  /// The text without spaces at its end.
  package var trimmingTrailingSpaces: ShownText {
    var end = text.endIndex
    while end > text.startIndex, text[text.index(before: end)] == " " {
      end = text.index(before: end)
    }
    return ShownText(harmless: String(text[..<end]))
  }
}

extension ShownText: ExpressibleByStringInterpolation {
  /// Collects the literals and the values of an interpolated text.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Reserves room for the literals in bytes, and 16 bytes for each value.
    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    /// Appends a literal as it is.
    package mutating func appendLiteral(_ literal: String) {
      text += literal
    }

    /// Appends text that is safe already.
    package mutating func appendInterpolation(_ shown: ShownText) {
      text += shown.text
    }

    /// Appends a value that may come from outside, escaped.
    package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += value.description.visible
    }
  }

  /// Makes text from one literal.
  package init(stringLiteral value: String) {
    text = value
  }

  /// Makes text from literals and interpolated values.
  package init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
  }
}

extension ShownText: CustomStringConvertible {
  /// The text to print: no line starts with `::` after blanks, and none contains `##[` or
  /// `##word[`.
  package var description: String {
    guard hasPossibleCommand else { return text }
    return text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { Self.withoutCommands(Array($0)) }.joined(separator: "\n")
  }

  /// Whether the text has `::` or `##` anywhere.
  private var hasPossibleCommand: Bool {
    // One pass over the bytes: reports ask this of every text, and the search of the standard
    // library takes ten times as long.
    var last: UInt8 = 0
    for byte in text.utf8 {
      if byte == last && (byte == UInt8(ascii: ":") || byte == UInt8(ascii: "#")) { return true }
      last = byte
    }
    return false
  }

  private static func withoutCommands(_ line: [Unicode.Scalar]) -> String {
    var shown = String.UnicodeScalarView()
    var start = line.indices.lowerBound
    // A pipeline ignores blanks and colours at the start of a line when it looks for a command.
    while start < line.count, let length = lengthOfBlank(line[start...]) { start += length }
    for (index, scalar) in line.enumerated() {
      if index == start, line[index...].starts(with: "::".unicodeScalars) {
        shown += #"\u{3A}"#.unicodeScalars
      } else if scalar == "#", index > 0, line[index - 1] == "#", opensCommand(line[index...]) {
        shown += #"\u{23}"#.unicodeScalars
      } else {
        shown.append(scalar)
      }
    }
    return String(shown)
  }

  /// The length of the blank or escape sequence at the start of `rest`; nil where there is neither.
  private static func lengthOfBlank(_ rest: ArraySlice<Unicode.Scalar>) -> Int? {
    guard let first = rest.first else { return nil }
    if first.properties.isWhitespace { return 1 }
    guard first == "\u{1B}" else { return nil }
    return (rest.firstIndex { $0.properties.isAlphabetic } ?? rest.endIndex - 1)
      - rest.startIndex + 1
  }

  /// Whether the text from a `#` on starts like `#[` or `#vso[`.
  private static func opensCommand(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
    rest.dropFirst().first { !$0.properties.isAlphabetic } == "["
  }
}

extension Sequence where Element == ShownText {
  /// The texts in their order, with `separator` between them.
  package func joined(separator: ShownText = "") -> ShownText {
    var joined: ShownText = ""
    for (index, text) in enumerated() {
      if index > 0 { joined += separator }
      joined += text
    }
    return joined
  }
}
