// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Testing

/// For each constraint of a memory device, a device that it refuses and one that libvirt accepts.
@Suite struct DeviceTests {
  /// The leaves of a new virtio-mem device of 4 GiB, with `other` values.
  static func elastic(_ other: [String: FieldValue?] = [:]) -> [String: FieldValue] {
    leaves("virtio-mem", ["block": mebibytes(2), "requested": gibibytes(2)], other)
  }

  static func dimm(_ other: [String: FieldValue?] = [:]) -> [String: FieldValue] {
    leaves("dimm", [:], other)
  }

  static func nvdimm(_ other: [String: FieldValue?] = [:]) -> [String: FieldValue] {
    leaves("nvdimm", ["path": .word("/dev/pmem0")], other)
  }

  static func pmem(_ other: [String: FieldValue?] = [:]) -> [String: FieldValue] {
    leaves("virtio-pmem", ["path": .word("/srv/pmem"), "node": nil], other)
  }

  private static func leaves(
    _ model: String, _ usual: [String: FieldValue?], _ other: [String: FieldValue?]
  ) -> [String: FieldValue] {
    var leaves: [String: FieldValue?] = [
      "model": .word(model), "size": gibibytes(4), "node": .count(0),
    ]
    leaves.merge(usual) { $1 }
    leaves.merge(other) { $1 }
    return Dictionary(
      uniqueKeysWithValues: leaves.compactMap { key, value in value.map { ("devices.a.\(key)", $0) }
      }
    )
  }

  static func mebibytes(_ count: UInt64) -> FieldValue { .size(.mebibytes(count)) }

  /// Gives a guest a cell and room for devices.
  static func room(_ definition: inout MemoryConfiguration) {
    definition.cells = cells(1)
    definition.maxMemory = MaxMemory(size: .gibibytes(32), slots: 2)
  }

  /// A device that the constraint refuses as a whole and accepts with `repaired`.
  static func refused(
    _ rule: Rule, _ changes: [String: FieldValue], since: (Int, Int) = (12, 5),
    architecture: String? = nil, _ edit: @escaping (inout MemoryConfiguration) -> Void = { _ in },
    repaired: [String: FieldValue?]
  ) -> Violation {
    Violation(
      rule, changes.keys.sorted(), since: since, architecture: architecture,
      { (definition: inout MemoryConfiguration) in
        Self.room(&definition)
        edit(&definition)
      }, with: changes, repaired: repaired)
  }

  static let incomplete: [Violation] = [
    refused(.deviceIncomplete, dimm(["model": nil]), repaired: ["devices.a.model": .word("dimm")]),
    refused(.deviceIncomplete, dimm(["size": nil]), repaired: ["devices.a.size": gibibytes(1)]),
    refused(.deviceIncomplete, dimm(["node": nil]), repaired: ["devices.a.node": .count(0)]),
    refused(
      .deviceIncomplete, ["devices.a.state": .word("present")], repaired: dimm().mapValues { $0 }),
    refused(.deviceIncomplete, elastic(["block": nil]), repaired: elastic().mapValues { $0 }),
    refused(.deviceIncomplete, nvdimm(["path": nil]), repaired: nvdimm().mapValues { $0 }),
    refused(.deviceIncomplete, pmem(["path": nil]), repaired: pmem().mapValues { $0 }),
    refused(
      .deviceIncomplete, nvdimm(), architecture: "ppc64le",
      repaired: ["devices.a.labelSize": mebibytes(1)]),
  ]

  static let unsuitable: [Violation] = [
    refused(
      .deviceFieldOfOtherModel, pmem(["node": .count(0)]), repaired: ["devices.a.node": nil]
    ),
    refused(
      .deviceFieldOfOtherModel, nvdimm(["discard": .flag(true)]),
      repaired: ["devices.a.discard": .flag(false)]),
    refused(
      .deviceFieldOfOtherModel, dimm(["block": mebibytes(2)]),
      repaired: ["devices.a.block": nil]),
    refused(
      .nvdimmUUIDPPC64Only, nvdimm(["uuid": .word("u")]), repaired: ["devices.a.uuid": nil]),
    refused(.deviceNodeMissing, dimm(["node": .count(1)]), repaired: ["devices.a.node": .count(0)]),
    refused(
      .nvdimmLabelSize, nvdimm(["labelSize": gibibytes(4)]),
      repaired: ["devices.a.labelSize": .size(.kibibytes(128))]),
    refused(
      .nvdimmLabelSize, nvdimm(["labelSize": .size(.kibibytes(127))]),
      repaired: ["devices.a.labelSize": .size(.kibibytes(128))]),
    refused(
      .virtioPmemAlwaysShared, pmem(["access": .word("private")]),
      repaired: ["devices.a.access": .word("shared")]),
    refused(
      .virtioPmemStartNeeds9_4, pmem(), since: (9, 3),
      repaired: ["devices.a.model": .word("nvdimm"), "devices.a.node": .count(0)]),
    refused(
      .libvirtTooOld, elastic(["address": .word("0x140000000")]), since: (9, 3),
      repaired: ["devices.a.address": nil]),
    refused(
      .libvirtTooOld, elastic(["dynamicMemslots": .flag(true)]), since: (10, 0),
      repaired: ["devices.a.dynamicMemslots": .flag(false)]),
    refused(
      .virtioMemWithLocked, elastic(), { $0.memoryBacking.locked = true },
      repaired: ["memoryBacking.locked": .flag(false)]),
    refused(
      .hostNodeMissing, dimm(["nodemask": nodes(5)]), repaired: ["devices.a.nodemask": nodes(1)]),
  ]

  static let blocks: [Violation] = [
    refused(
      .virtioMemBlockPowerOfTwo, elastic(["block": mebibytes(3)]),
      repaired: ["devices.a.block": mebibytes(4)]),
    refused(
      .virtioMemBlockTooSmall, elastic(["block": mebibytes(1)]),
      repaired: ["devices.a.block": mebibytes(2)]),
    refused(
      .virtioMemBlockTooSmall, elastic(["pageSize": gibibytes(1)]),
      repaired: ["devices.a.block": gibibytes(1)]),
    refused(
      .virtioMemBlockTooSmall, elastic(),
      {
        $0.memoryBacking.hugepages = .pages([
          Hugepage(size: .gibibytes(1), cells: NodeSet([0...0])), Hugepage(size: .mebibytes(2)),
        ])
      }, repaired: ["devices.a.block": gibibytes(1)]),
    refused(
      .virtioMemBlockMultiple, elastic(["size": mebibytes(4097), "block": mebibytes(4)]),
      repaired: ["devices.a.size": mebibytes(4099)]),
    refused(
      .virtioMemBlockMultiple, elastic(["requested": mebibytes(3)]),
      repaired: ["devices.a.requested": .size(.zero)]),
    refused(
      .virtioMemBlockMultiple, elastic(["address": .word("0x140100000")]),
      repaired: ["devices.a.address": .word("0x140200000")]),
    refused(
      .virtioMemRequestedAboveSize, elastic(["requested": mebibytes(4098)]),
      repaired: ["devices.a.requested": gibibytes(4)]),
  ]

  static let places: [Violation] = [
    refused(
      .maxMemoryNeededByDevices, dimm(["node": nil]),
      {
        $0.cells = []
        $0.maxMemory = MaxMemory()
      },
      repaired: [
        "devices.a.node": .count(0), "maxMemory.size": gibibytes(16), "maxMemory.slots": .count(1),
      ]),
    refused(
      .memoryAboveMaxMemory, dimm(["size": mebibytes(24577)]),
      repaired: ["devices.a.size": gibibytes(24)]),
    refused(
      .slotsTakenByDevices, dimm(), { $0.devices = [present("b"), present("c")] },
      repaired: ["devices.b.state": .word("absent")]),
    refused(
      .slotsTakenByDevices, elastic(), since: (9, 4),
      { $0.devices = [present("b"), present("c")] },
      repaired: ["devices.b.state": .word("absent")]),
  ]

  static func present(_ name: String) -> MemoryDevice {
    MemoryDevice(model: .dimm, name: name, alias: name, size: .gibibytes(1), node: 0)
  }

  @Test(
    "the model refuses a device, blames all its fields, and accepts the repaired device",
    arguments: incomplete + unsuitable + blocks + places)
  func refusedThenRepaired(violation: Violation) {
    violation.check()
  }

  @Test("a virtio-mem device takes no slot since libvirt 9.5")
  func virtioMemTakesNoSlot() {
    var violation = Self.places[3]
    violation.version = Version(9, 5, 0)
    #expect(violation.refusal == nil)
  }

  @Test("a DIMM needs a slot, which a guest without slots lacks")
  func withoutSlots() {
    Self.refused(
      .slotsTakenByDevices, Self.dimm(), { $0.maxMemory.slots = nil },
      repaired: ["maxMemory.slots": .count(1)]
    ).check()
  }

  @Test("the model doesn't judge an unchanged field and blames only the changed one")
  func existing() {
    func change(_ field: String, _ value: FieldValue) -> Refusal? {
      Violation(
        .deviceIncomplete, [],
        {
          Self.room(&$0)
          $0.devices = [
            MemoryDevice(
              model: .virtioMem, name: "a", size: .gibibytes(4), node: 0, block: .mebibytes(3),
              requested: .zero)
          ]
        }, with: ["devices.a.\(field)": value], repaired: [:]
      ).refusal
    }
    #expect(change("requested", Self.mebibytes(2))?.rule == .virtioMemBlockMultiple)
    #expect(change("requested", Self.mebibytes(2))?.fields == [path("devices.a.requested")])
    #expect(change("discard", .flag(true)) == nil)
  }

  @Test("devices that no manifest names count too")
  func unnamed() {
    let violation = Violation(
      .virtioMemWithLocked, ["memoryBacking.locked"],
      {
        Self.room(&$0)
        $0.devices = [
          MemoryDevice(model: .virtioMem, size: .gibibytes(4), node: 0, block: .mebibytes(2))
        ]
      }, with: ["memoryBacking.locked": .flag(true)],
      repaired: ["memoryBacking.locked": .flag(false)])
    violation.check()
  }

  @Test("a cell with devices can only be removed together with its devices")
  func cellOfDevice() {
    Violation(
      .deviceNodeMissing, ["numa.cells.1.state"],
      {
        Self.room(&$0)
        $0.cells = cells(2)
        var device = Self.present("b")
        device.node = 1
        $0.devices = [device]
      }, with: ["numa.cells.1.state": .word("absent")],
      repaired: ["devices.b.state": .word("absent")]
    ).check()
  }
}
