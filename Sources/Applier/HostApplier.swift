// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Applies the plan of one host, several domains at the same time.
///
/// A step waits for the step before it in its domain and for those that it needs, and for nothing
/// else. Where a step fails, the rest of its domain is skipped, and so is each step that needs it.
package struct HostApplier: Sendable {
  /// The most domains of a host that are under way at the same time, unless the user says else.
  package static let defaultWidth = 16

  private let host: ObservedHost
  private let hypervisor: any Hypervisor
  private let effectTimeout: Duration
  private let width: Int
  private let recorder: any ApplyRecorder
  private let brakes: Brakes
  private let reserve: MemorySize?
  private let facts: DeclaredFacts
  private let clock: any WaitingClock

  /// Makes the applier of a host as it was observed when the plan was made.
  ///
  /// `effectTimeout` is how long an effect may go without progress before its step has failed.
  /// `width` is the most domains that are under way at the same time. `reserve` and `facts` are
  /// those of the plan.
  package init(
    host: ObservedHost, hypervisor: any Hypervisor, effectTimeout: Duration,
    width: Int = Self.defaultWidth, reserve: MemorySize? = nil,
    facts: DeclaredFacts = DeclaredFacts(), recorder: any ApplyRecorder, brakes: Brakes,
    clock: any WaitingClock = RealClock()
  ) {
    self.host = host
    self.hypervisor = hypervisor
    self.effectTimeout = effectTimeout
    self.width = width
    self.recorder = recorder
    self.brakes = brakes
    self.reserve = reserve
    self.facts = facts
    self.clock = clock
  }

  /// Performs the steps of `domains`, all of this host.
  package func apply(_ domains: [DomainPlan]) async -> ApplyResult {
    let plans = domains.filter { !$0.steps.isEmpty }
    let schedule = HostSchedule(plans)
    let admission = HostAdmission(to: host, reserve: reserve, facts: facts, asking: hypervisor)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<min(width, plans.count) {
        group.addTask { await work(through: schedule, admission) }
      }
    }
    return await schedule.result
  }

  /// Applies one domain after the other until the schedule has none left.
  private func work(through schedule: HostSchedule, _ admission: HostAdmission) async {
    while let plan = await schedule.next() {
      let applier = DomainApplier(
        plan: plan, host: host, hypervisor: hypervisor, effectTimeout: effectTimeout,
        schedule: schedule, admission: admission, recorder: recorder, brakes: brakes,
        clock: clock)
      let result = await applier.apply()
      brakes.count(result)
      await schedule.end(plan, with: result)
    }
  }
}
