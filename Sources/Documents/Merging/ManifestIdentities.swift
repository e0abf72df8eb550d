// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Which domain each document means, to find two that mean the same.
///
/// A domain is known by its host and libvirt's name. A Domain without `host` may be on any, so it
/// meets every other of its name, unless both give different UUIDs.
struct ManifestIdentities {
  private struct Claim {
    let uuid: String?
    let position: SourcePosition

    func mayMeanTheSame(as other: Claim) -> Bool {
      uuid == nil || other.uuid == nil || uuid == other.uuid
    }
  }

  /// A name or a UUID on a host; on any host where that is nil.
  private struct Key: Hashable {
    let host: String?
    let text: String
  }

  private let hasHosts: Bool
  private var claims: [Key: [Claim]] = [:]
  private var claimsOnHosts: [String: [Claim]] = [:]
  private var uuids: [Key: SourcePosition] = [:]
  private var uuidsOnHosts: [String: SourcePosition] = [:]

  /// Makes a register with nobody in it; without Hosts everything is on one.
  init(hasHosts: Bool) {
    self.hasHosts = hasHosts
  }

  /// Adds a Domain; a mistake where an earlier one means the same domain.
  mutating func add(_ domain: ManifestDomain) -> Diagnostic? {
    // Where a mistake stands in place of one of them, nobody knows whom it means.
    let parts = [domain.host, domain.libvirtName, domain.uuid]
    if parts.contains(where: { $0 != nil && $0?.value == nil }) { return nil }
    let name = domain.libvirtName?.value ?? domain.name.text
    let host = domain.host?.value ?? (hasHosts ? nil : DesiredHost.implicitName)
    let claim = Claim(uuid: domain.uuid?.value, position: domain.name.position)
    if let earlier = register(claim, name: name, host: host) {
      return duplicate(
        "two documents for the domain \(Quotation.quoted(name))", claim.position, earlier)
    }
    if let uuid = domain.uuid, let earlier = register(uuid, of: claim, host: host) {
      return duplicate("two documents for one uuid", uuid.position, earlier)
    }
    return nil
  }

  /// Adds a claim to a name; an earlier one to the same domain.
  private mutating func register(
    _ claim: Claim, name: String, host: String?
  ) -> SourcePosition? {
    let key = Key(host: host, text: name)
    let anywhere = Key(host: nil, text: name)
    var earlier: Claim?
    if host != nil {
      earlier = claims[key]?.first ?? claims[anywhere]?.first(where: claim.mayMeanTheSame)
      claimsOnHosts[name, default: []].append(claim)
    } else {
      let rivals = [claims[anywhere], claimsOnHosts[name]].compactMap { $0 }.joined()
      earlier = rivals.first(where: claim.mayMeanTheSame)
    }
    claims[key, default: []].append(claim)
    return earlier?.position
  }

  /// Adds a claim to a UUID; an earlier one that may be on the same host.
  private mutating func register(
    _ uuid: Placed<String>, of claim: Claim, host: String?
  ) -> SourcePosition? {
    guard let text = uuid.value else { return nil }
    let key = Key(host: host, text: text)
    let earlier =
      uuids[key] ?? (host == nil ? uuidsOnHosts[text] : uuids[Key(host: nil, text: text)])
    uuids[key] = uuids[key] ?? claim.position
    if host != nil { uuidsOnHosts[text] = uuidsOnHosts[text] ?? claim.position }
    return earlier
  }

  private func duplicate(
    _ summary: String, _ place: SourcePosition, _ earlier: SourcePosition
  ) -> Diagnostic {
    Diagnostic(
      .error, rule: .duplicateDomain, summary: summary,
      detail: "The other is declared at \(earlier). A domain is known by its host and libvirt's "
        + "name; one without host may be on any.",
      remedy: "Put both into one document, or tell them apart by host, or by name and uuid.",
      source: place)
  }
}
