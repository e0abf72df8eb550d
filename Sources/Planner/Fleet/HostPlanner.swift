// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import LibvirtModel
package import MemoryModel

/// Plans one host with all its domains together, because they share the host's memory.
package struct HostPlanner: Sendable {
  private let host: DesiredHost
  private let observed: ObservedHost
  private let ceiling: Disruption
  private let early: [String: EarlyPlan]
  /// The sizes that `<hugepages/>` cannot mean on the host, because guests run.
  private let disprovedDefaults: Set<MemorySize>

  /// Makes the planner of an observed host; `ceiling` is the strongest disruption allowed.
  package init(_ host: DesiredHost, observed: ObservedHost, ceiling: Disruption = .live) {
    self.init(host, observed: observed, ceiling: ceiling, early: [:])
  }

  /// Makes the planner of an observed host for whose domains there may be `early` plans, by UUID.
  init(
    _ host: DesiredHost, observed: ObservedHost, ceiling: Disruption, early: [String: EarlyPlan]
  ) {
    self.host = host
    self.observed = observed
    self.ceiling = ceiling
    self.early = early
    disprovedDefaults = GuestBehaviour.disprovedDefaults(on: observed, facts: host.facts)
  }

  /// The host as plans record it.
  package var plannedHost: PlannedHost {
    // The environment may name an alias, which only the connection resolves.
    let resolved = host.uriFrom == .environment ? observed.uri : nil
    return PlannedHost(
      name: host.name, uuid: observed.uuid, uri: resolved ?? host.uri ?? observed.uri,
      libvirt: observed.libvirt, hypervisor: observed.hypervisor, reserve: host.reserve,
      uriFrom: host.uriFrom, origin: observed.uri == nil ? .definitions : .connection,
      isSuspended: host.isSuspended, facts: host.facts)
  }

  /// The plan for domains, each as it is desired and as it was observed on this host.
  ///
  /// The order of `domains` makes no difference: plans list domains by name.
  package func plan(_ domains: [(desired: DesiredDomain, observed: ObservedDomain)]) -> Plan {
    let order = domains.indices.sorted { domains[$0].observed.name < domains[$1].observed.name }
    var planned = order.concurrentMap {
      planAlone(domains[$0].desired, domains[$0].observed)
    }
    var ledger = HostLedger(
      of: observed, reserve: host.reserve, facts: host.facts,
      for: planned.indices.lazy.flatMap { planned[$0].moves.joined() })
    share(&ledger, among: &planned) { index, refusals in
      let (desired, observed) = domains[order[index]]
      return withSupply(planByItself(desired, observed, refusals: refusals), observed)
    }
    var plan = Plan(hosts: [plannedHost])
    plan.domains = planned.map(\.plan)
    plan.diagnostics = remarksOnHost + planned.flatMap(\.warnings)
    plan.diagnostics += warningsOfPages(planned)
    plan.hosts[0].memory = memory(during: planned)
    if host.reserve != nil && observed.availableMemory == nil {
      plan.diagnostics.append(
        Rule.hostMemoryUnknown.warning(host: host.name, source: host.position))
    }
    return plan
  }

  /// Lets `ledger` admit each domain that fits, in the order of their names.
  ///
  /// Domains that take no memory come first. A domain that takes and gives memory can make room for
  /// a domain with an earlier name, so the planner then tries the others again. `replan` plans a
  /// domain without the changes that the ledger refused.
  private func share(
    _ ledger: inout HostLedger, among planned: inout [PlannedDomain],
    replan: (_ index: Int, _ refusals: [Refusal]) -> PlannedDomain
  ) {
    var waiting: [Int] = []
    for index in planned.indices where planned[index].plan.verdict != .suspended {
      if planned[index].moves.takeMemory {
        waiting.append(index)
      } else if planned[index].moves.giveMemory {
        ledger.give(planned[index].entries)
      }
    }
    while !waiting.isEmpty {
      var hasMore = false
      var admitted: Set<Int> = []
      for index in waiting where ledger.admit(&planned[index].entries) == nil {
        admitted.insert(index)
        hasMore = planned[index].moves.giveMemory
        if hasMore { break }
      }
      // Once for all of them: a host can have thousands of domains that take memory.
      waiting.removeAll(where: admitted.contains)
      if hasMore { continue }
      // No domain fits. A domain that also gives memory may make room for another, so it comes
      // first.
      let giver = waiting.first { planned[$0].moves.giveMemory }
      guard let index = giver ?? waiting.first else { break }
      waiting.removeAll { $0 == index }
      refuse(&planned[index], &ledger) { replan(index, $0) }
    }
  }

  /// Plans a domain again, without what the ledger refuses, until its steps fit.
  private func refuse(
    _ planned: inout PlannedDomain, _ ledger: inout HostLedger,
    replan: (_ refusals: [Refusal]) -> PlannedDomain
  ) {
    var refusals: [Refusal] = []
    while let shortage = ledger.admit(&planned.entries) {
      let refusal = shortage.refusal(of: planned.entries)
      let refused = Set(refusals.flatMap(\.fields))
      guard !refused.isSuperset(of: refusal.fields) else { return }
      refusals.append(refusal)
      planned = replan(refusals)
    }
  }

  /// Remarks about the host's driver and versions; each appears once per host.
  private var remarksOnHost: [Diagnostic] {
    observed.remarks.map { rule, detail in
      rule.warning(.note, host: host.name, detail: detail, source: host.position)
    }
  }

  /// The plan of a domain without the others, from `early` if it is there.
  private func planAlone(_ desired: DesiredDomain, _ domain: ObservedDomain) -> PlannedDomain {
    if let early = early[domain.uuid], early.observed == domain, isKnownAlone(desired, domain) {
      return withSupply(early.planned, domain)
    }
    return withSupply(planByItself(desired, domain), domain)
  }

  /// Whether the other guests of the host do not tell which huge pages the guest has.
  private func isKnownAlone(_ desired: DesiredDomain, _ domain: ObservedDomain) -> Bool {
    disprovedDefaults.isEmpty
      || ![domain.live, domain.persistent, desired.configuration]
        .contains { $0?.hasDefaultHugepages == true }
  }

  /// The plan of a domain as if the host had no other domains.
  ///
  /// It depends on nothing of the host that ``ObservedHost/alone`` leaves out, except the sizes
  /// that `<hugepages/>` cannot mean there.
  func planByItself(
    _ desired: DesiredDomain, _ domain: ObservedDomain, refusals: [Refusal] = []
  ) -> PlannedDomain {
    let behaviour = GuestBehaviour(
      of: domain, on: observed, facts: host.facts, disproved: disprovedDefaults)
    var planner = DomainPlanner(
      desired, observed: domain, on: self.observed, behaviour: behaviour, ceiling: ceiling)
    for refusal in refusals { planner.block(refusal) }
    let draft = planner.draft()
    let plan = planner.plan(draft, host: host.name, on: observed)
    let moves = MemoryMoves(of: planner.observed, after: draft.state, behaviour)
    return PlannedDomain(
      plan: plan, warnings: planner.warnings(draft, plan: plan, host: host),
      pages: pages(of: plan, desired, planner.observed, draft.state.persistent, behaviour),
      moves: plan.steps.map { moves?.moves(of: $0.operation) ?? [] })
  }

  /// A plan with what the host has for the growth of the guest of `domain`.
  private func withSupply(_ planned: PlannedDomain, _ domain: ObservedDomain) -> PlannedDomain {
    guard let headroom = planned.plan.headroom, let live = domain.live else { return planned }
    var planned = planned
    let behaviour = GuestBehaviour(of: domain, on: observed, facts: host.facts)
    planned.plan.headroom?.host = HostLedger.supply(
      for: headroom, of: live, on: observed, host, behaviour)
    return planned
  }

  /// The huge pages of a domain and of its next start; nil if both have none, or if nothing of it
  /// is staged.
  private func pages(
    of plan: DomainPlan, _ desired: DesiredDomain, _ domain: ObservedDomain,
    _ staged: MemoryConfiguration?, _ behaviour: GuestBehaviour
  ) -> StagedPages.Guest? {
    guard host.facts.hugepages != .onDemand, !desired.isSuspended, let staged else { return nil }
    let live = domain.isActive ? domain.live : nil
    let hasPages = [live, staged].compactMap(\.self).contains {
      $0.hasDefaultHugepages || !behaviour.hugepages(of: $0).isEmpty
    }
    let changed = hasPages ? plan.fieldsOfNextStart : []
    guard !changed.isEmpty else { return nil }
    return StagedPages.Guest(
      desired: desired, behaviour: behaviour, staged: staged, live: live, changed: changed)
  }

  /// Warns of guests that don't find their huge pages at the next start, alone or together.
  private func warningsOfPages(_ planned: [PlannedDomain]) -> [Diagnostic] {
    StagedPages(on: observed, facts: host.facts, during: planned)
      .warnings(of: planned.compactMap(\.pages), host: host.name)
  }

  /// The host's available memory, before the steps of `domains` and while they are performed.
  ///
  /// Nil for definitions from files, which belong to no host, and where the driver does not report
  /// it.
  private func memory(during domains: [PlannedDomain]) -> HostMemory? {
    guard let available = observed.availableMemory else { return nil }
    let moves = PlannedMoves(of: domains)
    let course = moves.course { move in
      move.resource == .memory && move.changesHost ? (move.taken, move.given) : (.zero, .zero)
    }
    // The ledger makes steps wait for others before they reach the reserve.
    let floor = min(available, host.reserve ?? .zero)
    return HostMemory(
      total: observed.totalMemory, guests: observed.guestMemory, available: available,
      leastAvailable: max(available - course.mostTaken, floor),
      availableAfter: available + course.given - course.taken, nodes: observed.nodes,
      courses: observed.nodes.flatMap { $0.courses(of: moves) })
  }
}
