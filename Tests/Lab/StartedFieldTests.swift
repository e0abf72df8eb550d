// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

extension LabTests {
  /// Values that QEMU's driver changes at a start don't differ from the manifest.
  @Suite struct StartedFieldTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test(
      "a redefinition takes effect with a start, and nothing differs",
      arguments: Self.specs.keys.sorted())
    func effectAfterStart(_ name: String) throws {
      let spec = try #require(Self.specs[name]).replacing("FOLDER", with: lab.state + "/guests")
      let pages = try spec.contains("hugepages") ? HugePages(atLeast: 170) : nil
      defer { pages?.giveBack() }
      var definition = GuestDefinition()
      definition.vcpus = 3
      _ = try lab.file("n", String(repeating: "0", count: 4 << 20))
      let guest = try Guest("start-\(name.replacing(" ", with: "-"))", definition, in: lab)
      let applied = try guest.virtmem("apply", spec)
      #expect(applied.status == 0, "\(applied)")
      try guest.startPaused()
      let arguments = ["--detailed-exitcode", "--require-live"]
      let plan = try Command.run(guest.invocation("plan", spec, arguments))
      let live = try guest.xml(.live)
      #expect(plan.status == 0, "\(plan)\n\(live)")
    }

    private static let ceiling = "maxMemory: {size: 1000001KiB, slots: 6}"
    private static let cells =
      "numa: {cells: {0: {memory: 100001KiB}, 1: {cpus: 2, memory: 200001KiB, access: shared}}}"

    private static let specs = [
      "odd cells": "\(ceiling), \(cells), memory: 300002KiB, currentMemory: 300002KiB",
      "odd devices": """
      \(ceiling), \(cells), devices: {d: {model: dimm, size: 66561KiB, node: 1, discard: true}, \
      n: {model: nvdimm, size: 4MiB, node: 0, path: FOLDER/n, readOnly: false}, \
      v: {model: virtio-mem, size: 64MiB, block: 2MiB, node: 0, requested: 0KiB, \
      access: shared}}, currentMemory: 366563KiB
      """,
      "processors that join": """
      numa: {cells: {0: {memory: 128MiB, cpus: "0,2"}, 1: {memory: 128MiB, cpus: 1}, \
      2: {memory: 64MiB}}}
      """,
      "default huge pages": "memoryBacking: {hugepages: default, source: memfd}",
      "huge pages of a cell": """
      numa: {cells: {0: {memory: 128MiB}, 1: {memory: 128MiB, access: shared}}}, \
      memoryBacking: {hugepages: [{size: 2MiB, nodeset: "1"}], allocation: {mode: immediate}}
      """,
      "bindings": """
      \(cells), numatune: {memory: {mode: preferred, nodeset: "0"}, \
      memnodes: {0: {mode: interleave, nodeset: 0}, 1: {mode: strict, nodeset: "0"}}}
      """,
      "a restrictive binding": """
      numatune: {memory: {mode: restrictive, nodeset: "0,^5"}}, memory: 300001KiB
      """,
      "backing": """
      memoryBacking: {source: file, access: shared, discard: true, sharePages: false, \
      allocation: {mode: immediate, threads: 2}}, dumpCore: false, \
      memballoon: {model: virtio-non-transitional, autodeflate: true, statsPeriod: 3s}
      """,
      "no balloon": "\(cells), memballoon: {model: none}",
    ]
  }
}
