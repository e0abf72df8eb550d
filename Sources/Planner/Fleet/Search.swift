// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// An observed host, with its domains indexed by name and by UUID.
struct IndexedHost {
  /// The index of a domain among the host's readable or unreadable domains.
  enum Place {
    case observed(Int)
    case unreadable(Int)
  }

  let host: ObservedHost
  private let byName: [String: Place]
  private let byUUID: [String: Place]

  /// Makes the indexes; `indexingUUIDs` says whether any desired domain has a UUID.
  init(_ host: ObservedHost, indexingUUIDs: Bool) {
    self.host = host
    let places =
      host.domains.indices.map(Place.observed) + host.unreadable.indices.map(Place.unreadable)
    let names = host.domains.map(\.name) + host.unreadable.map(\.name)
    byName = Dictionary(zip(names, places)) { first, _ in first }
    let uuids =
      indexingUUIDs ? host.domains.map(\.uuid) + host.unreadable.map(\.uuid) : []
    byUUID = Dictionary(zip(uuids, places)) { first, _ in first }
  }

  /// The domain that `domain` means: the name must match, and the UUID too if one is desired.
  func place(of domain: DesiredDomain) -> Place? {
    guard let place = byName[domain.name] else { return nil }
    let uuid = identity(at: place).uuid
    // A definition in a file may have no UUID.
    return domain.uuid == nil || domain.uuid == uuid || uuid.isEmpty ? place : nil
  }

  /// The domain of which only the UUID or only the name matches; nil if there is none.
  func nearMiss(of domain: DesiredDomain) -> (name: String, uuid: String)? {
    (domain.uuid.flatMap { byUUID[$0] } ?? byName[domain.name]).map(identity)
  }

  private func identity(at place: Place) -> (name: String, uuid: String) {
    switch place {
    case .observed(let number): (host.domains[number].name, host.domains[number].uuid)
    case .unreadable(let number): (host.unreadable[number].name, host.unreadable[number].uuid)
    }
  }
}

/// The search for one domain on the hosts that may have it.
struct Search {
  enum Result: Sendable {
    case found(ObservedDomain, host: String)
    case unreadable(DomainPlan, Diagnostic)
    /// The domain can't be planned, and this plan says why.
    case elsewhere(DomainPlan)
    case leftOut

    /// The host of the domain; nil where it is unknown.
    var host: String? {
      switch self {
      case .found(_, let host): host
      case .unreadable(let plan, _), .elsewhere(let plan): plan.host
      case .leftOut: nil
      }
    }
  }

  let domain: DesiredDomain
  let candidates: [DesiredHost]
  /// The observed hosts, by name.
  let sighted: [String: IndexedHost]
  /// Whether the hosts come from a snapshot, which no connection can correct.
  let isOfSnapshot: Bool

  /// The first host that should have been observed but was not.
  private var silent: DesiredHost? {
    candidates.first { !$0.isSuspended && sighted[$0.name] == nil }
  }

  /// The result of the search; `leavesOut` says whether the selection excludes some host.
  func result(leavesOut: Bool) -> Result {
    let matches = candidates.compactMap { candidate -> (host: String, place: IndexedHost.Place)? in
      sighted[candidate.name]?.place(of: domain).map { (candidate.name, $0) }
    }
    if matches.count > 1 {
      let names = matches.map(\.host).joined(separator: " and ")
      let refusal = Refusal(
        .domainOnSeveralHosts, [], instance: "more than one host has the domain: \(names)")
      return .elsewhere(blocked(refusal, host: nil))
    }
    guard let (host, place) = matches.first, let there = sighted[host]?.host else {
      return missing(leavesOut: leavesOut)
    }
    switch place {
    case .observed(let number): return .found(there.domains[number], host: host)
    case .unreadable(let number): return unreadable(there.unreadable[number], host: host)
    }
  }

  private func missing(leavesOut: Bool) -> Result {
    if let host = silent {
      let isOn = domain.host == nil && candidates.count > 1 ? nil : host.name
      return .elsewhere(unseen(.unobserved, host: isOn))
    }
    if let host = candidates.first(where: \.isSuspended) {
      let isOn = domain.host == nil && candidates.count > 1 ? nil : host.name
      return .elsewhere(unseen(.suspended, host: isOn))
    }
    if leavesOut { return .leftOut }
    let host = candidates.count == 1 ? candidates.first?.name : nil
    let absence = Absence(of: domain, on: candidates, sighted, isOfSnapshot: isOfSnapshot)
    var plan = blocked(
      Refusal(.domainNotDefined, [], instance: absence.instance), host: host)
    plan.blockers[0].remedy = absence.remedy
    return .elsewhere(plan)
  }

  private func unreadable(_ found: UnreadableDomain, host: String) -> Result {
    var planned = unseen(.unobserved, host: host)
    planned.uuid = found.uuid.isEmpty ? nil : found.uuid
    var warning = Rule.domainUnobserved.warning(
      host: host, domain: domain.name, detail: "\(found.error.reason).",
      source: domain.position)
    if found.error.kind == .denied {
      warning.detail =
        "The user of the connection may not read the domain. \(warning.detail)"
      warning.remedy = Rule.accessDenied.remedy
    }
    if isOfSnapshot { warning.remedy = ConnectionRemedy.newSnapshot }
    return .unreadable(planned, warning)
  }

  private func blocked(_ refusal: Refusal, host: String?) -> DomainPlan {
    var plan = unseen(.blocked, host: host)
    plan.blockers = [refusal.blocker(of: nil)]
    return plan
  }

  private func unseen(_ verdict: Verdict, host: String?) -> DomainPlan {
    let fields = domain.configuration.declaredFields.compactMap { field in
      domain.configuration[field].map { value in
        PlannedField(
          path: field, desired: value,
          verdict: verdict == .suspended ? .unobserved : verdict,
          source: domain.sources[field])
      }
    }
    return DomainPlan(
      name: domain.name, host: host,
      verdict: domain.isSuspended ? .suspended : verdict, policy: domain.policy, fields: fields,
      position: domain.position)
  }
}
