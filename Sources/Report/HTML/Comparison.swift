// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What the bars of a run compare.
enum Comparison {
  /// What is, and what a plan leads to.
  case plan
  /// What is, and what is declared.
  case drift
  /// What was before an apply, and what it planned.
  case apply

  init(of report: RunReport) {
    self = report.applied != nil ? .apply : report.plan?.kind == .drift ? .drift : .plan
  }

  /// The word for the time before any step.
  var now: ShownText { self == .apply ? "before" : "now" }

  /// The word for what is compared with it.
  var after: ShownText {
    switch self {
    case .plan: "after"
    case .drift: "declared"
    case .apply: "planned"
    }
  }
}
