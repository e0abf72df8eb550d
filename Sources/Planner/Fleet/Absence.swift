// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import MemoryModel

/// Why a domain is on none of the hosts that could have it, all of which answered, and what the
/// user can do.
struct Absence {
  private let domain: DesiredDomain
  private let hosts: [DesiredHost]
  private let sighted: [String: IndexedHost]
  private let isOfSnapshot: Bool

  /// Makes the absence of `domain` on `hosts`, as they were seen.
  init(
    of domain: DesiredDomain, on hosts: [DesiredHost], _ sighted: [String: IndexedHost],
    isOfSnapshot: Bool
  ) {
    self.domain = domain
    self.hosts = hosts
    self.sighted = sighted
    self.isOfSnapshot = isOfSnapshot
  }

  /// The only host that could have the domain; nil if there are several.
  private var onlyHost: DesiredHost? { hosts.count == 1 ? hosts.first : nil }

  /// The domain of which only the name or only the UUID is the declared one, and its host.
  private var nearMiss: (domain: (name: String, uuid: String), host: DesiredHost)? {
    for host in hosts {
      if let other = sighted[host.name]?.nearMiss(of: domain) { return (other, host) }
    }
    return nil
  }

  /// What is there in place of the domain.
  var instance: String {
    if let (other, host) = nearMiss {
      return other.uuid == domain.uuid
        ? "on \(name(of: host)) the domain with this UUID is named \(other.name)"
        : "\(domain.name) on \(name(of: host)) has the UUID \(other.uuid), "
          + "not \(domain.uuid ?? "another")"
    }
    guard let host = onlyHost else {
      return "none of \(hosts.count) hosts has it: \(hosts.map(\.name).joined(separator: ", "))"
    }
    let place = isOfSnapshot ? "in the snapshot of \(name(of: host))" : "on \(name(of: host))"
    guard let count = sighted[host.name]?.host.domainNames?.count else {
      return "there is no such domain \(place)"
    }
    return "there is no such domain \(place), which has \(counted(count))"
  }

  private func counted(_ count: Int) -> String {
    count == 0 ? "no domains" : count == 1 ? "1 domain" : "\(count) domains"
  }

  /// The remedy for this case.
  var remedy: String {
    if let (other, _) = nearMiss {
      return other.uuid == domain.uuid
        ? "If this domain is meant, declare `name: \(other.name)`. Otherwise correct `uuid`."
        : """
        If this domain is meant, declare `uuid: \(other.uuid)` or remove `uuid`. Otherwise correct \
        `name` or `host`.
        """
    }
    if isOfSnapshot {
      return """
        If the domain was defined after the snapshot, take a new snapshot: `virtmem observe --hosts \
        PATH > FILE`. Otherwise correct the domain's name\(nearNames), or remove the domain from the \
        manifests.
        """
    }
    guard let host = onlyHost else {
      return """
        Correct the domain's name\(nearNames), or declare the Host that has it. `virtmem export \
        --hosts PATH` lists what the hosts have. \(definition)
        """
    }
    return remedy(on: host)
  }

  private func remedy(on host: DesiredHost) -> String {
    let seen = sighted[host.name]?.host
    let list = "`virsh -r -c '\(seen?.uri?.publishedURI ?? "URI")' list --all`"
    let isDeclared = host.name != DesiredHost.implicitName
    guard seen?.isSession != true else {
      let other =
        isDeclared
        ? "correct the `uri` of Host \(host.name): it is a user's own connection"
        : "give `-c qemu:///system`: this is the user's own connection"
      let rest =
        seen?.domainNames?.isEmpty == true
        ? "" : " Otherwise correct the domain's name\(nearNames): \(list) shows all names."
      return "If the system's domain is meant, \(other).\(rest)"
    }
    let place =
      isDeclared
      ? "If another Host has the domain, correct `host`."
      : "If the domain is on another connection, give its URI with `-c`."
    if seen?.domainNames?.isEmpty == true { return "\(place) \(definition)" }
    return """
      \(list) shows all names: correct the domain's name\(nearNames). \(place) \(definition)
      """
  }

  private var definition: String {
    """
    If the domain does not exist yet, define it with `virsh define FILE`, or remove it from the \
    manifests.
    """
  }

  /// The names on the hosts that are near, such as ` (near: web-01, web-02)`; empty without one.
  private var nearNames: String {
    let names = hosts.flatMap { sighted[$0.name]?.host.domainNames ?? [] }
    let near = Suggestion.near(to: domain.name, among: names)
    return near.isEmpty ? "" : " (near: \(near.joined(separator: ", ")))"
  }

  /// The host's name, or the URI of the connection where the manifests declare no Host.
  private func name(of host: DesiredHost) -> String {
    guard host.name == DesiredHost.implicitName else { return host.name }
    return sighted[host.name]?.host.uri?.publishedURI ?? "the host"
  }
}
