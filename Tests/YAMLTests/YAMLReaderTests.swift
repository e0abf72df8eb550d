// SPDX-License-Identifier: Apache-2.0

import YAML
import MemoryModel
import TestSupport
import Testing

@Suite struct YAMLReaderTests {
  private func read(_ bytes: [UInt8]) -> (documents: [YAMLNode], mistakes: [String]) {
    let reading = YAMLReader.read(YAMLSource(file: "a", bytes: bytes))
    return (reading.documents, reading.diagnostics.map(place))
  }

  private func read(_ text: String) -> (documents: [YAMLNode], mistakes: [String]) {
    read(Array(text.utf8))
  }

  @Test(
    "plain scalars have the types of YAML 1.2's core schema",
    arguments: [
      ("no", .string), ("on", .string), ("yes", .string), ("1:30", .string), ("08GiB", .string),
      ("true", .boolean), ("False", .boolean), ("tRUE", .string), ("~", .null), ("Null", .null),
      ("0", .integer), ("-12", .integer), ("0x1F", .integer), ("0o17", .integer), ("0x", .string),
      ("0b1", .string), ("1_000", .string), ("1.", .float), (".5", .float), ("1e3", .float),
      ("1e", .string), ("+.inf", .float), (".nan", .float), ("-.nan", .string), (".", .string),
      ("+", .string), ("2026-01-01", .string),
    ] as [(String, YAMLScalar.Kind)])
  func scalars(text: String, kind: YAMLScalar.Kind) {
    #expect(read(text).documents.first?.scalar?.kind ?? .null == kind)
  }

  @Test("a quoted scalar is a string")
  func quoted() throws {
    let document = try #require(read(#"["true", '12', "", ~]"#).documents.first)
    guard case .sequence(let nodes) = document.content else { return #expect(Bool(false)) }
    #expect(nodes.map { $0.scalar?.kind } == [.string, .string, .string, .null])
  }

  @Test("places count lines over all documents and columns in characters, with any line end")
  func positions() {
    for end in ["\n", "\r\n", "\r"] {
      let text = ["a: 1", "---", "# über", "ü: {ß: [x, !t y]}", "...", "---", "!t z"]
      #expect(
        read(text.joined(separator: end)).mistakes
          == ["4:12 tag-not-allowed", "7:1 tag-not-allowed"])
    }
  }

  @Test("a byte order mark at the start doesn't count as a character")
  func byteOrderMark() {
    #expect(read("\u{FEFF}!t a").mistakes == ["1:1 tag-not-allowed"])
    #expect(read("\u{FEFF}a: 1").documents.count == 1)
    #expect(read("a: \u{FEFF}1").mistakes == ["1:4 not-text"])
  }

  @Test("each document is parsed alone, so that none hides another's mistakes")
  func documents() {
    let reading = read("a: [\n---\nb: 1\n---\nc: 'x\n---\n# nothing\n---\nd: 4\n---\n")
    #expect(reading.documents.count == 2)
    #expect(reading.mistakes == ["2:1 syntax", "5:4 syntax"])
  }

  @Test("a directive belongs to the next document")
  func directives() {
    let reading = read("a: 1\n...\n%YAML 1.2\n# x\n---\nb: 2\n...\nc: 3\n")
    #expect(reading.mistakes.isEmpty)
    #expect(reading.documents.map(\.place.line) == [1, 6, 8])
  }

  @Test("indented dashes and lines of more than three dashes don't end a document")
  func dashes() {
    #expect(read("a: |\n  ---\n  b\nc: ----\n").documents.count == 1)
    #expect(read("----\n").documents.count == 1)
    #expect(read("--- a\n---\tb\n---").documents.count == 2)
  }

  @Test("the reader reads JSON")
  func json() {
    #expect(read(#"{"a": [1, null, "x\/\u00fc", {"b": {}}], "c": true}"#).mistakes.isEmpty)
  }

  @Test(
    "the reader refuses at its place what its subset of YAML excludes",
    arguments: [
      ("a: 1\nb: 2\na: 3\n", ["3:1 duplicate-key"]), ("{a: 1, 'a': 2}", ["1:8 duplicate-key"]),
      (
        "{a: 0, b: 0, c: 0, d: 0, e: 0, f: 0, g: 0, h: 0, i: 0, j: 0, i: 0, a: 0}",
        ["1:62 duplicate-key", "1:68 duplicate-key"]
      ),
      ("? [a]\n: b\n", ["1:3 invalid-key"]), ("a: {{b}}\n", ["1:5 invalid-key"]),
      ("a: !!int 1\nb: !c {}\n", ["1:4 tag-not-allowed", "2:4 tag-not-allowed"]),
      ("a: *b\n", ["1:4 unknown-alias"]), ("a: &b [*b]\n", ["1:8 unknown-alias"]),
      ("a:\n\tb: 1\n", ["2:1 syntax"]), ("a: b: c\n", ["1:5 syntax"]),
      ("a: \"x\n", ["1:4 syntax"]), ("%YAML 2.0\n---\na: 1\n", ["1:1 syntax"]),
      ("a: x\0y\n", ["1:5 not-text"]), ("a: \u{7}\n", ["1:4 not-text"]),
      ("a: 1\u{2028}\n", ["1:5 not-text"]),
    ])
  func refused(text: String, mistakes: [String]) {
    #expect(read(text).mistakes == mistakes)
  }

  @Test("the reader refuses bytes that are not UTF-8 at their place and reads other documents")
  func encoding() {
    let reading = read(Array("a: 1\n---\nü: ".utf8) + [0xE4, 0x0A] + Array("---\nb: 1\n".utf8))
    #expect(reading.mistakes == ["3:4 not-text"])
    #expect(reading.documents.count == 2)
    #expect(read([0x61, 0x3A, 0x20, 0xC0, 0x80]).mistakes == ["1:4 not-text"])
    #expect(read([0x61, 0x3A, 0x20, 0xED, 0xA0, 0x80]).mistakes == ["1:4 not-text"])
  }

  @Test(
    "the reader refuses UTF-16 and UTF-32 with and without a byte order mark",
    arguments: [
      [0xFF, 0xFE, 0x61, 0], [0xFE, 0xFF, 0, 0x61], [0x61, 0, 0x3A, 0], [0, 0x61, 0, 0x3A],
      [0, 0, 0xFE, 0xFF], [0xFF, 0xFE, 0, 0], [0x61, 0, 0, 0],
    ] as [[UInt8]])
  func foreign(bytes: [UInt8]) {
    #expect(read(bytes).mistakes == ["1:1 not-text"])
  }

  @Test("the reader limits the depth in every notation")
  func depth() {
    let (open, close) = (String(repeating: "[", count: 64), String(repeating: "]", count: 64))
    #expect(read(open + close).mistakes.isEmpty)
    #expect(read(String(repeating: "[", count: 100_000)).mistakes == ["1:65 too-deep"])
    #expect(read(String(repeating: "{a: ", count: 100_000)).mistakes == ["1:257 too-deep"])
    #expect(read(String(repeating: "- ", count: 100_000)).mistakes == ["1:129 too-deep"])
  }

  @Test("the reader resolves aliases and refuses exponential ones")
  func aliases() {
    #expect(read("a: &x {b: 1}\nc: *x\n").documents.first?.words == "a mapping")
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let aliases = repeatElement("*a\(level - 1)", count: 9).joined(separator: ", ")
      bomb += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(read(bomb).mistakes == ["6:10 too-many-aliases"])
    let ladder = (1...80).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()
    #expect(read("a0: &a0 x\n" + ladder).mistakes == ["65:12 too-deep"])
  }

  @Test("a message shows hostile text shortened and escaped")
  func messages() {
    let key = "\"\\e[2J" + String(repeating: "x", count: 1000) + "\""
    let source = YAMLSource(file: "a", text: "\(key): 1\n\(key): 2\n")
    let mistake = YAMLReader.read(source).diagnostics.first
    #expect(mistake?.summary.hasPrefix(#"the key '\u{1B}[2Jxxx"#) == true)
    #expect(mistake.map { $0.summary.count < 100 } == true)
  }
}
