// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel

/// Renders documents as JSON; a document without a JSON form keeps its only form.
struct JSONRendering {
  let created: String

  func rendered(_ document: Document) -> Rendered {
    switch document {
    case .plan(let plan): Rendered(data: PlanDocument.bytes(of: plan, created: created))
    case .applyReport(let report), .refusedProposal(let report):
      Rendered(data: PlanDocument.bytes(of: report, created: created))
    // Standard output is for the report that follows.
    case .proposal, .savedPlanHeader: Rendered()
    case .savedPlan(let saved):
      Rendered(data: PlanDocument.bytes(of: saved))
    case .validation(_, let diagnostics), .mistakes(let diagnostics):
      Rendered(data: DiagnosticsDocument.bytes(of: diagnostics))
    case .manifests(let manifests): .manifests(manifests)
    case .snapshot(let snapshot): Rendered(data: snapshot.bytes)
    case .schema(let subject): Rendered(data: subject.schema)
    case .explanation(let text): .explanation(text, width: nil)
    }
  }
}
