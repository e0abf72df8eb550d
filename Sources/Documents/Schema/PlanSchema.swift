// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The JSON Schema of the documents of plan, drift and apply, for policy engines and for programs
/// that read the documents.
package enum PlanSchema {
  /// The schema's `$id`.
  package static let identifier = "https://virtmem.io/schemas/v1alpha1/plan.json"

  /// The schema as JSON, with a newline at the end.
  package static var bytes: [UInt8] {
    var json = JSONWriter(capacity: 32_768)
    root.write(to: &json)
    return json.finished()
  }

  private static var root: SchemaNode {
    let root = object(
      [
        "created": SchemaNode.reference("time").described(
          "When the document was made; of several joined documents, when the oldest was."),
        "diagnostics": list("diagnostic"), "domains": list("domain"),
        "format": ["const": "virtmem/plan/v1alpha1"], "hosts": list("host"),
        "id": orNull(.reference("hash")).described(
          "The hash of the document without created, id and the hosts' memory; null where "
            + "several documents were joined."),
        "kind": words(Plan.Kind.self).described("The command; apply --plan takes only plan."),
        "note": SchemaNode.object(["type": "string"]).described("What --note says of the run."),
        "removed": list("removed").described(
          "What the manifests no longer declare, compared with --changed-from."),
        "summary": .reference("summary"),
        "tolerated": SchemaNode.object(["type": "array", "items": words(Verdict.self)]).described(
          "What --tolerate kept from deciding the exit status."),
      ], optional: ["note", "tolerated"])
    guard case .object(var members) = root else { return root }
    members["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    members["$id"] = .text(identifier)
    members["title"] = "virtmem plan"
    members["description"] = "What virtmem plans, found or did. Sizes are in bytes."
    members["$defs"] = .object(parts.merging(values) { first, _ in first })
    return .object(members)
  }

  /// The parts of a document.
  private static var parts: [String: SchemaNode] {
    [
      "summary": object(
        ["domains", "done", "steps"].reduce(into: counts) { $0[$1] = .reference("count") },
        optional: ["done"]),
      "host": host, "node": node, "domain": domain, "field": field, "step": step, "change": change,
      "blocker": object(texts(["detail", "remedy", "rule", "summary"], "field")),
      "diagnostic": object(
        texts(["detail", "remedy", "rule", "summary"], "domain", "field", "host").merging([
          "severity": .words(["error", "warning", "note"]), "source": .reference("source"),
        ]) { first, _ in first }),
      "removed": object([
        "fields": orNull(["type": "array", "items": ["type": "string"]]).described(
          "The fields that the domain no longer declares; null for a whole domain."),
        "host": text(orNull: true), "name": text(),
      ]),
      "result": object(
        [
          "error": orNull(
            object([
              "call": text(), "code": ["type": "integer"], "domain": ["type": "integer"],
              "message": text(),
            ])),
          "observed": SchemaNode.object([
            "anyOf": .list([words(Verdict.self), ["type": "object"]])
          ]).described("Of a step, each field's last value; of a domain, its verdict at the end."),
          "rule": text(), "seconds": ["type": "number", "minimum": 0],
          "status": .words(["done", "alreadyDone", "failed", "unknown", "skipped"]),
        ], optional: ["rule"]),
    ]
  }

  /// The members of `summary` that count verdicts.
  private static var counts: [String: SchemaNode] {
    Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0.rawValue, .reference("count")) })
  }

  private static var host: SchemaNode {
    object([
      "facts": object([
        "cgroup": text(orNull: true), "hugepageSize": orNull(.reference("bytes")),
        "hugepages": orNull(words(HugepageSupply.self)),
      ]),
      "hypervisor": text(orNull: true), "libvirt": text(orNull: true),
      "memory": orNull(
        object(
          [
            "after": .reference("bytes"), "available": .reference("bytes"),
            "before": .reference("bytes"),
            "byNode": [
              "type": "array",
              "items": object([
                "after": .reference("bytes"), "before": .reference("bytes"),
                "node": .reference("count"), "pageSize": orNull(.reference("bytes")),
                "peak": .reference("bytes"),
              ]),
            ],
            "guests": orNull(.reference("bytes")).described(
              "What all guests hold, huge pages not counted."),
            "nodes": list("node"), "peak": .reference("bytes"),
            "reserve": orNull(.reference("bytes")), "total": orNull(.reference("bytes")),
          ], optional: ["byNode"])
      ).described("The host's available memory, at the moment of the run."),
      "name": text(), "observedAt": orNull(.reference("time")),
      "origin": words(PlannedHost.Origin.self), "reserve": orNull(.reference("bytes")),
      "suspended": ["type": "boolean"], "uri": text(orNull: true),
      "uriFrom": words(URIOrigin.self), "uuid": text(orNull: true),
    ])
  }

  private static var node: SchemaNode {
    object([
      "free": orNull(.reference("bytes")).described("Without page cache."),
      "node": SchemaNode.reference("count").described("The number of the host's NUMA node."),
      "pages": SchemaNode.object([
        "type": "array",
        "items": object([
          "free": orNull(.reference("count")), "size": .reference("bytes"),
          "total": .reference("count"),
        ]),
      ]).described("The node's huge pages by their size."),
      "total": orNull(.reference("bytes")).described("With huge pages."),
    ])
  }

  private static var domain: SchemaNode {
    object(
      [
        "basis": orNull(.reference("hash")), "blockers": list("blocker"),
        "fields": list("field"),
        "headroom": orNull(
          object([
            "afterStart": SchemaNode.reference("bytes").described(
              "How much further the guest can grow after its next start."),
            "balloon": .reference("bytes"),
            "host": orNull(
              object([
                "memory": .reference("bytes"), "nodes": text(orNull: true),
                "pageSize": orNull(.reference("bytes")),
              ])
            ).described("What the host has for that now, on the nodes that the guest is bound to."),
            "hotplug": .reference("bytes"),
            "missing": ["type": "array", "items": ["type": "string"]],
            "virtioMem": .reference("bytes"),
          ])
        ).described("How far the running guest can grow without a restart."),
        "host": text(orNull: true), "name": text(), "outcome": orNull(.reference("hash")),
        "policy": object([
          "disruption": words(Disruption.self), "shrink": words(ShrinkPolicy.self),
          "restart": object(["force": ["type": "boolean"], "timeout": .reference("count")]),
        ]),
        "result": .reference("result"), "source": .reference("source"),
        "state": text(orNull: true), "steps": list("step"), "uuid": text(orNull: true),
        "verdict": words(Verdict.self),
      ], optional: ["result"])
  }

  private static var field: SchemaNode {
    object([
      "desired": .reference("value"), "heldBack": orNull(words(HeldBack.self)),
      "live": .reference("value"), "ofThisChange": ["type": "boolean"], "path": text(),
      "persistent": .reference("value"), "source": .reference("source"),
      "verdict": words(Verdict.self),
    ])
  }

  private static var step: SchemaNode {
    let step = object(
      [
        "action": text(), "api": text(orNull: true),
        "await": list("change").described("What the step waits for; it makes no call."),
        "changes": list("change").described("What the call writes."),
        "disruption": words(Disruption.self),
        "flags": ["type": "array", "items": ["type": "string"]], "id": text(),
        "needs": SchemaNode.object(["type": "array", "items": ["type": "string"]]).described(
          "The ids of steps of other domains that come first."),
        "plane": words(Plane.self), "reason": text(), "result": .reference("result"),
      ], optional: ["await", "changes", "result"])
    guard case .object(var members) = step else { return step }
    members["anyOf"] = [["required": ["changes"]], ["required": ["await"]]]
    return .object(members)
  }

  private static var change: SchemaNode {
    object(["field": text(), "from": .reference("value"), "to": .reference("value")])
  }

  private static var values: [String: SchemaNode] {
    let size: SchemaNode = ["type": "integer", "minimum": 0]
    return [
      "bytes": size, "count": size,
      "hash": ["type": "string", "pattern": "^sha256:[0-9a-f]{64}$"],
      "time": [
        "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$",
      ],
      "source": orNull(
        object(["column": .reference("count"), "file": text(), "line": .reference("count")])),
      "value": [
        "description":
          "Bytes, seconds or a count; unlimited or none; a word; a range; huge pages; null.",
        "anyOf": [
          ["type": ["integer", "string", "boolean", "null"]],
          object(["max": size, "min": size]),
          [
            "type": "array", "items": object(["nodeset": text(orNull: true), "size": size]),
          ],
        ],
      ],
    ]
  }
}

extension PlanSchema {
  /// An object with exactly these members, of which only the `optional` ones can be missing.
  private static func object(
    _ members: [String: SchemaNode], optional: Set<String> = []
  ) -> SchemaNode {
    .mapping(members, required: members.keys.filter { !optional.contains($0) }.sorted())
  }

  private static func list(_ part: String) -> SchemaNode {
    ["type": "array", "items": .reference(part)]
  }

  private static func text(orNull: Bool = false) -> SchemaNode {
    orNull ? ["type": ["string", "null"]] : ["type": "string"]
  }

  private static func texts(_ names: [String], _ nullable: String...) -> [String: SchemaNode] {
    let texts = names.map { ($0, text()) } + nullable.map { ($0, text(orNull: true)) }
    return Dictionary(uniqueKeysWithValues: texts)
  }

  private static func orNull(_ node: SchemaNode) -> SchemaNode {
    ["anyOf": .list([node, ["type": "null"]])]
  }

  private static func words<Word: CaseIterable & RawRepresentable<String>>(
    _ type: Word.Type
  ) -> SchemaNode {
    .words(Word.allCases.map(\.rawValue))
  }
}
