// SPDX-License-Identifier: Apache-2.0

package import MemoryModel
internal import Planner

/// Applies the plan of one host, domain after domain, those that give memory before the takers.
///
/// A domain's failure stops that domain alone, and what needs its steps.
package struct HostApplier: Sendable {
  private let host: ObservedHost
  private let hypervisor: any Hypervisor
  private let effectTimeout: Duration
  private let recorder: any ApplyRecorder
  private let interruption: any Interruption
  private let clock: any WaitingClock

  /// Makes the applier of a host as it was observed when the plan was made.
  ///
  /// `effectTimeout` is how long an effect may stand still before it has failed.
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

  /// What became of a host's steps and domains.
  package struct Outcome: Sendable {
    /// By step id.
    package var steps: [String: StepResult] = [:]
    /// By domain; those without steps are not in it.
    package var domains: [DomainKey: (status: DomainResult.Status, error: HypervisorError?)] = [:]

    /// Makes the outcome of a host on which nothing was done.
    package init() {}
  }

  /// Performs the steps of `domains`, all of this host.
  package func apply(_ domains: [DomainPlan]) async -> Outcome {
    var outcome = Outcome()
    let withSteps = domains.filter { !$0.steps.isEmpty }
    let taking = withSteps.filter { plan in plan.steps.contains { !$0.needs.isEmpty } }
    let giving = withSteps.filter { plan in plan.steps.allSatisfy(\.needs.isEmpty) }
    for plan in giving + taking {
      let applier = DomainApplier(
        plan: plan, host: host, hypervisor: hypervisor, effectTimeout: effectTimeout,
        recorder: recorder, interruption: interruption, clock: clock)
      let result = await applier.apply(after: outcome.steps)
      outcome.steps.merge(result.steps) { _, new in new }
      outcome.domains[DomainKey(plan)] = (result.status, result.error)
    }
    return outcome
  }
}
