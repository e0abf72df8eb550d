// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// The search for one domain on the hosts that could have it.
struct Search {
  enum Result {
    case found(ObservedDomain, host: String)
    case unreadable(DomainPlan, Diagnostic)
    /// There is nothing to plan on, and this says why.
    case elsewhere(DomainPlan)
    case leftOut
  }

  let domain: DesiredDomain
  let candidates: [DesiredHost]
  let sights: [String: HostSight]

  private var answering: [(host: DesiredHost, observed: ObservedHost)] {
    candidates.compactMap { host in
      guard case .observed(let observed)? = sights[host.name] else { return nil }
      return (host, observed)
    }
  }

  private var silent: [DesiredHost] {
    candidates.filter { host in
      if case .unobserved? = sights[host.name] { true } else { false }
    }
  }

  /// What the search found; `leavesOut` where the selection keeps it from some host.
  mutating func result(leavesOut: Bool) -> Result {
    let matches = answering.filter { has($0.observed) }
    if matches.count > 1 {
      let names = matches.map(\.host.name).joined(separator: " and ")
      return .elsewhere(
        blocked(Refusal(.domainOnSeveralHosts, [], detail: "It is on \(names)."), host: nil))
    }
    if let match = matches.first {
      return read(from: match.observed, host: match.host.name)
    }
    if let host = silent.first {
      let isOn = domain.host == nil && candidates.count > 1 ? nil : host.name
      return .elsewhere(unseen(.unobserved, host: isOn))
    }
    if let host = candidates.first(where: \.isSuspended) {
      let isOn = domain.host == nil && candidates.count > 1 ? nil : host.name
      return .elsewhere(unseen(.suspended, host: isOn))
    }
    if leavesOut { return .leftOut }
    let host = candidates.count == 1 ? candidates.first?.name : nil
    return .elsewhere(blocked(Refusal(.domainNotDefined, [], detail: nearMiss), host: host))
  }

  /// Whether `host` has the domain: by UUID where one is given, else by name.
  private func has(_ host: ObservedHost) -> Bool {
    func isMeant(_ name: String, _ uuid: String) -> Bool {
      domain.uuid.map { $0 == uuid && domain.name == name } ?? (domain.name == name)
    }
    return host.domains.contains { isMeant($0.name, $0.uuid) }
      || host.unreadable.contains { isMeant($0.name, $0.uuid) }
  }

  private func read(from observed: ObservedHost, host: String) -> Result {
    if let found = observed.domains.first(where: { $0.name == domain.name }) {
      return .found(found, host: host)
    }
    let unreadable = observed.unreadable.first { $0.name == domain.name }
    var planned = unseen(.unobserved, host: host)
    planned.uuid = unreadable?.uuid
    let error = unreadable?.error
    return .unreadable(
      planned,
      Constraint.domainUnobserved.warning(
        host: host, domain: domain.name,
        detail: error.map { "\($0.call): \($0.message)." } ?? "", source: domain.position))
  }

  /// What is there under the name or the UUID alone, in a sentence; empty where nothing is.
  private var nearMiss: String {
    for (host, observed) in answering {
      let names = observed.domains.map { ($0.name, $0.uuid) }
      if let uuid = domain.uuid, let other = names.first(where: { $0.1 == uuid }) {
        return "On \(host.name) the domain with this UUID is named \(other.0)."
      }
      if let other = names.first(where: { $0.0 == domain.name }) {
        return "On \(host.name) \(domain.name) has the UUID \(other.1)."
      }
    }
    return ""
  }

  private func blocked(_ refusal: Refusal, host: String?) -> DomainPlan {
    var plan = unseen(.blocked, host: host)
    plan.blockers = [refusal.blocker(of: nil)]
    return plan
  }

  private func unseen(_ verdict: Verdict, host: String?) -> DomainPlan {
    let fields = Field.all.compactMap { field in
      domain.configuration[field.path].map { value in
        PlannedField(
          path: field.path, desired: value,
          verdict: verdict == .suspended ? .unobserved : verdict,
          source: domain.sources[field.path])
      }
    }
    return DomainPlan(
      name: domain.name, host: host,
      verdict: domain.isSuspended ? .suspended : verdict, policy: domain.policy, fields: fields,
      position: domain.position)
  }
}
