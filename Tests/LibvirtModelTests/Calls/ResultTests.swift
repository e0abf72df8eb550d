// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// How libvirt carries out accepted calls, and how it completes definitions.
@Suite struct ResultTests {
  static let qemu = ObservedHost()

  /// What libvirt does with the memory of the fixture's guest.
  static func behaviour(on host: ObservedHost = qemu) -> GuestBehaviour {
    GuestBehaviour(of: domain(), on: host)
  }

  static func size(_ configuration: MemoryConfiguration?, _ field: FieldPath) -> MemorySize? {
    guard case .size(let size)? = configuration?[field] else { return nil }
    return size
  }

  @Test("a call changes only its plane and fields", arguments: Plane.allCases)
  func onePlane(plane: Plane) throws {
    let before = domain()
    let after = try Self.qemu.result(
      of: call(.setMemory, plane, (.currentMemory, gibibytes(6))), on: before)
    var expected = before
    expected[plane]?.currentMemory = .exactly(.gibibytes(6))
    #expect(after == expected)
  }

  @Test("a lowered memory lowers currentMemory too, and a raised one doesn't change it")
  func clamp() throws {
    func balloonTarget(_ memory: UInt64) throws -> MemorySize? {
      let call = call(.setMaxMemory, .persistent, (.memory, gibibytes(memory)))
      return Self.size(try Self.qemu.result(of: call, on: domain()).persistent, .currentMemory)
    }
    #expect(try balloonTarget(4) == .gibibytes(4))
    #expect(try balloonTarget(16) == .gibibytes(8))
  }

  @Test("a live currentMemory has whole pages plus virtio-mem's plugged memory")
  func liveCurrentMemory() throws {
    let elastic = domain {
      $0.devices = [
        MemoryDevice(model: .virtioMem, size: .gibibytes(4), plugged: .gibibytes(2))
      ]
    }
    let call = call(.setMemory, .live, (.currentMemory, .size(.kibibytes(4_194_305))))
    let after = try Self.qemu.result(of: call, on: elastic).live
    #expect(Self.size(after, .currentMemory) == .kibibytes(4_194_308) + .gibibytes(2))
  }

  @Test(
    "libvirt records a limit as given, although the kernel rounds it", arguments: Plane.allCases)
  func limit(plane: Plane) throws {
    let call = call(.setMemoryParameters, plane, (.hardLimit, .size(.kibibytes(4_194_307))))
    let after = try Self.qemu.result(of: call, on: domain())
    #expect(Self.size(after[plane], .hardLimit) == .kibibytes(4_194_307))
  }

  @Test("an omitted field means libvirt's default", arguments: Plane.allCases)
  func absence(plane: Plane) {
    let bare = Self.behaviour().normalised(MemoryConfiguration(), on: plane)
    #expect(bare[.hardLimit] == .unlimited && bare[.softLimit] == .unlimited)
    #expect(bare[.swapHardLimit] == .unlimited && bare[.minGuarantee] == nil)
    #expect(bare[.statsPeriod] == .seconds(0) && bare.memballoon.model == .virtio)
    #expect(bare.memory == nil && bare.currentMemory == nil)
    let other = Self.behaviour(on: ObservedHost(.test)).normalised(MemoryConfiguration(), on: plane)
    #expect(other.memballoon.model == nil)
  }

  /// A guest of 8 GiB, with a DIMM of 1 and a virtio-mem device of 4 with 2 plugged.
  private func balloonTarget(
    _ current: MemorySize?, _ plane: Plane, balloon: String = "virtio",
    driver: HypervisorDriver = .qemu
  ) -> MemorySize? {
    let definition = domain {
      $0.devices = [
        MemoryDevice(model: .dimm, size: .gibibytes(1)),
        MemoryDevice(model: .virtioMem, size: .gibibytes(4), plugged: .gibibytes(2)),
      ]
      $0.currentMemory = current.map(MemoryTarget.exactly)
      $0.memballoon.model = BalloonModel(rawValue: balloon)
    }
    let behaviour = Self.behaviour(on: ObservedHost(driver))
    return Self.size(definition[plane].map { behaviour.normalised($0, on: plane) }, .currentMemory)
  }

  @Test(
    "live currentMemory excludes virtio-mem's plugged memory, and persistent stays within reach")
  func normalisedCurrentMemory() {
    #expect(balloonTarget(.gibibytes(8), .live) == .gibibytes(6))
    #expect(balloonTarget(.gibibytes(1), .live) == .zero)
    #expect(balloonTarget(.gibibytes(8), .persistent) == .gibibytes(8))
    #expect(balloonTarget(.gibibytes(13), .persistent) == .gibibytes(9))
    #expect(balloonTarget(nil, .persistent) == .gibibytes(9))
  }

  @Test("without a balloon, currentMemory is all memory in reach", arguments: Plane.allCases)
  func noBalloon(plane: Plane) {
    #expect(balloonTarget(.gibibytes(13), plane, balloon: "none") == .gibibytes(9))
    #expect(
      balloonTarget(.gibibytes(4), .persistent, balloon: "none", driver: .test) == .gibibytes(9))
  }

  static let page: UInt64 = 4
  static let satisfied: [(FieldValue, FieldValue?, FieldPath, Plane, Bool)] = [
    (.size(.kibibytes(4097)), .size(.kibibytes(4100)), .currentMemory, .live, true),
    (.size(.kibibytes(4097)), .size(.kibibytes(4096)), .currentMemory, .live, false),
    (.size(.kibibytes(4097)), .size(.kibibytes(4100)), .currentMemory, .persistent, false),
    (.size(.kibibytes(8193)), .size(.kibibytes(9216)), .memory, .live, true),
    (.size(.kibibytes(8193)), .size(.kibibytes(9217)), .memory, .live, false),
    (.size(.kibibytes(8193)), .size(.kibibytes(9216)), .memory, .persistent, false),
    (.size(.kibibytes(4099)), .size(.kibibytes(4096)), .hardLimit, .live, true),
    (.size(.kibibytes(4100)), .size(.kibibytes(4096)), .softLimit, .live, false),
    (.size(.kibibytes(4099)), .size(.kibibytes(4096)), .hardLimit, .persistent, false),
    (.unlimited, .unlimited, .hardLimit, .live, true),
    (.unlimited, .size(.kibibytes(4096)), .hardLimit, .live, false),
    (.absence, nil, .minGuarantee, .persistent, true),
    (.absence, .size(.zero), .minGuarantee, .persistent, true),
    (.absence, .absence, .minGuarantee, .persistent, true),
    (.absence, .size(.kibibytes(4)), .minGuarantee, .persistent, false),
    (.size(.kibibytes(4)), nil, .minGuarantee, .persistent, false),
    (.seconds(10), .seconds(10), .statsPeriod, .live, true),
    (.seconds(10), .seconds(0), .statsPeriod, .live, false),
    (range(4096, 8192), .size(.kibibytes(4096)), .currentMemory, .persistent, true),
    (range(4096, 8192), .size(.kibibytes(8192)), .currentMemory, .persistent, true),
    (range(4096, 8192), .size(.kibibytes(8193)), .currentMemory, .persistent, false),
    (range(4096, 8192), .size(.kibibytes(4095)), .currentMemory, .persistent, false),
    (range(4097, 8193), .size(.kibibytes(8196)), .currentMemory, .live, true),
    (range(4097, 8193), .size(.kibibytes(4096)), .currentMemory, .live, false),
    (range(4096, 8192), nil, .currentMemory, .live, false),
  ]

  static func range(_ low: UInt64, _ high: UInt64) -> FieldValue {
    .sizeRange(.kibibytes(low)...(.kibibytes(high)))
  }

  @Test(
    "an observed value satisfies the desired one if libvirt rounds both to the same",
    arguments: satisfied.indices)
  func satisfies(index: Int) {
    let (desired, observed, field, plane, isSo) = Self.satisfied[index]
    #expect(
      Self.behaviour().satisfies(desired, observed, field: field, on: plane) == isSo,
      "\(desired) \(observed.debugDescription) \(field) \(plane)")
  }

  /// Persistent and live cells, a DIMM and currentMemory in KiB, and the normalised live value.
  static let starts: [(cells: [UInt64], dimm: UInt64, balloonTarget: UInt64, shown: UInt64)] = [
    ([66_561, 131_073, 66_561], 0, 267_264, 264_195),
    ([66_561, 131_073, 66_561], 0, 264_196, 264_196),
    ([262_144], 131_073, 395_264, 393_217),
    ([262_144], 131_073, 300_000, 300_000),
  ]

  @Test("the model undoes a start's rounding per cell and per DIMM", arguments: starts)
  func started(cells: [UInt64], dimm: UInt64, balloonTarget: UInt64, shown: UInt64) {
    func definition(_ cell: UInt64, _ device: UInt64) -> MemoryConfiguration {
      var definition = MemoryConfiguration()
      definition.cells = cells.enumerated().map {
        NUMACell(
          id: UInt32($0), memory: .kibibytes($1).roundedUp(toMultipleOf: .kibibytes(cell)))
      }
      definition.memory = definition.cells.compactMap(\.memory).total
      if dimm > 0 {
        let size = MemorySize.kibibytes(dimm).roundedUp(toMultipleOf: .kibibytes(device))
        definition.devices = [MemoryDevice(model: .dimm, size: size, node: 0)]
      }
      definition.currentMemory = .exactly(.kibibytes(balloonTarget))
      return definition
    }
    var running = domain()
    running.live = definition(1024, 2048)
    running.persistent = definition(1, 1)
    let live = Self.behaviour().normalised(running)[.live]
    #expect(live?.memory == running.persistent?.memory)
    #expect(live?.currentMemory == .exactly(.kibibytes(shown)))
  }

  @Test("libvirt doesn't compare a saved image's limits with a new limit")
  func limitsInSavedImage() throws {
    var saved = domain { $0.memtune.swapHardLimit = .size(.gibibytes(1)) }
    saved.isActive = false
    saved.persistent?.memtune.swapHardLimit = nil
    let raise = call(.setMemoryParameters, .persistent, (.hardLimit, gibibytes(2)))
    #expect(refusal(of: raise, on: saved) == nil)
    saved.isActive = true
    #expect(refusal(of: raise, on: saved) == .hardLimitAboveSwapHardLimit)
  }
}
