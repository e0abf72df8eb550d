// SPDX-License-Identifier: Apache-2.0

/// What the readers of output take for commands: terminals, and the logs of pipelines.
package enum ReaderGrammar {
  /// The parts of `text` that some reader takes for a command; the program's own colours are none.
  ///
  /// - GitHub Actions: a line that starts with `::` after blanks, and `##[` anywhere.
  /// - Azure Pipelines and TeamCity: `##word[` anywhere.
  /// - GitLab: `section_start:` and `section_end:` between escape sequences and a carriage return,
  ///   so no control character means no section.
  /// - Terminals: control characters, and characters that are invisible or turn the direction.
  package static func commands(in text: String) -> [String] {
    let plain = text.replacing(/\u{1B}\[(0|1|2|31|32|33|36)m/, with: "")
    let invisible = plain.unicodeScalars.filter { scalar in
      scalar != "\n" && hidden.contains(scalar.properties.generalCategory)
    }
    let lines = plain.unicodeScalars.split(separator: "\n").filter { line in
      line.drop { $0.properties.isWhitespace }.starts(with: "::".unicodeScalars)
    }
    return invisible.map(\.description.debugDescription) + lines.map { String($0) }
      + plain.matches(of: /##[A-Za-z]*\[/).map { String($0.output) }
  }

  private static let hidden: [Unicode.GeneralCategory] = [
    .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
  ]

  /// Text of one to four pieces, each of which is dangerous for some reader.
  package static func hostileText(using generator: inout SeededGenerator) -> String {
    let pieces = [
      "::error file=a::x", "::", ":", " ", "\t", "\n", "\r", "\r\n", "##[error]", "#", "##", "[x]",
      "##vso[task.complete]", "##teamcity[x]", "section_start:1:x\r\u{1B}[0K", "\u{1B}[2J",
      "\u{1B}", "\u{9B}31m", "\u{9D}0;x\u{9C}", "\u{202E}", "\u{2066}", "\u{2069}", "\u{85}",
      "\u{2028}", "\u{2029}", "\u{0}", "\u{7F}", "\u{8}", "web", "\u{A0}", "é", "家", "\u{200B}",
      "\u{FEFF}", "\u{180E}", "\u{E0041}", "\u{E000}", "\\", "`", "|", "'", "\"", "%0A", "$(x)",
      "qemu+ssh://a:geheim@h/",
    ]
    return (0..<Int.random(in: 1...4, using: &generator))
      .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
  }
}
