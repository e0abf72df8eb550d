// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

extension DomainPlan {
  /// What `host` has too little of for `step`, from figures read right before the step; nil if the
  /// step may be sent, and where the host does not report its memory.
  ///
  /// The steps that this one needs have been done, so the figures contain what they gave. `domain`
  /// is the step's domain as it is now.
  package func shortage(
    before step: Step, of domain: ObservedDomain, on host: ObservedHost, reserve: MemorySize?,
    facts: DeclaredFacts
  ) -> HostShortage? {
    let behaviour = GuestBehaviour(of: domain, on: host, facts: facts)
    let named = naming(domain, on: host)
    // libvirt decides whether a step that the model refuses can be done.
    let after = (try? behaviour.result(of: step.operation, on: named)) ?? named
    guard let moves = MemoryMoves(of: named, after: after, behaviour)?.moves(of: step.operation)
    else { return nil }
    var ledger = HostLedger(of: host, reserve: reserve, facts: facts, for: moves)
    var entries = [HostLedger.Entry(step: step, moves: moves)]
    return ledger.admit(&entries)
  }
}
