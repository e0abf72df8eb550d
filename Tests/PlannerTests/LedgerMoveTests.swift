// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

@testable import Planner

/// What steps take of a host and give back to it.
@Suite struct LedgerMoveTests {
  /// A guest of 8 GiB whose balloon leaves it `current` GiB.
  private static func guest(
    _ name: String, current: UInt64, pinnings: UInt8 = 0, security: String? = nil
  ) -> ObservedDomain {
    var definition = PlannerTests.guest(8, current: current)
    definition.surroundings.pinnings = pinnings
    definition.surroundings.launchSecurity = security
    return running(name, definition)
  }

  private static func balloon(_ name: String, _ target: UInt64) -> DesiredDomain {
    wanted(name) { $0.currentMemory = .exactly(.gibibytes(target)) }
  }

  @Test("a balloon that gives the host nothing makes no room for others, and a warning says why")
  func nothingGiven() {
    let cases: [(UInt8, String?, String?)] = [
      (0, nil, nil), (1, nil, "host-devices-with-balloon"),
      (0, "sev", "launch-security-keeps-memory"),
      (0, "sev-snp", "launch-security-keeps-memory"),
      (0, "s390-pv", "launch-security-keeps-memory"),
    ]
    for (pinnings, security, warning) in cases {
      let plan = LedgerTests.plan(
        [
          (
            Self.balloon("a", 4),
            Self.guest("a", current: 8, pinnings: pinnings, security: security)
          ),
          (Self.balloon("b", 8), Self.guest("b", current: 4)),
        ], free: [4], reserve: 3)
      #expect(plan.domains[1].rules == (warning == nil ? [] : ["host-reserve"]))
      #expect(plan.diagnostics.map(\.rule.name) == [warning].compactMap(\.self))
      #expect(
        plan.hosts[0].memory?.availableAfter == .gibibytes(4), "\(security ?? "") \(pinnings)")
    }
  }

  @Test("a balloon takes nothing of the host where devices pin all of the guest's memory")
  func pinned() {
    let pair = (Self.balloon("a", 8), Self.guest("a", current: 4, pinnings: 1))
    let plan = LedgerTests.plan([pair], free: [4], reserve: 4)
    #expect(plan.domains[0].blockers.isEmpty)
    #expect(plan.hosts[0].memory?.leastAvailable == .gibibytes(4))
  }

  @Test("virtio-mem of a guest whose memory QEMU does not discard gives the host nothing")
  func virtioMem() {
    for (security, after) in [(nil, 6), ("sev", 4)] as [(String?, UInt64)] {
      var guest = LedgerTests.guest("a", on: nil)
      var device = MemoryDevice(
        model: .virtioMem, alias: "e", size: .gibibytes(8), node: 0, block: .mebibytes(2),
        requested: .gibibytes(2))
      guest.persistent?.devices = [device]
      device.plugged = .gibibytes(2)
      guest.live?.devices = [device]
      guest.live?.currentMemory = .exactly(.gibibytes(6))
      guest.live?.surroundings.launchSecurity = security
      let asked = wanted("a") { $0.devices = [MemoryDevice(name: "e", requested: .zero)] }
      let plan = LedgerTests.plan([(asked, guest)], free: [4], reserve: 0)
      #expect(plan.hosts[0].memory?.availableAfter == .gibibytes(after))
    }
  }

  @Test("persistent memory is a file or a device, and takes nothing of the host's memory")
  func persistentMemory() {
    let asked = wanted("a") {
      var device = MemoryDevice(
        model: .nvdimm, name: "p", alias: "p", size: .gibibytes(64), node: 0)
      device.path = "/dev/dax1.0"
      $0.devices = [device]
    }
    var guest = LedgerTests.guest("a", on: nil)
    for plane in [Plane.live, .persistent] { guest[plane]?.maxMemory.size = .gibibytes(256) }
    let plan = LedgerTests.plan([(asked, guest)], free: [4], reserve: 4)
    #expect(plan.domains[0].rules == [] && plan.domains[0].verdict == .change)
    #expect(plan.hosts[0].memory?.leastAvailable == .gibibytes(4))
  }

  /// The rules for a guest of 20 GiB that moves to other nodes; a node has 64 GiB, of which huge
  /// pages hold 1 where the test gives no other figures.
  private static func rules(
    _ origin: String, _ target: String, free: [UInt64], total: [UInt64], resident: UInt64?
  ) -> Set<String> {
    var definition = PlannerTests.guest(20)
    (definition.numatune.memory.mode, definition.numatune.memory.nodeset) =
      (.restrictive, NodeSet(origin))
    var guest = running("a", definition)
    guest.statistics = BalloonStatistics(resident: resident.map(MemorySize.gibibytes))
    var host = host([guest], available: .gibibytes(free.reduce(0, +)))
    host.nodes = zip(free, total).enumerated().map { number, figures in
      HostNode(
        UInt32(number), total: .gibibytes(figures.1), free: .gibibytes(figures.0),
        pools: [HugepagePool(size: .mebibytes(2), total: 512, free: 512)])
    }
    let asked = wanted("a") { $0.numatune.memory.nodeset = NodeSet(target) }
    let plan = HostPlanner(DesiredHost(name: "hv01"), observed: host).plan([(asked, guest)])
    return Set(plan.domains[0].rules)
  }

  @Test(
    "of a move to fewer nodes, what surely does not fit on those that the guest keeps is refused")
  func fewerNodes() {
    // Node 1 holds 20 GiB besides its pages, whatever of the guest is there now.
    #expect(Self.rules("0-1", "1", free: [2, 6], total: [24, 21], resident: 20) == [])
    #expect(
      Self.rules("0-1", "1", free: [2, 6], total: [24, 20], resident: 20) == ["host-node-full"])
    // A new node has only what is free on it.
    #expect(Self.rules("0-1", "1-2", free: [2, 6, 4], total: [24, 17, 24], resident: 20) == [])
    #expect(
      Self.rules("0-1", "1-2", free: [2, 6, 3], total: [24, 17, 24], resident: 20)
        == ["host-node-full"])
    // More nodes move nothing.
    #expect(Self.rules("1", "0-1", free: [0, 0], total: [24, 24], resident: 20) == [])
  }

  @Test(
    "without statistics of QEMU, a move to other nodes takes what the balloon leaves to the guest")
  func withoutStatistics() {
    #expect(Self.rules("0", "1", free: [2, 20], total: [24, 24], resident: nil) == [])
    #expect(
      Self.rules("0", "1", free: [2, 19], total: [24, 24], resident: nil) == ["host-node-full"])
    // No more moves than is in use on the node that the guest leaves: 3 GiB.
    #expect(Self.rules("0", "1", free: [20, 3], total: [24, 24], resident: nil) == [])
    #expect(
      Self.rules("0", "1", free: [20, 2], total: [24, 24], resident: nil) == ["host-node-full"])
  }
}
