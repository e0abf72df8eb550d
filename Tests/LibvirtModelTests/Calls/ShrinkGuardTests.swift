// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Testing

/// How `policy.shrink` protects memory that a running guest would lose with its devices.
@Suite struct ShrinkGuardTests {
  /// A guest of 8 GiB with `devices`, which uses `held` GiB of all its memory.
  static func guest(holding held: UInt64?, _ devices: [MemoryDevice]) -> ObservedDomain {
    var guest = HotplugTests.guest(devices)
    guest.statistics = held.map { held in
      BalloonStatistics(
        actual: .gibibytes(8),
        usable: .gibibytes(8) + devices.compactMap(\.plugged).total - .gibibytes(held),
        ageSeconds: 1)
    }
    return guest
  }

  static let elastic = HotplugTests.device(.virtioMem, plugged: .gibibytes(4))
  static let lowered = HotplugTests.request(.gibibytes(1), from: .gibibytes(4))
  static let dimm = HotplugTests.device(.dimm)
  static let unplugged = HotplugTests.call(.detachDevice, dimm)

  static let cases: [(ShrinkPolicy, UInt64?, MemoryDevice, Call, Rule?)] = [
    (.guarded, 8, elastic, lowered, nil), (.guarded, 9, elastic, lowered, .shrinkBelowGuestUse),
    (.guarded, nil, elastic, lowered, .shrinkWithoutStatistics), (.allow, 9, elastic, lowered, nil),
    (.never, 1, elastic, lowered, .shrinkNever), (.guarded, 3, dimm, unplugged, nil),
    (.guarded, 4, dimm, unplugged, .shrinkBelowGuestUse),
    (.guarded, nil, dimm, unplugged, .shrinkWithoutStatistics),
    (.never, 1, dimm, unplugged, .shrinkNever), (.allow, nil, dimm, unplugged, nil),
    (
      .guarded, nil, HotplugTests.device(.nvdimm),
      HotplugTests.call(.detachDevice, HotplugTests.device(.nvdimm)), nil
    ),
    (
      .never, nil, HotplugTests.device(.nvdimm),
      HotplugTests.call(.detachDevice, HotplugTests.device(.nvdimm)), .shrinkNever
    ),
    (.never, nil, elastic, HotplugTests.request(.gibibytes(4), from: .gibibytes(1)), nil),
  ]

  @Test(
    "'shrink: guarded' leaves the guest the memory it uses and a tenth", arguments: cases.indices)
  func guarded(index: Int) {
    let (policy, held, device, call, expected) = Self.cases[index]
    var found: Rule?
    do throws(Refusal) {
      try ShrinkGuard(policy).check(call, on: Self.guest(holding: held, [device]))
    } catch {
      found = error.rule
    }
    #expect(found == expected, "\(policy) \(held.debugDescription) \(call.action)")
  }

  /// For a guest of 1000 MiB: its nodes, its new nodes, and each node's free memory in MiB.
  static let moves: [(ShrinkPolicy, String, String, [UInt64], Rule?)] = [
    (.guarded, "0", "1", [0, 999], .numatuneTargetFull), (.guarded, "0", "1", [0, 1000], nil),
    (.guarded, "0", "1-2", [0, 600, 399], .numatuneTargetFull),
    (.guarded, "0", "1-2", [0, 600, 400], nil),
    // Memory that stays on a kept node needs no room.
    (.guarded, "0", "0-1", [0, 0], nil), (.guarded, "0-1", "1", [0, 0], nil),
    // The guard doesn't count an unknown node as full.
    (.guarded, "0", "1", [], nil), (.guarded, "0", "1-2", [0, 1], nil),
    (.never, "0", "1", [0, 0], nil), (.allow, "0", "1", [0, 0], nil),
  ]

  @Test(
    "'shrink: guarded' moves a guest only to nodes with enough free memory",
    arguments: moves.indices)
  func moved(index: Int) throws {
    let (policy, origin, target, free, expected) = Self.moves[index]
    var guest = HotplugTests.guest([])
    guest.statistics = BalloonStatistics(resident: .mebibytes(1000))
    let change = Change(
      field: FieldPath(.numatuneNodeset), from: .nodes(try #require(NodeSet(origin))),
      to: .nodes(try #require(NodeSet(target))))
    let nodes = free.enumerated().map {
      HostNode(UInt32($0.offset), free: .mebibytes($0.element))
    }
    let guarded = ShrinkGuard(policy, nodes: nodes)
    var found: Rule?
    do throws(Refusal) {
      try guarded.check(Call(.setNumaParameters, on: .live, changes: [change]), on: guest)
    } catch {
      found = error.rule
    }
    #expect(found == expected, "\(policy) \(origin) to \(target)")
  }
}
