// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Testing

@Suite struct ShownTextTests {
  @Test(
    "foreign text is shown in one line, with codes for invisible characters",
    arguments: [
      ("web-01", "web-01"), ("häuser 家 😀", "häuser 家 😀"), ("a\nb\r\tc", #"a\u{A}b\u{D}\u{9}c"#),
      ("\u{1B}[31m", #"\u{1B}[31m"#), ("\u{9B}31m", #"\u{9B}31m"#), ("a\u{0}", #"a\u{0}"#),
      ("a\u{202E}b\u{2069}", #"a\u{202E}b\u{2069}"#),
      ("a\u{85}b\u{2028}c\u{2029}", #"a\u{85}b\u{2028}c\u{2029}"#),
      ("\u{200B}::x", #"\u{200B}::x"#), ("\u{E000}\u{FEFF}", #"\u{E000}\u{FEFF}"#),
      ("qemu+ssh://root:secret@h/", "qemu+ssh://root:***@h/"),
    ])
  func visible(text: String, shown: String) {
    #expect(("x \(text)" as ShownText).description == "x " + shown)
    // Text that was already escaped stays the same.
    #expect(("x \(text.visible)" as ShownText).description == "x " + shown)
  }

  @Test(
    "no line is a command for the pipeline that reads it",
    arguments: [
      ("::error::x", #"\u{3A}:error::x"#), ("  ::x", #"  \u{3A}:x"#),
      ("\u{A0}\u{3000}::x", "\u{A0}\u{3000}\\u{3A}:x"), (":::", #"\u{3A}::"#),
      ("a::b", "a::b"), (": :", ": :"), ("::\u{301}", "\\u{3A}:\u{301}"),
      ("##[error]x", #"#\u{23}[error]x"#), ("a ##vso[task.x]", #"a #\u{23}vso[task.x]"#),
      ("###[x", #"##\u{23}[x"#), ("## a [b]", "## a [b]"), ("#[x", "#[x"),
    ])
  func commands(text: String, shown: String) {
    #expect(("\(text)" as ShownText).description == shown)
    #expect(("a\n\(text)\nb" as ShownText).description == "a\n\(shown)\nb")
  }

  @Test("colours and the parts of a line don't hide a command")
  func parts() {
    let colored: ShownText = "  \u{1B}[1m\(":")\u{1B}[0m"
    #expect(("\u{1B}[31m\("::x")\u{1B}[0m" as ShownText).description.contains(#"m\u{3A}:x"#))
    #expect((colored + ":").description.contains("::") == false)
    #expect(("\(":")\(":x")" as ShownText).description == #"\u{3A}:x"#)
    #expect(("#\("#[x")" as ShownText).description == #"#\u{23}[x"#)
    #expect(
      [("a" as ShownText), "::"].joined(separator: "\n").description == #"a"# + "\n" + #"\u{3A}:"#)
  }

  @Test("lines that were already composed keep only their line ends")
  func lines() {
    #expect(
      ShownText(lines: "a\n::b\u{1B}\r\n\n").description == "a\n" + #"\u{3A}:b\u{1B}\u{D}"# + "\n\n"
    )
  }

  @Test("a width counts visible characters")
  func widths() {
    let text: ShownText = "a\("\u{1B}")"
    #expect(text.count == 7)
    #expect((text.padded(to: 9) + "|").description == #"a\u{1B}  |"#)
    #expect(text.padded(to: 9).trimmingTrailingSpaces == text)
    #expect(text.padded(to: 3) == text)
  }
}
