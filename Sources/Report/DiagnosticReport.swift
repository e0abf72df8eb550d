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

  /// The text of all `diagnostics` of a plan, where those that differ only in their domains are one.
  ///
  /// Domains of declared Hosts are told apart by their hosts.
  func text(grouping diagnostics: [Diagnostic]) -> ShownText {
    var order: [Diagnostic] = []
    var groups: [Diagnostic: [Diagnostic]] = [:]
    for diagnostic in diagnostics {
      let key = diagnostic.withoutDomain
      if groups[key] == nil { order.append(diagnostic) }
      groups[key, default: []].append(diagnostic)
    }
    return order.map { first in
      let group = groups[first.withoutDomain] ?? []
      guard first.domain != nil else { return text(first) }
      var one = first
      if group.count > 1 { one.source = nil }
      one.domain = NameList(group.compactMap(\.domainLabel)).text.description
      one.remedy = first.remedy.naming(group.compactMap(\.domain))
      return text(one)
    }.joined()
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
    let title =
      "\(place)\(severity) \(subject ?? host ?? "")\(diagnostic.summary) "
      + style.paint("(\(diagnostic.rule))", .dim)
    var lines = title.wrapped(to: style.width, indent: 4)
    if let source = diagnostic.source, let line = diagnostic.sourceLine {
      lines += excerpt(line, source.line, caret: diagnostic.caret ?? source.column)
    }
    let remedy = diagnostic.remedy.naming([diagnostic.domain].compactMap(\.self))
    for sentence in [diagnostic.detail, remedy] where !sentence.isEmpty {
      let wrapped = ShownText("\(sentence)").wrapped(to: style.width, from: 2, indent: 2)
      lines += ["  " + wrapped[0]] + wrapped.dropFirst()
    }
    return lines.map { "\($0)\n" }.joined()
  }

  /// The source line, and a caret below its column; tabs become spaces, so that both align.
  ///
  /// Of a long line only the part around the caret is shown.
  private func excerpt(_ line: String, _ lineNumber: Int, caret: Int) -> [ShownText] {
    let gutter = ShownText.spaces("\(lineNumber)".count)
    let room = max(20, (style.width ?? 200) - gutter.count - 5)
    // Columns count Unicode scalars, but a combining accent takes no column on the screen.
    var (before, after) = (
      line.unicodeScalars.prefix(caret - 1), line.unicodeScalars.dropFirst(caret - 1)
    )
    var (start, end): (ShownText, ShownText) = ("", "")
    if line.unicodeScalars.count > room {
      if before.count > room / 2 { (before, start) = (before.suffix(room / 2 - 1), "…") }
      let left = room - before.count - start.count
      if after.count > left { (after, end) = (after.prefix(left - 1), "…") }
    }
    let shown = start + .drawnOut(before)
    return [
      style.paint("  \(lineNumber) | ", .dim) + shown + .drawnOut(after) + end,
      style.paint("  \(gutter) | ", .dim) + .spaces(shown.count) + style.paint("^", .red),
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

extension Diagnostic {
  /// The diagnostic of any domain on any host.
  fileprivate var withoutDomain: Diagnostic {
    guard domain != nil else { return self }
    var diagnostic = self
    (diagnostic.domain, diagnostic.host, diagnostic.source) = ("", nil, nil)
    return diagnostic
  }

  /// The domain's name, with its host where the manifests declare Hosts.
  fileprivate var domainLabel: String? {
    guard let domain, let host, host != DesiredHost.implicitName else { return domain }
    return "\(host)/\(domain)"
  }
}

extension ShownText {
  /// A part of a source line with tabs replaced by four spaces; tabs would be escaped otherwise.
  fileprivate static func drawnOut(_ line: Substring.UnicodeScalarView) -> ShownText {
    let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
    return parts.map { "\(String($0))" }.joined(separator: "    ")
  }
}
