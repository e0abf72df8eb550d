// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// What the running guests of a host may take: an account of the host's available memory, and
/// accounts of the memory and of the huge pages of NUMA nodes.
///
/// There is an account for each set of nodes that takers are bound to, for each union of such sets,
/// and for the whole host. What a step takes on some nodes it takes from the account of each set
/// that contains them all. So bound guests are counted on their nodes, all others on the sum, and
/// what fits into every account fits on the host.
///
/// A step draws from what its own domain's earlier steps give, then from the first other sources
/// that have some, and needs their steps.
struct HostLedger {
  /// An account's subject.
  private struct Subject: Hashable {
    let resource: MemoryResource
    /// The nodes; nil for the whole host.
    let nodes: NodeSet?
  }

  /// A step of a domain with what it moves.
  struct Entry {
    var step: Step
    let moves: [MemoryMove]
  }

  private var accounts: [(subject: Subject, account: HostAccount)] = []
  private var domainCount = 0

  /// Opens the accounts of `host` that the takers among `moves` need.
  ///
  /// What the host does not report has no account, so nothing of it is refused.
  init(
    of host: ObservedHost, reserve: MemorySize?, facts: DeclaredFacts,
    for moves: some Sequence<MemoryMove>
  ) {
    var bound: [MemoryResource: Set<NodeSet>] = [.memory: []]
    for move in moves where move.taken > .zero {
      bound[move.resource, default: []].formUnion(move.nodes.map { [$0] } ?? [])
    }
    for (resource, sets) in bound {
      let groups = NodeSet.unions(of: Array(sets)).filter { $0 != host.nodes.numbers }
      // The narrow accounts come first: what a step needs for its nodes may do for the host too.
      for nodes in groups + [nil] {
        let account: HostAccount? =
          switch resource {
          case .memory: Self.memory(of: host, nodes, reserve)
          case .hugepages(let size): Self.hugepages(of: host, nodes, size, facts)
          }
        guard let account else { continue }
        accounts.append((Subject(resource: resource, nodes: nodes), account))
      }
    }
  }

  /// The memory of the host above its reserve, or the most that can be free on some nodes.
  ///
  /// libvirt does not report how much page cache a node has. All of the host's may be there.
  private static func memory(
    of host: ObservedHost, _ nodes: NodeSet?, _ reserve: MemorySize?
  ) -> HostAccount? {
    guard let available = host.availableMemory else { return nil }
    guard let nodes else { return reserve.map { HostAccount(available: available, reserve: $0) } }
    let free = host.nodes.compactMap(\.free)
    guard free.count == host.nodes.count else { return nil }
    let there = host.nodes.filter { nodes.contains($0.number) }
    guard there.count == nodes.count else { return nil }
    let pageCache = available - free.total
    return HostAccount(available: there.compactMap(\.free).total + pageCache)
  }

  /// What the host has now for a guest with the definition `live` to grow; nil if it is unknown.
  static func supply(
    for live: MemoryConfiguration, of host: ObservedHost, _ desired: DesiredHost,
    _ behaviour: GuestBehaviour
  ) -> Headroom.Supply? {
    let nodes = live.hostNodesOfRAM
    if behaviour.areOnHugepages(partsOf: live).allSatisfy({ $0 }) {
      guard let size = behaviour.hugepages(of: live).first?.size else { return nil }
      return hugepages(of: host, nodes, size, desired.facts).map {
        Headroom.Supply(memory: $0.left, nodes: nodes, pageSize: size)
      }
    }
    guard let all = memory(of: host, nil, desired.reserve ?? .zero)?.left else { return nil }
    let there = nodes.flatMap { memory(of: host, $0, nil)?.left }
    return Headroom.Supply(memory: min(all, there ?? all), nodes: there == nil ? nil : nodes)
  }

  private static func hugepages(
    of host: ObservedHost, _ nodes: NodeSet?, _ size: MemorySize, _ facts: DeclaredFacts
  ) -> HostAccount? {
    guard facts.hugepages != .onDemand else { return nil }
    let pools = host.nodes.filter { nodes?.contains($0.number) ?? true }.flatMap(\.pools)
      .filter { $0.size == size }
    let free = pools.compactMap(\.free)
    guard !pools.isEmpty, free.count == pools.count else { return nil }
    return HostAccount(available: free.map { size * $0 }.total)
  }

  // MARK: - Entries

  /// Adds what the steps of one domain give.
  mutating func give(_ entries: [Entry]) {
    domainCount += 1
    for (number, entry) in entries.enumerated() { give(entry, number) }
  }

  /// Lets the steps of one domain take what they ask for, and writes down which steps they need;
  /// returns what there is too little of, and then changes nothing.
  mutating func admit(_ entries: inout [Entry]) -> HostShortage? {
    var (ledger, admitted) = (self, entries)
    ledger.domainCount += 1
    var awaited: Set<HostAccount.Giver> = []
    for number in admitted.indices {
      var drawn: Set<HostAccount.Giver> = []
      for move in admitted[number].moves where move.taken > .zero {
        for index in ledger.accounts.indices where ledger.takes(move, from: index) {
          guard
            let givers = ledger.accounts[index].account.take(
              move.taken, for: ledger.domainCount, awaited: drawn.union(awaited))
          else { return shortage(at: index, for: entries) }
          drawn.formUnion(givers)
        }
      }
      let needed = Self.lastOfEachDomain(drawn, after: awaited)
      awaited.formUnion(needed)
      admitted[number].step.needs = needed.filter { $0.domain != ledger.domainCount }.map(\.step)
      ledger.give(admitted[number], number)
    }
    (self, entries) = (ledger, admitted)
    return nil
  }

  /// Whether an account has what `moves` take.
  func counts(_ moves: [MemoryMove]) -> Bool {
    accounts.indices.contains { taken(by: moves, from: $0) > .zero }
  }

  /// What there is too little of for `moves`, which a single step makes, if `others` take theirs
  /// too; nil if there is enough.
  func shortage(of moves: [MemoryMove], besides others: [MemoryMove]) -> HostShortage? {
    for index in accounts.indices {
      let (subject, account) = accounts[index]
      let needed = taken(by: moves, from: index)
      let promised = taken(by: others, from: index)
      guard needed > .zero, needed + promised > account.left else { continue }
      var shortage = HostShortage(
        of: subject.resource, on: subject.nodes, needed: needed, left: account.left - promised)
      shortage.promised = promised
      return shortage
    }
    return nil
  }

  private func taken(by moves: [MemoryMove], from index: Int) -> MemorySize {
    moves.filter { takes($0, from: index) }.map(\.taken).total
  }

  private func shortage(at index: Int, for entries: [Entry]) -> HostShortage {
    let (subject, account) = accounts[index]
    return HostShortage(
      of: subject.resource, on: subject.nodes,
      needed: taken(by: entries.flatMap(\.moves), from: index), left: account.left)
  }

  private mutating func give(_ entry: Entry, _ number: Int) {
    let giver = HostAccount.Giver(domain: domainCount, number: number, step: entry.step.id)
    for move in entry.moves {
      for index in accounts.indices where accounts[index].subject.resource == move.resource {
        let nodes = accounts[index].subject.nodes
        if contains(move.nodes, in: nodes), move.changesHost {
          accounts[index].account.give(move.given, by: giver)
        } else if let origin = move.origin, let nodes, contains(origin, in: nodes),
          !contains(move.nodes, in: nodes)
        {
          accounts[index].account.give(move.taken, by: giver)
        }
      }
    }
  }

  /// Whether a move takes from an account; what moves between nodes of an account does not.
  private func takes(_ move: MemoryMove, from index: Int) -> Bool {
    let (subject, _) = accounts[index]
    return subject.resource == move.resource && contains(move.nodes, in: subject.nodes)
      && !(move.origin.map { contains($0, in: subject.nodes) } ?? false)
  }

  private func contains(_ nodes: NodeSet?, in others: NodeSet?) -> Bool {
    guard let others else { return true }
    return nodes.map { $0.subtracting(others).isEmpty } ?? false
  }

  /// `drawn` without each step for which `drawn` or `awaited` has a later one of the same domain.
  ///
  /// A domain's steps are performed in order, so the later one is enough.
  private static func lastOfEachDomain(
    _ drawn: Set<HostAccount.Giver>, after awaited: Set<HostAccount.Giver>
  ) -> [HostAccount.Giver] {
    let all = awaited.union(drawn)
    return drawn.subtracting(awaited).filter { giver in !all.contains(where: giver.isBefore) }
      .sorted { ($0.domain, $0.number) < ($1.domain, $1.number) }
  }
}

extension HostShortage {
  /// The rule that refuses to take more.
  var rule: Rule {
    switch (resource, nodes) {
    case (.memory, nil): .hostReserve
    case (.memory, _): .hostNodeFull
    case (.hugepages, _): .hugepagesNotFree
    }
  }

  /// The refusal of what the steps in `entries` take from it.
  func refusal(of entries: [HostLedger.Entry]) -> Refusal {
    let taking = entries.filter { entry in
      entry.moves.contains { $0.resource == resource && $0.taken > .zero }
    }
    return Refusal(
      rule, taking.flatMap { $0.step.operation.changes.changedFields }, instance: words)
  }
}
