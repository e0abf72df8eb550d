// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Finds documents that declare the same domain.
///
/// The host and libvirt's name identify a domain. A Domain without `host` may be on any host, so it
/// conflicts with every other Domain of its name, unless both give different UUIDs.
struct ManifestIdentities {
  private struct Claim {
    let uuid: String?
    let position: SourcePosition

    func mayMeanTheSame(as other: Claim) -> Bool {
      uuid == nil || other.uuid == nil || uuid == other.uuid
    }
  }

  /// A name or a UUID on a host; a nil `host` means any host.
  private struct Key: Hashable {
    let host: String?
    let text: String
  }

  private let hasHosts: Bool
  private var claims: [Key: [Claim]] = [:]
  private var claimsOnHosts: [String: [Claim]] = [:]
  private var uuids: [Key: SourcePosition] = [:]
  private var uuidsOnHosts: [String: SourcePosition] = [:]

  /// Makes an empty register; without Hosts, all domains are on one host.
  init(hasHosts: Bool) {
    self.hasHosts = hasHosts
  }

  /// Adds a Domain; returns a mistake if an earlier Domain declares the same domain.
  mutating func add(_ domain: ManifestDomain) -> Diagnostic? {
    // If one of these values is invalid, virtmem can't identify the domain.
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
      return duplicate(
        "two documents for one uuid", uuid.position, earlier,
        remedy: "Correct the uuid of one of them: `virsh domuuid \(name)` prints a domain's own.")
    }
    return nil
  }

  /// Adds a claim to a name; returns the place of an earlier claim to the same domain.
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

  /// Adds a claim to a UUID; returns the place of an earlier claim that may be on the same host.
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
    _ summary: String, _ place: SourcePosition, _ earlier: SourcePosition,
    remedy: String = "Put both into one document, or tell them apart by host, or by name and uuid."
  ) -> Diagnostic {
    Diagnostic(
      .error, rule: .duplicateDomain, summary: summary,
      detail: "The other is declared at \(earlier). A domain is known by its host and libvirt's "
        + "name; one without host may be on any.",
      remedy: remedy, source: place)
  }
}
