// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

// Writes the results of an apply's document.
extension JSONWriter {
  /// Writes the result of a domain as a member.
  mutating func result(
    _ result: DomainResult, of domain: DomainPlan, in report: ApplyReport
  ) {
    let steps = domain.steps.map { report.steps[$0.id] ?? StepResult(.skipped) }
    key("result")
    object {
      $0.member("error", result.failure)
      $0.member("observed", result.observed.rawValue)
      if let failure = result.failure { $0.member("rule", failure.rule.name) }
      $0.key("seconds")
      // The sum of what the steps' results say, so that a report that is read back has it too.
      $0.seconds(steps.reduce(0) { $0 + ($1.seconds * 1000).rounded() } / 1000)
      $0.member("status", Self.status(result.status, of: domain, steps).rawValue)
    }
  }

  /// The domain's status, expressed as a step's status.
  private static func status(
    _ status: DomainResult.Status, of domain: DomainPlan, _ steps: [StepResult]
  ) -> StepResult.Status {
    switch status {
    case .done where steps.isEmpty:
      [.inSync, .pendingRestart].contains(domain.verdict) ? .done : .skipped
    case .done: steps.allSatisfy { $0.status == .alreadyDone } ? .alreadyDone : .done
    case .failed: steps.contains { $0.status == .unknown } ? .unknown : .failed
    case .stale, .skipped: .skipped
    }
  }
}
