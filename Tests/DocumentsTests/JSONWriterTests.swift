// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

@testable import Documents

/// What `body` writes, as text.
func written(_ body: (inout JSONWriter) -> Void) -> String {
  var json = JSONWriter()
  body(&json)
  return String(decoding: json.bytes, as: UTF8.self)
}

@Suite struct JSONWriterTests {
  @Test("the writer separates members and elements with commas only")
  func structure() {
    let text = written { json in
      json.object {
        $0.member("a", 1)
        $0.key("b")
        $0.array([["x", "y"], []]) { $0.array($1) }
        $0.key("c")
        $0.object { _ in }
        $0.key("d")
        $0.object { $0.member("a", nil as String?) }
        $0.key("e")
        $0.boolean(true)
      }
    }
    #expect(text == #"{"a":1,"b":[["x","y"],[]],"c":{},"d":{"a":null},"e":true}"#)
  }

  @Test("the writer joins the parts of an array that others wrote")
  func joined() {
    for (parts, text) in [
      ([], "[]"), ([""], "[]"), (["1,2", "3"], "[1,2,3]"), (["", "1", "", "2"], "[1,2]"),
    ] {
      let joined = written { json in
        json.object {
          $0.key("a")
          $0.array(joining: parts.map { Array($0.utf8) })
          $0.member("b", 1)
        }
      }
      #expect(joined == "{\"a\":\(text),\"b\":1}")
    }
  }

  @Test(
    "the writer escapes what JSON requires and what YAML doesn't accept raw",
    arguments: [
      ("", #""""#),
      ("plain", #""plain""#),
      (#"a"b\c"#, #""a\"b\\c""#),
      ("a/b", #""a/b""#),
      ("\n\r\t", #""\n\r\t""#),
      (
        "\u{0}\u{1}\u{8}\u{C}\u{F}\u{10}\u{1F}\u{7F}",
        "\"\\u0000\\u0001\\u0008\\u000c\\u000f\\u0010\\u001f\\u007f\""
      ),
      ("häuser … \u{1F600}", "\"häuser … \u{1F600}\""),
      ("é\n", "\"é\\n\""),
      ("\u{85}\u{2028}\u{FEFF}", "\"\\u0085\\u2028\\ufeff\""),
      ("a\u{202E}b\u{2066}\u{61C}\u{AD}", "\"a\\u202eb\\u2066\\u061c\\u00ad\""),
      (
        "\u{180E}\u{600}\u{E000}\u{FFF9}\u{378}", "\"\\u180e\\u0600\\ue000\\ufff9\\u0378\""
      ),
      ("\u{1D173}\u{E0041}\u{1F600}", "\"\\ud834\\udd73\\udb40\\udc41\u{1F600}\""),
      ("#1 ##[error]", "\"#1 #\\u0023[error]\""), ("####", "\"#\\u0023\\u0023\\u0023\""),
    ])
  func string(value: String, json: String) {
    #expect(written { $0.string(value) } == json)
  }

  @Test("the writer escapes each character that texts show by its code")
  func invisible() {
    let codes = [0x80...0xFFFF, 0x1_D000...0x1_D3FF, 0xE_0000...0xE_01FF].joined()
    let scalars = codes.compactMap { Unicode.Scalar(UInt32($0)) }
    #expect(
      scalars.allSatisfy { scalar in
        written { $0.string(String(scalar)) }.hasPrefix("\"\\") == !scalar.isVisible
      })
  }

  @Test("the writer writes whole numbers exactly")
  func integers() {
    #expect(written { $0.integer(UInt64.max) } == "18446744073709551615")
    #expect(written { $0.integer(Int32.min) } == "-2147483648")
    #expect(written { $0.boolean(false) } == "false")
  }

  @Test(
    "the writer rounds seconds to milliseconds, without trailing zeros",
    arguments: [
      (0, "0"), (-0.0, "0"), (1, "1"), (1.5, "1.5"), (0.0004, "0"), (0.0005, "0.001"),
      (0.1 + 0.2, "0.3"), (12.3456, "12.346"), (61.04, "61.04"), (-1.25, "-1.25"),
      (.nan, "null"), (.infinity, "null"), (1e300, "null"),
    ] as [(Double, String)])
  func seconds(value: Double, json: String) {
    #expect(written { $0.seconds(value) } == json)
  }

  #if DEBUG
    @Test("keys out of order are a programming error and stop a debug build")
    func keysOutOfOrder() async {
      await #expect(processExitsWith: .failure) {
        var json = JSONWriter()
        json.object {
          $0.member("b", 1)
          $0.member("a", 1)
        }
      }
    }
  #endif
}
