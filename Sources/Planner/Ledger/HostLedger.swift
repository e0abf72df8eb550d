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
  struct Subject: Hashable {
    let resource: MemoryResource
    /// The nodes; nil for the whole host.
    let nodes: NodeSet?
  }

  /// A step of a domain with what it moves.
  struct Entry {
    var step: Step
    let moves: [MemoryMove]
  }

  /// How many steps of others are at most tried one by one.
  private static let mostTried = 16
  /// Up to how many domains superfluous steps are looked for, which takes the cube of their number.
  private static let mostDomains = 64

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
    for resource in bound.keys.sorted(by: { $0.pageBytes < $1.pageBytes }) {
      let groups = NodeSet.unions(of: Array(bound[resource] ?? [])).filter {
        $0 != host.nodes.numbers
      }
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
      // A copy costs time; each account alone draws from no more steps than it has to.
      let before =
        accounts.count > 1 && ledger.domainCount <= Self.mostDomains ? ledger : nil
      var drawn: Set<HostAccount.Giver> = []
      if let index = ledger.take(admitted[number].moves, awaited, &drawn) {
        return shortage(at: index, for: entries)
      }
      if let before {
        ledger.dropRedundant(&drawn, of: admitted[number].moves, awaited, from: before)
      }
      let needed = Self.lastOfEachDomain(drawn, after: awaited)
      awaited.formUnion(needed)
      admitted[number].step.needs = needed.filter { $0.domain != ledger.domainCount }.map(\.step)
      ledger.give(admitted[number], number)
    }
    (self, entries) = (ledger, admitted)
    return nil
  }

  /// Takes what `moves` ask for from each account, for the domain that was counted last, and adds
  /// the steps that have to give it to `drawn`; returns an account that has too little.
  ///
  /// With `only`, of the other domains' steps only these give.
  private mutating func take(
    _ moves: [MemoryMove], _ awaited: Set<HostAccount.Giver>,
    _ drawn: inout Set<HostAccount.Giver>, only: Set<HostAccount.Giver>? = nil
  ) -> Int? {
    for move in moves where move.taken > .zero {
      for index in accounts.indices where takes(move, from: index) {
        guard
          let givers = accounts[index].account.take(
            move.taken, for: domainCount, awaited: drawn.union(awaited), only: only)
        else { return index }
        drawn.formUnion(givers)
      }
    }
    return nil
  }

  /// Leaves out each step that is not needed because those that another account needs give enough.
  ///
  /// `before` is the ledger before `moves` took what they ask for. The steps that bring an account
  /// back to its reserve are needed in any case. With very many steps none is left out, because each
  /// is tried on a copy of the ledger.
  private mutating func dropRedundant(
    _ drawn: inout Set<HostAccount.Giver>, of moves: [MemoryMove],
    _ awaited: Set<HostAccount.Giver>, from before: HostLedger
  ) {
    let drawnFrom = accounts.indices.filter { taken(by: moves, from: $0) > .zero }
    guard drawnFrom.count > 1 else { return }
    let fixed = drawnFrom.flatMap { accounts[$0].account.repayment }
    let tried = Self.inOrder(drawn.subtracting(awaited).subtracting(fixed))
      .filter { $0.domain != domainCount }
    guard tried.count <= Self.mostTried else { return }
    for giver in tried {
      guard drawn.count > 1 else { return }
      var (ledger, fewer) = (before, Set<HostAccount.Giver>())
      let others = drawn.union(awaited).subtracting([giver])
      guard ledger.take(moves, awaited, &fewer, only: others) == nil, !fewer.contains(giver) else {
        continue
      }
      (self, drawn) = (ledger, fewer)
    }
  }

  private static func inOrder(_ givers: Set<HostAccount.Giver>) -> [HostAccount.Giver] {
    givers.sorted { ($0.domain, $0.number) < ($1.domain, $1.number) }
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
        if NodeSet.contains(move.nodes, in: nodes), move.changesHost {
          accounts[index].account.give(move.given, by: giver)
        } else if let origin = move.origin, let nodes, NodeSet.contains(origin, in: nodes),
          !NodeSet.contains(move.nodes, in: nodes)
        {
          accounts[index].account.give(move.taken, by: giver)
        }
      }
    }
  }

  private func takes(_ move: MemoryMove, from index: Int) -> Bool {
    move.takes(accounts[index].subject.resource, from: accounts[index].subject.nodes)
  }

  /// `drawn` without each step for which `drawn` or `awaited` has a later one of the same domain.
  ///
  /// A domain's steps are performed in order, so the later one is enough.
  private static func lastOfEachDomain(
    _ drawn: Set<HostAccount.Giver>, after awaited: Set<HostAccount.Giver>
  ) -> [HostAccount.Giver] {
    let all = awaited.union(drawn)
    return inOrder(drawn.subtracting(awaited)).filter { !all.contains(where: $0.isBefore) }
  }
}

extension MemoryMove {
  /// Whether the move takes from what `nodes` have of `resource`, or the whole host if nil.
  ///
  /// What moves between nodes of an account takes nothing from it.
  fileprivate func takes(_ resource: MemoryResource, from nodes: NodeSet?) -> Bool {
    resource == self.resource && NodeSet.contains(self.nodes, in: nodes)
      && !(origin.map { NodeSet.contains($0, in: nodes) } ?? false)
  }
}

extension NodeSet {
  /// Whether all of `nodes` (nil: any node) are among `others` (nil: all nodes).
  fileprivate static func contains(_ nodes: NodeSet?, in others: NodeSet?) -> Bool {
    guard let others else { return true }
    guard let nodes else { return false }
    // The ranges of a set have gaps between them. Without a new set, which would take most of the
    // time of a ledger with many accounts.
    return nodes.ranges.allSatisfy { range in
      others.ranges.contains { $0.contains(range.lowerBound) && $0.contains(range.upperBound) }
    }
  }
}

extension MemoryResource {
  /// The size of the pages, which orders resources; zero for memory.
  fileprivate var pageBytes: UInt64 {
    if case .hugepages(let size) = self { size.bytes } else { 0 }
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

  /// The refusal of what the steps in `entries` take from it; what they take elsewhere may stay.
  func refusal(of entries: [HostLedger.Entry]) -> Refusal {
    let taking = entries.filter { entry in
      entry.moves.contains { $0.taken > .zero && $0.takes(resource, from: nodes) }
    }
    return Refusal(
      rule, taking.flatMap { $0.step.operation.changes.changedFields }, instance: words)
  }
}
