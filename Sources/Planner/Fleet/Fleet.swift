// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import LibvirtModel
package import MemoryModel

/// All hosts and domains of a run: finds the host of each domain and plans them all.
package struct Fleet: Sendable {
  /// The hosts in the order of their names; if none is declared, the one of the connection.
  package let hosts: [DesiredHost]
  private let domains: [DesiredDomain]
  /// For each domain, the indices of the selected hosts on which to look for it: its own, or all of
  /// them if it names none.
  private let candidates: [[Int]]
  /// For each host by its name, the indices of the domains to look for on it.
  private let domainsByHost: [String: [Int]]

  /// Makes the fleet of a desired state.
  ///
  /// `connection` is the URI for manifests without Hosts, and `origin` says where it comes from.
  package init(
    _ desired: DesiredState, selection: Selection = .all, connection: String? = nil,
    from origin: URIOrigin = .default
  ) {
    let hosts =
      desired.hosts.isEmpty
      ? [DesiredHost(uri: connection, uriFrom: origin)]
      : desired.hosts.sorted { $0.name < $1.name }
    // Sorts indices instead of domains: domains are large, and sorting moves elements many times.
    let unsorted = desired.domains
    domains = unsorted.indices.sorted {
      let (left, right) = (unsorted[$0], unsorted[$1])
      return (left.name, left.host ?? "", left.uuid ?? "")
        < (right.name, right.host ?? "", right.uuid ?? "")
    }.map { unsorted[$0] }
    let covered = hosts.indices.filter { selection.covers(hosts[$0]) }
    let numbers = Dictionary(covered.map { (hosts[$0].name, [$0]) }) { first, _ in first }
    candidates = domains.map { domain in
      // Without declared Hosts there is one host, and no domain can name it.
      (domain.host.map { numbers[$0] ?? [] } ?? covered)
        .filter { selection.matches(domain, on: hosts[$0]) }
    }
    var domainsByHost: [String: [Int]] = [:]
    for (domain, hostNumbers) in candidates.enumerated() {
      for number in hostNumbers { domainsByHost[hosts[number].name, default: []].append(domain) }
    }
    self.domainsByHost = domainsByHost
    self.hosts = hosts
  }

  /// Whether the selection leaves no domain.
  package var isEmpty: Bool { domainsByHost.isEmpty }

  /// The domains to look for on `host`.
  package func domains(on host: DesiredHost) -> [DesiredDomain] {
    (domainsByHost[host.name] ?? []).map { domains[$0] }
  }

  /// Whether there is a domain to look for on `host`.
  package func hasDomains(on host: DesiredHost) -> Bool {
    domainsByHost[host.name] != nil
  }

  /// The hosts to which the run must connect.
  package var hostsToObserve: [DesiredHost] {
    hosts.filter { !$0.isSuspended && hasDomains(on: $0) }
  }

  /// The names of domains to ask each host for once more: no list of a host has these domains, and
  /// a list leaves out what the user of the connection may not see.
  package func unlisted(in observations: [String: HostObservation]) -> [String: [String]] {
    let listed = observations.compactMapValues { observation -> [String: String]? in
      guard case .observed(let host) = observation else { return nil }
      let domains = host.domains.map { ($0.name, $0.uuid) }
      let unreadable = host.unreadable.map { ($0.name, $0.uuid) }
      return Dictionary(domains + unreadable) { first, _ in first }
    }
    var names: [String: [String]] = [:]
    for (domain, candidates) in zip(domains, candidates) where !domain.isSuspended {
      let asked = candidates.map { hosts[$0].name }.filter { listed[$0] != nil }
      let isFound = asked.contains { host in
        guard let uuid = listed[host]?[domain.name] else { return false }
        return domain.uuid == nil || domain.uuid == uuid
      }
      guard !isFound else { continue }
      for host in asked where listed[host]?[domain.name] == nil {
        names[host, default: []].append(domain.name)
      }
    }
    return names
  }

  /// The plan of everything that is selected, from what was seen of each host by its name.
  ///
  /// `origin` says what the observations come from. Without `today`, the plan has no warnings of
  /// suspensions that are past their date. `early` has plans of this fleet's domains that were made
  /// while the hosts were observed.
  package func plan(
    _ observations: [String: HostObservation], ceiling: Disruption = .live,
    from origin: PlannedHost.Origin = .connection, today: Day? = nil, early: EarlyPlans? = nil
  ) -> Plan {
    var (plan, found) = sorted(search(indexed(observations), origin), today)
    var parts = plan.domains.isEmpty ? [] : [plan.domains]
    for host in hosts {
      if let suspension = host.suspension, hasDomains(on: host) {
        plan.diagnostics += suspension.diagnostics(
          on: today, host: host.name, source: host.position)
      }
      guard case .observed(let observed)? = observations[host.name] else {
        addUnseen(host, observations[host.name], origin, to: &plan)
        continue
      }
      let made = early?.ceiling == ceiling ? early?.plans(named: host.name, on: observed) : nil
      let planner = HostPlanner(host, observed: observed, ceiling: ceiling, early: made ?? [:])
      let planned = planner.plan(found[host.name] ?? [])
      plan.hosts += planned.hosts
      parts.append(planned.domains)
      plan.diagnostics += planned.diagnostics
    }
    // Usually one host has all domains; then its array needs no copy.
    plan.domains = parts.count == 1 ? parts[0] : parts.flatMap(\.self)
    plan.sort()
    return plan
  }

  private func indexed(_ observations: [String: HostObservation]) -> [String: IndexedHost] {
    let namesUUIDs = domains.contains { $0.uuid != nil }
    return observations.compactMapValues { observation in
      if case .observed(let host) = observation {
        IndexedHost(host, indexingUUIDs: namesUUIDs)
      } else {
        nil
      }
    }
  }

  /// Looks for each domain on the observed hosts.
  private func search(
    _ sighted: [String: IndexedHost], _ origin: PlannedHost.Origin
  ) -> [Search.Result] {
    Array(domains.indices).concurrentMap { number in
      guard !candidates[number].isEmpty else { return .leftOut }
      let leavesOut = domains[number].host == nil && candidates[number].count < hosts.count
      let candidates = candidates[number].map { hosts[$0] }
      return Search(
        domain: domains[number], candidates: candidates, sighted: sighted,
        isOfSnapshot: origin == .snapshot
      ).result(leavesOut: leavesOut)
    }
  }

  /// The domains that were found, by their hosts, and a plan of the others.
  private func sorted(
    _ results: [Search.Result], _ today: Day?
  ) -> (Plan, [String: [(desired: DesiredDomain, observed: ObservedDomain)]]) {
    var found: [String: [(desired: DesiredDomain, observed: ObservedDomain)]] = [:]
    var plan = Plan()
    for (number, result) in results.enumerated() {
      switch result {
      case .found(let observed, let host):
        found[host, default: []].append((domains[number], observed))
      case .unreadable(let planned, let diagnostic):
        plan.domains.append(planned)
        plan.diagnostics.append(diagnostic)
      case .elsewhere(let planned): plan.domains.append(planned)
      case .leftOut: continue
      }
      guard let suspension = domains[number].suspension else { continue }
      plan.diagnostics += suspension.diagnostics(
        on: today, host: result.host, domain: domains[number].name,
        source: domains[number].suspensionSource ?? domains[number].position)
    }
    return (plan, found)
  }

  private func addUnseen(
    _ host: DesiredHost, _ observation: HostObservation?, _ origin: PlannedHost.Origin,
    to plan: inout Plan
  ) {
    guard hasDomains(on: host) else { return }
    plan.hosts.append(
      PlannedHost(
        name: host.name, uri: host.uri, reserve: host.reserve, uriFrom: host.uriFrom,
        origin: origin, isSuspended: host.isSuspended, facts: host.facts))
    guard case .unobserved(let error)? = observation else { return }
    var warning = Rule.hostUnobserved.warning(
      host: host.name, detail: "\(error.reason).", source: host.position)
    warning.remedy = ConnectionRemedy(for: error, uri: host.uri).text
    plan.diagnostics.append(warning)
  }
}
