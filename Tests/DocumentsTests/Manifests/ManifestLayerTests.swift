// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import TestSupport
import Testing

/// How later layers override items and groups of earlier ones.
@Suite struct ManifestLayerTests {
  /// The merged configuration of these specs, the last of which is the Domain's.
  private func configuration(_ specs: String...) throws -> MemoryConfiguration {
    let profiles = specs.dropLast().enumerated().map {
      document("Profile", "p\($0.offset)", spec: $0.element)
    }
    let names = specs.dropLast().indices.map { "p\($0)" }.joined(separator: ", ")
    let domain = document("Domain", "a", spec: "profiles: [\(names)]\n\(specs.last ?? "")")
    let (state, diagnostics) = read(profiles.joined() + domain)
    #expect(diagnostics.isEmpty)
    return try #require(state.domains.first).configuration
  }

  private func values(_ configuration: MemoryConfiguration) -> [String] {
    configuration.declaredFields.map { "\($0) \(configuration[$0].map { "\($0)" } ?? "")" }
  }

  @Test("items merge by key and field, and a number and its quoted text are the same key")
  func items() throws {
    let merged = try configuration(
      "numa: {cells: {0: {memory: 1GiB, cpus: 0}, 10: {memory: 2GiB}}}",
      "numa: {cells: {\"0\": {memory: 3GiB}, 2: {memory: 4GiB}}}\ndevices: {b: {size: 1GiB}}",
      "devices: {b: {node: 1}, a: {model: dimm}}")
    #expect(
      values(merged) == [
        "numa.cells.0.cpus 0", "numa.cells.0.memory 3 GiB", "numa.cells.2.memory 4 GiB",
        "numa.cells.10.memory 2 GiB", "devices.a.model dimm", "devices.b.size 1 GiB",
        "devices.b.node 1",
      ])
  }

  @Test("a later list of huge pages replaces the earlier one")
  func hugepages() throws {
    let pages = "memoryBacking: {hugepages: [{size: 2MiB, nodeset: 0}], locked: true}"
    let other = "memoryBacking: {hugepages: [{size: 1GiB, nodeset: 1}]}"
    #expect(
      values(try configuration(pages, other))
        == ["memoryBacking.hugepages 1 GiB for cell 1", "memoryBacking.locked true"])
    #expect(
      try configuration(pages, "memoryBacking: {hugepages: none}").memoryBacking.hugepages
        == .absent)
    #expect(
      try configuration("memoryBacking: {hugepages: none}", other).memoryBacking.hugepages
        == .pages([Hugepage(size: .gibibytes(1), cells: NodeSet([1...1]))]))
  }

  @Test(
    "the value unmanaged removes the whole item or group of earlier layers",
    arguments: [
      ("devices: {a: unmanaged}", ["devices.b.size 1 GiB", "numa.cells.0.memory 1 GiB"]),
      ("devices: unmanaged", ["numa.cells.0.memory 1 GiB"]),
      (
        "devices: {a: {size: unmanaged}}",
        [
          "devices.a.node 0", "devices.b.size 1 GiB", "numa.cells.0.memory 1 GiB",
        ]
      ),
      ("numa: unmanaged", ["devices.a.node 0", "devices.a.size 1 GiB", "devices.b.size 1 GiB"]),
      ("numa: {cells: {0: unmanaged}}\ndevices: unmanaged", []),
      ("numa: {cells: unmanaged}\ndevices: unmanaged", []),
    ])
  func unmanaged(spec: String, left: [String]) throws {
    let earlier =
      "devices: {a: {size: 1GiB, node: 0}, b: {size: 1GiB}}\n"
      + "numa: {cells: {0: {memory: 1GiB}}}"
    #expect(values(try configuration(earlier, spec)).sorted() == left)
    // A later layer sets fields of the item again.
    let again = try configuration(earlier, spec, "devices: {a: {node: 5}}")
    #expect(again.devices.first { $0.key == "a" }?.node == 5)
  }

  @Test(
    "a later mapping overrides the value none of its own group and of those around it",
    arguments: [
      ("maxMemory: none", "maxMemory: {slots: 1}", ["maxMemory.slots 1"]),
      (
        "memoryBacking: {allocation: none}", "memoryBacking: {allocation: {threads: 2}}",
        [
          "memoryBacking.allocation.threads 2"
        ]
      ),
      ("numatune: none", "numatune: {memory: {nodeset: 1}}", ["numatune.memory.nodeset 1"]),
      (
        "numatune: {memory: none}", "numatune: {memory: {nodeset: 1}}",
        [
          "numatune.memory.nodeset 1"
        ]
      ),
      (
        "numatune: {memory: none}", "numatune: {memnodes: {0: {nodeset: 1}}}",
        [
          "numatune.memory none", "numatune.memnodes.0.nodeset 1",
        ]
      ),
      (
        "numatune: {memnodes: none}", "numatune: {memnodes: {0: {nodeset: 1}}}",
        [
          "numatune.memnodes.0.nodeset 1"
        ]
      ),
      ("numa: none", "numa: {cells: {0: {memory: 0KiB}}}", ["numa.cells.0.memory 0 KiB"]),
      ("numatune: none", "numatune: unmanaged", []),
      (
        "numatune: {memory: {nodeset: 1}, memnodes: {0: {nodeset: 1}}}", "numatune: none",
        [
          "numatune none"
        ]
      ),
      (
        "numatune: {memory: {nodeset: 1}, memnodes: {0: {nodeset: 1}}}",
        "numatune: {memnodes: none}",
        ["numatune.memory.nodeset 1", "numatune.memnodes none"]
      ),
      (
        "memoryBacking: {source: none}", "memoryBacking: {source: memfd}",
        [
          "memoryBacking.source memfd"
        ]
      ),
    ])
  func mappingOverridesNone(earlier: String, later: String, left: [String]) throws {
    #expect(values(try configuration(earlier, later)) == left)
  }

  @Test("an absent item manages only its state, and its other fields only identify it")
  func absent() throws {
    let profile = "devices: {a: {model: virtio-mem, size: 8GiB, requested: 4GiB}}"
    let gone = try configuration(profile, "devices: {a: {state: absent, size: 2GiB}}")
    #expect(values(gone) == ["devices.a.state absent"])
    #expect(gone.devices.first?.size == .gibibytes(2))
    let back = try configuration("devices: {a: {state: absent}}", "devices: {a: {state: present}}")
    #expect(values(back) == ["devices.a.state present"])
  }

  @Test("a bound completes only a range of the layer directly below")
  func ranges() throws {
    func requested(_ value: String) -> String { "devices: {a: {requested: \(value)}}" }
    let merged = try configuration(requested("{min: 1GiB, max: 4GiB}"), requested("{max: 2GiB}"))
    #expect(merged.devices.first?.requested == .within(.gibibytes(1) ... .gibibytes(2)))
    for between in ["3GiB", "unmanaged"] {
      let text =
        document("Profile", "default", spec: requested("{min: 1GiB, max: 4GiB}"))
        + document("Profile", "p", spec: requested(between))
        + document("Domain", "x", spec: "profiles: [p]\n\(requested("{max: 2GiB}"))")
      #expect(read(text).diagnostics.map(\.rule) == ["missing-field"])
    }
    let mistaken =
      document("Profile", "p", spec: requested("{min: 1, max: 4GiB}"))
      + document("Domain", "x", spec: "profiles: [p]\n\(requested("{max: 2GiB}"))")
    #expect(read(mistaken).diagnostics.map(\.rule) == ["invalid-size"])
  }

  @Test(
    "the reader reads a very large map of devices in proportional time", .timeLimit(.minutes(1)))
  func manyDevices() {
    let devices = (0..<20000).map { "  d\($0): {model: virtio-mem, size: 1GiB, requested: 1GiB}\n" }
    let removals = (0..<20000).map { "  d\($0): unmanaged\n" }
    let text =
      document("Profile", "p", spec: "devices:\n" + devices.joined())
      + document("Domain", "a", spec: "profiles: [p]\ndevices: {d7: {node: 0}}")
      + document("Domain", "b", spec: "profiles: [p]\ndevices:\n" + removals.joined())
    let (state, diagnostics) = read(text)
    #expect(diagnostics.isEmpty)
    #expect(state.domains.map(\.configuration.devices.count) == [20000, 0])
    #expect(state.domains.first?.configuration.declaredFields.count == 60001)
  }
}
