// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Text as Markdown, in the dialects of GitHub and GitLab.
///
/// A value that may come from outside can't become markup, a link, a mention or a command, also in
/// the cell of a table.
enum MarkdownText {
  /// A name in a code span, at most `limit` characters of it.
  static func code(_ name: String, limit: Int = 100) -> String {
    let text = ShownText("\(name)").cut(to: limit).description
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
          || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_./:+*".utf8.contains(byte)
      }
    // In a table no escape works for a backslash before a bar within backticks.
    return isPlain ? "`\(text)`" : "<code>\(entities(text) { $0.isASCII && !$0.isWord })</code>"
  }

  /// Names in code spans, at most ten of them, and how many more there are.
  static func names(_ names: [String]) -> String {
    let limit = 10
    let shown = names.prefix(limit).map { code($0) }.joined(separator: ", ")
    return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
  }

  /// A name within a block of HTML, in which Markdown means nothing.
  static func htmlCode(_ name: String, limit: Int = 100) -> String {
    let text = ShownText("\(name)").cut(to: limit).description
    return "<code>\(entities(text) { "&<>\"'`".unicodeScalars.contains($0) })</code>"
  }

  /// A sentence outside of code spans, at most `limit` characters of it.
  static func escaped(_ sentence: ShownText, limit: Int = 300) -> String {
    let text = sentence.description.replacing("\n", with: " ")
    let shown = ShownText("\(text)").cut(to: limit).description
    // Links are found in text too, where no escape helps.
    return entities(shown) { "&<>`|\\*_[]~$@#!%".unicodeScalars.contains($0) }
      .replacing("://", with: ":&#8203;//").replacing("www.", with: "www&#8203;.")
  }

  /// The text with codes in the place of some ASCII characters.
  ///
  /// GitHub and GitLab find mentions and references in the rendered text, where a code is gone
  /// again. So behind each of these characters is a space without width, unless a space follows.
  private static func entities(
    _ text: String, where isEscaped: (Unicode.Scalar) -> Bool
  ) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    for (index, scalar) in scalars.enumerated() {
      guard isEscaped(scalar) else {
        result.unicodeScalars.append(scalar)
        continue
      }
      result += "&#\(scalar.value);"
      if "&~$@#!%".unicodeScalars.contains(scalar), index + 1 < scalars.count,
        scalars[index + 1] != " "
      {
        result += "&#8203;"
      }
    }
    return result
  }

  /// Lines of text in a fence that is longer than each run of backticks in them.
  static func fenced(_ text: String, _ language: String = "") -> String {
    var (longest, run) = (0, 0)
    for byte in text.utf8 {
      run = byte == UInt8(ascii: "`") ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)\(language)\n\(text)\(text.hasSuffix("\n") ? "" : "\n")\(fence)\n"
  }

  /// The text of a plan with its marks in the first column, where a `diff` gives them colour.
  static func marked(_ text: ShownText) -> String {
    text.description.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let start = line.unicodeScalars.prefix(4)
      if start.count == 4, start.starts(with: "  ".unicodeScalars), start.last == " ",
        let mark = start.dropFirst(2).first, "+-~!…=?".unicodeScalars.contains(mark)
      {
        return "\(mark)   \(String(line.unicodeScalars.dropFirst(4)))"
      }
      // A name at the start of a line must not look like a mark or a command.
      let isAmbiguous = line.unicodeScalars.first.map { "+-~!@#/".unicodeScalars.contains($0) }
      return isAmbiguous == true ? " \(line)" : String(line)
    }.joined(separator: "\n")
  }
}

extension Unicode.Scalar {
  /// Whether the character is an ASCII letter, a digit, a space or `-`.
  fileprivate var isWord: Bool {
    "a"..."z" ~= self || "A"..."Z" ~= self || "0"..."9" ~= self || self == " " || self == "-"
  }
}
