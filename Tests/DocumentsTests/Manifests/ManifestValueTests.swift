// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import TestSupport
import Testing

@Suite struct ManifestValueTests {
  /// The configuration that a Domain's spec declares.
  private func configuration(_ spec: String) throws -> MemoryConfiguration {
    let (state, diagnostics) = read(document("Domain", "a", spec: spec))
    #expect(diagnostics.isEmpty)
    return try #require(state.domains.first).configuration
  }

  @Test("the reader reads every part of a Domain")
  func domain() throws {
    let spec = """
      maxMemory: {size: 32GiB, slots: 8}
      dumpCore: true
      memoryBacking:
        hugepages: [{size: 2MiB, nodeset: 0}, {size: 1GiB, nodeset: 1}]
        sharePages: false
        source: memfd
        access: shared
        allocation: {mode: immediate, threads: 8}
        discard: true
      numatune:
        memory: {mode: strict, nodeset: "0-1"}
        memnodes: {0: {mode: strict, nodeset: 0}}
      numa: {cells: {0: {cpus: "0-3", memory: 4GiB, access: shared, discard: true}, 1: {cpus: 4-7, memory: 4GiB}}}
      memballoon: {model: virtio, autodeflate: true, freePageReporting: true, statsPeriod: 10s}
      devices:
        stick0: {model: dimm, size: 1GiB, node: 0}
        elastic0: {model: virtio-mem, size: 8GiB, block: 2MiB, requested: 4GiB, node: 0}
      """
    let configuration = try configuration(spec)
    #expect(
      configuration.memoryBacking.hugepages
        == .pages([
          Hugepage(size: .mebibytes(2), cells: NodeSet([0...0])),
          Hugepage(size: .gibibytes(1), cells: NodeSet([1...1])),
        ]))
    #expect(configuration.memoryBacking.allocation.threads == 8)
    #expect(configuration.numatune.memnodes.map(\.nodeset) == [NodeSet([0...0])])
    #expect(configuration.cells.map(\.cpus) == [NodeSet([0...3]), NodeSet([4...7])])
    #expect(configuration.devices.map(\.name) == ["elastic0", "stick0"])
    #expect(configuration.devices.first?.requested == .exactly(.gibibytes(4)))
    #expect(configuration.declaredFields.count == 32)
  }

  @Test(
    "a cell's memory and a device's requested may be zero, in any unit",
    arguments: [
      "numa: {cells: {0: {memory: 0KiB}}}", "numa: {cells: {0: {memory: 0b}}}",
      "devices: {a: {requested: 0KiB}}", "devices: {a: {requested: 00GiB}}",
      "devices: {a: {requested: {min: 0KiB, max: 0bytes}}}",
    ])
  func zero(spec: String) throws {
    let configuration = try configuration(spec)
    let values = configuration.declaredFields.map { configuration[$0] }
    #expect(values == [.size(.zero)] || values == [.sizeRange(.zero ... .zero)])
  }

  @Test(
    "the reader reports each mistake in a value at its place",
    arguments: [
      ("devices: {a: {size: 0KiB}}", ["5:23 invalid-size"]),
      ("devices: {a: {requested: 0}}", ["5:28 invalid-size"]),
      ("devices: {a: {requested: {min: 2GiB, max: 1GiB}}}", ["5:34 invalid-range"]),
      ("devices: {a: {requested: {max: 1GiB}}}", ["5:28 missing-field"]),
      ("devices: {a: {block: {min: 1GiB, max: 1GiB}}}", ["5:24 wrong-type"]),
      ("devices: {a: {node: -1}}", ["5:23 invalid-value"]),
      ("devices: {a: {node: +1}}", ["5:23 invalid-value"]),
      ("devices: {a: {nodemask: 0-}}", ["5:27 invalid-value"]),
      ("devices: {a: {nodemask: [0, 1]}}", ["5:27 wrong-type"]),
      ("devices: {a: {path: 5}}", ["5:23 wrong-type"]),
      ("devices: {a: {uuid: x}}", ["5:23 invalid-uuid"]),
      ("devices: {a: {address: 0x}}", ["5:26 invalid-value"]),
      ("devices: {a: {address: 0x0}}", ["5:26 invalid-value"]),
      ("devices: {a: {address: 0}}", ["5:26 invalid-value"]),
      ("devices: {a: {pmem: yes}}", ["5:23 wrong-type"]),
      ("devices: {a: {state: gone}}", ["5:24 invalid-value"]),
      ("devices: {a: }", ["5:13 empty-value"]), ("devices: {'': {}}", ["5:13 invalid-item"]),
      (
        "devices: {a.b: {}, \"a b\": {}, ä: {}, a_B-9: {}}",
        [
          "5:13 invalid-item", "5:22 invalid-item", "5:33 invalid-item",
        ]
      ),
      (
        "numa: {cells: {00: {}, -1: {}, 1.0: {}, x: {}, 16384: {}, +1: {}, 0x1: {}}}",
        [
          "5:18 invalid-item", "5:26 invalid-item", "5:34 invalid-item", "5:43 invalid-item",
          "5:50 invalid-item", "5:61 invalid-item", "5:69 invalid-item",
        ]
      ),
      ("numa: {cells: {0: {}, '0': {}}}", ["5:25 duplicate-key"]),
      ("numatune: {memnodes: {01: {}}}", ["5:25 invalid-item"]),
      ("numa: {cells: {0: {cpus: 16384}}}", ["5:28 invalid-value"]),
      ("maxMemory: {slots: 0}", ["5:22 invalid-value"]),
      ("maxMemory: {size: 1GiB, slots: +8}", ["5:34 invalid-value"]),
      ("memoryBacking: {hugepages: []}", ["5:30 empty-value"]),
      ("memoryBacking: {hugepages: {size: 2MiB}}", ["5:30 wrong-type"]),
      ("memoryBacking: {hugepages: 2MiB}", ["5:30 invalid-value"]),
      (
        "memoryBacking: {hugepages: [{}, {size: 2M, nodeset: x}, 2MiB]}",
        [
          "5:31 missing-field", "5:42 invalid-size", "5:55 invalid-value", "5:59 wrong-type",
        ]
      ),
      ("memoryBacking: {source: true}", ["5:27 wrong-type"]),
      ("memoryBacking: {source: hugetlbfs}", ["5:27 invalid-value"]),
      ("numatune: {memory: none, memnodes: 0}", ["5:38 wrong-type"]),
    ] as [(String, [String])])
  func mistakes(spec: String, mistakes: [String]) {
    #expect(places(document("Domain", "web", spec: spec)) == mistakes)
  }

  @Test(
    "the reader accepts the value none only where it removes something",
    arguments: FieldName.allCases)
  func none(name: FieldName) {
    let taken: Set<FieldName> = [
      .maxMemory, .hugepages, .source, .access, .allocation, .numatune, .numatuneMemory, .memnodes,
      .numa, .minGuarantee, .balloonModel,
    ]
    for word in ["none", "\"none\""] {
      let mistakes = read(document("Domain", "a", spec: Self.spec(name, word))).diagnostics
      #expect(mistakes.map(\.rule) == (taken.contains(name) ? [] : ["invalid-value"]))
      #expect(mistakes.allSatisfy { $0.summary.hasSuffix("can't be none") })
    }
  }

  @Test(
    "the reader accepts the value unmanaged for every field, group and item",
    arguments: FieldName.allCases)
  func unmanaged(name: FieldName) throws {
    let spec = Self.spec(name, "unmanaged")
    #expect(try configuration(spec) == MemoryConfiguration())
  }

  @Test("a size rounds up to a whole KiB, and a set may be a single number")
  func rounding() throws {
    let configuration = try configuration(
      "devices: {a: {size: 1025bytes, nodemask: 3}}\nnumatune: {memory: {nodeset: \"1\"}}")
    #expect(configuration.devices.first?.size == .kibibytes(2))
    #expect(configuration.devices.first?.nodemask == NodeSet([3...3]))
    #expect(configuration.numatune.memory.nodeset == NodeSet([1...1]))
  }

  /// A spec that sets the field to `text`.
  static func spec(_ name: FieldName, _ text: String) -> String {
    let path = FieldPath(name, name.isOfItem ? "7" : nil)
    let parts = path.description.split(separator: ".")
    return parts.dropLast().reversed().reduce("\(parts[parts.count - 1]): \(text)") {
      "\($1): {\($0)}"
    }
  }
}
