// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// Definitions that libvirt accepts and QEMU doesn't start, and similar ones that start.
///
/// The lab starts real domains for the same rules.
@Suite struct StartTests {
  static let ceiling: [Violation] = [
    Violation(.slotsWithoutRoom, "maxMemory.size", "maxMemory.slots") {
      $0.cells = cells(1)
    } with: {
      ["maxMemory.size": gibibytes(8), "maxMemory.slots": .count(4)]
    } repaired: {
      ["maxMemory.slots": nil]
    },
    // Both are 8193 MiB after rounding.
    Violation(.slotsWithoutRoom, "numa.cells.0.memory") {
      $0.cells = cells(1)
      $0.maxMemory = MaxMemory(size: .mebibytes(8193), slots: 4)
    } with: {
      ["numa.cells.0.memory": .size(.kibibytes(8192 << 10 | 1))]
    } repaired: {
      ["maxMemory.size": .size(.mebibytes(8194))]
    },
    Violation(.alignedMemoryAboveMaxMemory, "maxMemory.size") {
      $0.cells = [
        NUMACell(id: 0, memory: .kibibytes(131_313)), NUMACell(id: 1, memory: .kibibytes(131_313)),
      ]
      $0.memory = .kibibytes(262_626)
    } with: {
      ["maxMemory.size": .size(.kibibytes(262_900))]
    } repaired: {
      ["maxMemory.size": .size(.mebibytes(258))]
    },
  ]

  static func dimm(_ model: String) -> [String: FieldValue] {
    [
      "devices.a.model": .word(model), "devices.a.size": gibibytes(1), "devices.a.node": .count(0),
      "devices.a.path": .word("/srv/pmem"),
    ].filter { $0.key != "devices.a.path" || model == "nvdimm" }
  }

  static let acpi: [Violation] = ["dimm", "nvdimm"].map { model in
    Violation(
      .dimmNeedsACPI, dimm(model).keys.sorted(), architecture: "x86_64",
      {
        DeviceTests.room(&$0)
        $0.surroundings.lacksACPI = true
      }, with: dimm(model),
      repaired: [
        "devices.a.model": .word("virtio-mem"), "devices.a.block": .size(.mebibytes(2)),
        "devices.a.path": nil,
      ])
  }

  static let cellsAlone: [Violation] = [
    Violation(.numaCellWithoutMemory, "numa.cells.1.memory", since: (11, 3)) {
      $0.cells = cells(1)
      $0.surroundings.machine = "pc-q35-5.1"
    } with: {
      ["numa.cells.1.memory": .size(.zero)]
    } repaired: {
      ["numa.cells.1.memory": .size(.mebibytes(1))]
    },
    // An old machine type takes such a cell unless the definition says where memory comes from.
    Violation(.numaCellWithoutMemory, "memoryBacking.access", since: (9, 0)) {
      $0.cells = cells(2)
      $0.cells[1].memory = .zero
      $0.surroundings.machine = "pc-i440fx-4.0"
    } with: {
      ["memoryBacking.access": .word("shared")]
    } repaired: {
      ["numa.cells.1.memory": .size(.mebibytes(1))]
    },
    Violation(
      .numaCell0WithoutCPUs, "numa.cells.1.cpus", "numa.cells.1.memory", since: (9, 0)
    ) {
      $0.cells = cells(1)
      $0.surroundings.vcpus = 2
    } with: {
      ["numa.cells.1.memory": gibibytes(1), "numa.cells.1.cpus": .nodes(NodeSet([0...1]))]
    } repaired: {
      ["numa.cells.1.cpus": nodes(1)]
    },
  ]

  @Test(
    "the model refuses a change that wouldn't start and accepts the repaired one",
    arguments: ceiling + acpi + cellsAlone)
  func refusedThenRepaired(violation: Violation) {
    violation.check()
  }

  static let machines: [(String?, (Int, Int), Bool)] = [
    ("pc-q35-5.0", (9, 0), true), ("pc-i440fx-4.0", (11, 3), true), ("pc-q35-5.1", (9, 0), false),
    ("pc-q35-10.0", (11, 3), false), ("pc-q35-10.0", (12, 9), true), (nil, (9, 0), false),
    ("pc-i440fx-rhel7.6.0", (9, 0), false),
  ]

  @Test(
    "a cell without memory starts on old machine types and with new versions",
    arguments: machines)
  func emptyCell(machine: String?, version: (Int, Int), starts: Bool) {
    let violation = Violation(
      .numaCellWithoutMemory, [], since: version,
      {
        $0.cells = cells(1)
        $0.surroundings.machine = machine
      }, with: ["numa.cells.1.memory": .size(.zero)], repaired: [:])
    #expect((violation.refusal == nil) == starts)
  }

  static let pages: [(String, MemorySize, MemorySource?, Version?, Rule?)] = [
    ("a memfd is whole pages", .mebibytes(65), .memfd, .init(7, 2, 0), .hugepagesNotWhole),
    ("a file is rounded up", .mebibytes(65), nil, .init(7, 2, 0), nil),
    (
      "a file is whole pages since QEMU 10", .mebibytes(65), nil, .init(10, 0, 0),
      .hugepagesNotWhole
    ),
    ("a file has at least one page", .mebibytes(1), nil, .init(7, 2, 0), .hugepagesNotWhole),
    ("whole pages are whole pages", .mebibytes(66), .memfd, .init(10, 0, 0), nil),
    ("an unknown QEMU is taken for one that rounds", .mebibytes(65), nil, nil, nil),
    // libvirt rounds to 1 MiB first.
    (
      "what libvirt rounds is whole", .kibibytes(66_559), .memfd, .init(10, 0, 0),
      .hugepagesNotWhole
    ),
    ("what libvirt rounds becomes whole", .kibibytes(67_583), .memfd, .init(10, 0, 0), nil),
  ]

  @Test(
    "the model requires memory in whole huge pages where QEMU doesn't round it",
    arguments: pages.indices)
  func hugepages(index: Int) {
    let (claim, size, source, version, expected) = Self.pages[index]
    let host = ObservedHost(qemu: version)
    let guest = domain {
      $0.memoryBacking.hugepages = .pages([Hugepage(size: .mebibytes(2))])
      $0.memoryBacking.source = source.map { .some($0) }
    }
    let call = Call(
      .redefine, on: .persistent,
      changes: [
        Change(field: .memory, from: nil, to: .size(size)),
        Change(field: .currentMemory, from: nil, to: .size(size)),
      ])
    #expect(
      HotplugTests.refusal(of: call, on: guest, by: host)?.rule == expected, "\(claim)")
  }

  @Test("QEMU before 10 requires whole huge pages for a file bound to host nodes")
  func boundPages() {
    func refusal(_ mode: NUMAMode) -> Rule? {
      let host = ObservedHost(qemu: .init(7, 2, 0))
      let guest = domain {
        $0.memory = .mebibytes(255)
        $0.currentMemory = .exactly(.mebibytes(255))
        $0.memoryBacking.hugepages = .pages([Hugepage(size: .mebibytes(2))])
      }
      let changes = [
        Change(field: path("numatune.memory.mode"), from: nil, to: .word(mode.rawValue)),
        Change(field: path("numatune.memory.nodeset"), from: nil, to: nodes(0)),
      ]
      let call = Call(.redefine, on: .persistent, changes: changes)
      return HotplugTests.refusal(of: call, on: guest, by: host)?.rule
    }
    #expect(refusal(.strict) == .hugepagesNotWhole)
    #expect(refusal(.preferred) == .hugepagesNotWhole)
    #expect(refusal(.restrictive) == nil)
  }

  @Test("a cell and a device are measured in their own huge pages")
  func pagesOfParts() {
    let host = ObservedHost(qemu: .init(10, 0, 0))
    let guest = domain {
      DeviceTests.room(&$0)
      $0.cells = cells(2)
      $0.memoryBacking.hugepages = .pages([Hugepage(size: .gibibytes(1), cells: NodeSet([1...1]))])
    }
    func refused(_ values: (String, FieldValue)...) -> [String]? {
      let changes = values.map { Change(field: path($0.0), from: nil, to: $0.1) }
      let call = Call(.redefine, on: .persistent, changes: changes)
      let found = HotplugTests.refusal(of: call, on: guest, by: host)
      return found?.rule == .hugepagesNotWhole ? found?.fields.map(\.description) : nil
    }
    let odd = FieldValue.size(.mebibytes(1536))
    #expect(refused(("numa.cells.0.memory", odd)) == nil)
    #expect(refused(("numa.cells.1.memory", odd)) == ["numa.cells.1.memory"])
    let dimm: [(String, FieldValue)] = [
      ("devices.a.model", .word("dimm")), ("devices.a.size", odd),
    ]
    #expect(refused(dimm[0], dimm[1], ("devices.a.node", .count(0))) == nil)
    #expect(refused(dimm[0], dimm[1], ("devices.a.node", .count(1)))?.count == 3)
  }

  @Test("the model refuses devices with overlapping addresses")
  func addresses() {
    func device(_ name: String, _ start: UInt64) -> MemoryDevice {
      var device = MemoryDevice(
        model: .virtioMem, name: name, alias: name, size: .gibibytes(1), node: 0,
        block: .mebibytes(2), requested: .zero)
      device.address = Address(bytes: start << 30)
      return device
    }
    var dimm = MemoryDevice(model: .dimm, name: "d", alias: "d", size: .gibibytes(1), node: 0)
    dimm.base = Address(bytes: 7 << 30)
    let others = [device("b", 5), dimm]
    func refusal(_ start: String, changing field: String = "devices.a.address") -> Refusal? {
      let guest = domain {
        DeviceTests.room(&$0)
        $0.devices = [device("a", 9)] + others
      }
      let call = call(.redefine, .persistent, (path(field), .word(start)))
      return HotplugTests.refusal(of: call, on: guest)
    }
    #expect(refusal("0x140000000")?.rule == .deviceAddressesOverlap)
    #expect(
      refusal("0x13ff00000")?.rule == .virtioMemBlockMultiple
        || refusal("0x13fe00000")?.rule == .deviceAddressesOverlap)
    #expect(refusal("0x1c0000000")?.rule == .deviceAddressesOverlap)
    #expect(refusal("0x180000000") == nil)
  }

  @Test("a definition that libvirt already refuses isn't redefined, and the refusal says why")
  func refusedAsItIs() throws {
    let old = domain {
      $0.cells = cells(1)
      $0.numatune.memory = binding(.strict)
      var memnode = NUMAMemnode(cell: 0)
      (memnode.mode, memnode.nodeset) = (.restrictive, NodeSet([0...0]))
      $0.numatune.memnodes = [memnode]
    }
    func refusal(_ version: Version) -> Refusal? {
      let host = ObservedHost(libvirt: version)
      let changes = [
        Change(field: path("dumpCore"), from: nil, to: .flag(false)),
        Change(field: .currentMemory, from: nil, to: gibibytes(4)),
      ]
      return HotplugTests.refusal(
        of: Call(.redefine, on: .persistent, changes: changes), on: old, by: host)
    }
    let found = try #require(refusal(Version(9, 4, 0)))
    #expect(found.rule == .definitionRefusedAsItIs)
    // A field with a call of its own needs no redefinition.
    #expect(found.fields == [path("dumpCore")])
    #expect(found.instance.contains("restrictive-with-other-memnodes"))
    #expect(found.remedy.contains(Rule.restrictiveWithOtherMemnodes.remedy))
    #expect(refusal(Version(9, 3, 0)) == nil)
  }

  @Test("vhost-user interfaces need shared memory since libvirt 11.2, and other devices always")
  func sharedMemory() {
    func refusal(_ user: SharedMemoryUser, _ version: Version) -> Rule? {
      let guest = domain { $0.surroundings.sharedMemoryUser = user }
      let call = call(.redefine, .persistent, (path("dumpCore"), .flag(false)))
      let host = ObservedHost(libvirt: version)
      return HotplugTests.refusal(of: call, on: guest, by: host)?.rule
    }
    #expect(refusal(.vhostUserInterface, Version(11, 1, 0)) == nil)
    #expect(refusal(.vhostUserInterface, Version(11, 2, 0)) == .definitionRefusedAsItIs)
    #expect(refusal(.virtiofs, Version(9, 0, 0)) == .definitionRefusedAsItIs)
  }

  @Test("a device's model can't change, which is the only reason for the refusal")
  func model() {
    let guest = domain {
      DeviceTests.room(&$0)
      $0.devices = [HotplugTests.device(.dimm)]
    }
    let changes: [String: FieldValue] = [
      "model": .word("virtio-mem"), "block": .size(.mebibytes(2)), "requested": .size(.zero),
    ]
    let call = Call(
      .redefine, on: .persistent,
      changes: changes.sorted { $0.key < $1.key }.map {
        Change(field: path("devices.a.\($0.key)"), from: nil, to: $0.value)
      })
    let found = HotplugTests.refusal(of: call, on: guest)
    #expect(found?.rule == .deviceModelFixed && found?.fields.count == 3)
  }

  @Test("the address of a virtio-pmem device is a multiple of a page")
  func page() {
    let guest = domain {
      DeviceTests.room(&$0)
      $0.devices = [HotplugTests.device(.virtioPmem)]
    }
    func refusal(_ address: String) -> Rule? {
      let call = call(.redefine, .persistent, (path("devices.a.address"), .word(address)))
      return HotplugTests.refusal(of: call, on: guest)?.rule
    }
    #expect(refusal("0x140000800") == .deviceAddressNotOfPage)
    #expect(refusal("0x140001000") == nil)
  }
}
