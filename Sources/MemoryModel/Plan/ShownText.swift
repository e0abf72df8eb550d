// SPDX-License-Identifier: Apache-2.0

/// Text for people and for the logs of pipelines: our own words, and within them what comes from
/// outside, which can command no reader.
///
/// A literal stands as it is. What is interpolated, a name, a path, a message of libvirt, is made
/// visible: in it are no line breaks, control characters or passwords. Whatever the parts came to,
/// no line of ``description`` is a command of the pipeline that reads it. Nothing else is written
/// on the process's streams but documents, whose strings are escaped by their writers.
package struct ShownText: Hashable, Sendable {
  private var text: String

  private init(harmless text: String) {
    self.text = text
  }

  /// Makes text of several lines that another program part composed, such as the parser of arguments.
  package init(lines: String) {
    text = lines.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).visible }.joined(separator: "\n")
  }

  /// Whether there is nothing to show.
  package var isEmpty: Bool { text.isEmpty }

  /// How many characters it has, and so how wide it is as long as no colour is in it.
  package var count: Int { text.count }

  /// The two after each other.
  package static func + (left: ShownText, right: ShownText) -> ShownText {
    ShownText(harmless: left.text + right.text)
  }

  /// Puts `right` behind `left`.
  package static func += (left: inout ShownText, right: ShownText) {
    left.text += right.text
  }

  /// So many spaces.
  package static func spaces(_ count: Int) -> ShownText {
    ShownText(harmless: String(repeating: " ", count: max(0, count)))
  }

  /// The text with spaces behind it, to be at least `width` characters.
  package func padded(to width: Int) -> ShownText {
    self + .spaces(width - count)
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
  /// What a literal is put together in.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Makes room for so many bytes of our own, and some for each that is put in.
    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    /// Puts in our own words.
    package mutating func appendLiteral(_ literal: String) {
      text += literal
    }

    /// Puts in what is harmless already.
    package mutating func appendInterpolation(_ shown: ShownText) {
      text += shown.text
    }

    /// Puts in what may come from outside.
    package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += value.description.visible
    }
  }

  /// Makes text of our own words alone.
  package init(stringLiteral value: String) {
    text = value
  }

  /// Makes text of our own words and what was put in.
  package init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
  }
}

extension ShownText: CustomStringConvertible {
  /// What is written: no line begins with `::` behind blanks, and none has `##[` or `##word[`.
  package var description: String {
    guard text.utf8.contains("::".utf8) || text.utf8.contains("##".utf8) else { return text }
    return text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { Self.withoutCommands(Array($0)) }.joined(separator: "\n")
  }

  private static func withoutCommands(_ line: [Unicode.Scalar]) -> String {
    var shown = String.UnicodeScalarView()
    var start = line.indices.lowerBound
    // Colour is no text: what stands behind it begins the line.
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

  /// How long the blank or the escape sequence is that `rest` begins with; nil where it is neither.
  private static func lengthOfBlank(_ rest: ArraySlice<Unicode.Scalar>) -> Int? {
    guard let first = rest.first else { return nil }
    if first.properties.isWhitespace { return 1 }
    guard first == "\u{1B}" else { return nil }
    return (rest.firstIndex { $0.properties.isAlphabetic } ?? rest.endIndex - 1)
      - rest.startIndex + 1
  }

  /// Whether a `#` goes on as `#[` or `#vso[` do.
  private static func opensCommand(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
    rest.dropFirst().first { !$0.properties.isAlphabetic } == "["
  }
}

extension Sequence where Element == ShownText {
  /// The texts after each other, `separator` between.
  package func joined(separator: ShownText = "") -> ShownText {
    var joined: ShownText = ""
    for (index, text) in enumerated() {
      if index > 0 { joined += separator }
      joined += text
    }
    return joined
  }
}

extension String {
  /// The text in one line, passwords hidden, and what can't be seen written as its code.
  ///
  /// That takes the power from line breaks, escape sequences and marks that turn the direction of
  /// writing.
  package var visible: String {
    guard !utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return hidingPasswords }
    let scalars = hidingPasswords.unicodeScalars
    return scalars.map { $0.isVisible ? String($0) : "\\u{\($0.hexadecimal)}" }.joined()
  }
}

extension Unicode.Scalar {
  /// Whether the character leaves a mark, or a gap, and does nothing else.
  package var isVisible: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
    default: true
    }
  }

  fileprivate var hexadecimal: String { String(value, radix: 16, uppercase: true) }
}
