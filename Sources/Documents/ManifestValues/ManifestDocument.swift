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
    if reportForeign(root) { return .unknown(nil) }
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

  /// Reports a document of another tool, or another kind of virtmem's files, with one message.
  private mutating func reportForeign(_ root: YAMLNode) -> Bool {
    guard case .mapping(let entries) = root.content else { return false }
    func text(_ key: String) -> String? {
      let value = entries.first { $0.key.text == key }?.value.scalar?.text
      return value?.isEmpty == false ? value : nil
    }
    if let format = text("format"), format.hasPrefix("virtmem/") {
      let isPlan = format.hasPrefix("virtmem/plan/")
      let file = Quotation.shortened(position(root.place).file)
      report(
        .foreignDocument, at: root.place,
        "this is \(isPlan ? "a saved plan" : "no manifest, but \(Quotation.quoted(format))")",
        remedy: isPlan
          ? "To perform it: virtmem apply --plan \(file). To read it: virtmem show \(file)."
          : "Give a snapshot with --observed \(file).")
      return true
    }
    let version = text("apiVersion")
    let isNear = version.map {
      $0.hasPrefix("virtmem") || Suggestion.nearest(to: $0, among: [Self.apiVersion]) != nil
    }
    guard
      isNear
        ?? (text("kind").flatMap(ManifestKind.init) != nil || text("spec") != nil
          || entries.contains {
            ["metadata", "spec"].contains($0.key.text) || isField($0.key.text)
          })
    else {
      report(
        .foreignDocument, at: root.place, "this is no manifest of virtmem",
        why: version.map { "Its apiVersion is \(Quotation.quoted($0))." }
          ?? "It has no apiVersion.",
        remedy: remedy(forForeign: version, in: position(root.place).file))
      return true
    }
    return false
  }

  /// What a user can do with a document of another tool.
  private func remedy(forForeign version: String?, in file: String) -> String {
    if version?.hasPrefix("kustomize.config.k8s.io/") == true {
      return """
        This file is a kustomization. Build the manifests from it: \
        `kustomize build FOLDER | virtmem plan -`.
        """
    }
    let isValues = file.split(separator: "/").last?.hasPrefix("values") == true
    if version == nil && isValues {
      return """
        This file looks like the values of a Helm chart. Build the manifests from the chart: \
        `helm template CHART | virtmem plan -`.
        """
    }
    return """
      Leave the file out: name the files or folders that hold manifests. A manifest begins with \
      apiVersion: \(Self.apiVersion).
      """
  }

  /// Whether a key is a field of domains, which belongs below `spec`.
  private func isField(_ key: String) -> Bool { FieldPath(key, in: nil) != nil }

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
