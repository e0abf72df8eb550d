// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Decides which domain of a host is begun next, and lets a step wait for the steps that it needs.
///
/// A domain is ready when all steps that its first step needs have ended. Of the domains that are
/// ready, the first in the order of needs is begun. So a domain that waits in the middle only waits
/// for domains before it in that order, and the first of all that have not ended can always go on:
/// however few domains are under way at a time, they never wait for each other for ever.
actor HostSchedule {
  /// A step that waits until the steps that it needs have ended.
  private struct Sleeper {
    let step: Step
    let position: Int
    let wake: CheckedContinuation<Void, Never>
  }

  /// The domains in the order of needs.
  private let domains: [DomainPlan]
  /// The position of each step's domain in ``domains``, by the step's id.
  private let positions: [String: Int]
  /// The positions of the domains that were not begun, the first one last.
  private var waiting: [Int]
  /// The workers for which no domain is ready.
  private var idle: [CheckedContinuation<DomainPlan?, Never>] = []
  private var sleepers: [Sleeper] = []
  private(set) var result = ApplyResult()

  /// Makes the schedule of domains that all have steps.
  init(_ domains: [DomainPlan]) {
    self.domains = domains.inOrderOfNeeds
    waiting = Array(self.domains.indices.reversed())
    positions = Dictionary(
      self.domains.enumerated().flatMap { position, domain in
        domain.steps.map { ($0.id, position) }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The domain to begin now, as soon as one is ready; nil when all were begun.
  func next() async -> DomainPlan? {
    if let domain = takeReady() { return domain }
    guard !waiting.isEmpty else { return nil }
    return await withCheckedContinuation { idle.append($0) }
  }

  /// Waits until all steps that `step` needs have ended.
  ///
  /// Returns the first of them that was not done, and whether it had to wait.
  func waitForNeeds(of step: Step) async -> (missing: String?, hasWaited: Bool) {
    let position = positions[step.id] ?? 0
    let mustWait = !areOver(step.needs, before: position)
    if mustWait {
      await withCheckedContinuation {
        sleepers.append(Sleeper(step: step, position: position, wake: $0))
      }
    }
    let missing = step.needs.first { id in
      let status = result.steps[id]?.status
      return status != .done && status != .alreadyDone
    }
    return (missing, mustWait)
  }

  /// Records that a step has ended, and wakes what waited for it.
  func end(_ step: Step, with stepResult: StepResult) {
    result.steps[step.id] = stepResult
    wake()
  }

  /// Records that a domain has ended; virtmem skipped each of its steps that has no result.
  func end(_ domain: DomainPlan, with domainResult: ApplyResult.Domain) {
    result.domains[DomainKey(domain)] = domainResult
    for step in domain.steps where result.steps[step.id] == nil {
      result.steps[step.id] = StepResult(.skipped)
    }
    wake()
  }

  private func wake() {
    let ready = sleepers.filter { areOver($0.step.needs, before: $0.position) }
    if !ready.isEmpty {
      sleepers.removeAll { areOver($0.step.needs, before: $0.position) }
      for sleeper in ready { sleeper.wake.resume() }
    }
    while !idle.isEmpty, let domain = takeReady() { idle.removeFirst().resume(returning: domain) }
    guard waiting.isEmpty else { return }
    for worker in idle { worker.resume(returning: nil) }
    idle = []
  }

  private func takeReady() -> DomainPlan? {
    let index = waiting.lastIndex { position in
      areOver(domains[position].steps.first?.needs ?? [], before: position)
    }
    return index.map { domains[waiting.remove(at: $0)] }
  }

  /// Whether all of `needs` have ended, or can't come because they belong to no domain before the
  /// one at `position`.
  private func areOver(_ needs: [String], before position: Int) -> Bool {
    needs.allSatisfy { id in
      result.steps[id] != nil || positions[id].map { $0 >= position } ?? true
    }
  }
}
