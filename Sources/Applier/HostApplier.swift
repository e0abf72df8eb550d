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

  /// Performs the steps of `domains`, all of this host.
  package func apply(_ domains: [DomainPlan]) async -> ApplyResult {
    var result = ApplyResult()
    for plan in domains.filter({ !$0.steps.isEmpty }).inOrderOfNeeds {
      let applier = DomainApplier(
        plan: plan, host: host, hypervisor: hypervisor, effectTimeout: effectTimeout,
        recorder: recorder, interruption: interruption, clock: clock)
      result.domains[DomainKey(plan)] = await applier.apply(&result.steps)
    }
    return result
  }
}
