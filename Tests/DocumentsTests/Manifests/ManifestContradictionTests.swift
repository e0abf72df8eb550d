// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import TestSupport
import Testing

@Suite struct ManifestContradictionTests {
  /// Two halves of a spec that are valid alone and contradict each other, and the rule.
  static let halves: [(String, String, String)] = [
    ("memtune: {hardLimit: 8GiB}", "memtune: {swapHardLimit: 4GiB}", "limits-contradict"),
    ("currentMemory: {min: 4GiB}", "currentMemory: {max: 2GiB}", "invalid-range"),
    (
      "devices: {a: {requested: {min: 4GiB}}}", "devices: {a: {requested: {max: 2GiB}}}",
      "invalid-range"
    ),
    ("memballoon: {model: none}", "memballoon: {autodeflate: true}", "no-balloon"),
    ("memballoon: {model: none}", "memballoon: {freePageReporting: true}", "no-balloon"),
    ("memballoon: {model: none}", "memballoon: {statsPeriod: 1s}", "no-balloon"),
    ("numa: {cells: {0: {cpus: 0-3}}}", "numa: {cells: {1: {cpus: \"2\"}}}", "cells-overlap"),
    (
      "numatune: {memory: {placement: auto}}", "numatune: {memory: {nodeset: 0}}",
      "placement-contradicts"
    ),
    (
      "numatune: {memory: {placement: auto}}", "numatune: {memnodes: {0: {mode: strict}}}",
      "placement-contradicts"
    ),
    ("devices: {a: {size: 1GiB}}", "devices: {a: {requested: 2GiB}}", "requested-contradicts"),
    (
      "devices: {a: {size: 1GiB}}", "devices: {a: {requested: {min: 0KiB, max: 2GiB}}}",
      "requested-contradicts"
    ),
    ("devices: {a: {block: 2MiB}}", "devices: {a: {requested: 3MiB}}", "requested-contradicts"),
    ("devices: {a: {size: 1MiB}}", "devices: {a: {labelSize: 1MiB}}", "invalid-label-size"),
  ]

  @Test(
    "the reader reports two halves that contradict each other, in one document and in two",
    arguments: halves)
  func contradictingHalves(first: String, second: String, rule: String) {
    for (one, other) in [(first, second), (second, first)] {
      let apart =
        document("Profile", "p", spec: one)
        + document("Domain", "a", spec: "profiles: [p]\n\(other)")
        + document("Domain", "b", spec: "profiles: [p]")
      let mistakes = read(apart).diagnostics
      let incomplete = rule == "invalid-range" ? ["missing-field"] : []
      #expect(mistakes.map(\.rule.name).sorted() == ([rule] + incomplete).sorted())
      for mistake in mistakes {
        #expect(!mistake.summary.isEmpty && !mistake.detail.isEmpty && !mistake.remedy.isEmpty)
        #expect(mistake.sourceLine != nil)
      }
      #expect(read(document("Profile", "p", spec: one)).diagnostics.isEmpty)
      let unused =
        "devices: unmanaged\nmemtune: unmanaged\nmemballoon: unmanaged\n"
        + "numa: unmanaged\nnumatune: unmanaged\ncurrentMemory: unmanaged"
      let apartAndGone =
        document("Profile", "p", spec: one)
        + document("Profile", "q", spec: other)
        + document("Domain", "a", spec: "profiles: [p, q]\n\(unused)")
      #expect(read(apartAndGone).diagnostics.isEmpty)
    }
  }

  @Test(
    "the reader reports at its place what no host accepts",
    arguments: [
      ("devices: {a: {block: 3MiB}}", ["5:24 invalid-block"]),
      ("devices: {a: {block: 1025bytes}}", []),
      ("devices: {a: {pageSize: 3MiB}}", ["5:27 not-a-power-of-two"]),
      ("devices: {a: {model: nvdimm, alignSize: 1000KB}}", ["5:43 not-a-power-of-two"]),
      ("devices: {a: {pageSize: 1GiB, alignSize: 4KiB}}", []),
      ("memoryBacking: {hugepages: [{size: 3MiB}]}", ["5:38 not-a-power-of-two"]),
      (
        "memoryBacking: {hugepages: [{size: 2MB, nodeset: 0}, {size: 1GB, nodeset: 1}]}",
        ["5:38 not-a-power-of-two", "5:63 not-a-power-of-two"]
      ),
      ("memoryBacking: {hugepages: [{size: 16MiB}, {size: 64KiB, nodeset: 0}]}", []),
      ("devices: {a: {labelSize: 127KiB}}", ["5:28 invalid-label-size"]),
      ("devices: {a: {labelSize: 128KiB, size: 256KiB}}", []),
      ("devices: {a: {size: 1GiB, requested: 1GiB}}", []),
      ("devices: {a: {block: 2MiB, requested: {min: 1MiB, max: 3MiB}}}", []),
      ("memballoon: {model: none, autodeflate: false, statsPeriod: 0s}", []),
      ("memballoon: {model: none, autodeflate: true, statsPeriod: 1s}", ["5:23 no-balloon"]),
      ("memoryBacking: {hugepages: [{size: 2MiB}, {size: 1GiB}]}", ["5:45 hugepages-overlap"]),
      (
        "memoryBacking: {hugepages: [{size: 2MiB, nodeset: 0-3}, {size: 1GiB, nodeset: \"3,4\"}]}",
        ["5:59 hugepages-overlap"]
      ),
      ("memoryBacking: {hugepages: [{size: 2MiB}, {size: 1GiB, nodeset: 0}]}", []),
      (
        "numa: {cells: {2: {cpus: 0-9}, 1: {cpus: \"1\"}, 0: {cpus: 2-3}, 3: {cpus: 10}}}",
        ["5:28 cells-overlap"]
      ),
      ("numa: {cells: {0: {cpus: 0-3}, 1: {cpus: 3, state: absent}}}", []),
      ("numatune: {memory: {placement: static, nodeset: 0}}", []),
      ("numatune: {memory: {placement: auto}, memnodes: {0: {state: absent}}}", []),
      (
        "devices: {a: {model: dimm, requested: {max: 1GiB}, state: absent}}", ["5:41 missing-field"]
      ),
      ("devices: {a: {model: dimm, block: 3MiB, size: 1GiB, requested: 2GiB, state: absent}}", []),
    ] as [(String, [String])])
  func impossibleOnAnyHost(spec: String, mistakes: [String]) {
    #expect(places(document("Domain", "a", spec: spec)) == mistakes)
  }

  private static let persistent: Set<MemoryDevice.Model> = [.nvdimm, .virtioPmem]

  /// The fields that some models lack, with a value and the models that have them.
  static let fieldsOfModels: [(String, String, Set<MemoryDevice.Model>)] = [
    ("block", "2MiB", [.virtioMem]), ("requested", "0KiB", [.virtioMem]),
    ("dynamicMemslots", "true", [.virtioMem]),
    ("path", "/a", persistent), ("alignSize", "2MiB", persistent),
    ("labelSize", "128KiB", persistent), ("pmem", "true", persistent),
    ("readOnly", "true", persistent),
    ("uuid", "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01", persistent),
    ("address", "0x140000000", [.virtioMem, .virtioPmem]),
    ("node", "0", Set(MemoryDevice.Model.allCases)),
    ("pageSize", "2MiB", Set(MemoryDevice.Model.allCases)),
    ("nodemask", "0", Set(MemoryDevice.Model.allCases)),
    ("access", "private", Set(MemoryDevice.Model.allCases)),
    ("discard", "true", Set(MemoryDevice.Model.allCases)),
    ("pmem", "false", Set(MemoryDevice.Model.allCases)),
    ("readOnly", "unmanaged", Set(MemoryDevice.Model.allCases)),
  ]

  @Test("the reader refuses a field that the device's model lacks", arguments: fieldsOfModels)
  func models(field: String, value: String, models: Set<MemoryDevice.Model>) {
    for model in MemoryDevice.Model.allCases {
      let spec = "devices: {a: {model: \(model.rawValue), \(field): \(value)}}"
      let rules = read(document("Domain", "a", spec: spec)).diagnostics.map(\.rule)
      #expect(rules == (models.contains(model) ? [] : ["not-of-model"]), "\(model)")
    }
    let unknown = "devices: {a: {\(field): \(value)}}"
    #expect(read(document("Domain", "a", spec: unknown)).diagnostics.isEmpty)
  }

  @Test("the reader doesn't report a contradiction that an unknown Profile might resolve")
  func unknownProfile() {
    let text =
      document("Profile", "p", spec: "devices: {a: {size: 1GiB}}")
      + document("Domain", "a", spec: "profiles: [p, q]\ndevices: {a: {requested: 2GiB}}")
    #expect(read(text).diagnostics.map(\.rule) == ["unknown-profile"])
  }
}
