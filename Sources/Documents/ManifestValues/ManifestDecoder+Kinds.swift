// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

extension ManifestDecoder {
  private enum Cgroup: String, CaseIterable {
    case v1, v2
  }

  mutating func host(
    _ document: ManifestObject, _ name: PlacedName, _ labels: [String: String]
  ) -> DesiredHost {
    var host = DesiredHost(name: name.text, labels: labels, position: name.position)
    if name.text == DesiredHost.implicitName {
      report(
        .invalidValue, at: YAMLPlace(line: name.position.line, column: name.position.column),
        "a Host can't be called default", why: "So the connection is called without any Host.",
        remedy: "Give it another name.")
    }
    guard let node = document["spec"] else {
      reportMissing("spec", in: document, named: "spec.uri")
      return host
    }
    let keys = ["uri", "reserve", "facts", "suspend"]
    guard let spec = object(node, named: "spec of a Host", keys: keys) else { return host }
    reportMissing("uri", in: spec, named: "spec.uri")
    host.uri = spec["uri"].flatMap { uri($0) }
    host.uriFrom = .manifest
    host.suspension = spec["suspend"].flatMap { suspend($0) }?.suspension
    if let reserve = spec["reserve"].flatMap({ object($0, named: "reserve", keys: ["memory"]) }) {
      reportMissing("memory", in: reserve, named: "reserve.memory")
      host.reserve = reserve["memory"].flatMap { size($0, named: "reserve.memory") }
    }
    let facts = ["cgroup", "hugepageSize", "hugepages"]
    if let facts = spec["facts"].flatMap({ object($0, named: "facts", keys: facts) }) {
      host.facts.cgroup =
        facts["cgroup"]
        .flatMap { choice($0, named: "facts.cgroup", of: Cgroup.self) }?.rawValue
      host.facts.hugepageSize = facts["hugepageSize"].flatMap {
        size($0, named: "facts.hugepageSize")
      }
      host.facts.hugepages = facts["hugepages"].flatMap {
        choice($0, named: "facts.hugepages", of: HugepageSupply.self)
      }
    }
    return host
  }

  /// The URI or URI alias; nil if the manifest must not contain it.
  private mutating func uri(_ node: YAMLNode) -> String? {
    guard let text = string(node, named: "uri") else { return nil }
    guard let refusal = URIRefusal(of: text) else { return text }
    report(
      .refusedURI, at: node.place, refusal.summary, why: refusal.detail, remedy: URIRefusal.remedy)
    return nil
  }

  private static let layerKeys = ["suspend", "policy"]
  private static let domainKeys = ["host", "name", "uuid", "profiles"]

  mutating func profile(_ document: ManifestObject, _ name: PlacedName) -> ManifestProfile {
    var layer = ManifestLayer()
    if let node = document["spec"],
      let spec = openObject(node, named: "spec of a Profile", keys: Self.layerKeys)
    {
      let isDomainsOwn = { (entry: YAMLEntry) in Self.domainKeys.contains(entry.key.text) }
      for entry in spec.others where isDomainsOwn(entry) {
        report(
          .notInProfile, at: entry.place, "a Profile can't have \(entry.key.text)",
          why: "It says which domain is meant; a Profile is what many domains share.",
          remedy: "Move it to the Domain.")
      }
      readLayer(spec, others: spec.others.filter { !isDomainsOwn($0) }, into: &layer)
    }
    return ManifestProfile(name: name, layer: layer)
  }

  mutating func domain(
    _ document: ManifestObject, _ name: PlacedName, _ labels: [String: String]
  ) -> ManifestDomain {
    var domain = ManifestDomain(name: name, labels: labels)
    guard let node = document["spec"],
      let spec = openObject(
        node, named: "spec of a Domain", keys: Self.domainKeys + Self.layerKeys)
    else { return domain }
    domain.host = placed("host", in: spec) { $0.string($1, named: "host") }
    domain.libvirtName = placed("name", in: spec) { $0.string($1, named: "name") }
    domain.uuid = placed("uuid", in: spec) { $0.uuid($1, named: "uuid") }
    domain.profiles = spec["profiles"].map { profileNames($0) } ?? []
    readLayer(spec, others: spec.others, siblings: Self.domainKeys, into: &domain.layer)
    return domain
  }

  private mutating func readLayer(
    _ spec: ManifestObject, others: [YAMLEntry], siblings: [String] = [],
    into layer: inout ManifestLayer
  ) {
    layer.suspend = placed("suspend", in: spec) { $0.suspend($1) }
    spec["policy"].map { readPolicy($0, into: &layer) }
    readFields(others, siblings: siblings + Self.layerKeys, into: &layer)
  }

  private mutating func profileNames(_ node: YAMLNode) -> [PlacedName] {
    guard case .sequence(let nodes) = node.content else {
      let example = Quotation.shortened(node.scalar?.text ?? "web")
      reportType(
        of: node, named: "profiles", expected: "a list of names",
        remedy: "Write it as a list: profiles: [\(example)].")
      return []
    }
    return nodes.compactMap { placedName($0, named: "a name in profiles") }
  }

  /// A UUID in lower case; nil if `node` is not a UUID.
  mutating func uuid(_ node: YAMLNode, named name: String) -> String? {
    guard let text = string(node, named: name) else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let isHexadecimal = text.allSatisfy { $0.isASCII && ($0.isHexDigit || $0 == "-") }
    if isHexadecimal, parts.map(\.count) == [8, 4, 4, 4, 12] { return text.lowercased() }
    report(
      .invalidUUID, at: node.place, "\(Quotation.quoted(text)) is not a UUID",
      why: "A UUID is 8-4-4-4-12 hexadecimal digits: 6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01.",
      remedy: "Write the one that 'virsh domuuid' prints.")
    return nil
  }
}
