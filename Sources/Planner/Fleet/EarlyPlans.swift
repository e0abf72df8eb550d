// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
package import MemoryModel
internal import Synchronization

/// Plans of single domains, made while other domains are still read.
///
/// ``Fleet/plan(_:ceiling:from:today:early:)`` takes such a plan if the domain and its host are
/// still the same at the end. It makes the others, and what depends on several domains.
package final class EarlyPlans: Sendable {
  private let fleet: Fleet
  /// The strongest disruption that the plans allow.
  let ceiling: Disruption
  /// How many domains are planned in a row.
  private let batchSize: Int
  private let state: Mutex<[String: Progress]>
  private let batches = DispatchGroup()

  /// What was read and planned of one host.
  private struct Progress {
    /// The host for which the plans are made.
    let host: ObservedHost
    /// The domains that the manifests want on it, by name.
    let wanted: [String: [DesiredDomain]]
    var waiting: [ObservedDomain] = []
    /// The plans by the UUIDs of their domains.
    var plans: [String: EarlyPlan] = [:]
  }

  /// Prepares for the domains of `fleet`; `ceiling` is the strongest disruption allowed.
  ///
  /// The code of the planner fills a processor's cache, so planning each domain right after it was
  /// read would take twice as long. `batchSize` domains are planned in a row.
  package init(for fleet: Fleet, ceiling: Disruption = .live, inBatchesOf batchSize: Int = 64) {
    self.fleet = fleet
    self.ceiling = ceiling
    self.batchSize = batchSize
    state = Mutex([:])
  }

  /// Adds `domain`, which was read on `host`; plans it as soon as there are enough others.
  package func add(_ domain: ObservedDomain, on observed: ObservedHost, of host: DesiredHost) {
    let name = host.name
    let batch = state.withLock {
      state -> (domains: [ObservedDomain], wanted: [String: [DesiredDomain]])? in
      // After a lost connection, the host is observed once more from the start.
      if state[name]?.host != observed {
        state[name] = Progress(
          host: observed, wanted: Dictionary(grouping: fleet.domains(on: host), by: \.name))
      }
      state[name]?.waiting.append(domain)
      guard let progress = state[name], progress.waiting.count == batchSize else { return nil }
      state[name]?.waiting = []
      return (progress.waiting, progress.wanted)
    }
    guard let batch else { return }
    DispatchQueue.global().async(group: batches) { [self] in
      let planner = HostPlanner(host, observed: observed, ceiling: ceiling)
      let plans = batch.domains.compactMap { plan($0, by: planner, among: batch.wanted) }
      state.withLock { state in
        guard state[name]?.host == observed else { return }
        for plan in plans { state[name]?.plans[plan.observed.uuid] = plan }
      }
    }
  }

  /// The plan of `domain`; nil if the manifests do not want exactly one such domain on the host.
  private func plan(
    _ domain: ObservedDomain, by planner: HostPlanner, among wanted: [String: [DesiredDomain]]
  ) -> EarlyPlan? {
    guard let wanted = wanted[domain.name], wanted.count == 1,
      wanted[0].uuid == nil || wanted[0].uuid == domain.uuid
    else { return nil }
    return EarlyPlan(observed: domain, planned: planner.planByItself(wanted[0], domain))
  }

  /// Waits for the plans under way, and returns those for the host `name` by UUID; none if the host
  /// is no longer as it was then.
  func plans(named name: String, on observed: ObservedHost) -> [String: EarlyPlan] {
    batches.wait()
    guard let progress = state.withLock({ $0.removeValue(forKey: name) }),
      progress.host == observed.alone
    else { return [:] }
    return progress.plans
  }
}

/// The plan of one domain, made before the host's other domains were known.
///
/// It is a class because tables move their values.
final class EarlyPlan: Sendable {
  /// The domain for which it was made.
  let observed: ObservedDomain
  let planned: PlannedDomain

  init(observed: ObservedDomain, planned: PlannedDomain) {
    self.observed = observed
    self.planned = planned
  }
}
