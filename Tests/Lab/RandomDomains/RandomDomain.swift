// SPDX-License-Identifier: Apache-2.0
import Foundation
import MemoryModel
import TestSupport

/// Random definitions and random calls on them; equal seeds give equal ones.
struct RandomDomain {
  /// The seed: `LAB_SEED` in the environment, otherwise a fixed one.
  static let seed =
    ProcessInfo.processInfo.environment["LAB_SEED"].flatMap { UInt64($0) } ?? 20_261_123

  private var generator: SeededGenerator

  init(seed: UInt64 = Self.seed) {
    generator = SeededGenerator(seed: seed)
  }

  // MARK: Dice

  mutating func next() -> UInt64 { generator.next() }

  mutating func pick<Element>(_ elements: [Element]) -> Element { generator.pick(elements) }

  mutating func oneIn(_ count: UInt64) -> Bool { generator.oneIn(count) }

  mutating func between(_ low: UInt64, _ high: UInt64) -> UInt64 { generator.between(low, high) }

  // MARK: Definitions

  /// A definition; one that can start has no limits and fits a small host.
  mutating func definition(canStart: Bool) -> GuestDefinition {
    var definition = GuestDefinition()
    let cells = pick([0, 0, 1, 1, 2, 3])
    definition.cells = (0..<cells).map { _ in between(65_536, 131_072) }
    let boot = cells == 0 ? between(131_072, 400_000) : definition.cells.reduce(0, +)
    var total = boot
    var elements = ""
    if cells > 0 && !oneIn(3) {
      for _ in 0..<between(0, 3) {
        let node = Int(next() % UInt64(cells))
        if oneIn(2) {
          let size = between(40, 70) * (canStart ? 2048 : 1500)
          total += size
          definition.devices += LabTests.StartTests.dimm(kibibytes: size, node: node)
        } else {
          let size = between(16, 64) * 2
          total += size << 10
          definition.devices += LabTests.StartTests.virtioMem(
            mebibytes: size, requested: between(0, size / 2) * 2, node: node)
        }
      }
      elements += "<maxMemory slots='8'>\(total + between(16_384, 262_144))</maxMemory>"
    }
    elements += "<memory>\(total)</memory>"
    if oneIn(2) { elements += "<currentMemory>\(between(65_536, total + 1000))</currentMemory>" }
    if !canStart { elements += tuning() }
    definition.memory = elements
    definition.balloon = pick([
      "", "<memballoon model='virtio'/>", "<memballoon model='none'/>",
      "<memballoon model='virtio'><stats period='\(between(1, 30))'/></memballoon>",
    ])
    return definition
  }

  private mutating func tuning() -> String {
    // libvirt doesn't compare hard_limit with swap_hard_limit when it defines a domain.
    let limits = ["hard_limit", "soft_limit", "swap_hard_limit"].map { name in
      oneIn(2) ? "" : "<\(name)>\(between(400_000, 4_000_000))</\(name)>"
    }
    return "<memtune>\(limits.joined())</memtune>"
  }

  // MARK: Calls

  /// A call on `domain`; libvirt must refuse about a third of them.
  mutating func call(on domain: ObservedDomain, planes: [Plane]) -> Call {
    let plane = pick(planes)
    let definition = domain[plane] ?? domain[.persistent] ?? MemoryConfiguration()
    switch next() % 10 {
    case 0, 1, 2:
      return Call(.setMaxMemory, on: plane, changes: [change(.memory, .size(boot(definition)))])
    case 3, 4, 5:
      return Call(
        .setMemory, on: plane, changes: [change(.currentMemory, .size(balloonTarget(definition)))])
    case 6, 7, 8:
      return Call(.setMemoryParameters, on: plane, changes: limits())
    default:
      return Call(
        .setMemoryStatsPeriod, on: plane, changes: [change(.statsPeriod, .seconds(between(0, 60)))])
    }
  }

  /// Any memory, and sizes around the largest one that fits below maxMemory.
  mutating func boot(_ definition: MemoryConfiguration) -> MemorySize {
    let size = MemorySize.kibibytes(between(65_536, 700_000))
    guard let ceiling = definition.maxMemory.size else { return size }
    let room = ceiling - definition.deviceTotal
    return pick([size, room, room + .kibibytes(1), room - .kibibytes(1)])
  }

  /// Any currentMemory, and sizes just above and below the reach and the total.
  mutating func balloonTarget(_ definition: MemoryConfiguration) -> MemorySize {
    let reach = definition.reach ?? .mebibytes(128)
    let total = (definition.memory ?? .zero) + definition.deviceTotal
    return pick([
      .kibibytes(between(65_536, 700_000)), .kibibytes(between(65_536, 200_000)), reach,
      reach + .kibibytes(1), reach - .kibibytes(1), total, total + .kibibytes(1),
    ])
  }

  mutating func limits() -> [Change] {
    if oneIn(12) { return [change(.minGuarantee, .size(.mebibytes(64)))] }
    let fields = pick(
      [
        [.hardLimit], [.swapHardLimit], [.softLimit], [.hardLimit, .swapHardLimit],
        [.hardLimit, .swapHardLimit], [.hardLimit, .softLimit, .swapHardLimit],
      ] as [[FieldPath]])
    return fields.map { change($0, limit()) }
  }

  mutating func limit() -> FieldValue {
    // Well above QEMU's own memory, below which the kernel refuses, and not libvirt.
    oneIn(4) ? .unlimited : .size(.kibibytes(between(900_000, 4_000_000)))
  }

  func change(_ field: FieldPath, _ value: FieldValue) -> Change {
    Change(field: field, from: nil, to: value)
  }

  // MARK: Calls that have an effect in a running guest

  /// A live call that libvirt accepts for a guest with `memory` at boot.
  mutating func effectiveCall(_ memory: MemorySize) -> Call {
    switch next() % 5 {
    case 0, 1:
      let balloonTarget = MemorySize.kibibytes(between(160_000, memory.bytes / 1024))
      return Call(.setMemory, on: .live, changes: [change(.currentMemory, .size(balloonTarget))])
    case 2, 3:
      let hard = between(900_000, 2_000_000)
      return Call(
        .setMemoryParameters, on: .live,
        changes: [
          change(.hardLimit, .size(.kibibytes(hard))),
          change(.softLimit, .size(.kibibytes(between(500_000, hard)))),
          change(.swapHardLimit, .size(.kibibytes(hard + between(0, 500_000)))),
        ])
    default:
      return Call(
        .setMemoryStatsPeriod, on: .live, changes: [change(.statsPeriod, .seconds(between(1, 60)))])
    }
  }
}
