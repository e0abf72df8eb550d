// SPDX-License-Identifier: Apache-2.0
import LibvirtClient
import MemoryModel
import TestSupport
import Testing

extension LabTests {
  @Suite struct DeviceTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    private static let ceiling =
      "<maxMemory slots='16' unit='GiB'>16</maxMemory><memory unit='MiB'>256</memory>"

    @Test("an attached device plugs the requested memory")
    func attached() async throws {
      let guest = try Guest(
        "plugged", GuestDefinition(memory: Self.ceiling, cells: [256 << 10]), in: lab)
      try guest.boot()
      let host = try await lab.connect()
      let stick: [String: FieldValue] = [
        "devices.stick.model": .word("dimm"), "devices.stick.size": .size(.mebibytes(128)),
        "devices.stick.node": .count(0),
      ]
      try await perform(.attachDevice, stick, guest, host)
      try await perform(
        .attachDevice,
        [
          "devices.e.model": .word("virtio-mem"), "devices.e.size": .size(.mebibytes(256)),
          "devices.e.block": .size(.mebibytes(2)), "devices.e.node": .count(0),
          "devices.e.requested": .size(.zero),
        ], guest, host)
      let live = try #require(try await memory(guest, host, .live))
      for (field, value) in stick { #expect(live[try #require(FieldPath(field))] == value) }
      #expect(live.memory == .mebibytes(256) && live.deviceTotal == .mebibytes(384))

      for size in [MemorySize.mebibytes(64), .mebibytes(192), .zero] {
        try await perform(.updateDevice, ["devices.e.requested": .size(size)], guest, host)
        try await eventually("the guest has plugged \(size)", within: .seconds(30)) {
          try await memory(guest, host, .live)?.devices.first { $0.name == "e" }?.plugged == size
        }
      }
      // The guest decides whether the DIMM detaches.
      try await perform(.detachDevice, ["devices.stick.state": .word("absent")], guest, host)
    }

    @Test("libvirt fills exactly the PCI slots that count as free")
    func pciSlots() async throws {
      let guest = try Guest(
        "ports", GuestDefinition(memory: Self.ceiling, cells: [256 << 10]), in: lab)
      try guest.boot()
      let host = try await lab.connect()
      func free() async throws -> Int? {
        try await memory(guest, host, .live)?.surroundings.freePCISlots
      }
      var isTaken = true
      for number in 1..<20 where isTaken {
        let xml = "<controller type='scsi' index='\(number)' model='virtio-scsi'/>"
        let file = try lab.file("ports.xml", xml)
        let hasRoom = try #require(try await free()) > 0
        isTaken = (try? lab.virsh("attach-device", guest.name, file, "--live")) != nil
        #expect(isTaken == hasRoom, "controller \(number)")
      }
      #expect(!isTaken, "no port is left")
      // A device without a free port is attached at the next start.
      let device =
        "devices: {m: {model: virtio-mem, size: 64MiB, block: 2MiB, requested: 0KiB, node: 0}}"
      let plan = try guest.virtmem("plan", device, "-v")
      #expect(plan.status == 0 && plan.output.contains("no free PCI slot"), "\(plan)")
      let applied = try guest.virtmem("apply", device)
      #expect(applied.status == 0, "\(applied)")
      #expect(try await memory(guest, host, .live)?.devices.count == 0)
      #expect(try await memory(guest, host, .persistent)?.devices.count == 1)
      try lab.virsh("destroy", guest.name)
      try guest.startPaused()
      #expect(try await memory(guest, host, .live)?.devices.count == 1)
    }

    @Test("the client finds a device without an alias by its values")
    func withoutAlias() async throws {
      var definition = GuestDefinition(memory: Self.ceiling, cells: [256 << 10])
      definition.devices = StartTests.dimm(kibibytes: 128 << 10, node: 0)
      definition.devices += StartTests.virtioMem(mebibytes: 128, requested: 0, node: 0)
      let guest = try Guest("unaliased", definition, in: lab)
      try guest.boot()
      let host = try await lab.connect()
      let model = Change(
        field: FieldPath(.deviceModel, "v"), from: .word("virtio-mem"), to: .word("virtio-mem"))
      let requested = Change(
        field: FieldPath(.deviceRequested, "v"), from: .size(.zero), to: .size(.mebibytes(64)))
      try await host.perform(
        Call(.updateDevice, on: .live, changes: [model, requested]), uuid: guest.uuid)
      try await eventually("the guest has plugged 64 MiB", within: .seconds(30)) {
        try await memory(guest, host, .live)?.pluggedTotal == .mebibytes(64)
      }
      let gone = [
        Change(field: FieldPath(.deviceModel, "d"), from: .word("dimm"), to: .word("dimm")),
        Change(field: FieldPath(.deviceState, "d"), from: .word("present"), to: .word("absent")),
      ]
      do throws(HypervisorError) {
        try await host.perform(Call(.detachDevice, on: .live, changes: gone), uuid: guest.uuid)
      } catch {
        // The guest may refuse, but libvirt has found the device then.
        #expect(error.code == 9, "\(error)")
      }
    }

    @Test("each field is defined, read back and removed", arguments: Self.redefinitions)
    func eachField(
      _ values: [String: FieldValue]
    ) async throws {
      let guest = try Guest(
        "defined", GuestDefinition(memory: Self.ceiling, cells: [256 << 10]), in: lab)
      let host = try await lab.connect()
      let before = try #require(try await memory(guest, host, .persistent))
      let xml = try guest.xml(.persistent)
      try await perform(.redefine, values, guest, host)
      let after = try #require(try await memory(guest, host, .persistent))
      for (field, value) in values { #expect(after[try #require(FieldPath(field))] == value) }
      let back = try values.keys.map { key in
        let field = try #require(FieldPath(key))
        return Change(field: field, from: values[key], to: before[field])
      }
      try await host.perform(Call(.redefine, on: .persistent, changes: back), uuid: guest.uuid)
      // numad, once it chose the nodes, also chooses the processors, and their nodes with them.
      guard values["numatune.memory.placement"] == nil else { return }
      #expect(try guest.xml(.persistent) == xml)
    }

    static let redefinitions: [[String: FieldValue]] = {
      let node = FieldValue.nodes(NodeSet([0...0]))
      func device(_ model: String, _ more: [String: FieldValue]) -> [String: FieldValue] {
        var values: [String: FieldValue] = [
          "devices.x.model": .word(model), "devices.x.size": .size(.mebibytes(256)),
        ]
        for (key, value) in more { values["devices.x.\(key)"] = value }
        return values
      }
      return [
        ["dumpCore": .flag(false)], ["memtune.hardLimit": .size(.gibibytes(8))],
        ["memoryBacking.hugepages": .pages([Hugepage(size: .mebibytes(2))])],
        ["memoryBacking.hugepages": .word("default")],
        [
          "memoryBacking.hugepages":
            .pages([Hugepage(size: .gibibytes(1), cells: NodeSet([0...0]))])
        ],
        [
          "memoryBacking.sharePages": .flag(false), "memoryBacking.locked": .flag(true),
          "memoryBacking.source": .word("memfd"), "memoryBacking.access": .word("shared"),
          "memoryBacking.allocation.mode": .word("immediate"),
          "memoryBacking.allocation.threads": .count(4), "memoryBacking.discard": .flag(true),
        ],
        ["numatune.memory.mode": .word("preferred"), "numatune.memory.nodeset": node],
        ["numatune.memory.mode": .word("strict"), "numatune.memory.placement": .word("auto")],
        ["numatune.memnodes.0.mode": .word("interleave"), "numatune.memnodes.0.nodeset": node],
        ["numa.cells.0.access": .word("shared"), "numa.cells.0.discard": .flag(true)],
        ["memory": .size(.mebibytes(320)), "numa.cells.1.memory": .size(.mebibytes(64))],
        ["memory": .size(.mebibytes(320))], ["maxMemory.slots": .count(4)],
        ["memballoon.model": .word("none")], ["memballoon.model": .word("virtio-transitional")],
        [
          "memballoon.autodeflate": .flag(true), "memballoon.freePageReporting": .flag(true),
          "memballoon.statsPeriod": .seconds(5),
        ],
        device(
          "dimm",
          [
            "node": .count(0), "access": .word("private"), "discard": .flag(true),
            "pageSize": .size(.mebibytes(2)), "nodemask": node,
          ]),
        device(
          "virtio-mem",
          [
            "node": .count(0), "block": .size(.mebibytes(2)), "requested": .size(.mebibytes(64)),
          ]),
        device("virtio-pmem", ["path": .word("/tmp/a&b <c>\"'")]),
        device(
          "nvdimm",
          [
            "node": .count(0), "path": .word("/tmp/n"), "alignSize": .size(.mebibytes(2)),
            "labelSize": .size(.kibibytes(256)), "pmem": .flag(true), "readOnly": .flag(true),
          ]),
      ]
    }()

    private func perform(
      _ action: Action, _ values: [String: FieldValue], _ guest: Guest, _ host: LibvirtHost
    ) async throws {
      let plane = action == .redefine ? Plane.persistent : .live
      let before = try #require(try await memory(guest, host, plane))
      let changes = try values.map { text, value in
        let field = try #require(FieldPath(text))
        return Change(field: field, from: before[field], to: value)
      }
      try await host.perform(Call(action, on: plane, changes: changes), uuid: guest.uuid)
    }

    /// The definition, with its devices named by their aliases.
    private func memory(
      _ guest: Guest, _ host: LibvirtHost, _ plane: Plane
    ) async throws -> MemoryConfiguration? {
      let domain = try await host.observe(uuid: guest.uuid, .observed)
      guard var memory = domain[plane] else { return nil }
      memory.devices = memory.devices.map { device in
        var device = device
        device.name = device.alias
        return device
      }
      return memory
    }
  }
}
