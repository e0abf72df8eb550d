// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import TestSupport
import Testing

/// How a host's memory limits what its domains may take; sizes in GiB.
@Suite struct BudgetTests {
  /// The plan of 16 GiB guests, each with its current and its desired size, with 8 GiB reserved.
  static func plan(
    _ guests: [(name: String, has: UInt64, wants: UInt64)], available: UInt64?,
    reserve: UInt64? = 8,
    isReversed: Bool = false
  ) -> Plan {
    let pairs = guests.map { entry in
      (
        desired: wanted(entry.name) { $0.currentMemory = .exactly(.gibibytes(entry.wants)) },
        observed: running(entry.name, guest(16, current: entry.has))
      )
    }
    let observed = host(pairs.map(\.observed), available: available.map(MemorySize.gibibytes))
    let desired = DesiredHost(name: "hv01", reserve: reserve.map(MemorySize.gibibytes))
    return HostPlanner(desired, observed: observed).plan(isReversed ? pairs.reversed() : pairs)
  }

  private func verdicts(_ plan: Plan) -> [Verdict] { plan.domains.map(\.verdict) }

  @Test("the planner lets a guest grow down to exactly the host's reserve")
  func fitsToTheByte() {
    #expect(verdicts(Self.plan([("a", 4, 8)], available: 12)) == [.change])
    #expect(verdicts(Self.plan([("a", 4, 9)], available: 12)) == [.blocked])
  }

  @Test("the planner blocks no growth on a host without a reserve")
  func noReserve() {
    #expect(verdicts(Self.plan([("a", 4, 16)], available: 1, reserve: nil)) == [.change])
  }

  @Test(
    "the planner considers domains in order of their names, and plans each that still fits",
    arguments: [false, true])
  func orderOfNames(isReversed: Bool) {
    let guests: [(name: String, has: UInt64, wants: UInt64)] = [
      ("a", 4, 6), ("b", 4, 10), ("c", 4, 6),
    ]
    let plan = Self.plan(guests, available: 12, isReversed: isReversed)
    #expect(plan.domains.map(\.name) == ["a", "b", "c"])
    #expect(verdicts(plan) == [.change, .blocked, .change])
    #expect(plan.domains[1].rules == ["host-reserve"])
    #expect(plan.domains[1].steps.isEmpty)
  }

  @Test("a guest may take the memory that others give, and its step then needs theirs")
  func needsGivers() {
    let plan = Self.plan([("a", 4, 8), ("b", 8, 4)], available: 8)
    #expect(verdicts(plan) == [.change, .change])
    let taking = plan.domains[0].steps.first { $0.plane == .live }
    let giving = plan.domains[1].steps.first { $0.plane == .live }
    #expect(taking?.needs == giving.map { [$0.id] })
    #expect(plan.steps.count { !$0.needs.isEmpty } == 1)
  }

  @Test("a step that fits without the others' memory needs no other step")
  func noNeeds() {
    let plan = Self.plan([("a", 4, 8), ("b", 8, 4)], available: 12)
    #expect(plan.steps.count == 4 && plan.steps.allSatisfy { $0.needs.isEmpty })
  }

  @Test(
    "on a host below its reserve, guests grow only by memory that others give beyond it")
  func belowReserve() {
    #expect(verdicts(Self.plan([("a", 8, 4)], available: 4)) == [.change])
    #expect(verdicts(Self.plan([("a", 4, 5)], available: 4)) == [.blocked])
    // 4 GiB are missing: what b gives first refills the reserve.
    #expect(verdicts(Self.plan([("a", 4, 5), ("b", 8, 4)], available: 4)) == [.blocked, .change])
    #expect(verdicts(Self.plan([("a", 4, 5), ("b", 9, 4)], available: 4)) == [.change, .change])
  }

  @Test("growth of only the persistent definition takes no memory from the host")
  func persistentGrowth() {
    var off = running("a", guest(16, current: 4))
    (off.live, off.isActive, off.state) = (nil, false, .shutOff)
    let declared = wanted("a") { $0.currentMemory = .exactly(.gibibytes(16)) }
    let plan = HostPlanner(
      DesiredHost(name: "hv01", reserve: .gibibytes(8)),
      observed: host([off], available: .gibibytes(1))
    ).plan([(declared, off)])
    #expect(verdicts(plan) == [.change])
  }

  @Test("the planner doesn't count on memory from a suspended or blocked domain")
  func notGiven() {
    let taker = wanted("a") { $0.currentMemory = .exactly(.gibibytes(8)) }
    var suspended = wanted("b") { $0.currentMemory = .exactly(.gibibytes(4)) }
    suspended.suspension = Suspension()
    let blocked = wanted("b", shrink: .never) { $0.currentMemory = .exactly(.gibibytes(4)) }
    for giver in [suspended, blocked] {
      let small = running("a", guest(16, current: 4))
      let large = running("b", guest(16, current: 8))
      let plan = HostPlanner(
        DesiredHost(name: "hv01", reserve: .gibibytes(8)),
        observed: host([small, large], available: .gibibytes(8))
      ).plan([(taker, small), (giver, large)])
      #expect(plan.domains[0].rules == ["host-reserve"])
    }
  }

  @Test("an unknown amount of available memory blocks nothing and is reported once")
  func unknownMemory() {
    let plan = Self.plan([("a", 4, 16), ("b", 4, 16)], available: nil)
    #expect(verdicts(plan) == [.change, .change])
    #expect(plan.diagnostics.map(\.rule) == ["host-memory-unknown"])
  }

  @Test(
    "a plan tells how much of the host's memory is available before, during and after it",
    arguments: [
      // The step that takes may come first, and takes 4 GiB.
      (20, nil, least: 16, after: 17), (20, 8, least: 16, after: 17),
      // It waits for the other's 1 GiB, because it would else reach the reserve.
      (11, 8, least: 8, after: 8),
    ] as [(UInt64, UInt64?, least: UInt64, after: UInt64)])
  func reported(available: UInt64, reserve: UInt64?, least: UInt64, after: UInt64) {
    let plan = Self.plan([("a", 4, 8), ("b", 8, 7)], available: available, reserve: reserve)
    #expect(
      plan.hosts[0].memory
        == HostMemory(
          available: .gibibytes(available), leastAvailable: .gibibytes(least),
          availableAfter: .gibibytes(after)))
  }

  @Test("a plan without steps changes nothing of the host's memory, and knows none of some drivers")
  func unmoved() {
    let memory = HostMemory(available: .gibibytes(4))
    #expect(Self.plan([], available: 4, reserve: 8).hosts[0].memory == memory)
    #expect(Self.plan([], available: nil, reserve: 8).hosts[0].memory == nil)
  }
}

/// What a plan reports once per host.
@Suite struct HostRemarkTests {
  @Test("a plan reports an unsupported libvirt or an untried driver once per host")
  func versions() {
    var observed = host([running("a", guest(4)), running("b", guest(4))])
    observed.libvirt = Version(8, 0, 0)
    let pairs = observed.domains.map { domain in
      (desired: wanted(domain.name) { $0.memory = .gibibytes(4) }, observed: domain)
    }
    func remarks() -> [String] {
      HostPlanner(DesiredHost(name: "hv01"), observed: observed).plan(pairs).diagnostics
        .map(\.rule.name)
    }
    #expect(remarks() == ["libvirt-older-than-supported"])
    observed.libvirt = Version(9, 0, 0)
    #expect(remarks() == [])
    observed.driver = .xen
    #expect(remarks() == ["driver-not-tried"])
    observed.driver = .test
    #expect(remarks() == [])
  }

  @Test("a plan reports the size of a move to other nodes and blocks it if they lack room")
  func movesToOtherNodes() {
    var definition = guest(8)
    definition.numatune.memory.mode = .restrictive
    definition.numatune.memory.nodeset = NodeSet([0...0])
    var moving = running("web-01", definition)
    moving.statistics = BalloonStatistics(resident: .mebibytes(1000))
    let asked = wanted(shrink: .guarded) { $0.numatune.memory.nodeset = NodeSet([1...1]) }
    for (free, isBlocked) in [(1200, false), (486, true)] as [(UInt64, Bool)] {
      var there = host([moving])
      there.nodes = [HostNode(0, free: .zero), HostNode(1, free: .mebibytes(free))]
      let plan = HostPlanner(DesiredHost(name: "default"), observed: there)
        .plan([(asked, moving)])
      #expect(
        plan.domains[0].blockers.map(\.rule) == (isBlocked ? ["numatune-target-full"] : []))
      #expect(
        plan.domains[0].blockers.map(\.summary)
          == (isBlocked ? ["QEMU holds 1000 MiB, and node 1 has 486 MiB free"] : []))
      #expect(plan.domains[0].steps.count == (isBlocked ? 0 : 2))
      let told = plan.diagnostics.filter { $0.rule == "numatune-moves-pages" }
      #expect(told.count == (isBlocked ? 0 : 1))
      #expect(told.allSatisfy { $0.detail.hasPrefix("QEMU holds 1000 MiB.") })
    }
  }
}
