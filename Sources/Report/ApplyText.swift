// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Renders the result of `apply` for people.
package struct ApplyText {
  private let style: Style

  /// Makes a renderer with a style.
  package init(style: Style = Style()) {
    self.style = style
  }

  /// The progress line of a step, such as `[2/5] web-01: currentMemory 8 GiB -> 6 GiB (live)`.
  package func progress(_ step: Step, of domain: DomainPlan, number: Int, total: Int) -> ShownText {
    let changes = step.changes.changingValue.map(\.text).joined(separator: ", ")
    return "[\(number)/\(total)] \(domain.label): \(changes) (\(step.plane.rawValue))"
  }

  /// The result of a step with its duration, to print after the progress line.
  package func result(_ result: StepResult) -> ShownText {
    let words =
      switch result.status {
      case .done: style.paint("done", .green)
      case .alreadyDone: style.paint("already done", .green)
      case .failed: style.paint("failed", .red)
      case .unknown: style.paint("no answer: outcome unknown", .red)
      case .skipped: style.paint("skipped", .yellow)
      }
    let tenths = Int((result.seconds * 10).rounded())
    return "\(words), \(tenths / 10).\(tenths % 10) s"
  }

  /// The full report: each domain that is not done, the number of steps done, and the closing plan.
  package func text(_ report: ApplyReport) -> ShownText {
    var lines: [ShownText] = []
    for (domain, result) in zip(report.plan.domains, report.domains) where result.status != .done {
      let hasBegun = domain.steps.contains { report.steps[$0.id]?.status == .done }
      let became = words(result.status, hasBegun: hasBegun)
      lines.append("\(style.paint("\(domain.label): \(became)", .bold))\(reason(result.failure))")
      for step in domain.steps {
        guard let stepResult = report.steps[step.id] else { continue }
        let changes = step.changes.map(\.text).joined(separator: ", ")
        lines.append("  \(changes) (\(step.plane.rawValue)): \(stepResult.status.words)")
      }
    }
    let total = report.plan.stepCount
    lines.append("\(report.doneCount) of \(counted(total, "step")) done and verified.")
    lines.append("Looked again: \(PlanReport(style: style).domains(report.closing))")
    return lines.map { "\($0)\n" }.joined()
  }

  private func words(_ status: DomainResult.Status, hasBegun: Bool) -> String {
    switch status {
    case .done: "done"
    case .failed: "failed"
    case .stale: "stale, left untouched"
    case .skipped: hasBegun ? "left unfinished" : "not begun"
    }
  }

  private func reason(_ failure: StepFailure?) -> ShownText {
    guard let failure else { return "" }
    let call = failure.call
    return call.isEmpty ? ": \(failure.message)" : ": \(call): \(failure.message)"
  }
}

extension StepResult.Status {
  fileprivate var words: String {
    switch self {
    case .done: "done"
    case .alreadyDone: "already done"
    case .failed: "failed"
    case .unknown: "unknown"
    case .skipped: "not done"
    }
  }
}
