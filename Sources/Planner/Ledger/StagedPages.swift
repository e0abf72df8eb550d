// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// The huge pages for which the next starts of a host's guests ask, each alone and all together.
struct StagedPages {
  /// A guest with changes of the pages that its next start takes: those of its plan, and those that
  /// wait for the start.
  struct Guest {
    let desired: DesiredDomain
    let behaviour: GuestBehaviour
    /// What the next start takes its pages for.
    let staged: MemoryConfiguration
    /// The definition of the running guest, whose stop gives its pages back.
    let live: MemoryConfiguration?
    /// The changed fields.
    let changed: [FieldPath]

    /// What the next start takes.
    var asked: [HugepageDemand] { behaviour.hugepages(of: staged) }
    /// What the guest's stop gives back.
    var returned: [HugepageDemand] { live.map(behaviour.hugepages(of:)) ?? [] }
  }

  /// What several guests ask for together.
  private struct Asking {
    let name: String
    let asked: [HugepageDemand]
    let returned: [HugepageDemand]
    let guest: Guest
  }

  private let host: ObservedHost
  private let facts: DeclaredFacts
  private let moves: [(domain: String, move: MemoryMove)]

  init(on host: ObservedHost, facts: DeclaredFacts, during planned: [PlannedDomain]) {
    self.host = host
    self.facts = facts
    moves = planned.flatMap { domain in
      domain.moves.joined().map { (domain.plan.name, $0) }
    }
  }

  /// A warning for each guest that does not find its pages, alone or together with others.
  func warnings(of guests: [Guest], host name: String) -> [Diagnostic] {
    guard !guests.isEmpty else { return [] }
    let pages = HeldPages(on: host, facts, moves)
    let alone = guests.compactMap { guest -> Diagnostic? in
      let others = pages.besides([guest.desired.name])
      func isBlamed(_ shortage: HugepageShortage) -> Bool {
        shortage.field(in: guest.changed) != nil
      }
      guard guest.behaviour.hugepagesMissing(for: guest.staged, where: isBlamed) == nil,
        let shortage = guest.behaviour.hugepagesNotFree(
          for: guest.staged, after: guest.live, besides: others, where: isBlamed),
        let field = shortage.field(in: guest.changed)
      else { return nil }
      return warning(guest, field, shortage, shortage.detail(), host: name)
    }
    var warned = Set(alone.compactMap(\.domain))
    let asking = guests.filter { !$0.asked.isEmpty }.map {
      Asking(name: $0.desired.name, asked: $0.asked, returned: $0.returned, guest: $0)
    }.filter { $0.asked.flatMap(\.fields).first(of: $0.guest.changed) != nil }
    return alone
      + shortages(of: asking, pages).flatMap { shortage, asking in
        asking.compactMap { one in
          guard let field = one.asked.flatMap(\.fields).first(of: one.guest.changed),
            warned.insert(one.name).inserted
          else { return nil }
          let detail = shortage.detail(
            "The next starts of \(asking.count) guests with staged changes need",
            together: " together", stop: "their own stops give back")
          return warning(one.guest, field, shortage, detail, host: name)
        }
      }
  }

  private func warning(
    _ guest: Guest, _ field: FieldPath, _ shortage: HugepageShortage, _ detail: String,
    host: String
  ) -> Diagnostic {
    Rule.hugepagesNotFree.warning(
      host: host, domain: guest.desired.name, field: field, detail: detail,
      remedy: shortage.remedyOfFree,
      source: guest.desired.sources[field] ?? guest.desired.position)
  }

  private func shortages(
    of guests: [Asking], _ pages: HeldPages
  ) -> [(HugepageShortage, [Asking])] {
    guard guests.count > 1, let all = host.nodes.numbers else { return [] }
    let sizes = Set(guests.flatMap(\.asked).map(\.size)).sorted()
    return sizes.flatMap { size in
      let demands = guests.flatMap(\.asked).filter { $0.size == size }
      return NodeSet.unions(of: demands.map { $0.nodes ?? all }).compactMap { group in
        shortage(of: guests, pages, size, on: group, all: all)
      }
    }
  }

  private func shortage(
    of guests: [Asking], _ pages: HeldPages, _ size: MemorySize, on group: NodeSet, all: NodeSet
  ) -> (HugepageShortage, [Asking])? {
    let pools = host.nodes.filter { group.contains($0.number) }.flatMap(\.pools)
      .filter { $0.size == size }
    let free = pools.compactMap(\.free)
    guard !pools.isEmpty, free.count == pools.count else { return nil }
    let asking = guests.filter { $0.asked.count(of: size, on: group, all: all) > 0 }
    guard asking.count > 1 else { return nil }
    let others = pages.besides(Set(asking.map(\.name)))
    let (there, total) = (free.reduce(0, +), pools.map(\.total).reduce(0, +))
    let shortage = HugepageShortage(
      size: size, on: group, of: host.nodes,
      asked: asking.flatMap(\.asked).count(of: size, on: group, all: all), there: there,
      taken: others.moved(of: size, on: group, all: all),
      returned: others.returned(
        asking.flatMap(\.returned), of: size, on: group, all: all,
        used: total - min(total, there)))
    return shortage.missing > 0 ? (shortage, asking) : nil
  }
}

/// The huge pages that the running guests of a host hold, and those that a plan's live steps move.
private struct HeldPages {
  /// The pages of one size from the same nodes.
  private struct Kind: Hashable {
    let size: MemorySize
    let nodes: NodeSet?
  }

  private typealias Counts = [Kind: UInt64]

  private var held: [String: [HugepageDemand]] = [:]
  private var taken: [String: [HugepageDemand]] = [:]
  private var given: [String: [HugepageDemand]] = [:]
  private var allHeld: Counts = [:]
  private var allTaken: Counts = [:]
  private var allGiven: Counts = [:]

  init(
    on host: ObservedHost, _ facts: DeclaredFacts, _ moves: [(domain: String, move: MemoryMove)]
  ) {
    for domain in host.domains where domain.isActive {
      guard let live = domain.live else { continue }
      held[domain.name] = GuestBehaviour(of: domain, on: host, facts: facts).hugepages(of: live)
    }
    for (domain, move) in moves {
      guard case .hugepages(let size) = move.resource else { continue }
      func demand(_ amount: MemorySize, _ nodes: NodeSet?) -> [HugepageDemand] {
        amount > .zero
          ? [HugepageDemand(size: size, count: amount.pages(of: size), nodes: nodes)] : []
      }
      taken[domain, default: []] += demand(move.taken, move.nodes)
      given[domain, default: []] +=
        move.origin.map { demand(move.taken, $0) } ?? demand(move.given, move.nodes)
    }
    (allHeld, allTaken, allGiven) = (Self.sum(held), Self.sum(taken), Self.sum(given))
  }

  private static func sum(_ demands: [String: [HugepageDemand]]) -> Counts {
    var counts: Counts = [:]
    for demand in demands.values.joined() {
      counts[Kind(size: demand.size, nodes: demand.nodes), default: 0] += demand.count
    }
    return counts
  }

  /// The pages of all domains but those with these names.
  ///
  /// The sums are of few kinds, while a host can have thousands of domains.
  func besides(_ names: Set<String>) -> PagesOfOthers {
    func rest(_ all: Counts, _ own: [String: [HugepageDemand]]) -> [HugepageDemand] {
      var all = all
      for demand in names.lazy.flatMap({ own[$0] ?? [] }) {
        all[Kind(size: demand.size, nodes: demand.nodes), default: 0] -= demand.count
      }
      return all.map { HugepageDemand(size: $0.key.size, count: $0.value, nodes: $0.key.nodes) }
    }
    var others = PagesOfOthers()
    others.held = rest(allHeld, held)
    others.taken = rest(allTaken, taken)
    others.given = rest(allGiven, given)
    return others
  }
}
