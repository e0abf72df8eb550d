// SPDX-License-Identifier: Apache-2.0

package import MemoryModel
internal import Planner

/// Applies the plan of one host, one domain after the other.
///
/// A domain comes after those whose steps its own steps need. Where a step fails, the rest of its
/// domain is skipped, and so is each step that needs it.
package struct HostApplier: Sendable {
  private let host: ObservedHost
  private let hypervisor: any Hypervisor
  private let effectTimeout: Duration
  private let recorder: any ApplyRecorder
  private let interruption: any Interruption
  private let clock: any WaitingClock

  /// Makes the applier of a host as it was observed when the plan was made.
  ///
  /// `effectTimeout` is how long an effect may go without progress before its step has failed.
  package init(
    host: ObservedHost, hypervisor: any Hypervisor, effectTimeout: Duration,
    recorder: any ApplyRecorder, interruption: any Interruption,
    clock: any WaitingClock = RealClock()
  ) {
    self.host = host
    self.hypervisor = hypervisor
    self.effectTimeout = effectTimeout
    self.recorder = recorder
    self.interruption = interruption
    self.clock = clock
  }

  /// What became of a domain that has steps.
  package struct DomainOutcome: Hashable, Sendable {
    /// What became of it, in one word.
    package var status: DomainResult.Status
    /// Why it failed, is stale or was skipped.
    package var failure: StepFailure?

    /// Makes an outcome.
    package init(_ status: DomainResult.Status, _ failure: StepFailure? = nil) {
      self.status = status
      self.failure = failure
    }
  }

  /// What became of a host's steps and domains.
  package struct Outcome: Sendable {
    /// By the ids of the steps.
    package var steps: [String: StepResult] = [:]
    /// By domain, for each domain that has steps.
    package var domains: [DomainKey: DomainOutcome] = [:]

    /// Makes the outcome of a host on which nothing was done.
    package init() {}
  }

  /// Performs the steps of `domains`, all of this host.
  package func apply(_ domains: [DomainPlan]) async -> Outcome {
    var outcome = Outcome()
    for plan in domains.filter({ !$0.steps.isEmpty }).inOrderOfNeeds {
      let applier = DomainApplier(
        plan: plan, host: host, hypervisor: hypervisor, effectTimeout: effectTimeout,
        recorder: recorder, interruption: interruption, clock: clock)
      outcome.domains[DomainKey(plan)] = await applier.apply(&outcome.steps)
    }
    return outcome
  }
}
