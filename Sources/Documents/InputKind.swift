// SPDX-License-Identifier: Apache-2.0

package import MemoryModel
package import YAML

/// What a file is, as far as its first bytes and its name tell; for a file that is given where a
/// command takes another kind of input.
package enum InputKind: Hashable, Sendable {
  /// Manifests.
  case manifest
  /// What `plan --out` saved, or another result of its form.
  case savedPlan
  /// What `observe` wrote.
  case snapshot
  /// Another file that virtmem writes, such as an audit, by its format.
  case output(String)
  /// XML, most likely the definition of a domain.
  case xml
  /// A file of kustomize.
  case kustomization
  /// The values of a Helm chart.
  case helmValues
  /// A template of a Helm chart, or its Chart.yaml.
  case helmTemplate

  /// Looks at a file; nil if it may be anything.
  package init?(_ source: YAMLSource) {
    let bytes = source.bytes
    let first = bytes.first { !" \t\r\n\u{FEFF}".utf8.contains($0) }
    switch first {
    case UInt8(ascii: "<"): self = .xml
    case UInt8(ascii: "{"):
      guard let format = Self.format(in: bytes) else { return nil }
      self.init(format: format)
    default:
      // A file of YAML names its apiVersion in its first lines.
      let head = "\n" + String(decoding: bytes.prefix(1 << 16), as: UTF8.self)
      if ["\napiVersion: virtmem", "\napiVersion: \"virtmem"].contains(where: head.contains) {
        self = .manifest
      } else if let named = Self(fileName: source.file, head) {
        self = named
      } else {
        return nil
      }
    }
  }

  /// The kind of a document that names its format, such as `virtmem/plan/v1alpha1`.
  init(format: String) {
    if format.hasPrefix("virtmem/plan/") {
      self = .savedPlan
    } else if format.hasPrefix("virtmem/snapshot/") {
      self = .snapshot
    } else {
      self = .output(format)
    }
  }

  private init?(fileName path: String, _ head: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    switch name {
    case "kustomization.yaml", "kustomization.yml", "Kustomization": self = .kustomization
    case "Chart.yaml": self = .helmTemplate
    default:
      let isValues = name.hasPrefix("values") && !head.contains("\napiVersion:")
      guard isValues else { return nil }
      self = .helmValues
    }
  }

  /// The value of the first member `format` that begins with `virtmem/`.
  private static func format(in bytes: [UInt8]) -> String? {
    for key in [#""format":""#, #""format": ""#] {
      guard let found = bytes.firstRange(of: Array((key + "virtmem/").utf8)) else { continue }
      let value = bytes[(found.lowerBound + key.utf8.count)...].prefix(64)
      return String(decoding: value.prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }
    return nil
  }

  /// What the file is, in words that follow "this is".
  private var words: String {
    switch self {
    case .manifest: "a manifest"
    case .savedPlan: "a saved plan"
    case .snapshot: "a snapshot"
    case .output(let format): "an output of virtmem (\(Quotation.quoted(format)))"
    case .xml: "XML of libvirt"
    case .kustomization: "a kustomization"
    case .helmValues: "a file of values for a Helm chart"
    case .helmTemplate: "a part of a Helm chart"
    }
  }

  /// What to do with the file at `path`.
  private func remedy(for path: String) -> String {
    let file = path.contains(" ") ? "'\(path)'" : path
    return switch self {
    case .manifest: "To plan: `virtmem plan \(file)`. To plan and perform: `virtmem apply \(file)`."
    case .savedPlan:
      "To perform it: `virtmem apply --plan \(file)`. To read it: `virtmem show \(file)`."
    case .snapshot: "To plan with it: `virtmem plan PATH --observed \(file)`."
    case .output: "It is for reading; name a file with manifests."
    case .xml:
      """
      To plan with it: `virtmem plan PATH --persistent-xml \(file)`. To make a manifest of it: \
      `virtmem export --persistent-xml \(file)`.
      """
    case .kustomization:
      "Build the manifests from it: `kustomize build FOLDER | virtmem plan -`."
    case .helmValues, .helmTemplate:
      "Build the manifests from the chart: `helm template CHART | virtmem plan -`."
    }
  }

  /// The mistake that the file at `path` was given where a command takes `wanted`, such as
  /// `a snapshot`.
  ///
  /// `source` says where such a file comes from.
  package func mistake(
    in path: String, wanted: String = "a manifest", from source: String = "",
    rule: Rule = .foreignDocument, at place: SourcePosition? = nil
  ) -> Diagnostic {
    Diagnostic(
      .error, rule: rule, summary: "this is \(words), not \(wanted)",
      remedy: source.isEmpty ? remedy(for: path) : "\(source) \(remedy(for: path))",
      source: place ?? .start(of: path))
  }
}
