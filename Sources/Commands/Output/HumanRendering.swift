// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import Report

/// Renders documents as text for people.
struct HumanRendering {
  let presentation: Presentation

  func rendered(_ document: Document) -> Rendered {
    switch document {
    case .plan(let plan): Rendered(text: presentation.text(plan))
    // A quiet run shows the report alone.
    case .proposal(let plan):
      presentation.isQuiet ? Rendered() : Rendered(text: presentation.text(plan))
    case .refusedProposal: Rendered()
    case .applyReport(let report): Rendered(text: text(report))
    case .savedPlanHeader(let saved): Rendered(messages: header(saved))
    case .savedPlan(let saved):
      Rendered(
        text: (presentation.isQuiet && saved.report != nil ? "" : presentation.text(saved.plan))
          + (saved.report.map(text) ?? ""),
        messages: header(saved))
    case .validation(let state, let diagnostics): validation(state, diagnostics)
    case .mistakes: Rendered()
    case .manifests(let manifests): .manifests(manifests)
    case .snapshot(let snapshot): Rendered(data: snapshot.bytes)
    case .schema(let subject): Rendered(data: subject.schema)
    case .explanation(let text):
      .explanation(text, width: presentation.outputStyle.width)
    }
  }

  /// The report of `apply`; empty if the plan had no steps, because the plan already says so.
  private func text(_ report: ApplyReport) -> ShownText {
    let text = ApplyText(style: presentation.outputStyle)
    if presentation.isQuiet { return text.brief(report) }
    guard report.plan.stepCount > 0 else { return "" }
    return "\n" + text.text(report)
  }

  private func header(_ saved: SavedPlan) -> ShownText {
    guard !presentation.isQuiet else { return "" }
    let note: ShownText? = saved.plan.note.map { "Note: \($0)" }
    let made: ShownText =
      switch saved.plan.kind {
      case .plan: "Planned"
      case .drift: "Compared"
      case .apply: "Applied"
      }
    let times: ShownText =
      if let id = saved.id {
        " at \(saved.created), \(id)."
      } else if let last = saved.lastCreated {
        " from \(saved.created) to \(last), in several documents."
      } else {
        " from \(saved.created) on, in several documents."
      }
    return [made + times, note].compactMap(\.self)
      .flatMap { $0.wrapped(to: presentation.errorStyle.width, indent: 2) }
      .map { "\($0)\n" }.joined()
  }

  private func validation(_ state: DesiredState, _ diagnostics: [Diagnostic]) -> Rendered {
    let report = DiagnosticReport(style: presentation.errorStyle).text(diagnostics)
    let errors = diagnostics.count { $0.severity == .error }
    guard errors == 0 else {
      return Rendered(messages: report + "\(counted(errors, "mistake")).\n")
    }
    guard !presentation.isQuiet else { return Rendered(messages: report) }
    return Rendered(
      text: """
        valid: \(counted(state.hosts.count, "host")), \
        \(counted(state.profileCount, "profile")), \(counted(state.domains.count, "domain"))

        """, messages: report)
  }
}
