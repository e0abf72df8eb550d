// SPDX-License-Identifier: Apache-2.0

/// What became of a step.
package struct StepResult: Hashable, Sendable {
  /// What became of it, in one word.
  package enum Status: String, Hashable, Sendable {
    /// Performed, and its effect was seen.
    case done
    /// Found as the plan leaves it, so nothing was sent.
    case alreadyDone
    /// Refused, or its effect did not show in time.
    case failed
    /// Sent, not answered, and no look at the domain succeeded since.
    case unknown
    /// Not begun.
    case skipped
  }

  /// What became of it.
  package var status: Status
  /// What was last seen of each field that it writes.
  package var observed: [FieldPath: FieldValue]
  /// Why it failed or was not begun.
  package var failure: StepFailure?
  /// How long it took, the wait for its effect included.
  package var seconds: Double

  /// Makes a result.
  package init(
    _ status: Status, observed: [FieldPath: FieldValue] = [:], failure: StepFailure? = nil,
    seconds: Double = 0
  ) {
    self.status = status
    self.observed = observed
    self.failure = failure
    self.seconds = seconds
  }
}

/// What became of a domain.
package struct DomainResult: Hashable, Sendable {
  /// What became of it, in one word.
  package enum Status: String, Hashable, Sendable {
    /// All steps are done and seen, or there were none.
    case done
    /// A step failed or its outcome is unknown.
    case failed
    /// It was not as the plan has it, and was left untouched.
    case stale
    /// Not begun, because the run was interrupted or what it needs was not done.
    case skipped
  }

  /// What became of it.
  package var status: Status
  /// Its verdict when all was over.
  package var observed: Verdict
  /// Why it failed, is stale or was skipped.
  package var failure: StepFailure?

  /// Makes a result.
  package init(_ status: Status, observed: Verdict, failure: StepFailure? = nil) {
    self.status = status
    self.observed = observed
    self.failure = failure
  }
}

/// What became of a plan.
package struct ApplyReport: Hashable, Sendable {
  /// The plan that was applied.
  package var plan: Plan
  /// What became of each step, by its id.
  package var steps: [String: StepResult]
  /// What became of each domain, in the plan's order.
  package var domains: [DomainResult]
  /// The plan that the closing look gives: what is left to do.
  package var closing: Plan

  /// Makes a report.
  package init(
    plan: Plan, steps: [String: StepResult] = [:], domains: [DomainResult] = [], closing: Plan
  ) {
    self.plan = plan
    self.steps = steps
    self.domains = domains
    self.closing = closing
  }

  /// How many steps were performed and seen to work, or had already been.
  package var doneCount: Int {
    steps.values.count { $0.status == .done || $0.status == .alreadyDone }
  }
}
