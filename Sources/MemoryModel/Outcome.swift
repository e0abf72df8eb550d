// SPDX-License-Identifier: Apache-2.0

/// What became of a step.
public struct StepResult: Hashable, Sendable {
  /// What became of it, in one word.
  public enum Status: String, Hashable, Sendable {
    /// Performed, and its effect was seen.
    case done
    /// Found as the plan leaves it, so nothing was sent.
    case alreadyDone
    /// Refused, or its effect did not show in time.
    case failed
    /// Sent, not answered, and nobody could look since.
    case unknown
    /// Not begun.
    case skipped
  }

  /// What became of it.
  public var status: Status
  /// What was last seen of each field that it writes.
  public var observed: [FieldPath: FieldValue]
  /// Why it failed or was not begun.
  public var error: HypervisorError?
  /// How long it took, the wait for its effect included.
  public var seconds: Double

  /// Makes a result.
  public init(
    _ status: Status, observed: [FieldPath: FieldValue] = [:], error: HypervisorError? = nil,
    seconds: Double = 0
  ) {
    self.status = status
    self.observed = observed
    self.error = error
    self.seconds = seconds
  }
}

/// What became of a domain.
public struct DomainResult: Hashable, Sendable {
  /// What became of it, in one word.
  public enum Status: String, Hashable, Sendable {
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
  public var status: Status
  /// Its verdict when all was over.
  public var observed: Verdict
  /// Why it failed, is stale or was skipped.
  public var error: HypervisorError?

  /// Makes a result.
  public init(_ status: Status, observed: Verdict, error: HypervisorError? = nil) {
    self.status = status
    self.observed = observed
    self.error = error
  }
}

/// What became of a plan.
public struct ApplyReport: Hashable, Sendable {
  /// The plan that was applied.
  public var plan: Plan
  /// What became of each step, by its id.
  public var steps: [String: StepResult]
  /// What became of each domain, in the plan's order.
  public var domains: [DomainResult]
  /// The plan that the closing look gives: what is left to do.
  public var closing: Plan

  /// Makes a report.
  public init(
    plan: Plan, steps: [String: StepResult] = [:], domains: [DomainResult] = [], closing: Plan
  ) {
    self.plan = plan
    self.steps = steps
    self.domains = domains
    self.closing = closing
  }

  /// How many steps were performed and seen to work, or had already been.
  public var doneCount: Int {
    steps.values.count { $0.status == .done || $0.status == .alreadyDone }
  }
}
