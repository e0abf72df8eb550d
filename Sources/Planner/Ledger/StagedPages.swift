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
    let asked: [HugepageDemand]
    /// What the guest's stop gives back.
    let returned: [HugepageDemand]

    init(
      desired: DesiredDomain, behaviour: GuestBehaviour, staged: MemoryConfiguration,
      live: MemoryConfiguration?, changed: [FieldPath]
    ) {
      self.desired = desired
      self.behaviour = behaviour
      self.staged = staged
      self.live = live
      self.changed = changed
      asked = behaviour.hugepages(of: staged)
      returned = live.map(behaviour.hugepages(of:)) ?? []
    }

    var name: String { desired.name }

    /// The first changed field that decides about the pages of `demands`.
    func changed(in demands: [HugepageDemand]) -> FieldPath? {
      demands.flatMap(\.fields).first(of: changed)
    }
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
    var (alone, fitting): ([Diagnostic], [Guest]) = ([], [])
    for guest in guests {
      func isBlamed(_ shortage: HugepageShortage) -> Bool {
        shortage.field(in: guest.changed) != nil
      }
      // Of pages that are in no pool, the guest's own plan warns.
      let isMissing =
        guest.behaviour.hugepagesMissing(for: guest.staged, where: isBlamed) != nil
      if isMissing { continue }
      if let shortage = guest.behaviour.hugepagesNotFree(
        for: guest.staged, after: guest.live, besides: pages.besides([guest.name]),
        where: isBlamed), let field = shortage.field(in: guest.changed)
      {
        alone.append(warning(guest, field, shortage, shortage.detail(), host: name))
      } else {
        fitting.append(guest)
      }
    }
    let changing = guests.filter { $0.changed(in: $0.asked + $0.returned) != nil }
    let together = Together(
      host: host, pages: pages, asking: fitting.filter { $0.changed(in: $0.asked) != nil },
      stopping: changing)
    var warned: Set<String> = []
    return alone
      + together.shortages.flatMap { shortage, count, growing in
        growing.compactMap { guest in
          guard let field = guest.changed(in: guest.asked), warned.insert(guest.name).inserted
          else { return nil }
          let detail = shortage.detail(
            "The next starts of \(count) guests with staged changes need",
            together: " together", stop: "the stops of all such guests give back")
          return warning(guest, field, shortage, detail, host: name)
        }
      }
  }

  private func warning(
    _ guest: Guest, _ field: FieldPath, _ shortage: HugepageShortage, _ detail: String,
    host: String
  ) -> Diagnostic {
    Rule.hugepagesNotFree.warning(
      host: host, domain: guest.name, field: field, detail: detail,
      remedy: shortage.remedyOfFree,
      source: guest.desired.sources[field] ?? guest.desired.position)
  }
}

/// The guests whose next starts are judged together.
///
/// Those that are short alone are not among them, but their stops, too, give pages back.
private struct Together {
  typealias Guest = StagedPages.Guest

  let host: ObservedHost
  let pages: HeldPages
  /// The guests that ask for pages.
  let asking: [Guest]
  /// All guests whose pages change.
  let stopping: [Guest]

  /// The shortages, each with the number of guests that ask and with those of them that ask for
  /// more than they have.
  var shortages: [(HugepageShortage, count: Int, growing: [Guest])] {
    guard asking.count > 1, let all = host.nodes.numbers else { return [] }
    let (asked, returned) = (asking.map(\.asked), stopping.flatMap(\.returned))
    let others = pages.besides(Set(stopping.map(\.name)))
    return Set(asked.joined().map(\.size)).sorted().flatMap {
      size -> [(HugepageShortage, count: Int, growing: [Guest])] in
      let demands = asked.joined().filter { $0.size == size }
      return NodeSet.unions(of: demands.map { $0.nodes ?? all }).compactMap { group in
        let counts = asked.map { $0.count(of: size, on: group, all: all) }
        guard counts.count(where: { $0 > 0 }) > 1,
          let shortage = shortage(
            of: counts.reduce(0, +), returned, besides: others, size, on: group, all: all)
        else { return nil }
        let growing = zip(asking, counts).filter { guest, count in
          count > guest.returned.count(of: size, on: group, all: all)
        }.map(\.0)
        return (shortage, counts.count(where: { $0 > 0 }), growing)
      }
    }
  }

  private func shortage(
    of asked: UInt64, _ returned: [HugepageDemand], besides others: PagesOfOthers,
    _ size: MemorySize, on group: NodeSet, all: NodeSet
  ) -> HugepageShortage? {
    let pools = host.nodes.filter { group.contains($0.number) }.flatMap(\.pools)
      .filter { $0.size == size }
    let free = pools.compactMap(\.free)
    guard !pools.isEmpty, free.count == pools.count else { return nil }
    let (there, total) = (free.reduce(0, +), pools.map(\.total).reduce(0, +))
    let shortage = HugepageShortage(
      size: size, on: group, of: host.nodes, asked: asked, there: there,
      taken: others.moved(of: size, on: group, all: all),
      returned: others.returned(
        returned, of: size, on: group, all: all, used: total - min(total, there)))
    return shortage.missing > 0 ? shortage : nil
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
