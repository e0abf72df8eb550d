// SPDX-License-Identifier: Apache-2.0

/// The result of a step.
package struct StepResult: Hashable, Sendable {
  /// The kind of result, in one word.
  package enum Status: String, Hashable, Sendable {
    /// virtmem performed the step and saw its effect.
    case done
    /// The domain already had the step's values, so virtmem made no call.
    case alreadyDone
    /// virtmem could not perform the step, or its effect did not appear in time.
    case failed
    /// virtmem made the call and could not observe the domain afterwards.
    case unknown
    /// virtmem did not begin the step.
    case skipped
  }

  /// The kind of result.
  package var status: Status
  /// The last observed value of each field that the step writes.
  package var observed: [FieldPath: FieldValue]
  /// Why the step failed or was not begun; nil otherwise.
  package var failure: StepFailure?
  /// The duration of the step in seconds, including the wait for its effect.
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

/// The result of a domain.
package struct DomainResult: Hashable, Sendable {
  /// The kind of result, in one word.
  package enum Status: String, Hashable, Sendable {
    /// All steps of the domain are done and verified, or it has none.
    case done
    /// A step failed, its result is unknown, or virtmem could not observe the domain.
    case failed
    /// The domain was not in the state that the plan expects, so virtmem did not change it.
    case stale
    /// Steps were not begun, because the run was interrupted or a step that they need was not done.
    case skipped
  }

  /// The kind of result.
  package var status: Status
  /// The verdict on the domain at the end of the run.
  package var observed: Verdict
  /// Why the domain failed, is stale or was skipped; nil otherwise.
  package var failure: StepFailure?

  /// Makes a result.
  package init(_ status: Status, observed: Verdict, failure: StepFailure? = nil) {
    self.status = status
    self.observed = observed
    self.failure = failure
  }
}

/// The result of applying a plan.
package struct ApplyReport: Hashable, Sendable {
  /// The plan that was applied.
  package var plan: Plan
  /// The result of each step, by the step's id.
  package var steps: [String: StepResult]
  /// The result of each domain, in the plan's order.
  package var domains: [DomainResult]
  /// The plan that virtmem makes at the end of the run: what is left to do.
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

  /// The number of steps that are done, including those that already were.
  package var doneCount: Int {
    steps.values.count { $0.status == .done || $0.status == .alreadyDone }
  }
}
