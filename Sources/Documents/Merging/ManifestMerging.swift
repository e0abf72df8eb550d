// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import YAML
internal import MemoryModel

/// Merges all documents of a run: the Profiles into the Domains.
///
/// It also finds the mistakes that only the documents together show.
struct ManifestMerging {
  /// The mistakes found so far.
  private(set) var mistakes: [Diagnostic] = []
  /// The merged Domains, in the order of the files.
  private(set) var domains: [DesiredDomain] = []
  /// The Hosts, in the order of the files; of several with one name, only the first.
  private(set) var hosts: [DesiredHost] = []
  /// The Profiles by name; of several with one name, only the first.
  private(set) var profiles: [String: ManifestProfile] = [:]

  private let isPossiblyDeclared: (String) -> Bool
  private var hostPlaces: [String: SourcePosition?] = [:]
  private var contradictions = ManifestContradictions()

  /// Merges `documents`; `isPossiblyDeclared` says whether unreadable text may declare a name.
  init(_ documents: [ManifestDocument], isPossiblyDeclared: @escaping (String) -> Bool) {
    self.isPossiblyDeclared = isPossiblyDeclared
    for document in documents { declare(document) }
    var identities = ManifestIdentities(hasHosts: !hosts.isEmpty)
    for case .domain(let domain) in documents {
      checkHost(of: domain)
      if let mistake = identities.add(domain) { mistakes.append(mistake) }
      domains.append(merged(domain))
    }
    mistakes += contradictions.mistakes
  }

  private mutating func declare(_ document: ManifestDocument) {
    switch document {
    case .host(let host):
      guard let earlier = hostPlaces[host.name], let position = host.position else {
        hostPlaces[host.name] = host.position
        return hosts.append(host)
      }
      reportTwice(.duplicateHost, "Host", host.name, at: position, earlier)
    case .profile(let profile):
      let name = profile.name.text
      contradictions.check(profile.layer, ManagedFields(profile.layer), isComplete: false)
      guard let earlier = profiles[name] else { return profiles[name] = profile }
      let position = profile.name.position
      reportTwice(.duplicateProfile, "Profile", name, at: position, earlier.name.position)
    case .domain, .unknown: break
    }
  }

  private func layers(of domain: ManifestDomain) -> [ManifestLayer] {
    let named = ["default"] + domain.profiles.map(\.text)
    return named.compactMap { profiles[$0]?.layer } + [domain.layer]
  }

  private mutating func merged(_ domain: ManifestDomain) -> DesiredDomain {
    let unknown = domain.profiles.filter { profiles[$0.text] == nil }
    for profile in unknown {
      reportUnknown(.unknownProfile, "Profile", profile, known: profiles.keys.sorted())
    }
    let layers = layers(of: domain)
    let layer = layers.dropFirst().reduce(into: layers[0]) { $0.merge($1) }
    let managed = ManagedFields(layer)
    if unknown.isEmpty {
      contradictions.check(layer, managed, isComplete: true)
      checkRestart(of: domain, merged: layer)
    } else {
      // The unknown Profile could resolve a contradiction, so only the Domain's own layer is
      // checked.
      contradictions.check(domain.layer, ManagedFields(domain.layer), isComplete: false)
    }
    return DesiredDomain(
      name: domain.libvirtName?.value ?? domain.name.text, uuid: domain.uuid?.value,
      host: domain.host?.value, labels: domain.labels,
      suspension: layer.suspend?.value?.suspension, suspensionSource: layer.suspend?.position,
      configuration: managed.configuration,
      sources: managed.sources, policy: layer.policy, position: domain.name.position)
  }

  private mutating func checkHost(of domain: ManifestDomain) {
    guard let host = domain.host, let name = host.value, hostPlaces[name] == nil else { return }
    reportUnknown(
      .unknownHost, "Host", PlacedName(text: name, position: host.position),
      known: hostPlaces.keys.sorted())
  }

  private mutating func checkRestart(of domain: ManifestDomain, merged: ManifestLayer) {
    guard let place = domain.layer.restart else { return }
    if let disruption = merged.disruption, disruption.value == nil { return }
    guard merged.policy.disruption != .restart else { return }
    report(
      .restartNotAllowed, at: place, "policy.restart without disruption: restart",
      why: "With the disruption in effect here, \(merged.policy.disruption.rawValue), "
        + "nothing is ever restarted.",
      remedy: "Set disruption: restart, or remove restart.")
  }
}

extension ManifestMerging {
  private mutating func report(
    _ rule: Rule, at position: SourcePosition, field: FieldPath? = nil, _ summary: String,
    why detail: String, remedy: String
  ) {
    mistakes.append(
      Diagnostic(
        .error, rule: rule, field: field, summary: summary, detail: detail,
        remedy: remedy, source: position))
  }

  private mutating func reportTwice(
    _ rule: Rule, _ kind: String, _ name: String, at position: SourcePosition,
    _ earlier: SourcePosition?
  ) {
    report(
      rule, at: position, "the \(kind) \(Quotation.quoted(name)) is declared twice",
      why: earlier.map { "It is declared at \($0) already." } ?? "",
      remedy: "Remove one of the two, or give it another name.")
  }

  private mutating func reportUnknown(
    _ rule: Rule, _ kind: String, _ name: PlacedName, known: [String]
  ) {
    // virtmem has already reported the unreadable text that may declare the name.
    guard !isPossiblyDeclared(name.text) else { return }
    let meant = Suggestion.nearest(to: name.text, among: known)
    let remedy =
      if let meant {
        "Write \(meant), or declare the \(kind)."
      } else if known.isEmpty && kind == "Host" {
        "Declare the Host, or remove host: without Hosts everything is on the connection."
      } else {
        "Declare the \(kind), or look whether its file is among those given."
      }
    report(
      rule, at: name.position,
      "unknown \(kind) \(Quotation.quoted(name.text))"
        + (meant.map { ": did you mean '\(Quotation.shortened($0))'?" } ?? ""),
      why: known.isEmpty
        ? "No \(kind) is declared in these manifests."
        : "None of the \(kind)s in these manifests has that name.",
      remedy: remedy)
  }
}
