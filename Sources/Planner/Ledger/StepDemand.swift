// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

/// What a step takes from its host.
package struct StepDemand: Sendable {
  private let moves: [MemoryMove]

  /// Makes the demand of a step of `plan` whose domain is now as `domain` is; nil if the step takes
  /// nothing that the host has an account of.
  package init?(
    of step: Step, in plan: DomainPlan, _ domain: ObservedDomain, on host: ObservedHost,
    reserve: MemorySize?, facts: DeclaredFacts
  ) {
    let behaviour = GuestBehaviour(of: domain, on: host, facts: facts)
    let named = plan.naming(domain, on: host)
    // libvirt decides whether a step that the model refuses can be done.
    let after = (try? behaviour.result(of: step.operation, on: named)) ?? named
    moves = MemoryMoves(of: named, after: after, behaviour)?.moves(of: step.operation) ?? []
    let ledger = HostLedger(of: host, reserve: reserve, facts: facts, for: moves)
    guard ledger.counts(moves) else { return nil }
  }

  /// What `host` has too little of for the step; nil if the step may be sent.
  ///
  /// `host` has figures read right before the step. The steps that this one needs have been done,
  /// so the figures contain what they gave. `others` were sent and may not show in the figures yet.
  package func shortage(
    on host: ObservedHost, besides others: [StepDemand], reserve: MemorySize?,
    facts: DeclaredFacts
  ) -> HostShortage? {
    let ledger = HostLedger(of: host, reserve: reserve, facts: facts, for: moves)
    guard var shortage = ledger.shortage(of: moves, besides: others.flatMap(\.moves)) else {
      return nil
    }
    if shortage.resource == .memory, shortage.nodes == nil, let reserve,
      let available = host.availableMemory
    {
      shortage.reading = HostShortage.Reading(available: available, reserve: reserve)
    }
    return shortage
  }
}
