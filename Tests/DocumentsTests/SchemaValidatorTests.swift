// SPDX-License-Identifier: Apache-2.0

import Documents
import Foundation
import TestSupport
import Testing
import YAML

/// Holds the schema against a validator that knows nothing of virtmem: Debian's python3-jsonschema.
@Suite struct SchemaValidatorTests {
  typealias Finding = JSONSchema.Finding

  /// Validates YAML documents, after it has validated the schema itself.
  static func findings(in documents: [YAMLNode]) throws -> [[Finding]] {
    try JSONSchema.findings(by: Schema.bytes, in: documents.map { Array(json($0).utf8) })
  }

  /// What the validator says of a Domain with `spec`.
  static func findings(inSpec spec: String) throws -> [Finding] {
    let (documents, _) = YAMLReader.read(
      YAMLSource(file: "m.yaml", text: SchemaTests.document("Domain", spec)))
    return try #require(try findings(in: documents).first)
  }

  /// A YAML value in JSON.
  static func json(_ node: YAMLNode) -> String {
    switch node.content {
    case .mapping(let entries):
      "{\(entries.map { "\(quoted($0.key.text)):\(json($0.value))" }.joined(separator: ","))}"
    case .sequence(let nodes): "[\(nodes.map(json).joined(separator: ","))]"
    case .scalar(let scalar):
      switch scalar.kind {
      case .null: "null"
      case .boolean: scalar.boolean == true ? "true" : "false"
      case .integer where scalar.text.hasPrefix("0x"):
        Int(scalar.text.dropFirst(2), radix: 16)?.description ?? quoted(scalar.text)
      case .integer, .float: scalar.text
      case .string: quoted(scalar.text)
      }
    }
  }

  private static func quoted(_ text: String) -> String {
    let bytes = try? JSONEncoder().encode(text)
    return String(decoding: bytes ?? Data(), as: UTF8.self)
  }

  @Test("every manifest of the project is valid", arguments: ["manifests", "examples/every-field"])
  func manifests(folder: String) throws {
    let root = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let files = try FileManager.default.contentsOfDirectory(
      at: root.appending(path: folder), includingPropertiesForKeys: nil)
    let documents = try files.flatMap { file in
      let text = try String(contentsOf: file, encoding: .utf8)
      return YAMLReader.read(YAMLSource(file: file.path, text: text)).0
    }
    #expect(documents.count > 1)
    #expect(try Self.findings(in: documents).allSatisfy(\.isEmpty))
  }

  /// A mistake in a Domain's `spec`, and where the validator finds it.
  struct Mistake: CustomTestStringConvertible {
    let spec: String
    let path: String
    /// A part of what the schema says of the fix.
    let fix: String

    init(_ spec: String, at path: String = "spec/memory", fix: String) {
      self.spec = spec
      self.path = path
      self.fix = fix
    }

    var testDescription: String { spec }
  }

  @Test(
    "a mistake gives one message, at its place, that says what to write",
    arguments: [
      Mistake("{memory: 16G}", fix: "8GiB"),
      Mistake("{memory: 16}", fix: "8GiB"),
      Mistake("{memory: true}", fix: "8GiB"),
      Mistake("{memory: {min: 1GiB, max: 2GiB}}", fix: "8GiB"),
      Mistake("{memory: [1GiB]}", fix: "8GiB"),
      Mistake("{currentMemory: 6 GiB}", at: "spec/currentMemory", fix: "{min: 4GiB, max: 8GiB}"),
      Mistake(
        "{currentMemory: {min: 1GiB}}", at: "spec/currentMemory", fix: "{min: 4GiB, max: 8GiB}"),
      Mistake(
        "{currentMemory: {mim: 1GiB}}", at: "spec/currentMemory", fix: "{min: 4GiB, max: 8GiB}"),
      Mistake("{currentMemory: {min: 1G, max: 2GiB}}", at: "spec/currentMemory/min", fix: "8GiB"),
      Mistake("{memtune: {hardLimit: none}}", at: "spec/memtune/hardLimit", fix: "unlimited"),
      Mistake("{memballoon: {statsPeriod: 10}}", at: "spec/memballoon/statsPeriod", fix: "10s"),
      Mistake(
        "{memoryBacking: {hugepages: [{size: 2M}]}}", at: "spec/memoryBacking/hugepages/0/size",
        fix: "GiB"),
      Mistake(
        "{memoryBacking: {hugepages: [{nodeset: 0}]}}", at: "spec/memoryBacking/hugepages/0",
        fix: "{size: 2MiB, nodeset: 0}"),
      Mistake(
        "{memoryBacking: {hugepages: [{size: 2MiB, node: 0}]}}",
        at: "spec/memoryBacking/hugepages/0", fix: "nodeset"),
      Mistake(
        "{memoryBacking: {hugepages: [2MiB]}}", at: "spec/memoryBacking/hugepages/0",
        fix: "{size: 2MiB, nodeset: 0}"),
      Mistake(
        "{memoryBacking: {hugepages: []}}", at: "spec/memoryBacking/hugepages",
        fix: "[{size: 2MiB, nodeset: 0}]"),
      Mistake(
        "{memoryBacking: {hugepages: true}}", at: "spec/memoryBacking/hugepages",
        fix: "[{size: 2MiB, nodeset: 0}]"),
      Mistake("{profiles: web}", at: "spec/profiles", fix: "[web]"),
      Mistake("{profiles: [1]}", at: "spec/profiles/0", fix: "text"),
      Mistake("{policy: live}", at: "spec/policy", fix: "disruption"),
      Mistake("{suspend: yes}", at: "spec/suspend", fix: "true or false"),
      Mistake("{suspend: {}}", at: "spec/suspend", fix: "until"),
      Mistake("{suspend: {untill: 2026-12-31}}", at: "spec/suspend", fix: "until"),
      Mistake("{suspend: {until: 2026-02-29}}", at: "spec/suspend/until", fix: "2026-12-31"),
      Mistake("{devices: [dimm]}", at: "spec/devices", fix: "names of devices"),
      Mistake("{devices: {\"a b\": {}}}", at: "spec/devices", fix: "letters"),
      Mistake("{numa: {cells: [0]}}", at: "spec/numa/cells", fix: "numbers of cells"),
      Mistake("{numa: {cells: {a: {}}}}", at: "spec/numa/cells", fix: "0, 1"),
      Mistake("[memory]", at: "spec", fix: "memory"),
      Mistake("{numa: {cells: {0: {memory: 4G}}}}", at: "spec/numa/cells/0/memory", fix: "GiB"),
      Mistake("{devices: {d0: {size: 1G}}}", at: "spec/devices/d0/size", fix: "GiB"),
      Mistake("{uuid: web-01}", at: "spec/uuid", fix: "UUID"),
      Mistake("{memtune: 8GiB}", at: "spec/memtune", fix: "hardLimit"),
      Mistake("{maxMemory: 8GiB}", at: "spec/maxMemory", fix: "slots"),
      Mistake("{devices: dimm}", at: "spec/devices", fix: "names of devices"),
      Mistake("{memroy: 1GiB}", at: "spec", fix: "memory"),
      Mistake("{memtune: {hard_limit: 1GiB}}", at: "spec/memtune", fix: "hardLimit"),
      Mistake("{policy: {shrink: always}}", at: "spec/policy/shrink", fix: "guarded"),
      Mistake("{devices: {d0: {model: ram}}}", at: "spec/devices/d0/model", fix: "dimm"),
    ])
  func mistake(_ mistake: Mistake) throws {
    let findings = try Self.findings(inSpec: mistake.spec)
    #expect(findings.map(\.path) == [mistake.path], "\(findings)")
    #expect(findings.first?.errorMessage?.contains(mistake.fix) == true, "\(findings)")
  }

  @Test("two mistakes give two messages")
  func twoMistakes() throws {
    let findings = try Self.findings(inSpec: "{memory: 16G, memtune: {softLimit: 4}}")
    #expect(Set(findings.map(\.path)) == ["spec/memory", "spec/memtune/softLimit"])
    #expect(findings.count == 2)
  }
}
