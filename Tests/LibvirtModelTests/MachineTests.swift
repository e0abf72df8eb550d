// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// A libvirt and a QEMU that virtmem was tried with.
struct TriedHost: Sendable, CustomTestStringConvertible {
  let libvirt: Version
  let qemu: Version

  init(_ libvirt: (Int, Int), _ qemu: (Int, Int)) {
    self.libvirt = Version(libvirt.0, libvirt.1, 0)
    self.qemu = Version(qemu.0, qemu.1, 0)
  }

  static let bullseye = TriedHost((7, 0), (5, 2))
  static let bookworm = TriedHost((9, 0), (7, 2))
  static let trixie = TriedHost((11, 3), (10, 0))
  static let backports = TriedHost((12, 9), (11, 1))
  static let all = [bullseye, bookworm, trixie, backports]

  var testDescription: String { "\(libvirt)" }
}

/// A guest on one host.
struct TriedGuest {
  let host: ObservedHost
  var domain: ObservedDomain

  init(_ machine: String, on host: TriedHost, pageSizes: [MemorySize] = []) {
    self.host = ObservedHost(libvirt: host.libvirt, qemu: host.qemu, pageSizes: pageSizes)
    let parts = machine.split(separator: "/").map(String.init)
    domain = LibvirtModelTests.domain {
      $0.memballoon.model = nil
      $0.surroundings.machine = parts[1]
    }
    domain.architecture = parts[0]
  }

  var behaviour: GuestBehaviour { GuestBehaviour(of: domain, on: host) }

  /// The name of the constraint that refuses a redefinition; nil if the model accepts it.
  func refusal(_ changes: [(String, FieldValue)]) -> String? {
    let call = Call(
      .redefine, on: .persistent,
      changes: changes.map {
        Change(field: path($0.0), from: domain.persistent?[path($0.0)], to: $0.1)
      })
    do throws(Refusal) {
      _ = try behaviour.result(of: call, on: domain)
      return nil
    } catch {
      return error.rule.name
    }
  }
}

/// How libvirt treats maxMemory of a guest without cells.
enum TriedCeiling: Sendable {
  case alone
  case withCell
  case refused(String)
}

/// What depends on a guest's architecture and machine type, on the versions that were tried.
@Suite struct MachineTests {
  static let ceiling: [(String, FieldValue)] = [
    ("maxMemory.size", gibibytes(64)), ("maxMemory.slots", .count(4)),
  ]

  static func device(_ model: MemoryDevice.Model, node: Bool) -> [(String, FieldValue)] {
    var fields: [(String, FieldValue)] = [
      ("devices.d.model", model.fieldValue), ("devices.d.size", gibibytes(1)),
    ]
    if node && model != .virtioPmem { fields.append(("devices.d.node", .count(0))) }
    switch model {
    case .virtioMem: fields.append(("devices.d.block", .size(.mebibytes(2))))
    case .nvdimm:
      fields += [("devices.d.path", .word("/p")), ("devices.d.labelSize", .size(.kibibytes(256)))]
    case .virtioPmem: fields.append(("devices.d.path", .word("/p")))
    case .dimm, .sgxEpc: break
    }
    return fields
  }

  // MARK: The balloon

  /// Whether a machine has a balloon that its definition doesn't declare, by tried versions.
  static let balloons: [(String, [Bool])] = [
    ("x86_64/pc-q35-7.2", [true, true, true, true]), ("i686/pc", [true, true, true, true]),
    ("x86_64/isapc", [true, true, true, false]), ("x86_64/microvm", [true, true, true, false]),
    ("aarch64/virt-7.2", [false, false, false, false]),
    ("armv7l/virt", [false, false, false, false]),
    ("ppc64le/pseries-7.2", [true, true, true, true]),
    ("s390x/s390-ccw-virtio-7.2", [true, true, true, true]),
    ("riscv64/virt", [true, true, true, false]),
    ("loongarch64/virt", [false, false, false, false]),
    ("m68k/virt", [true, true, false, false]), ("alpha/clipper", [true, true, true, true]),
  ]

  @Test(
    "a definition without a balloon gets libvirt's default for its machine and version",
    arguments: balloons)
  func defaultBalloon(machine: String, hasOne: [Bool]) {
    for (host, hasOne) in zip(TriedHost.all, hasOne) {
      let guest = TriedGuest(machine, on: host)
      for plane in Plane.allCases {
        let model = guest.behaviour.normalised(guest.domain)[plane]?.memballoon.model
        #expect(model == (hasOne ? .virtio : .noDevice), "libvirt \(host.libvirt)")
      }
    }
  }

  @Test("a guest without libvirt's default balloon has no statistics and no autodeflate")
  func noBalloon() {
    let arm = TriedGuest("aarch64/virt", on: .bookworm)
    #expect(arm.refusal([("memballoon.statsPeriod", .seconds(5))]) == "no-balloon-device")
    #expect(arm.refusal([("memballoon.autodeflate", .flag(true))]) == "no-balloon-device")
    #expect(
      arm.refusal([
        ("memballoon.model", BalloonModel.virtio.fieldValue),
        ("memballoon.autodeflate", .flag(true)), ("memballoon.statsPeriod", .seconds(5)),
      ]) == nil)
    #expect(
      TriedGuest("x86_64/pc", on: .bookworm).refusal([("memballoon.statsPeriod", .seconds(5))])
        == nil)
  }

  // MARK: Memory devices

  /// The models that each machine supports, by tried versions, with cells where it supports them.
  static let devices: [(String, [TriedHost], Set<MemoryDevice.Model>)] = [
    (
      "x86_64/pc-q35-7.2", [.trixie, .backports],
      [.dimm, .nvdimm, .virtioMem, .virtioPmem, .sgxEpc]
    ),
    ("x86_64/isapc", [.bookworm, .backports], []),
    ("x86_64/microvm", [.backports], [.dimm]),
    ("aarch64/virt-7.2", [.bookworm, .trixie, .backports], [.dimm, .nvdimm, .virtioMem]),
    ("armv7l/vexpress-a15", [.bookworm], []),
    ("ppc64le/pseries", [.bookworm, .trixie, .backports], [.dimm, .nvdimm]),
    ("ppc64/powernv9", [.trixie], []),
    ("s390x/s390-ccw-virtio", [.bookworm], []),
    ("s390x/s390-ccw-virtio", [.trixie, .backports], [.virtioMem]),
    ("riscv64/virt", [.trixie, .backports], []),
    ("loongarch64/virt", [.trixie, .backports], [.dimm]),
  ]

  @Test("a guest takes exactly the memory devices that its machine supports", arguments: devices)
  func takenDevices(machine: String, hosts: [TriedHost], models: Set<MemoryDevice.Model>) {
    for host in hosts {
      for model in [MemoryDevice.Model.dimm, .nvdimm, .virtioMem, .virtioPmem, .sgxEpc] {
        var guest = TriedGuest(machine, on: host)
        let hasCells = !machine.hasPrefix("s390x")
        if hasCells { guest.domain.persistent?.cells = [NUMACell(id: 0, memory: .gibibytes(8))] }
        // With a maxMemory from before, no refusal can blame its change.
        guest.domain.persistent?.maxMemory = MaxMemory(size: .gibibytes(64), slots: 4)
        let found = guest.refusal(Self.device(model, node: hasCells))
        #expect(
          found == (models.contains(model) ? nil : "memory-device-not-on-machine"),
          "\(model.rawValue) on libvirt \(host.libvirt)")
      }
    }
  }

  // MARK: Ceilings and cells

  private static let needsCell = TriedCeiling.refused("max-memory-needs-numa-cell")
  private static let takesNoCell = TriedCeiling.refused("numa-cells-not-on-machine")

  static let ceilings: [(String, [TriedCeiling])] = [
    ("x86_64/pc", [needsCell, needsCell, .withCell, .withCell]),
    ("aarch64/virt", [needsCell, needsCell, .withCell, .alone]),
    ("armv7l/virt", [needsCell, needsCell, .withCell, .alone]),
    ("ppc64le/pseries", [.alone, .alone, .withCell, .withCell]),
    ("s390x/s390-ccw-virtio", [needsCell, needsCell, .alone, .alone]),
    ("riscv64/virt", [needsCell, needsCell, .withCell, .withCell]),
    ("loongarch64/virt", [needsCell, needsCell, .withCell, .withCell]),
    (
      "x86_64/isapc",
      [TriedCeiling](repeating: .refused("max-memory-not-on-machine"), count: 4)
    ),
    (
      "ppc64/powernv9",
      [TriedCeiling](repeating: .refused("max-memory-not-on-machine"), count: 4)
    ),
  ]

  @Test(
    "maxMemory of a guest without cells has the same effect as in libvirt",
    arguments: ceilings)
  func plannedCeiling(machine: String, results: [TriedCeiling]) throws {
    for (host, expected) in zip(TriedHost.all, results) {
      let guest = TriedGuest(machine, on: host)
      let call = Call(
        .redefine, on: .persistent,
        changes: Self.ceiling.map { Change(field: path($0.0), from: nil, to: $0.1) })
      let found = Result { () throws(Refusal) in
        try guest.behaviour.result(of: call, on: guest.domain).persistent?.cells.count
      }
      switch (expected, found) {
      case (.alone, .success(0)), (.withCell, .success(1)): break
      case (.refused(let rule), .failure(let refusal)):
        #expect(refusal.rule.name == rule, "libvirt \(host.libvirt)")
      default: Issue.record("\(found) on libvirt \(host.libvirt)")
      }
    }
  }

  @Test(
    "a guest takes cells only if its machine supports them",
    arguments: [
      ("s390x/s390-ccw-virtio", false), ("ppc64/powernv9", false), ("armv7l/vexpress-a15", false),
      ("aarch64/virt", true), ("aarch64/sbsa-ref", true), ("ppc64le/pseries", true),
      ("x86_64/isapc", true), ("x86_64/microvm", true), ("loongarch64/virt", true),
      ("riscv64/virt", true),
    ])
  func takenCells(machine: String, areTaken: Bool) {
    let found = TriedGuest(machine, on: .trixie).refusal([("numa.cells.0.memory", gibibytes(8))])
    #expect(found == (areTaken ? nil : "numa-cells-not-on-machine"))
  }

  @Test("libvirt 9.0 refuses a RISC-V guest with cells")
  func cellsOfRISCV() {
    let found = TriedGuest("riscv64/virt", on: .bookworm).refusal([
      ("numa.cells.0.memory", gibibytes(8))
    ])
    #expect(found == "numa-cells-not-on-machine")
  }

  // MARK: Sizes

  @Test(
    "the smallest virtio-mem block is the host's huge page",
    arguments: [
      ("x86_64/pc", 4, 2048), ("aarch64/virt", 4, 2048), ("aarch64/virt", 16, 32768),
      ("aarch64/virt", 64, 524_288), ("s390x/s390-ccw-virtio", 4, 1024),
    ] as [(String, UInt64, UInt64)])
  func leastBlock(machine: String, page: UInt64, least: UInt64) {
    var guest = TriedGuest(machine, on: .trixie, pageSizes: [.kibibytes(page)])
    guest.domain.persistent?.maxMemory = MaxMemory(size: .gibibytes(64), slots: 4)
    let hasCells = !machine.hasPrefix("s390x")
    if hasCells { guest.domain.persistent?.cells = [NUMACell(id: 0, memory: .gibibytes(8))] }
    func refusal(_ block: UInt64) -> String? {
      var fields = Self.device(.virtioMem, node: hasCells).filter { $0.0 != "devices.d.block" }
      fields.append(("devices.d.block", .size(.kibibytes(block))))
      return guest.refusal(fields)
    }
    #expect(refusal(least) == nil)
    #expect(refusal(least / 2) == "virtio-mem-block-too-small")
  }

  @Test(
    "memory that a start rounded satisfies the desired size",
    arguments: [
      ("x86_64/pc", 525_312), ("aarch64/virt", 525_312), ("armv7l/virt", 525_312),
      ("ppc64le/pseries", 786_432), ("s390x/s390-ccw-virtio", 525_312), ("riscv64/virt", 525_312),
      ("loongarch64/virt", 525_312),
    ] as [(String, UInt64)])
  func bootAlignment(machine: String, live: UInt64) throws {
    var guest = TriedGuest(machine, on: .trixie)
    guest.domain.live?.memory = .kibibytes(live)
    let behaviour = guest.behaviour
    let observed = try #require(behaviour.normalised(guest.domain)[.live]?[.memory])
    func holds(_ size: UInt64) -> Bool {
      behaviour.satisfies(.size(.kibibytes(size)), observed, field: .memory, on: .live)
    }
    #expect(holds(524_289))
    #expect(!holds(524_288))
  }
}
