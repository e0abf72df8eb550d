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
}
