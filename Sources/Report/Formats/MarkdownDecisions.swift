// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The table of what a person has to decide.
struct MarkdownDecisions {
  /// The table may have so many bytes; what is left out is counted.
  private static let limit = 25_000

  private let rows: [Decisions.Row]

  init(of report: RunReport) {
    rows = Decisions(of: report).rows
  }

  /// The table; empty if nothing needs a decision.
  var text: String {
    guard !rows.isEmpty else { return "" }
    var text = "| needs a decision | what | where |\n|---|---|---|\n"
    for (number, row) in rows.enumerated() {
      let rule = row.rule.map { ": " + MarkdownText.code($0.name) } ?? ""
      let field = row.field.map { MarkdownText.code("\($0)") + " " } ?? ""
      let what = field + MarkdownText.escaped(row.what)
      let line = "| \(row.subject)\(rule) | \(what) | \(MarkdownText.names(row.domains)) |\n"
      guard text.utf8.count + line.utf8.count <= Self.limit else {
        return text + "| and \(rows.count - number) more rows | | |\n"
      }
      text += line
    }
    return text
  }
}
