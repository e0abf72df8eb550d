// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The result of applying the plan of one host, before virtmem plans again.
package struct ApplyResult: Sendable {
  /// The result of a domain that has steps.
  package struct Domain: Hashable, Sendable {
    /// The kind of result, in one word.
    package var status: DomainResult.Status
    /// Why the domain failed, is stale or was skipped; nil otherwise.
    package var failure: StepFailure?

    /// Makes a result.
    package init(_ status: DomainResult.Status, _ failure: StepFailure? = nil) {
      self.status = status
      self.failure = failure
    }
  }

  /// The result of each step, by the step's id.
  package var steps: [String: StepResult] = [:]
  /// The result of each domain that has steps.
  package var domains: [DomainKey: Domain] = [:]

  /// Makes the result of a host on which nothing was done.
  package init() {}

  /// Makes the result of a host that virtmem left alone because of `failure`: no step of `domains`
  /// was begun, and each domain with steps has `status`.
  package init(
    leaving domains: [DomainPlan], _ status: DomainResult.Status, because failure: StepFailure
  ) {
    for plan in domains where !plan.steps.isEmpty {
      for step in plan.steps { steps[step.id] = StepResult(.skipped) }
      self.domains[DomainKey(plan)] = Domain(status, failure)
    }
  }
}
