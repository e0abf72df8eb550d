// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// The kind of object that a document declares.
enum ManifestKind: String, CaseIterable {
  case host = "Host"
  case profile = "Profile"
  case domain = "Domain"
}

/// A name with its source position.
struct PlacedName: Hashable {
  let text: String
  let position: SourcePosition
}

/// A Profile as its document declares it.
struct ManifestProfile: Sendable {
  let name: PlacedName
  let layer: ManifestLayer
}

/// A Domain as its document declares it, before Profiles are merged into it.
struct ManifestDomain: Sendable {
  /// The name in `metadata.name`.
  let name: PlacedName
  let labels: [String: String]
  /// libvirt's name for the domain, if it differs from ``name``; without a value if it is invalid.
  var libvirtName: Placed<String>?
  var uuid: Placed<String>?
  var host: Placed<String>?
  var profiles: [PlacedName] = []
  var layer = ManifestLayer()
}

/// The result of reading a document.
enum ManifestDocument: Sendable {
  case host(DesiredHost)
  case profile(ManifestProfile)
  case domain(ManifestDomain)
  /// A document whose kind or name is unknown; the value is its name, if it has one.
  case unknown(String?)
}

/// Reads documents: the members that all kinds share, and the `spec` of each kind.
extension ManifestDecoder {
  /// The only `apiVersion` that this version of virtmem reads.
  static let apiVersion = "virtmem.io/v1alpha1"

  /// The content of the document `root`.
  mutating func document(_ root: YAMLNode) -> ManifestDocument {
    let keys = ["apiVersion", "kind", "metadata", "spec"]
    guard let object = object(root, named: "a document", keys: keys) else { return .unknown(nil) }
    for key in ["apiVersion", "kind"] { reportMissing(key, in: object, named: key) }
    object["apiVersion"].map { checkAPIVersion($0) }
    let kind = object["kind"].flatMap { readKind($0) }
    let (name, labels) = metadata(object)
    guard let kind else { return .unknown(name?.text) }
    // A document without a name declares nothing, but virtmem still reports the mistakes in its
    // spec.
    let known = name ?? PlacedName(text: "", position: position(root.place))
    let document: ManifestDocument =
      switch kind {
      case .host: .host(host(object, known, labels))
      case .profile: .profile(profile(object, known))
      case .domain: .domain(domain(object, known, labels))
      }
    return name == nil ? .unknown(nil) : document
  }

  private mutating func checkAPIVersion(_ node: YAMLNode) {
    guard let text = string(node, named: "apiVersion"), text != Self.apiVersion else { return }
    let isNear =
      text.hasPrefix("virtmem") || Suggestion.nearest(to: text, among: [Self.apiVersion]) != nil
    report(
      .unknownAPIVersion, at: node.place,
      "unknown apiVersion \(Quotation.quoted(text))"
        + (isNear ? ": did you mean '\(Self.apiVersion)'?" : ""),
      why: "This version of virtmem reads \(Self.apiVersion) alone.",
      remedy: "Write apiVersion: \(Self.apiVersion), or leave files of other tools out.")
  }

  private mutating func readKind(_ node: YAMLNode) -> ManifestKind? {
    guard let text = string(node, named: "kind") else { return nil }
    if let kind = ManifestKind(rawValue: text) { return kind }
    let words = ManifestKind.allCases.map(\.rawValue)
    let meant = Suggestion.nearest(to: text, among: words)
    report(
      .unknownKind, at: node.place,
      "unknown kind \(Quotation.quoted(text))" + (meant.map { ": did you mean '\($0)'?" } ?? ""),
      why: "A document declares a \(words.joined(separator: ", a ")).",
      remedy: meant.map { "Write kind: \($0)." } ?? "Write one of them.")
    return nil
  }

  private mutating func metadata(
    _ document: ManifestObject
  ) -> (name: PlacedName?, labels: [String: String]) {
    guard let node = document["metadata"] else {
      reportMissing("metadata", in: document, named: "metadata.name")
      return (nil, [:])
    }
    let keys = ["name", "labels", "annotations", "namespace"]
    guard let object = object(node, named: "metadata", keys: keys) else { return (nil, [:]) }
    reportMissing("name", in: object, named: "metadata.name")
    let name = object["name"].flatMap { placedName($0, named: "metadata.name") }
    _ = object["namespace"].flatMap { string($0, named: "metadata.namespace") }
    // Annotations belong to other tools, and virtmem ignores their content.
    _ = object["annotations"].map { strings($0, named: "metadata.annotations", areShown: false) }
    return (name, object["labels"].map { strings($0, named: "metadata.labels") } ?? [:])
  }

  private mutating func placedName(_ node: YAMLNode, named name: String) -> PlacedName? {
    string(node, named: name).map { PlacedName(text: $0, position: position(node.place)) }
  }

  /// A mapping of strings to strings, such as labels; empty strings are valid values.
  private mutating func strings(
    _ node: YAMLNode, named name: String, areShown: Bool = true
  ) -> [String: String] {
    guard case .mapping(let entries) = node.content else {
      reportType(
        of: node, named: name, expected: "a mapping of strings", remedy: "Write it as {app: web}.")
      return [:]
    }
    var strings: [String: String] = [:]
    for entry in entries {
      let key = Quotation.shortened(entry.key.text)
      if entry.key.kind != .string {
        report(
          .wrongType, at: entry.place, "a key of \(name) is a string, not \(entry.key.kind.words)",
          remedy: "Put it in quotes: \"\(key)\".")
      } else if entry.value.isNull {
        reportEmpty(entry, named: "\(name).\(key)")
      } else if let scalar = entry.value.scalar, scalar.kind == .string {
        guard !areShown || isHarmless(entry.key, at: entry.place, named: "a key of \(name)"),
          !areShown || isHarmless(scalar, at: entry.value.place, named: "\(name).\(key)")
        else { continue }
        strings[entry.key.text] = scalar.text
      } else {
        _ = string(entry.value, named: "\(name).\(key)")
      }
    }
    return strings
  }
}

extension ManifestDecoder {
  private enum Cgroup: String, CaseIterable {
    case v1, v2
  }

  private mutating func host(
    _ document: ManifestObject, _ name: PlacedName, _ labels: [String: String]
  ) -> DesiredHost {
    var host = DesiredHost(name: name.text, labels: labels, position: name.position)
    if name.text == "default" {
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
    host.isSuspended = spec["suspend"].flatMap { boolean($0, named: "suspend") } ?? false
    if let reserve = spec["reserve"].flatMap({ object($0, named: "reserve", keys: ["memory"]) }) {
      reportMissing("memory", in: reserve, named: "reserve.memory")
      host.reserve = reserve["memory"].flatMap { size($0, named: "reserve.memory") }
    }
    let facts = ["cgroup", "hugepageSize"]
    if let facts = spec["facts"].flatMap({ object($0, named: "facts", keys: facts) }) {
      host.facts.cgroup =
        facts["cgroup"]
        .flatMap { choice($0, named: "facts.cgroup", of: Cgroup.self) }?.rawValue
      host.facts.hugepageSize = facts["hugepageSize"].flatMap {
        size($0, named: "facts.hugepageSize")
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

  private mutating func profile(_ document: ManifestObject, _ name: PlacedName) -> ManifestProfile {
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

  private mutating func domain(
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
    layer.isSuspended = placed("suspend", in: spec) { $0.boolean($1, named: "suspend") }
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
