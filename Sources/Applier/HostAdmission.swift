// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Planner

/// Decides which steps may take memory of a host, by figures read right before each of them.
///
/// It decides about one step at a time. What it has admitted counts as taken until the step ends,
/// because the figures may not show it yet.
actor HostAdmission {
  /// The answer to a step that asks for memory.
  enum Answer {
    /// The step may be sent.
    case admitted
    /// The host has too little.
    case refused(HostShortage)
    /// The host has too little if other steps take what they asked for, which the figures may show
    /// already.
    case later
  }

  private let host: ObservedHost
  private let reserve: MemorySize?
  private let facts: DeclaredFacts
  private let hypervisor: any Hypervisor
  /// The UUIDs of the domains whose RAM the host counts as page cache.
  private let sharing: Set<String>
  /// The demands of the steps that were admitted and have not ended, by the steps' ids.
  private var admitted: [String: StepDemand] = [:]
  /// The demands of steps that were sent and whose results are unknown.
  private var unsettled: [StepDemand] = []
  private var isDeciding = false
  private var queue: [CheckedContinuation<Void, Never>] = []
  private var sleepers: [CheckedContinuation<Void, Never>] = []

  /// Makes the admission to a host as it was observed when the plan was made.
  init(
    to host: ObservedHost, reserve: MemorySize?, facts: DeclaredFacts,
    asking hypervisor: any Hypervisor
  ) {
    self.host = host
    self.reserve = reserve
    self.facts = facts
    self.hypervisor = hypervisor
    sharing = Set(host.domains.filter(\.sharesHostMemory).map(\.uuid))
  }

  /// What `step` takes, where its domain is now as `domain` is; nil if it takes nothing that counts.
  nonisolated func demand(
    of step: Step, in plan: DomainPlan, _ domain: ObservedDomain
  ) -> StepDemand? {
    StepDemand(of: step, in: plan, domain, on: host, reserve: reserve, facts: facts)
  }

  /// Reads the host's figures and decides about a step.
  ///
  /// - Throws: ``HypervisorError`` where the host could not be asked.
  func ask(for demand: StepDemand, of step: String) async throws(HypervisorError) -> Answer {
    await waitForTurn()
    defer { passTurn() }
    // A step that ends while the figures are read may or may not show in them.
    let others = Array(admitted.values)
    let figures = try await hypervisor.figures(besides: sharing)
    let shortage = demand.shortage(
      on: host.having(figures), besides: others + unsettled, reserve: reserve, facts: facts)
    guard let shortage else {
      admitted[step] = demand
      return .admitted
    }
    return others.isEmpty ? .refused(shortage) : .later
  }

  /// Records that an admitted step has ended; `isSettled` tells whether what it took shows.
  func end(_ step: String, isSettled: Bool) {
    if let demand = admitted.removeValue(forKey: step), !isSettled { unsettled.append(demand) }
    for sleeper in sleepers { sleeper.resume() }
    sleepers = []
  }

  /// Waits until one of the steps that were admitted has ended.
  func waitForEnd() async {
    guard !admitted.isEmpty else { return }
    await withCheckedContinuation { sleepers.append($0) }
  }

  private func waitForTurn() async {
    guard isDeciding else {
      isDeciding = true
      return
    }
    await withCheckedContinuation { queue.append($0) }
  }

  private func passTurn() {
    if queue.isEmpty { isDeciding = false } else { queue.removeFirst().resume() }
  }
}
