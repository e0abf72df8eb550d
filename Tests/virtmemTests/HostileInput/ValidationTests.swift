// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite struct ValidationTests {
  /// A manifest whose `spec` holds `lines`, the first of them in line 5.
  static func manifest(_ lines: String) -> String {
    """
    apiVersion: virtmem.io/v1alpha1
    kind: Domain
    metadata: {name: web}
    spec:
      \(lines.split(separator: "\n").joined(separator: "\n  "))

    """
  }

  @Test(
    "validate shows a mistake's place, line, caret and remedy",
    arguments: [
      ("memory: 8G", "5:11", "8GiB"), ("memory: 8g", "5:11", "8GiB"),
      ("memory: 8Gi", "5:11", "Write 8GiB."), ("memory: 8Gb", "5:11", "8GB (1000 based)"),
      ("memory: 8 GiB", "5:11", "Write 8GiB."), ("memory: 1.5GiB", "5:11", "Write 1536MiB."),
      ("memory: 0x10", "5:11", "has no unit"), ("memory: 8", "5:11", "8MiB or 8GiB"),
      ("memory: -1GiB", "5:11", "negative"), ("memory: 0KiB", "5:11", "is zero"),
      ("memory: 9007199254740991KiB", "5:11", "too large"), ("memory:", "5:3", "no value"),
      ("memory: none", "5:11", "can't be none"), ("memroy: 8GiB", "5:3", "did you mean 'memory'?"),
      ("memory: 1GiB\nmemory: 1GiB", "6:3", "twice"),
      ("memory: !!str 1GiB", "5:11", "tag"), ("suspend: yes", "5:12", "Write true."),
      ("currentMemory: {min: 2GiB, max: 1GiB}", "5:24", "is above max"),
      ("currentMemory: {min: 2GiB}", "5:18", "max is missing"),
      ("memtune: {hardLimit: 2GiB, swapHardLimit: 1GiB}", "5:24", "is above"),
      ("memballoon: {statsPeriod: 10}", "5:29", "10s"),
      ("policy: {disruption: lief}", "5:24", "none, live, restart"),
      ("profiles: [web]", "5:14", "unknown Profile"), ("host: hv01", "5:9", "unknown Host"),
      ("dumpCore: yes", "5:13", "Write true."), ("devices: {a b: {}}", "5:13", "Write a-b."),
      ("numa: {cells: {00: {}}}", "5:18", "Write 0."),
      ("devices: {a: {size: 1GiB, requested: 2GiB}}", "5:40", "above the device's size"),
      ("memballoon: {model: none, autodeflate: true}", "5:23", "needs a balloon"),
      ("uuid: 6f1d2c1e", "5:9", "not a UUID"),
    ])
  func mistakes(spec: String, place: String, words: String) throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.run("validate", Self.manifest(spec))
    #expect(outcome.status == 65)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("fleet.yaml:\(place): error: "))
    #expect(outcome.errors.contains(words))
    let column = place.split(separator: ":").last.flatMap { Int($0) } ?? 0
    let caret = String(repeating: " ", count: column - 1) + "^\n"
    #expect(outcome.errors.contains("    | \(caret)"))
    #expect(outcome.errors.hasSuffix("1 mistake.\n"))
  }

  @Test(
    "validate accepts correct values",
    arguments: [
      "memory: 8GiB", "memory: 8GB", "memory: 1025bytes", "memory: '8GiB'",
      "memory: 9007199254740990KiB", "memory: unmanaged", "currentMemory: {min: 1GiB, max: 1GiB}",
      "memtune: {hardLimit: unlimited, minGuarantee: none}", "memballoon: {statsPeriod: 0s}",
      "name: no", "dumpCore: true", "devices: {a: {state: absent}}",
      "memoryBacking: {hugepages: [{size: 2MiB, nodeset: 0}, {size: 1GiB}], source: none}",
      "numa: {cells: {0: {cpus: 0-3, memory: 0KiB}, '1': {cpus: 4}}}",
    ])
  func valid(spec: String) throws {
    let outcome = try Sandbox().run("validate", Self.manifest(spec))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == "valid: 0 hosts, 0 profiles, 1 domain\n")
  }

  @Test("plan reports the mistakes of all files and doesn't connect to a host")
  func allFiles() throws {
    let sandbox = try Sandbox()
    try sandbox.file("fleet/a.yaml", Manifest.host("hv01", "test:///no/such.xml"))
    try sandbox.file("fleet/sub/b.yml", Manifest.unknownField)
    try sandbox.file("fleet/sub/c.yaml", Manifest.domain("other", "memory: 8G"))
    let outcome = try sandbox.run(["plan", "fleet"])
    #expect(outcome.status == 65)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("fleet/sub/b.yml:5:8: error: "))
    #expect(outcome.errors.contains("fleet/sub/c.yaml:5:16: error: "))
    #expect(!outcome.errors.contains("such.xml"))
  }

  @Test("validate reads standard input as - and uses that name in messages")
  func standardInput() throws {
    let outcome = try Sandbox().run(["validate", "-"], input: Manifest.unknownField)
    #expect(outcome.status == 65)
    #expect(outcome.errors.hasPrefix("-:5:8: error: "))
  }

  @Test("validate accepts empty input with a warning")
  func empty() throws {
    let outcome = try Sandbox().run(["validate", "-"], input: "# nothing\n")
    #expect(outcome.status == 0)
    #expect(outcome.errors.hasPrefix("warning: "))
  }

  @Test("plan refuses a missing path", arguments: ["no.yaml", "no/folder"])
  func missing(path: String) throws {
    let outcome = try Sandbox().run(["plan", path])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("can't read '\(path)'"))
  }
}
