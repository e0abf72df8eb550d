// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import LibvirtModel
package import MemoryModel

/// Plans one host with all its domains, which share the host's memory: the unit of planning.
package struct HostPlanner: Sendable {
  private let host: DesiredHost
  private let observed: ObservedHost
  private let ceiling: Disruption

  /// Makes the planner of `host` as it was observed; `ceiling` is the strongest effect allowed.
  package init(_ host: DesiredHost, observed: ObservedHost, ceiling: Disruption = .live) {
    self.host = host
    self.observed = observed
    self.ceiling = ceiling
  }

  /// The host as plans record it.
  package var plannedHost: PlannedHost {
    PlannedHost(
      name: host.name, uuid: observed.uuid, uri: host.uri ?? observed.uri,
      libvirt: observed.libvirt, hypervisor: observed.hypervisor, reserve: host.reserve,
      uriFrom: host.uriFrom, origin: observed.uri == nil ? .definitions : .connection,
      isSuspended: host.isSuspended, facts: host.facts)
  }

  /// The plan for pairs of a domain as it is desired and as it was observed on this host.
  ///
  /// The order of `domains` makes no difference: plans list domains by name.
  package func plan(_ domains: [(desired: DesiredDomain, observed: ObservedDomain)]) -> Plan {
    var plan = Plan(hosts: [plannedHost])
    var budget = HostBudget(available: observed.availableMemory, reserve: host.reserve)
    let order = domains.indices.sorted { domains[$0].observed.name < domains[$1].observed.name }
    let planned = order.concurrentMap {
      planByItself(domains[$0].desired, domains[$0].observed, refusal: nil)
    }
    plan.domains = planned.map(\.plan)
    var warnings = planned.map(\.warnings)
    if budget.isBounded {
      let growing = plan.domains.indices.filter { plan.domains[$0].verdict != .suspended }
      for index in growing { budget.give(plan.domains[index].steps.map(\.call)) }
      for index in growing {
        if let refusal = budget.refusal(of: plan.domains[index].steps.map(\.call)) {
          let (desired, observed) = domains[order[index]]
          let again = planByItself(desired, observed, refusal: refusal)
          (plan.domains[index], warnings[index]) = (again.plan, again.warnings)
        }
      }
    }
    plan.diagnostics = remarksOnHost + warnings.flatMap(\.self)
    addNeeds(to: &plan, budget)
    plan.hosts[0].memory = memory(after: plan.domains)
    if host.reserve != nil && observed.availableMemory == nil {
      plan.diagnostics.append(
        Rule.hostMemoryUnknown.warning(host: host.name, source: host.position))
    }
    return plan
  }

  /// What the host's driver and versions are to be known for, once however many domains it has.
  private var remarksOnHost: [Diagnostic] {
    HypervisorBehaviour(of: observed).remarksOnHost.map { rule, detail in
      rule.warning(.note, host: host.name, detail: detail, source: host.position)
    }
  }

  /// A domain's plan by itself, before the others of its host are looked at.
  private struct PlannedDomain: Sendable {
    let plan: DomainPlan
    let warnings: [Diagnostic]
  }

  private func planByItself(
    _ desired: DesiredDomain, _ domain: ObservedDomain, refusal: Refusal?
  ) -> PlannedDomain {
    let behaviour = HypervisorBehaviour(of: observed, defaultHugepage: host.facts.hugepageSize)
      .of(domain)
    var planner = DomainPlanner(
      desired, observed: domain, on: self.observed, behaviour: behaviour, ceiling: ceiling)
    if let refusal { planner.block(refusal) }
    let draft = planner.draft()
    let plan = planner.plan(draft, host: host.name, on: observed)
    return PlannedDomain(
      plan: plan, warnings: planner.warnings(draft, plan: plan, host: host))
  }

  /// What the host has left, and what the steps of `domains` make of it; nil for definitions from
  /// files, which have no host behind them.
  private func memory(after domains: [DomainPlan]) -> HostMemory? {
    guard observed.uri != nil else { return nil }
    var memory = HostMemory(available: observed.availableMemory)
    for step in domains.lazy.flatMap(\.steps) {
      memory.taken = memory.taken + step.call.takenLive
      memory.given = memory.given + step.call.givenLive
    }
    return memory
  }

  /// Those that take what others give wait for them.
  private func addNeeds(to plan: inout Plan, _ budget: HostBudget) {
    guard budget.isOverdrawn else { return }
    let giving = plan.steps.filter { $0.call.givenLive > .zero }.map(\.id)
    for domain in plan.domains.indices {
      for step in plan.domains[domain].steps.indices
      where plan.domains[domain].steps[step].call.takenLive > .zero {
        plan.domains[domain].steps[step].needs = giving.filter { id in
          !plan.domains[domain].steps.contains { $0.id == id }
        }
      }
    }
  }
}

/// What a host has left for its guests to grow into, above its reserve.
private struct HostBudget {
  /// What may still be taken; nil where nothing bounds it.
  private var left: MemorySize?
  /// What is missing to the reserve already, which is made up for before anybody grows.
  private var missing = MemorySize.zero
  private var given = MemorySize.zero

  init(available: MemorySize?, reserve: MemorySize?) {
    guard let available, let reserve else { return }
    left = available - reserve
    missing = reserve - available
  }

  /// Whether anything bounds what may be taken.
  var isBounded: Bool { left != nil }

  /// Whether what was taken is more than there was before anybody gave.
  private(set) var isOverdrawn = false

  mutating func give(_ calls: [Call]) {
    let more = calls.map(\.givenLive).total
    given = given + (more - missing)
    missing = missing - more
  }

  /// Takes what `calls` need, or says why they may not have it.
  mutating func refusal(of calls: [Call]) -> Refusal? {
    let needed = calls.map(\.takenLive).total
    guard let left, needed > .zero else { return nil }
    guard needed <= left + given else {
      return Refusal(
        .hostReserve, calls.filter { $0.takenLive > .zero }.flatMap(\.moved),
        detail: "\(needed) would be taken, and \(left + given) is left above the reserve.")
    }
    if needed > left { isOverdrawn = true }
    given = given - (needed - left)
    self.left = left - needed
    return nil
  }
}

extension Call {
  /// The fields that the call changes.
  fileprivate var moved: [FieldPath] { changes.filter { $0.from != $0.to }.map(\.field) }

  /// How much host memory the call takes for a guest that runs.
  fileprivate var takenLive: MemorySize { guestMove.map { $0.to - $0.from } ?? .zero }

  /// How much host memory the call gives back.
  fileprivate var givenLive: MemorySize { guestMove.map { $0.from - $0.to } ?? .zero }

  private var guestMove: (from: MemorySize, to: MemorySize)? {
    guard plane == .live else { return nil }
    let moved: Change? =
      switch action {
      case .setMemory, .updateDevice: changes.first
      // A virtio-mem device takes what it plugs, every other all of its size.
      case .attachDevice, .detachDevice:
        changes.first { $0.field.name == .deviceRequested }
          ?? (isOfVirtioMem ? nil : changes.first { $0.field.name == .deviceSize })
      case .setMaxMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters, .wait,
        .redefine:
        nil
      }
    guard let moved else { return nil }
    return (Self.size(moved.from), Self.size(moved.to))
  }

  private var isOfVirtioMem: Bool {
    let model = MemoryDevice.Model.virtioMem.fieldValue
    return changes.contains { $0.field.name == .deviceModel && ($0.from ?? $0.to) == model }
  }

  private static func size(_ value: FieldValue?) -> MemorySize {
    if case .size(let size)? = value { size } else { .zero }
  }
}
