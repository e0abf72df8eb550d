// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Renders diagnostics for people: where, what, the source line with a caret, why, and the remedy.
package struct DiagnosticReport {
  private let style: Style

  /// Makes a report in a style.
  package init(style: Style = Style()) {
    self.style = style
  }

  /// The text of `diagnostics`, each with its own paragraph.
  package func text(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(text).joined()
  }

  private func text(_ diagnostic: Diagnostic) -> String {
    // A mistake in a manifest names its field itself.
    let host = diagnostic.host == "default" ? nil : diagnostic.host.map { "\($0): " }
    let subject = diagnostic.domain.map { domain in
      [domain, diagnostic.field?.description].compactMap(\.self).joined(separator: " ") + ": "
    }
    let severity = style.paint("\(diagnostic.severity.rawValue):", paint(diagnostic.severity))
    let place = diagnostic.source.map { "\($0): " } ?? ""
    var lines = [
      "\(place)\(severity) \(subject ?? host ?? "")\(diagnostic.summary)"
        + style.paint(" (\(diagnostic.rule))", .dim)
    ]
    if let source = diagnostic.source, let line = diagnostic.sourceLine {
      lines += excerpt(line, source.line, caret: diagnostic.caret ?? source.column)
    }
    lines += [diagnostic.detail, diagnostic.remedy].filter { !$0.isEmpty }.map { "  \($0)" }
    return lines.map { "\($0)\n" }.joined()
  }

  /// The line of the file and a caret below the column, with tabs kept so that both line up.
  private func excerpt(_ line: String, _ lineNumber: Int, caret: Int) -> [String] {
    let number = "\(lineNumber)"
    let gutter = String(repeating: " ", count: number.count)
    // Columns count Unicode scalars; an accent of its own takes no room on the screen.
    let before = String(String.UnicodeScalarView(line.unicodeScalars.prefix(caret - 1)))
    let indent = before.map { $0 == "\t" ? "\t" : " " }.joined()
    return [
      style.paint("  \(number) | ", .dim) + line,
      style.paint("  \(gutter) | ", .dim) + indent + style.paint("^", .red),
    ]
  }

  private func paint(_ severity: Diagnostic.Severity) -> Style.Paint {
    switch severity {
    case .error: .red
    case .warning: .yellow
    case .note: .cyan
    }
  }
}
