// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// How a redefinition changes a definition: leaves, added and removed items, and sums.
@Suite struct RedefinitionTests {
  /// The definition of 8 GiB, changed by `edit` and then by a redefinition with `values`.
  static func redefined(
    _ values: [String: FieldValue], version: Version = .newestKnownLibvirt,
    _ edit: (inout MemoryConfiguration) -> Void = { _ in }
  ) throws -> MemoryConfiguration {
    let changes = values.sorted { $0.key < $1.key }.map {
      Change(field: path($0.key), from: nil, to: $0.value)
    }
    let after = try ObservedHost(libvirt: version).result(
      of: Call(.redefine, on: .persistent, changes: changes), on: domain(edit))
    return try #require(after.persistent)
  }

  /// A value for each kind of field without a call of its own.
  static let leaves: [(String, FieldValue)] = [
    ("dumpCore", .flag(false)), ("memoryBacking.hugepages", .word("default")),
    ("memoryBacking.sharePages", .flag(false)), ("memoryBacking.locked", .flag(true)),
    ("memoryBacking.source", .word("memfd")), ("memoryBacking.access", .word("shared")),
    ("memoryBacking.allocation.mode", .word("immediate")),
    ("memoryBacking.allocation.threads", .count(4)), ("memoryBacking.discard", .flag(true)),
    ("numatune.memory.nodeset", nodes(1)), ("memballoon.autodeflate", .flag(true)),
    ("memballoon.freePageReporting", .flag(true)), ("memballoon.model", .word("none")),
    ("maxMemory.size", gibibytes(32)),
  ]

  @Test("a redefinition sets each field to its value", arguments: leaves)
  func leaf(field: String, value: FieldValue) throws {
    let after = try Self.redefined([field: value])
    #expect(after[path(field)] == value)
  }

  @Test(
    "maxMemory inserts a cell since 9.6, later not on Arm, and devices without a node get it",
    arguments: [
      ("ppc64", Version(9, 5, 0), false), ("ppc64le", Version(9, 6, 0), true),
      ("aarch64", Version(12, 9, 0), false), ("x86_64", Version(9, 6, 0), true),
    ])
  func insertedCell(architecture: String, version: Version, isMade: Bool) throws {
    var guest = domain {
      $0.devices = [MemoryDevice(model: .dimm, name: "stick0", size: .gibibytes(1))]
    }
    guest.architecture = architecture
    let changes = [("maxMemory.size", gibibytes(32)), ("maxMemory.slots", .count(4))].map {
      Change(field: path($0.0), from: nil, to: $0.1)
    }
    let after = try ObservedHost(libvirt: version).result(
      of: Call(.redefine, on: .persistent, changes: changes), on: guest)
    #expect(after.persistent?.cells.map(\.id) == (isMade ? [0] : []))
    #expect(after.persistent?.devices.map(\.node) == [isMade ? 0 : nil])
  }

  @Test("a binding of the inserted cell needs the cell in the same redefinition")
  func bindingOfInsertedCell() throws {
    let host = ObservedHost(libvirt: Version(11, 3, 0))
    var changes = [
      ("maxMemory.size", gibibytes(32)), ("maxMemory.slots", .count(4)),
      ("numatune.memnodes.0.mode", .word("strict")), ("numatune.memnodes.0.nodeset", nodes(0)),
    ].map { Change(field: path($0.0), from: nil, to: $0.1) }
    func result() throws(Refusal) -> ObservedDomain {
      try host.result(of: Call(.redefine, on: .persistent, changes: changes), on: domain())
    }
    let refusal = #expect(throws: Refusal.self) { try result() }
    #expect(refusal?.rule == .memnodeCellMissing)
    changes.append(Change(field: path("numa.cells.0.memory"), from: nil, to: gibibytes(8)))
    #expect(try result().persistent?.numatune.memnodes.count == 1)
  }

  static let groups: [(String, String)] = [
    ("maxMemory", "maxMemory.size"), ("memoryBacking.hugepages", "memoryBacking.hugepages"),
    ("memoryBacking.source", "memoryBacking.source"),
    ("memoryBacking.allocation", "memoryBacking.allocation.mode"),
    ("numatune", "numatune.memory.mode"), ("numatune.memory", "numatune.memory.nodeset"),
    ("numatune.memnodes", "numatune.memnodes.0.mode"),
  ]

  @Test("the value none removes a group", arguments: groups)
  func removal(group: String, leaf: String) throws {
    func full(_ definition: inout MemoryConfiguration) {
      definition.maxMemory.size = .gibibytes(32)
      definition.memoryBacking.hugepages = .ofDefaultSize
      definition.memoryBacking.source = .some(.memfd)
      definition.memoryBacking.allocation.mode = .immediate
      definition.numatune.memory = binding(.strict)
      definition.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
      definition.numatune.memnodes = [
        NUMAMemnode(cell: 0, mode: .strict, nodeset: NodeSet([0...0]))
      ]
    }
    var before = MemoryConfiguration()
    full(&before)
    #expect(before[path(leaf)] != nil)
    #expect(try Self.redefined([group: .absence], full)[path(leaf)] == nil)
  }

  @Test("cells have the order of their numbers, and memory is their sum")
  func sums() throws {
    let two = try Self.redefined([
      "numa.cells.1.memory": gibibytes(2), "numa.cells.0.memory": gibibytes(4),
    ])
    #expect(two.cells.map(\.id) == [0, 1] && two.memory == .gibibytes(6))
    #expect(two.currentMemory == .exactly(.gibibytes(6)))
    let one = try Self.redefined(["numa.cells.1.state": .word("absent")]) { $0.cells = cells(2) }
    #expect(one.cells.map(\.id) == [0] && one.memory == .gibibytes(8))
    let none = try Self.redefined(["numa": .absence]) {
      $0.cells = cells(2)
      $0.memory = .gibibytes(16)
    }
    #expect(none.cells.isEmpty && none.memory == .gibibytes(16))
    let single = try Self.redefined(["memory": gibibytes(3)]) { $0.cells = cells(1) }
    #expect(single.cells[0].memory == .gibibytes(3) && single.memory == .gibibytes(3))
  }

  @Test("cell 0 gets processors that no cell names, also if libvirt inserts it")
  func processors() throws {
    let shared = try Self.redefined(["numa.cells.1.cpus": .nodes(NodeSet([3...3]))]) {
      $0.cells = cells(2)
      $0.surroundings.vcpus = 4
    }
    #expect(shared.cells[0].cpus == NodeSet([0...2]))
    let made = try Self.redefined(["maxMemory.size": gibibytes(16)]) { $0.surroundings.vcpus = 4 }
    #expect(made.cells.map(\.cpus) == [NodeSet([0...3])] && made.memory == .gibibytes(8))
  }

  @Test("a new device comes last with its name as alias, and a removed one takes its leaves along")
  func devices() throws {
    func room(_ definition: inout MemoryConfiguration) {
      DeviceTests.room(&definition)
      definition.devices = [DeviceTests.present("z")]
    }
    let added = try Self.redefined(DeviceTests.elastic(["requested": nil]), room)
    #expect(added.devices.map(\.alias) == ["z", "a"])
    #expect(added.devices[1].requested == .exactly(.zero) && added.devices[1].plugged == nil)
    #expect(added.memory == .gibibytes(8) && added.currentMemory == .exactly(.gibibytes(8)))
    let removed = try Self.redefined(["devices.z.state": .word("absent")], room)
    #expect(removed.devices.isEmpty && removed.memory == .gibibytes(8))
  }

  @Test("currentMemory may use what the same redefinition adds")
  func currentMemory() throws {
    var values = DeviceTests.dimm()
    values["currentMemory"] = gibibytes(12)
    #expect(
      try Self.redefined(values, DeviceTests.room).currentMemory == .exactly(.gibibytes(12)))
    values["currentMemory"] = gibibytes(13)
    #expect(throws: Refusal.self) { try Self.redefined(values, DeviceTests.room) }
  }

  @Test("a virtio-pmem device is shared even if not declared so")
  func virtioPmem() throws {
    let after = try Self.redefined([
      "devices.p.model": .word("virtio-pmem"), "devices.p.size": .size(.mebibytes(64)),
      "devices.p.path": .word("/p"), "maxMemory.size": gibibytes(32),
    ]) { $0.cells = cells(1) }
    #expect(after[path("devices.p.access")] == .word("shared"))
  }
}
