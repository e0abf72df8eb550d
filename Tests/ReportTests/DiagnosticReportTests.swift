// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report
import TestSupport
import Testing

@Suite struct DiagnosticReportTests {
  private func mistake(line: String, column: Int) -> Diagnostic {
    Diagnostic(
      .error, rule: "invalid-size", summary: "8G is no size", detail: "It is ambiguous.",
      remedy: "Write 8GiB.", source: SourcePosition(file: "web.yaml", line: 12, column: column),
      sourceLine: line)
  }

  @Test("a mistake's text shows its place, line, caret, reason and remedy")
  func mistake() {
    let text = DiagnosticReport().text([mistake(line: "  memory: 8G", column: 11)])
    #expect(
      text == """
        web.yaml:12:11: error: 8G is no size (invalid-size)
          12 |   memory: 8G
             |           ^
          It is ambiguous.
          Write 8GiB.

        """)
  }

  @Test("the caret stands below its column, also after tabs and wide characters")
  func tabs() {
    let text = DiagnosticReport().text([mistake(line: "\tä: 8G", column: 5)]).description
    #expect(text.contains("\n  12 |     ä: 8G\n     |        ^\n"))
  }

  @Test("a column beyond the end of the line puts the caret at the line's end")
  func columnBeyondLine() {
    let text = DiagnosticReport().text([mistake(line: "", column: 9)]).description
    #expect(text.contains("\n     | ^\n"))
  }

  @Test("a warning's text names its domain and field")
  func warning() {
    let text = DiagnosticReport().text([
      Diagnostic(
        .warning, rule: "some-rule", domain: "web-01", field: .memory, summary: "it is so")
    ])
    #expect(text == "warning: web-01 memory: it is so (some-rule)\n")
  }

  @Test("the report has colour only on request")
  func color() {
    let diagnostic = [mistake(line: "memory: 8G", column: 9)]
    #expect(!DiagnosticReport().text(diagnostic).description.contains("\u{1B}"))
    let colored = DiagnosticReport(style: Style(usesColor: true)).text(diagnostic).description
    #expect(colored.contains("\u{1B}[31m"))
  }
}
