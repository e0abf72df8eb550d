// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
public import MemoryModel

/// What is known of a host when a fleet is planned.
public enum HostSight: Sendable {
  /// It was looked at.
  case observed(ObservedHost)
  /// It did not let itself be looked at.
  case unobserved(HypervisorError)
}

/// All hosts and domains of a run: which domain is looked for where, and the plan of all.
public struct Fleet: Sendable {
  /// The hosts in the order of their names; without declared ones, the connection's.
  public let hosts: [DesiredHost]
  private let domains: [DesiredDomain]
  private let selection: Selection

  /// Makes the fleet of a desired state; `connection` is the URI that holds without Hosts.
  public init(
    _ desired: DesiredState, selection: Selection = .all, connection: String? = nil
  ) {
    hosts =
      desired.hosts.isEmpty
      ? [DesiredHost(name: "default", uri: connection)]
      : desired.hosts.sorted { $0.name < $1.name }
    // Sorted by their places: domains are large, and sorting moves what it sorts many times.
    let unsorted = desired.domains
    domains = unsorted.indices.sorted {
      let (left, right) = (unsorted[$0], unsorted[$1])
      return (left.name, left.host ?? "", left.uuid ?? "")
        < (right.name, right.host ?? "", right.uuid ?? "")
    }.map { unsorted[$0] }
    self.selection = selection
  }

  /// The hosts on which `domain` is looked for: its own, or every one that the selection leaves.
  private func candidates(for domain: DesiredDomain) -> [DesiredHost] {
    hosts.filter { host in
      // Without declared Hosts there is one host, and no domain can name it.
      (domain.host == nil || domain.host == host.name) && selection.selects(domain, on: host)
    }
  }

  /// The domains that are looked for on `host`.
  public func domains(on host: DesiredHost) -> [DesiredDomain] {
    domains.filter { isLookedFor($0, on: host) }
  }

  private func isLookedFor(_ domain: DesiredDomain, on host: DesiredHost) -> Bool {
    candidates(for: domain).contains { $0.name == host.name }
  }

  private func hasDomains(_ host: DesiredHost) -> Bool {
    domains.contains { isLookedFor($0, on: host) }
  }

  /// The hosts that have to be connected to.
  public var hostsToObserve: [DesiredHost] {
    hosts.filter { !$0.isSuspended && hasDomains($0) }
  }

  /// The plan of everything that is selected, from what was seen of each host by its name.
  public func plan(_ sights: [String: HostSight], ceiling: Disruption = .live) -> Plan {
    var found: [String: [(desired: DesiredDomain, observed: ObservedDomain)]] = [:]
    var plan = Plan()
    let sighted = sights.compactMapValues { sight in
      if case .observed(let host) = sight { SightedHost(host) } else { nil }
    }
    for domain in domains {
      let candidates = candidates(for: domain)
      guard !candidates.isEmpty else { continue }
      let leavesOut = domain.host == nil && candidates.count < hosts.count
      let search = Search(domain: domain, candidates: candidates, sighted: sighted)
      switch search.result(leavesOut: leavesOut) {
      case .found(let observed, let host): found[host, default: []].append((domain, observed))
      case .unreadable(let planned, let diagnostic):
        plan.domains.append(planned)
        plan.diagnostics.append(diagnostic)
      case .elsewhere(let planned): plan.domains.append(planned)
      case .leftOut: break
      }
    }
    for host in hosts {
      guard case .observed(let observed)? = sights[host.name] else {
        addUnseen(host, sights[host.name], to: &plan)
        continue
      }
      let planner = HostPlanner(host, observed: observed, ceiling: ceiling)
      let planned = planner.plan(found[host.name] ?? [])
      plan.hosts += planned.hosts
      plan.domains += planned.domains
      plan.diagnostics += planned.diagnostics
    }
    plan.domains.sort { ($0.host ?? "", $0.name) < ($1.host ?? "", $1.name) }
    return plan
  }

  private func addUnseen(_ host: DesiredHost, _ sight: HostSight?, to plan: inout Plan) {
    guard hasDomains(host) else { return }
    plan.hosts.append(PlannedHost(name: host.name, uri: host.uri, reserve: host.reserve))
    guard case .unobserved(let error)? = sight else { return }
    plan.diagnostics.append(
      Constraint.hostUnobserved.warning(
        host: host.name, detail: "\(error.call): \(error.message).", source: host.position))
  }
}
