// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Renders diagnostics for people: place, message, source line with a caret, cause and remedy.
package struct DiagnosticReport {
  private let style: Style

  /// Makes a renderer with a style.
  package init(style: Style = Style()) {
    self.style = style
  }

  /// The text of all `diagnostics`.
  package func text(_ diagnostics: [Diagnostic]) -> ShownText {
    diagnostics.map(text).joined()
  }

  private func text(_ diagnostic: Diagnostic) -> ShownText {
    // The place in a manifest already shows the field, so a diagnostic without a domain names none.
    let host: ShownText? =
      diagnostic.host == DesiredHost.implicitName ? nil : diagnostic.host.map { "\($0): " }
    let subject: ShownText? = diagnostic.domain.map { domain in
      diagnostic.field.map { "\(domain) \($0): " } ?? "\(domain): "
    }
    let severity = style.paint("\(diagnostic.severity.rawValue):", paint(diagnostic.severity))
    let place: ShownText = diagnostic.source.map { "\($0): " } ?? ""
    var lines: [ShownText] = [
      "\(place)\(severity) \(subject ?? host ?? "")\(diagnostic.summary)"
        + style.paint(" (\(diagnostic.rule))", .dim)
    ]
    if let source = diagnostic.source, let line = diagnostic.sourceLine {
      lines += excerpt(line, source.line, caret: diagnostic.caret ?? source.column)
    }
    lines += [diagnostic.detail, diagnostic.remedy].filter { !$0.isEmpty }.map { "  \($0)" }
    return lines.map { "\($0)\n" }.joined()
  }

  /// The source line, and a caret below its column; tabs become spaces, so that both align.
  private func excerpt(_ line: String, _ lineNumber: Int, caret: Int) -> [ShownText] {
    // Columns count Unicode scalars, but a combining accent takes no column on the screen.
    let before = ShownText.drawnOut(line.unicodeScalars.prefix(caret - 1))
    let gutter = ShownText.spaces("\(lineNumber)".count)
    return [
      style.paint("  \(lineNumber) | ", .dim) + .drawnOut(line.unicodeScalars[...]),
      style.paint("  \(gutter) | ", .dim) + .spaces(before.count) + style.paint("^", .red),
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

extension ShownText {
  /// A part of a source line with tabs replaced by four spaces; tabs would be escaped otherwise.
  fileprivate static func drawnOut(_ line: Substring.UnicodeScalarView) -> ShownText {
    let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
    return parts.map { "\(String($0))" }.joined(separator: "    ")
  }
}
