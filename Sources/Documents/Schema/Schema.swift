// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The JSON Schema of manifests, which editors use for completion, help and error marks.
///
/// virtmem generates it from the table of fields. It covers the form of single values; only
/// ``ManifestReader`` checks rules that involve several values, such as limits or names declared in
/// other documents. The bytes are always the same.
package enum Schema {
  /// The schema's `$id`.
  package static let identifier = "https://virtmem.io/schemas/v1alpha1/manifest.json"

  /// The schema as JSON, with a newline at the end.
  package static var bytes: [UInt8] {
    var json = JSONWriter(capacity: 32_768)
    root.write(to: &json)
    return json.finished()
  }

  private static var root: SchemaNode {
    let kinds = ManifestKind.allCases.map(\.rawValue)
    var root = SchemaNode.mapping(
      [
        "apiVersion": ["const": .text(ManifestDecoder.apiVersion)],
        "kind": SchemaNode.words(kinds).described(
          "Host: a libvirt connection. Profile: settings that domains share. "
            + "Domain: a domain's memory."),
        "metadata": metadata,
        "spec": ["description": "What is declared; its form depends on the kind."],
      ], required: ["apiVersion", "kind", "metadata"])
    guard case .object(var members) = root else { return root }
    members["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    members["$id"] = .text(identifier)
    members["title"] = "virtmem manifest"
    members["description"] =
      "The desired memory of libvirt domains, their hosts, and profiles that they share."
    members["allOf"] = .list(kinds.map(branch))
    members["$defs"] = .object(definitions)
    root = .object(members)
    return root
  }

  /// The rule that selects the schema of `spec` for one kind of document.
  private static func branch(_ kind: String) -> SchemaNode {
    var then: [String: SchemaNode] = ["properties": ["spec": .reference(kind.lowercased())]]
    if kind == ManifestKind.host.rawValue { then["required"] = ["spec"] }
    return [
      "if": ["properties": ["kind": ["const": .text(kind)]], "required": ["kind"]],
      "then": .object(then),
    ]
  }

  private static var metadata: SchemaNode {
    let message: SchemaNode = "Write words with text as their values, such as {app: web}."
    let strings: SchemaNode = [
      "type": "object", "errorMessage": message,
      "additionalProperties": [
        "type": "string", "errorMessage": "Write text, if need be in quotes.",
      ],
    ]
    return .mapping(
      [
        "name": SchemaNode.reference("string").described(
          "The document's name; a domain's is libvirt's too unless spec.name says another."),
        "labels": strings.described("What --selector chooses by; a domain has its host's too."),
        "annotations": strings.described("Means nothing here."),
        "namespace": SchemaNode.reference("string").described("Means nothing here."),
      ], required: ["name"])
  }

  private static var definitions: [String: SchemaNode] {
    let shared = layer
    let own: [String: SchemaNode] = [
      "host": SchemaNode.reference("string").described(
        "The Host that has the domain; without it, whichever declared Host does."),
      "name": SchemaNode.reference("string").described(
        "libvirt's name, where it is not metadata.name."),
      "uuid": SchemaNode.reference("uuid").described(
        "If given, the domain's name and UUID must both match."),
      "profiles": SchemaNode.object([
        "type": "array", "errorMessage": "Write a list of Profiles, such as [web].",
        "items": .reference("string"),
      ]).described(
        "Profiles that are merged into the domain, the later over the earlier."),
    ]
    return SchemaKinds.definitions.merging([
      "host": host,
      "profile": SchemaNode.mapping(shared).described("What domains share."),
      "domain": SchemaNode.mapping(shared.merging(own) { $1 }).described(
        "A domain's memory; what is left out is not managed."),
      "policy": policy,
    ]) { $1 }
  }

  private static var host: SchemaNode {
    .mapping(
      [
        "uri": SchemaNode.reference("string").described(
          "The libvirt URI, or one of libvirt.conf's uri_aliases; it runs nothing and holds no password."
        ),
        "reserve": SchemaNode.mapping(
          ["memory": .reference("size")], required: ["memory"]
        ).described("The host's available memory is never planned below this."),
        "facts": SchemaNode.mapping([
          "cgroup": .words(["v1", "v2"]), "hugepageSize": .reference("size"),
          "hugepages": .words(HugepageSupply.allCases.map(\.rawValue)),
        ]).described("What libvirt does not tell of a host."),
        "suspend": suspend("Hands off: the host is not even connected to."),
      ], required: ["uri"])
  }

  private static func suspend(_ text: String) -> SchemaNode {
    let message = "Write true or false, or {until: 2026-12-31, reason: text}."
    return SchemaKinds.object(
      .reference("suspension"), else: SchemaNode.boolean.refused(message)
    ).described("\(text)\nPast the date of `until` it stays so, and plans warn.")
  }

  private static var policy: SchemaNode {
    let restart = SchemaNode.mapping([
      "timeout": SchemaNode.reference("durationAboveZero").described(
        "How long the guest may take to power off."),
      "force": SchemaNode.boolean.described(
        "Whether a guest that does not power off in that time is destroyed."),
    ])
    return .mapping([
      "disruption": SchemaNode.words(Disruption.allCases.map(\.rawValue)).described(
        "The strongest effect that a plan may have."),
      "shrink": SchemaNode.words(ShrinkPolicy.allCases.map(\.rawValue)).described(
        "Whether memory may be taken from a running guest."),
      "restart": restart.described("How a restart goes; only with disruption: restart."),
    ])
  }

  /// The properties that Profiles and Domains share: every memory field, `suspend` and `policy`.
  private static var layer: [String: SchemaNode] {
    var properties: [String: SchemaNode] = [
      "suspend": suspend("Hands off: the domain is shown and never written."),
      "policy": SchemaNode.reference("policy").described("What a plan may do."),
    ]
    for name in FieldName.allCases where !name.text.contains(".") {
      properties[name.text] = field(name)
    }
    return properties
  }

  private static func field(_ name: FieldName) -> SchemaNode {
    let row = Field.named(name)
    guard name.isGroup else {
      return row.map { SchemaKinds.schema(of: $0.kind).described(text($0)) } ?? true
    }
    let words = row == nil ? ["unmanaged"] : ["none", "unmanaged"]
    let other = SchemaNode.words(words).refused("Write \(mapping(of: name)).")
    return SchemaKinds.object(members(of: name), else: other).described(
      row.map(text) ?? SchemaKinds.summary(of: name))
  }

  /// What a group takes, for messages, such as `a mapping with hardLimit, softLimit`.
  private static func mapping(of group: FieldName) -> String {
    let keys = group.children.map(\.lastPart)
    guard keys.contains("*") else { return "a mapping with \(keys.joined(separator: ", "))" }
    return "a mapping with the \(group == .devices ? "names of devices" : "numbers of cells")"
  }

  /// The schema of a group's mapping; a group of items accepts every valid item name as a key.
  private static func members(of group: FieldName) -> SchemaNode {
    guard let item = group.children.first(where: { $0.lastPart == "*" }) else {
      return .mapping(
        Dictionary(uniqueKeysWithValues: group.children.map { ($0.lastPart, field($0)) }))
    }
    let names = item.state == .deviceState ? "^[A-Za-z0-9_-]+$" : "^[0-9]+$"
    return [
      "type": "object", "patternProperties": .object([names: field(item)]),
      "additionalProperties": false,
      "errorMessage": item.state == .deviceState
        ? "Name a device with letters, digits, _ and -." : "Number the cells: 0, 1 and so on.",
    ]
  }

  private static func text(_ field: Field) -> String {
    "\(field.summary)\nlibvirt: \(field.element). Felt \(field.takesEffect).\n"
      + "Takes \(field.kind.words)."
  }
}
