// SPDX-License-Identifier: Apache-2.0

internal import Basics
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
    guard let kind = kind(of: root) else { return .unknown(Self.name(in: root)) }
    guard let object = object(root, named: "a document", keys: keys) else { return .unknown(nil) }
    reportMissing("apiVersion", in: object, named: "apiVersion")
    let (name, labels) = metadata(object)
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

  /// The kind of the document; nil, with one message that says what the document is, if it is no
  /// manifest of this version.
  private mutating func kind(of root: YAMLNode) -> ManifestKind? {
    guard case .mapping(let entries) = root.content else {
      reportType(
        of: root, named: "a document", expected: "a mapping",
        remedy: "Begin it with apiVersion: \(Self.apiVersion).")
      return nil
    }
    let version = entries.first { $0.key.text == "apiVersion" }?.value
    let kind = entries.first { $0.key.text == "kind" }?.value
    if let version, !version.isNull, version.scalar?.text != Self.apiVersion {
      reportVersion(version, kind, of: root)
      return nil
    }
    if let kind, !kind.isNull {
      // A kind of another tool without an apiVersion is a document of that tool.
      if version == nil, kind.scalar.flatMap({ ManifestKind(rawValue: $0.text) }) == nil {
        reportForeign(root, version: nil, kind: kind.scalar?.text)
        return nil
      }
      return readKind(kind)
    }
    reportNoKind(entries, hasVersion: version != nil, of: root)
    return nil
  }

  /// Reports a document without a kind: a manifest that lacks it, or a document of another tool.
  private mutating func reportNoKind(
    _ entries: [YAMLEntry], hasVersion: Bool, of root: YAMLNode
  ) {
    if let entry = entries.first(where: { $0.key.text == "kind" }) {
      reportEmpty(entry, named: "kind")
    } else if hasVersion {
      report(
        .missingField, at: root.place, "kind is missing", why: "It has no default.",
        remedy: "Add kind: Domain, kind: Profile or kind: Host here.")
    } else if entries.contains(where: { ["metadata", "spec"].contains($0.key.text) })
      || entries.contains(where: { isField($0.key.text) })
    {
      report(
        .missingField, at: root.place, "apiVersion and kind are missing",
        why: "A manifest says what it declares.",
        remedy: """
          Begin it with apiVersion: \(Self.apiVersion), kind: Domain and metadata: {name: NAME}; \
          fields stand below spec.
          """)
    } else {
      reportForeign(root, version: nil, kind: nil)
    }
  }

  /// The text at `metadata.name`, which other documents may refer to.
  private static func name(in root: YAMLNode) -> String? {
    func value(_ key: String, in node: YAMLNode?) -> YAMLNode? {
      guard case .mapping(let entries)? = node?.content else { return nil }
      return entries.first { $0.key.text == key }?.value
    }
    return value("name", in: value("metadata", in: root))?.scalar?.text
  }

  /// Reports an `apiVersion` that is not ``apiVersion``: a slip, or a document of another tool.
  private mutating func reportVersion(_ node: YAMLNode, _ kind: YAMLNode?, of root: YAMLNode) {
    guard let text = node.scalar?.text, node.scalar?.kind == .string else {
      _ = string(node, named: "apiVersion")
      return
    }
    let isNear =
      text.hasPrefix("virtmem") || Suggestion.nearest(to: text, among: [Self.apiVersion]) != nil
    guard isNear else { return reportForeign(root, version: text, kind: kind?.scalar?.text) }
    report(
      .unknownAPIVersion, at: node.place,
      "unknown apiVersion \(Quotation.quoted(text)): did you mean '\(Self.apiVersion)'?",
      why: "This version of virtmem reads \(Self.apiVersion) alone.",
      remedy: "Write apiVersion: \(Self.apiVersion), or use the virtmem that reads the other one.")
  }

  /// Reports a document of another tool, or another kind of virtmem's files, with one message.
  private mutating func reportForeign(_ root: YAMLNode, version: String?, kind: String?) {
    let file = position(root.place).file
    if let format = Self.text("format", in: root), format.hasPrefix("virtmem/") {
      let mistake = InputKind(format: format).mistake(in: file, at: position(root.place))
      report(mistake.rule, at: root.place, mistake.summary, remedy: mistake.remedy)
    } else if version?.hasPrefix("kustomize.config.k8s.io/") == true || kind == "Kustomization" {
      let mistake = InputKind.kustomization.mistake(in: file)
      report(mistake.rule, at: root.place, mistake.summary, remedy: mistake.remedy)
    } else {
      let found =
        kind.map { "an object of Kubernetes (\(Quotation.quoted($0)))" }
        ?? "a document of another tool"
      report(
        .foreignDocument, at: root.place, "this is \(found), not a manifest",
        why: version.map { "Its apiVersion is \(Quotation.quoted($0))." }
          ?? "It has no apiVersion.",
        remedy: """
          Leave the file out: name the files or folders that hold manifests. A manifest begins \
          with apiVersion: \(Self.apiVersion).
          """)
    }
  }

  /// The text of a member of the document; nil if it has none.
  private static func text(_ key: String, in root: YAMLNode) -> String? {
    guard case .mapping(let entries) = root.content else { return nil }
    return entries.first { $0.key.text == key }?.value.scalar?.text
  }

  /// Whether a key is a field of domains, which belongs below `spec`.
  private func isField(_ key: String) -> Bool { FieldPath(key, in: nil) != nil }

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

  mutating func placedName(_ node: YAMLNode, named name: String) -> PlacedName? {
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
