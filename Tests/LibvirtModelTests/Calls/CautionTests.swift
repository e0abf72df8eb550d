// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

@Suite struct CautionTests {
  static let cautions: [(Rule, String, @Sendable (inout MemoryConfiguration) -> Void)] = [
    (.discardWithoutFile, "memoryBacking.discard", { $0.memoryBacking.discard = true }),
    (
      .numatuneAutoNeedsNumad, "numatune.memory.placement",
      {
        $0.numatune.memory.placement = .auto
        $0.surroundings.placesVCPUsByItself = true
      }
    ),
    (
      .hugepagesWithBalloon, "memoryBacking.hugepages",
      {
        $0.memoryBacking.hugepages = .ofDefaultSize
        $0.currentMemory = .exactly(.gibibytes(4))
      }
    ),
    (
      .hostDevicesWithBalloon, "currentMemory",
      {
        $0.surroundings.pinnings = 1
        $0.currentMemory = .exactly(.gibibytes(4))
      }
    ),
    (
      .hotplugAgainstHardLimit, "devices.a.size",
      {
        $0.surroundings.pinnings = 1
        // Huge pages count as locked memory, and not for the limit.
        $0.memoryBacking.hugepages = .pages([Hugepage(size: .mebibytes(2))])
        $0.memtune.hardLimit = .size(.gibibytes(10))
        $0.devices = [HotplugTests.device(.dimm)]
      }
    ),
    (
      .hugepageSizeUnknown, "memoryBacking.hugepages",
      { $0.memoryBacking.hugepages = .pages([Hugepage(size: .gibibytes(1))]) }
    ),
    (.accessMakesFile, "memoryBacking.access", { $0.memoryBacking.access = .some(.shared) }),
    (
      .accessMakesFile, "memoryBacking.access",
      {
        $0.memoryBacking.access = .some(.private)
        $0.memoryBacking.source = .some(.anonymous)
      }
    ),
    (
      .accessMakesFile, "numa.cells.0.access",
      {
        $0.cells = cells(1)
        $0.cells[0].access = .shared
      }
    ),
    (
      .processorsStayPlacedByNumad, "numatune.memory.nodeset",
      {
        $0.numatune.memory = binding(.strict)
        $0.surroundings.placesVCPUsByItself = true
      }
    ),
    (
      .restrictiveMemnodeBindsNothing, "numatune.memnodes.0.mode",
      {
        $0.cells = cells(1)
        var memnode = NUMAMemnode(cell: 0)
        (memnode.mode, memnode.nodeset) = (.restrictive, NodeSet([0...0]))
        $0.numatune.memnodes = [memnode]
      }
    ),
    (
      .launchSecurityKeepsMemory, "currentMemory",
      {
        $0.surroundings.launchSecurity = "sev"
        $0.currentMemory = .exactly(.gibibytes(4))
      }
    ),
    (
      .launchSecurityKeepsMemory, "devices.a.model",
      {
        $0.surroundings.launchSecurity = "s390-pv"
        $0.devices = [HotplugTests.device(.virtioMem)]
      }
    ),
    (
      .deviceAddressInMemory, "devices.a.address",
      {
        $0.devices = [HotplugTests.device(.virtioMem)]
        $0.devices[0].address = Address(bytes: 0x1_4000_0000)
      }
    ),
    (
      .hugepagesRoundedUp, "memory",
      {
        $0.memory = .mebibytes(8193)
        $0.memoryBacking.hugepages = .pages([Hugepage(size: .mebibytes(2))])
      }
    ),
    (
      .sgxNeedsHostSupport, "devices.a.model",
      { $0.devices = [HotplugTests.device(.sgxEpc)] }
    ),
  ]

  @Test(
    "the model warns about a change that may not have the desired effect",
    arguments: cautions.indices)
  func warns(index: Int) throws {
    let (rule, field, edit) = Self.cautions[index]
    let behaviour = GuestBehaviour(
      of: domain(), on: ObservedHost(pageSizes: [.kibibytes(4), .mebibytes(2)]))
    let definition = try #require(domain(edit).live)
    let plain = try #require(domain().live)
    let found = behaviour.cautions(
      about: definition, on: .persistent, changes: { $0 == path(field) })
    #expect(found.map(\.rule) == [rule] && found.map(\.field) == [path(field)])
    #expect(behaviour.cautions(about: definition, on: .persistent, changes: { _ in false }).isEmpty)
    #expect(
      behaviour.cautions(about: plain, on: .persistent, changes: { $0 == path(field) }).isEmpty)
  }

  @Test("the model warns about discard unless QEMU backs memory with a file")
  func discards() throws {
    func isWarned(_ edit: (inout MemoryConfiguration) -> Void) throws -> Bool {
      let definition = try #require(
        domain {
          $0.memoryBacking.discard = true
          edit(&$0)
        }.live)
      let found = GuestBehaviour(of: domain(), on: ObservedHost()).cautions(
        about: definition, on: .persistent, changes: { $0 == path("memoryBacking.discard") })
      return found.contains { $0.rule == .discardWithoutFile }
    }
    #expect(try isWarned { _ in })
    #expect(try !isWarned { $0.memoryBacking.access = .some(.shared) })
    #expect(try !isWarned { $0.memoryBacking.access = .some(.private) })
    #expect(try !isWarned { $0.memoryBacking.source = .some(.file) })
    #expect(try !isWarned { $0.memoryBacking.hugepages = .ofDefaultSize })
    #expect(try isWarned { $0.memoryBacking.source = .some(.memfd) })
    #expect(
      try isWarned {
        $0.memoryBacking.source = .some(.memfd)
        $0.memoryBacking.access = .some(.shared)
      })
    #expect(
      try isWarned {
        $0.cells = cells(2); $0.cells[0].access = .shared
      })
  }

  @Test("the model warns of the balloon of each guest whose memory QEMU does not discard")
  func keptMemory() throws {
    for (type, isWarned) in [("sev", true), ("sev-snp", true), ("s390-pv", true), ("tdx", false)] {
      let definition = try #require(
        domain {
          $0.surroundings.launchSecurity = type
          $0.currentMemory = .exactly(.gibibytes(4))
        }.live)
      let found = GuestBehaviour(of: domain(), on: ObservedHost()).cautions(
        about: definition, on: .live, changes: { _ in true })
      #expect(found.map(\.rule) == (isWarned ? [.launchSecurityKeepsMemory] : []))
    }
  }

  static let limitCases:
    [(String, Plane, (Rule, UInt64)?, @Sendable (inout MemoryConfiguration) -> Void)] = [
      ("memory", .persistent, (.hardLimitBelowMemory, 8), { _ in }),
      ("memory", .persistent, nil, { $0.memtune.hardLimit = .size(.gibibytes(9)) }),
      ("memtune.hardLimit", .live, (.hardLimitBelowMemory, 8), { _ in }),
      (
        "currentMemory", .live, (.hardLimitBelowMemory, 6),
        {
          $0.currentMemory = .exactly(.gibibytes(6))
          $0.memtune.hardLimit = .size(.gibibytes(6))
        }
      ),
      ("currentMemory", .live, nil, { $0.currentMemory = .exactly(.gibibytes(6)) }),
      ("numa.cells.1.memory", .persistent, (.hardLimitBelowMemory, 16), { $0.cells = cells(2) }),
      (
        "devices.a.size", .persistent, (.hardLimitBelowMemory, 12),
        { $0.devices = [HotplugTests.device(.dimm)] }
      ),
      (
        "devices.a.requested", .live, (.hardLimitBelowMemory, 10),
        {
          $0.currentMemory = .exactly(.gibibytes(10))
          $0.devices = [HotplugTests.device(.virtioMem, plugged: .gibibytes(2))]
        }
      ),
      (
        "memoryBacking.locked", .persistent, (.hardLimitBelowLocked, 8),
        {
          $0.memoryBacking.locked = true
          $0.surroundings.vcpus = 8
          $0.memtune.hardLimit = .size(.mebibytes(8192 + 819))
        }
      ),
      (
        "memoryBacking.locked", .persistent, nil,
        {
          $0.memoryBacking.locked = true
          $0.surroundings.vcpus = 8
          $0.memtune.hardLimit = .size(.mebibytes(8192 + 820))
        }
      ),
      ("memory", .persistent, nil, { $0.memoryBacking.hugepages = .ofDefaultSize }),
    ]

  @Test(
    "the model warns, at the changed field, about a limit below what the kernel charges",
    arguments: limitCases.indices)
  func limits(index: Int) throws {
    let (field, plane, expected, edit) = Self.limitCases[index]
    let definition = try #require(
      domain {
        $0.memtune.hardLimit = .size(.gibibytes(8))
        edit(&$0)
      }.live)
    let found = GuestBehaviour(of: domain(), on: ObservedHost()).cautions(
      about: definition, on: plane, changes: { $0 == path(field) }
    ).first { [.hardLimitBelowMemory, .hardLimitBelowLocked].contains($0.rule) }
    #expect(found?.rule == expected?.0)
    if let size = expected?.1 { #expect(found?.detail.contains(" \(size) GiB") == true) }
  }

  /// A host with 16 GiB, of which huge pages hold 4.
  private static let host16 = {
    var host = ObservedHost(pageSizes: [.kibibytes(4), .mebibytes(2)])
    host.totalMemory = .gibibytes(16)
    host.nodes = [
      HostNode(
        0, total: .gibibytes(10), pools: [HugepagePool(size: .mebibytes(2), total: 2048)]),
      HostNode(1, total: .gibibytes(6)),
    ]
    return host
  }()

  static let hostCases: [(Rule, [String], @Sendable (inout MemoryConfiguration) -> Void)] = [
    (
      .hardLimitBelowPinned, ["15 GiB", "8 GiB 2 times", "16 GiB"],
      {
        $0.surroundings.pinnings = 2
        $0.memtune.hardLimit = .size(.gibibytes(15))
      }
    ),
    (
      .hardLimitBelowPinned, ["7 GiB", "8 GiB once"],
      {
        $0.surroundings.pinnings = 1
        $0.memoryBacking.hugepages = .ofDefaultSize
        $0.memtune.hardLimit = .size(.gibibytes(7))
      }
    ),
    (
      .hardLimitAboveHost, ["13 GiB", "12 GiB"],
      { $0.memtune.hardLimit = .size(.gibibytes(13)) }
    ),
    (
      .lockedAboveHost, ["20 GiB", "12 GiB"],
      {
        $0.memory = .gibibytes(20)
        $0.memoryBacking.locked = true
      }
    ),
    (
      .lockedAboveHost, ["8 GiB", "node 0 of the host has 6 GiB"],
      {
        $0.memoryBacking.locked = true
        $0.numatune.memory.mode = .strict
        $0.numatune.memory.nodeset = NodeSet([0...0])
      }
    ),
    (
      // Both nodes together have enough.
      .lockedAboveHost, ["8 GiB would be locked, 7 GiB of it on node 0 of the host, which has 6"],
      {
        $0.memoryBacking.locked = true
        $0.cells = cells(2)
        ($0.cells[0].memory, $0.cells[1].memory) = (.gibibytes(7), .gibibytes(1))
        $0.numatune.memnodes = [
          NUMAMemnode(cell: 0, mode: .strict, nodeset: NodeSet([0...0])),
          NUMAMemnode(cell: 1, mode: .strict, nodeset: NodeSet([1...1])),
        ]
      }
    ),
    (
      // Of virtio-mem, devices of the host pin what is plugged.
      .hardLimitBelowPinned, ["10 GiB once: 10 GiB", "is plugged, it is 72 GiB."],
      {
        $0.surroundings.pinnings = 1
        $0.memtune.hardLimit = .size(.gibibytes(9))
        $0.devices = [
          MemoryDevice(
            model: .virtioMem, alias: "a", size: .gibibytes(64), requested: .gibibytes(2))
        ]
      }
    ),
  ]

  @Test("the model warns of limits and locked memory that the host can't hold", arguments: 0..<7)
  func hostLimits(index: Int) throws {
    let (rule, figures, edit) = Self.hostCases[index]
    let definition = try #require(domain(edit).persistent)
    let behaviour = GuestBehaviour(of: domain(), on: Self.host16)
    let found = behaviour.cautions(about: definition, on: .persistent, changes: { _ in true })
      .first { $0.rule == rule }
    #expect(figures.allSatisfy { found?.detail.contains($0) == true }, "\(found?.detail ?? "")")
  }

  @Test("huge pages are not locked, and limits that fit are not warned of")
  func fitting() throws {
    let definition = try #require(
      domain {
        $0.memory = .gibibytes(20)
        $0.memoryBacking.hugepages = .ofDefaultSize
        $0.memoryBacking.locked = true
        $0.memtune.hardLimit = .size(.gibibytes(12))
      }.persistent)
    let rules: Set<Rule> = [.hardLimitBelowPinned, .hardLimitAboveHost, .lockedAboveHost]
    let found = GuestBehaviour(of: domain(), on: Self.host16).cautions(
      about: definition, on: .persistent, changes: { _ in true })
    #expect(rules.isDisjoint(with: found.map(\.rule)))
  }

  @Test("a limit that is enough for what virtio-mem has plugged is not warned of")
  func unplugged() throws {
    let definition = try #require(
      domain {
        $0.memtune.hardLimit = .size(.gibibytes(12))
        $0.surroundings.pinnings = 1
        $0.devices = [
          MemoryDevice(
            model: .virtioMem, alias: "a", size: .gibibytes(64), requested: .gibibytes(2))
        ]
      }.persistent)
    let found = GuestBehaviour(of: domain(), on: ObservedHost()).cautions(
      about: definition, on: .persistent, changes: { $0.name == .hardLimit })
    #expect(!found.map(\.rule).contains(.hardLimitBelowPinned))
  }
}
