// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The warnings of a plan, and what to do about each rule, as reports have them beside the hosts.
struct PlanNotes {
  /// The title of the part of a report that has the notes.
  static let title = "Warnings and remedies"

  private let plan: Plan

  init(of plan: Plan) {
    self.plan = plan
  }

  /// The text; empty if there is nothing to say.
  func text(style: Style, detail: PlanReport.Detail) -> ShownText {
    let texts =
      [DiagnosticReport(style: style).text(grouping: plan.remarks)]
      + Remedies(of: plan).texts(style: style, detail: detail)
    return texts.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
