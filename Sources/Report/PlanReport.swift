// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Renders a plan for people, host by host.
///
/// Each change is shown once, domains with the same differences share an entry, and each remedy
/// stands once, at the end. What is worst comes last, beside the summary.
package struct PlanReport {
  /// How much of a plan to show.
  package enum Detail: Sendable {
    /// Only what differs.
    case differences
    /// Also fields in sync, the ordered steps, the facts behind the rules, and the headroom.
    case everything
  }

  private let style: Style
  private let detail: Detail

  /// Makes a renderer with a style and a level of detail.
  package init(style: Style = Style(), detail: Detail = .differences) {
    self.style = style
    self.detail = detail
  }

  /// The full report: hosts with their domains, warnings, remedies and the summary.
  package func text(_ plan: Plan) -> ShownText {
    let sections = HostSection.sections(of: plan, style: style, detail: detail)
    let widths = DomainEntry.Widths(of: sections.flatMap(\.entries))
    var parts = [sections.map { $0.text(widths) }.joined()]
    parts.append(DiagnosticReport(style: style).text(grouping: plan.remarks))
    parts.append(plan.removedLines(style))
    parts += Remedies(of: plan).texts(style: style, detail: detail)
    let lines = PlanSummary(of: plan).text.wrapped(to: style.width)
    parts.append(lines.map { "\($0)\n" }.joined())
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

}

extension Plan {
  /// The diagnostics that the report shows by themselves: those beside hosts, domains and removed
  /// lines are left out.
  var remarks: [Diagnostic] {
    let shownElsewhere: [Rule.Meaning?] = [.hostUnobserved, .noLongerManaged, .suspended]
    return diagnostics.filter { !shownElsewhere.contains($0.rule.meaning) }
  }

  /// A line for each domain or field that the manifests no longer declare, such as `no longer
  /// managed: web-09 memtune.hardLimit (stays 24 GiB)`.
  func removedLines(_ style: Style) -> ShownText {
    diagnostics.filter { $0.rule.meaning == .noLongerManaged }.map { note -> ShownText in
      let host: ShownText =
        note.host == DesiredHost.implicitName ? "" : note.host.map { "\($0)/" } ?? ""
      let field: ShownText = note.field.map { " \($0)" } ?? ""
      let line: ShownText =
        "no longer managed: " + host + "\(note.domain ?? "")" + field + " (\(note.summary))"
      return line.wrapped(to: style.width, indent: 2).map { "\($0)\n" }.joined()
    }.joined()
  }
}
