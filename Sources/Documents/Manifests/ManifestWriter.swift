// SPDX-License-Identifier: Apache-2.0

internal import YAML
package import MemoryModel

/// Writes manifests in a short style, with the fields in the order of the documentation.
///
/// The same domain always gives the same text.
package enum ManifestWriter {
  /// The manifest of `domain`; comment lines name its `origin` and the fields that are left out.
  ///
  /// If no manifest can have the domain's name, the text consists of a comment line only.
  package static func text(of domain: ExportedDomain, origin: String) -> String {
    let title = "# \(comment(YAMLSpelling.scalar(domain.name))), exported from \(comment(origin))"
    guard canName(domain.name) else {
      return "\(title), is left out: no manifest can have its name, which has a control "
        + "character, < or > in it.\n"
    }
    var lines = [title, "apiVersion: \(ManifestDecoder.apiVersion)", "kind: Domain"]
    lines.append("metadata: {name: \(YAMLSpelling.scalar(domain.name))}")
    var spec: [(key: String, value: ManifestNode)] = []
    if let host = domain.host { spec.append(("host", .scalar(YAMLSpelling.scalar(host)))) }
    if case .mapping(let fields) = tree(domain.configuration) { spec += fields }
    lines.append(spec.isEmpty ? "spec: {}" : "spec:")
    ManifestNode.write(spec, indent: 2, to: &lines)
    lines += domain.remarks.map { "  # \(comment("\($0.field)")) \(comment($0.text))" }
    return lines.map { "\($0)\n" }.joined()
  }

  /// Whether a manifest can have `name` as the name of a domain.
  package static func canName(_ name: String) -> Bool {
    !name.isEmpty && !name.unicodeScalars.contains(where: ManifestDecoder.isRefused)
  }

  /// `text` as one line without characters that YAML does not allow in a comment.
  private static func comment(_ text: String) -> String { ("\(text)" as ShownText).description }

  /// The fields of a configuration as nested mappings, in the order of the table of fields.
  private static func tree(_ configuration: MemoryConfiguration) -> ManifestNode {
    var root = ManifestNode.mapping([])
    for path in configuration.declaredFields {
      guard let value = configuration[path] else { continue }
      let parts = path.name.text.split(separator: ".").map { part in
        part == "*" ? path.item ?? "" : String(part)
      }
      root.put(node(value), at: parts[...])
    }
    return root
  }

  private static func node(_ value: FieldValue) -> ManifestNode {
    switch value {
    case .size(let size): .scalar(size.manifestText)
    case .sizeRange(let range):
      .mapping([
        ("min", .scalar(range.lowerBound.manifestText)),
        ("max", .scalar(range.upperBound.manifestText)),
      ])
    case .seconds(let seconds): .scalar(duration(seconds))
    case .count(let count): .scalar("\(count)")
    case .flag(let flag): .scalar("\(flag)")
    case .word(let word): .scalar(YAMLSpelling.scalar(word))
    case .nodes(let nodes): .scalar(set(nodes))
    case .pages(let pages): .list(pages.map(page))
    case .unlimited: .scalar("unlimited")
    case .absence: .scalar("none")
    }
  }

  private static func page(_ page: Hugepage) -> ManifestNode {
    var entries = [(key: "size", value: ManifestNode.scalar(page.size.manifestText))]
    if let cells = page.cells { entries.append(("nodeset", .scalar(set(cells)))) }
    return .mapping(entries)
  }

  /// A set as YAML; a set of several numbers needs quotes, because a comma would end the value in
  /// `{…}`.
  private static func set(_ nodes: NodeSet) -> String {
    nodes.count == 1 ? nodes.description : YAMLSpelling.quoted(nodes.description)
  }

  private static func duration(_ seconds: UInt64) -> String {
    if seconds > 0 && seconds % 3600 == 0 { return "\(seconds / 3600)h" }
    return seconds > 60 && seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }
}

extension ManifestNode {
  /// Puts `value` at a path of keys, and adds the mappings that are missing on the path.
  fileprivate mutating func put(_ value: ManifestNode, at path: ArraySlice<String>) {
    guard let name = path.first else {
      self = value
      return
    }
    var entries: [(key: String, value: ManifestNode)] = []
    if case .mapping(let present) = self { entries = present }
    // YAMLSpelling would quote a cell's number; a device's name may need quotes.
    let isNumber = name.utf8.allSatisfy { (0x30...0x39).contains($0) }
    let key = isNumber ? name : YAMLSpelling.scalar(name)
    let index =
      entries.firstIndex { $0.key == key }
      ?? {
        entries.append((key, .mapping([])))
        return entries.count - 1
      }()
    entries[index].value.put(value, at: path.dropFirst())
    self = .mapping(entries)
  }
}
