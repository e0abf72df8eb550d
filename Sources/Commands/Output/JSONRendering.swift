// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import Report

/// Renders documents as JSON; a document without a JSON form keeps its only form.
struct JSONRendering {
  let presentation: Presentation
  let created: String

  func rendered(_ document: Document) -> Rendered {
    switch document {
    case .plan(let plan): Rendered(data: PlanDocument.bytes(of: plan, created: created))
    case .proposal(let plan, let asks): proposal(plan, asks)
    case .applyReport(let report):
      Rendered(data: PlanDocument.bytes(of: report, created: created))
    case .savedPlanHeader: Rendered()
    case .savedPlan(let saved):
      Rendered(data: PlanDocument.bytes(of: saved))
    case .validation(_, let diagnostics):
      Rendered(data: DiagnosticsDocument.bytes(of: diagnostics))
    case .manifests(let manifests): .manifests(manifests)
    case .snapshot(let snapshot): Rendered(data: snapshot.bytes)
    case .schema: Rendered(data: Schema.bytes)
    case .explanation(let text): .explanation(text)
    }
  }

  /// The plan as text on standard error, if the user has to approve it.
  ///
  /// Standard output is for the report that follows.
  private func proposal(_ plan: Plan, _ asks: Bool) -> Rendered {
    guard asks else { return Rendered() }
    let report = PlanReport(style: presentation.errorStyle, detail: presentation.detail)
    return Rendered(messages: report.text(plan))
  }
}
