// SPDX-License-Identifier: Apache-2.0

import YAML
import Documents
import MemoryModel
import Testing

@Suite struct SchemaTests {
  static let root: YAMLNode = {
    let (documents, diagnostics) = YAMLReader.read(
      YAMLSource(file: "schema", bytes: Schema.bytes))
    guard diagnostics.isEmpty, let root = documents.first else { fatalError("no JSON") }
    return root
  }()
  static let validator = SchemaValidator(root)

  /// Whether the schema and the reader accept a document's form, and why the reader doesn't.
  static func verdicts(_ text: String) -> (schema: Bool, reader: Bool, why: String) {
    let source = YAMLSource(file: "m.yaml", text: text)
    let (documents, _) = YAMLReader.read(source)
    let (_, diagnostics) = ManifestReader.read(sources: [source])
    // These rules need more than one value or document.
    let beyondForm = [
      "limits-contradict", "invalid-range", "invalid-label-size", "restart-not-allowed",
      "unknown-profile",
      "unknown-host",
    ]
    let mistakes = diagnostics.filter {
      $0.severity == .error && !beyondForm.contains($0.rule.name)
    }
    return (
      documents.allSatisfy(validator.accepts), mistakes.isEmpty,
      mistakes.map { "\($0.rule) \($0.summary)" }.joined(separator: "; ")
    )
  }

  static func document(_ kind: String, _ spec: String) -> String {
    "apiVersion: virtmem.io/v1alpha1\nkind: \(kind)\nmetadata: {name: x}\nspec: \(spec)\n"
  }

  @Test("the schema's bytes are stable, and the validator knows all its keywords")
  func form() {
    #expect(Schema.bytes == Schema.bytes)
    #expect(Self.root["$id"]?.scalar?.text == Schema.identifier)
    #expect(Self.root["title"] != nil)
    func check(_ schema: YAMLNode) {
      for (key, value) in schema.members {
        #expect(SchemaValidator.keywords.contains(key), "\(key)")
        switch key {
        case "properties", "patternProperties", "$defs": value.members.forEach { check($0.1) }
        case "allOf", "anyOf": value.elements.forEach(check)
        case "if", "then", "else", "items", "additionalProperties": check(value)
        default: break
        }
      }
    }
    check(Self.root)
  }

  @Test("the schema contains every field with its summary", arguments: Field.all.map(\.name))
  func field(name: FieldName) throws {
    let row = try #require(Field.named(name))
    let text = String(decoding: Schema.bytes, as: UTF8.self)
    #expect(text.contains(row.summary))
  }

  static let valuesOfAll = [
    "8GiB", "8G", "1.5GiB", "0KiB", "0GB", "8 GiB", "8", "0", "-1", "1.5", "0x10", "8gib", "8bytes",
    "{min: 1GiB, max: 2GiB}", "{min: 1GiB}", "{}", "{min: 1G}", "{min: 0KiB, max: 1MiB}",
    "{mim: 1GiB}", "unlimited", "none", "default", "Unlimited", "unmanaged", "UNMANAGED", "10s",
    "5m", "1h", "0s", "10", "1d", "10 s", "true", "false", "yes", "\"true\"", "null", "~", "\"\"",
    "virtio", "virtio-mem", "dimm", "memfd", "file", "shared", "private", "immediate", "strict",
    "restrictive", "static", "auto", "present", "absent", "\"0-3\"", "0-3", "\"0-3,^2,7\"", "0,1",
    "\"0,\"", "\"3 - 4\"", "\" 3 , 4\"", "\"16384\"", "\"16383\"", "\"a\"", "[]", "[1]",
    "[{size: 2MiB, nodeset: 0}]", "[{size: 2MiB}]", "[{nodeset: 0}]", "[{size: 2M}]",
    "[{size: 1GiB, node: 0}]", "/dev/dax0.0", "\"a\\nb\"", "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01",
    "6F1D2C1E-4a55-4b7e-9d7a-1b1f0a9c0d01", "6f1d2c1e", "0x140000000", "\"0x140000000\"",
    "0xZZ", "5368709120", "4294967295", "4294967296",
  ]

  /// Values that a schema reads as numbers, and that the reader, which sees the text, doesn't.
  static func isSpelledOtherwise(_ value: String, _ kind: FieldKind) -> Bool {
    (kind == .count || kind == .number) && value.hasPrefix("0x")
      || kind == .nodeSet && value == "0x10"
  }

  @Test("the schema and the reader accept the same values", arguments: Field.all.map(\.name))
  func values(name: FieldName) throws {
    let kind = try #require(Field.named(name)).kind
    let parts = name.text.replacing("*", with: name.state == .deviceState ? "d0" : "0")
      .split(separator: ".")
    for value in Self.valuesOfAll where !Self.isSpelledOtherwise(value, kind) {
      // The mappings belong to the group if a field is also a group.
      if kind == .onlyNone && value.hasPrefix("{") && value != "{}" { continue }
      let spec = parts.reversed().reduce(value) { "{\($1): \($0)}" }
      let verdicts = Self.verdicts(Self.document("Domain", spec))
      #expect(
        verdicts.schema == verdicts.reader,
        "\(spec): the schema \(verdicts.schema ? "takes" : "refuses") it; \(verdicts.why)")
    }
  }

  @Test(
    "the schema and the reader accept the same documents",
    arguments: [
      "{}", "kind: Domain", "[]", "a string", "apiVersion: virtmem.io/v1alpha1",
      "apiVersion: virtmem.io/v2\nkind: Domain\nmetadata: {name: x}",
      "apiVersion: virtmem.io/v1alpha1\nkind: domain\nmetadata: {name: x}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {name: x}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Host\nmetadata: {name: x}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {name: 12}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {name: \"\"}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {name: \"a\\tb\"}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {name: x, uid: y}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {name: x}\nstatus: {}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\n"
        + "metadata: {name: x, labels: {a: b, c: \"\"}, annotations: {}, namespace: y}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {name: x, labels: {a: 1}}",
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {name: x, labels: [a]}",
      document("Host", "{uri: \"qemu:///system\"}"), document("Host", "{}"),
      document("Host", "{uri: 1}"), document("Host", "{uri: x, memory: 1GiB}"),
      document(
        "Host",
        "{uri: x, reserve: {memory: 4GiB}, facts: {cgroup: v2, hugepageSize: 2MiB, hugepages: onDemand}}"
      ),
      document("Host", "{uri: x, reserve: {}}"), document("Host", "{uri: x, facts: {cgroup: v3}}"),
      document("Host", "{uri: x, suspend: yes}"), document("Host", "{uri: x, suspend: true}"),
      document("Profile", "{memory: 1GiB, suspend: false}"), document("Profile", "{host: x}"),
      document("Host", "{uri: x, suspend: {until: 2026-12-31}}"),
      document("Host", "{uri: x, suspend: {}}"), document("Profile", "{suspend: {reason: a}}"),
      document("Domain", "{suspend: {until: 2026-12-31, reason: \"a < b\"}}"),
      document("Domain", "{suspend: {until: 2026-12-31, by: me}}"),
      document("Domain", "{suspend: {reason: \"a\\tb\"}}"), document("Domain", "{suspend: [true]}"),
      document("Domain", "{suspend: {reason: 1}}"), document("Domain", "{suspend: unmanaged}"),
      document("Profile", "{uuid: 6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01}"),
      document("Domain", "{uuid: 6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01, name: y}"),
      document("Domain", "{profiles: [a, b]}"), document("Domain", "{profiles: a}"),
      document("Domain", "{profiles: [1]}"), document("Domain", "{profiles: []}"),
      document(
        "Domain",
        "{policy: {disruption: restart, shrink: never, restart: {timeout: 5m, force: true}}}"),
      document("Domain", "{policy: {disruption: some}}"), document("Domain", "{policy: {}}"),
      document("Domain", "{policy: {restart: {timeout: 0s}}}"),
      document("Domain", "{policy: none}"),
      document("Domain", "{memroy: 1GiB}"), document("Domain", "{memtune: {hard_limit: 1GiB}}"),
      document("Domain", "{memtune: none}"), document("Domain", "{maxMemory: none}"),
      document("Domain", "{maxMemory: unmanaged, memtune: unmanaged}"),
      document("Domain", "{maxMemory: 1GiB}"), document("Domain", "{memtune: {}}"),
      document("Domain", "{memtune: [a]}"), document("Domain", "{devices: {d0: unmanaged}}"),
      document("Domain", "{devices: {d0: {size: 1GiB, modle: dimm}}}"), document("Domain", "[]"),
      document("Domain", "{numatune: {memory: none, memnodes: {0: unmanaged}}, numa: none}"),
    ])
  func documents(text: String) {
    let verdicts = Self.verdicts(text)
    #expect(verdicts.schema == verdicts.reader, "\(text)\n\(verdicts.why)")
  }

  @Test("the schema and the reader accept the same dates")
  func dates() {
    let days = ["00", "01", "28", "29", "30", "31", "32", "1"]
    for year in ["2026", "2028", "1900", "2000", "0004", "26"] {
      for month in ["00", "01", "02", "04", "09", "11", "12", "13"] {
        for day in days {
          let date = "\(year)-\(month)-\(day)"
          let verdicts = Self.verdicts(Self.document("Domain", "{suspend: {until: \(date)}}"))
          #expect(verdicts.schema == verdicts.reader, "\(date) \(verdicts.why)")
        }
      }
    }
  }

  @Test(
    "the schema refuses malformed names of items",
    arguments: [
      "{devices: {\"a b\": {}}}", "{devices: {\"ä\": {}}}", "{numa: {cells: {a: {}}}}",
      "{numatune: {memnodes: {\"-1\": {}}}}",
    ])
  func items(spec: String) {
    #expect(!Self.verdicts(Self.document("Domain", spec)).schema)
  }

  @Test(
    "the schema and the reader accept the same combinations of fields",
    arguments: 0..<300 as Range<UInt64>)
  func random(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func next(_ count: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(count))
    }
    var fields: [String: String] = [:]
    for _ in 0...next(3) {
      let field = Field.all[next(Field.all.count)]
      let value = Self.valuesOfAll[next(Self.valuesOfAll.count)]
      guard field.kind != .onlyNone, !Self.isSpelledOtherwise(value, field.kind) else { continue }
      let parts = field.name.text.split(separator: ".")
      let inner = parts.dropFirst().reversed().reduce(value) {
        "{\($1 == "*" ? (field.name.state == .deviceState ? "d0" : "0") : String($1)): \($0)}"
      }
      fields[String(parts[0])] = inner
    }
    let spec = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    let text = Self.document(
      seed % 3 == 0 ? "Profile" : "Domain", "{\(spec.joined(separator: ", "))}")
    let verdicts = Self.verdicts(text)
    #expect(verdicts.schema == verdicts.reader, "seed \(seed)\n\(text)\(verdicts.why)")
  }
}
