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
    let changes = step.changes.changingValue.text
    return "[\(number)/\(total)] \(domain.label): \(changes) (\(step.plane.rawValue))"
  }

  /// What a step waits for, such as `waiting: currentMemory is 256 MiB, unchanged for 12 s of 60 s`.
  package func waiting(
    values: [FieldPath: FieldValue], unchanged: Duration, patience: Duration
  ) -> ShownText {
    let seen = values.sorted { $0.key < $1.key }.map { "\($0.key) is \($0.value)" }
      .joined(separator: ", ")
    let time: ShownText =
      "unchanged for \(unchanged.components.seconds) s of \(patience.components.seconds) s"
    return seen.isEmpty ? "waiting, \(time)" : "waiting: \(seen), \(time)"
  }

  /// The result of a step with its duration, to print after the progress line.
  package func result(_ result: StepResult) -> ShownText {
    let words =
      switch result.status {
      case .failed where result.failure?.rule == .interrupted: style.paint("interrupted", .yellow)
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
      let became = words(result, hasBegun: hasBegun)
      lines.append("\(style.paint("\(domain.label): \(became)", .bold))\(reason(result.failure))")
      for step in domain.steps {
        guard let stepResult = report.steps[step.id] else { continue }
        let changes = step.changes.text
        lines.append("  \(changes) (\(step.plane.rawValue)): \(stepResult.words)")
      }
    }
    let total = report.plan.stepCount
    lines.append("\(report.doneCount) of \(counted(total, "step")) done and verified.")
    lines.append("After the run, \(PlanSummary(of: report.closing).domains)")
    return lines.flatMap { $0.wrapped(to: style.width, indent: 4) }.map { "\($0)\n" }.joined()
  }

  /// One line for each domain that had steps or is not as declared after the run.
  package func brief(_ report: ApplyReport) -> ShownText {
    let results = zip(report.plan.domains, report.domains).filter { domain, result in
      !domain.steps.isEmpty || ![.inSync, .suspended].contains(result.observed)
    }
    let lines = results.flatMap { domain, result -> [ShownText] in
      let steps = domain.steps.map { report.steps[$0.id]?.status }
      let done = steps.count { $0 == .done || $0 == .alreadyDone }
      var parts: [ShownText] = []
      if !steps.isEmpty { parts.append("\(done) of \(counted(steps.count, "step")) done") }
      if result.status == .done {
        parts += state(of: domain, result.observed)
      } else {
        let became = words(result, hasBegun: done > 0)
        parts.append("\(became)" + reason(result.failure))
      }
      let line = style.paint("\(domain.label)", .bold) + ": " + parts.joined(separator: ", ")
      return line.wrapped(to: style.width, indent: 4)
    }
    return lines.map { "\($0)\n" }.joined() + report.plan.removedLines(style)
  }

  /// What a domain is after the run, if it is not as declared.
  private func state(of domain: DomainPlan, _ verdict: Verdict) -> [ShownText] {
    switch verdict {
    case .inSync, .suspended: []
    case .change: ["not as declared"]
    case .pendingRestart: ["pending restart"]
    case .unobserved: ["unobserved"]
    case .blocked:
      [["blocked"] + domain.briefBlockers.map(\.text)].map { $0.joined(separator: " ") }
    }
  }

  private func words(_ result: DomainResult, hasBegun: Bool) -> String {
    switch result.status {
    case .failed where result.failure?.rule == .interrupted: "interrupted"
    case .done: "done"
    case .failed: "failed"
    case .stale: "stale, left untouched"
    case .skipped: hasBegun ? "left unfinished" : "not begun"
    }
  }

  private func reason(_ failure: StepFailure?) -> ShownText {
    guard let failure else { return "" }
    let message = failure.call.isEmpty ? failure.message : "\(failure.call): \(failure.message)"
    let rule = "(\(failure.rule))"
    return message.contains(rule) ? ": \(message)" : ": \(message) \(rule)"
  }
}

extension StepResult {
  fileprivate var words: String {
    switch status {
    case .failed where failure?.rule == .interrupted: "interrupted"
    case .done: "done"
    case .alreadyDone: "already done"
    case .failed: "failed"
    case .unknown: "unknown"
    case .skipped: "not begun"
    }
  }
}
