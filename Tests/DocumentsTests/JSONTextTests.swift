// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

@testable import Documents

@Suite struct JSONTextTests {
  static func root(_ bytes: [UInt8]) throws(JSONMistake) -> JSONValue {
    try JSONText(bytes, in: 0..<bytes.count).root
  }

  static func root(_ text: String) throws(JSONMistake) -> JSONValue {
    try root(Array(text.utf8))
  }

  /// The mistake that `body` throws, such as `4 unclosed("}")`; `none` if it throws none.
  static func mistake(_ body: () throws(JSONMistake) -> Void) -> String {
    do throws(JSONMistake) {
      try body()
      return "none"
    } catch {
      return "\(error.offset) \(error.kind)"
    }
  }

  @Test("every kind of value is decoded, with spaces between or without")
  func values() throws {
    for space in ["", " ", "\n\t\r "] {
      let text = #"{"a":[1,-2,"x",[],{}],"b":true,"c":false,"d":null,"e":1.25}"#
      let spaced = text.map { "[]{}:,".contains($0) ? space + "\($0)" + space : "\($0)" }.joined()
      let object = try Self.root(spaced).members(["e", "d", "c", "b", "a"])
      let elements = try object["a"].elements()
      #expect(elements.map(\.kind) == [.number, .number, .string, .array, .object])
      #expect(try elements[0].integer() == UInt8(1) && elements[1].integer() == Int32(-2))
      #expect(try elements[2].string() == "x" && elements[3].strings().isEmpty)
      #expect(try Array(elements[4].members()).isEmpty)
      #expect(try object["b"].boolean() && !object["c"].boolean())
      #expect(object["d"].isNull)
      #expect(try object["e"].seconds() == 1.25)
    }
  }

  @Test(
    "every string that the writer writes is read back",
    arguments: [
      "", "plain", #"a"b\c/"#, "\n\r\t", "\u{0}\u{1F}\u{7F}\u{85}", "häuser … \u{1F600}",
      "e\u{301}",
      "\u{2028}\u{FEFF}\u{202E}", "\u{E0041}\u{1D173}a", "##[error]",
    ])
  func strings(text: String) throws {
    let json = written { $0.array([text, text]) }
    let strings = try Self.root(json).strings()
    #expect(
      strings.map { Array($0.unicodeScalars) } == [text, text].map { Array($0.unicodeScalars) })
  }

  @Test(
    "the parser reports the first mistake of the syntax with its place",
    arguments: [
      ("[", #"1 unclosed("]")"#), ("{", #"1 unclosed("}")"#), (#"{"a"#, "1 unclosedString"),
      (#"{"a""#, #"4 unclosed("}")"#), (#"{"a":"#, #"5 unclosed("}")"#),
      (#"{"a":1"#, #"6 unclosed("}")"#), (#"{"a":[1,"#, #"8 unclosed("]")"#),
      ("[nul", #"4 unclosed("]")"#), (#"["\""#, "1 unclosedString"), (#"["\"#, "1 unclosedString"),
      ("[1 2]", #"3 unclosed("]")"#), (#"{"a":1]"#, #"6 unclosed("}")"#),
      ("[1,]", #"3 notJSON("a value belongs here")"#),
      ("[,1]", #"1 notJSON("a value belongs here")"#),
      ("[nil]", #"2 notJSON("a value belongs here")"#),
      ("[# x\n]", #"1 notJSON("a value belongs here")"#),
      ("{1:2}", #"1 notJSON("a key belongs here")"#),
      (#"{"a":1,}"#, #"7 notJSON("a value belongs here")"#),
      (#"{"a" 1}"#, #"5 notJSON("\':\' belongs here")"#),
      ("[\"a\nb\"]", #"3 notJSON("a control character")"#),
      ("", #"0 notJSON("a value belongs here")"#),
    ])
  func syntax(text: String, mistake: String) {
    #expect(Self.mistake { () throws(JSONMistake) in _ = try Self.root(text) } == mistake)
  }

  @Test("a text that is nested deeper than 64 is refused, however deep it is")
  func depth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try Self.root(nested(64)).elements().count == 1)
    for text in [nested(65), nested(1_000_000), String(repeating: #"{"a":"#, count: 1_000_000)] {
      let found = Self.mistake { () throws(JSONMistake) in _ = try Self.root(text) }
      #expect(found == "\(text.first == "[" ? 64 : 64 * 5) tooDeep")
    }
  }

  @Test(
    "only the escapes of the writer are read",
    arguments: [
      #"\ud83d"#, #"\ude00"#, #"\ud83d\u0041"#, #"\ud83d\ude0"#, #"\x41"#, #"\/"#, #"\b"#, #"\u12"#,
      #"\u+123"#, #"\U0041"#,
    ])
  func escapes(text: String) throws {
    let value = try Self.root("\"\(text)\"")
    let found = Self.mistake { () throws(JSONMistake) in _ = try value.string() }
    #expect(found == #"0 notAsWritten("the string has an escape that virtmem does not write")"#)
  }

  @Test("a scalar is shown decoded, so that a password in it can be hidden, or not at all")
  func scalars() throws {
    #expect(try Self.root(#""qemu:\u002f\u002fu:p@h""#).scalar == "qemu://u:p@h")
    #expect(try Self.root(#""qemu:\/\/u:p@h""#).scalar == nil)
    #expect(try Self.root("1.5").scalar == "1.5")
  }

  @Test("an array that virtmem leaves out where it is empty must not be empty")
  func someElements() throws {
    #expect(try Self.root("[1,2]").someElements().count == 2)
    let value = try Self.root("[]")
    let found = Self.mistake { () throws(JSONMistake) in _ = try value.someElements() }
    #expect(found.hasPrefix("0 notAsWritten"))
  }

  @Test("a string that is not UTF-8 is refused", arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80]])
  func invalidUTF8(bytes: [UInt8]) throws {
    let value = try Self.root([UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])
    let found = Self.mistake { () throws(JSONMistake) in _ = try value.string() }
    #expect(found == #"0 notAsWritten("the string is not UTF-8")"#)
  }

  @Test("whole numbers are exact up to the bounds of their type, and not beyond")
  func numbers() throws {
    #expect(try Self.root("18446744073709551615").integer() == UInt64.max)
    #expect(try Self.root("-2147483648").integer() == Int32.min)
    let mistakes = [
      ("18446744073709551616", "numberOutOfRange"), ("-1", "numberOutOfRange"),
      ("007", "notAsWritten"), ("-0", "notAsWritten"), ("-", "invalidValue"),
      ("--1", "invalidValue"), ("1.0", "invalidValue"), ("1e3", "invalidValue"),
      ("1-2", "invalidValue"),
      (#""1""#, "wrongType"), ("true", "wrongType"), ("null", "wrongType"),
    ]
    for (text, kind) in mistakes {
      let value = try Self.root(text)
      let found = Self.mistake { () throws(JSONMistake) in _ = try value.integer() as UInt64 }
      #expect(found.hasPrefix("0 \(kind)"), "\(text): \(found)")
    }
    let value = try Self.root("2147483648")
    let found = Self.mistake { () throws(JSONMistake) in _ = try value.integer() as Int32 }
    #expect(found.hasPrefix("0 numberOutOfRange"))
  }

  @Test(
    "an object must have the keys that were asked for, in any order, and each once",
    arguments: [
      (#"{"a":1,"b":2}"#, "none"), (#"{"b":2,"a":1}"#, "none"),
      (#"{"a":1}"#, #"0 missingMember("b")"#), (#"{"a":1,"c":3,"b":2}"#, "7 unknownMember"),
      (#"{"a":1,"b":2,"a":3}"#, #"13 duplicateMember("a")"#),
      (#"{"a":1,"\u0062":2}"#, "7 unknownMember"),
    ])
  func members(text: String, mistake: String) throws {
    let value = try Self.root(text)
    let found = Self.mistake { () throws(JSONMistake) in
      let object = try value.members(["a", "b"])
      let numbers: [Int] = [try object["a"].integer(), try object["b"].integer()]
      #expect(numbers == [1, 2])
    }
    #expect(found == mistake)
  }

  @Test("members are taken in their order, and none may be left")
  func order() throws {
    var members = try Self.root(#"{"a":1,"c":[2,3],"d":4}"#).members()
    #expect(members.take("b") == nil)
    #expect(try members.take("a")?.integer() == 1)
    #expect(
      Self.mistake { () throws(JSONMistake) in _ = try members.require("b") }
        == #"6 missingMember("b")"#)
    #expect(try members.require("c").elements().count == 2)
    #expect(Self.mistake(members.finish) == "16 unknownMember")
    #expect(try members.take("d")?.integer() == 4)
    #expect(Self.mistake(members.finish) == "none")
  }
}
