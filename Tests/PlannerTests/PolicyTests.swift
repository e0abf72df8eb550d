// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import Testing

@Suite struct PolicyTests {
  static let lower: @Sendable (inout MemoryConfiguration) -> Void = { configuration in
    configuration.currentMemory = .exactly(.gibibytes(6))
    configuration.memtune.hardLimit = .size(.gibibytes(10))
  }

  static func domain(_ statistics: BalloonStatistics? = nil) -> ObservedDomain {
    var domain = running("web-01", guest(8))
    domain.live?.memtune.hardLimit = .size(.gibibytes(16))
    domain.persistent?.memtune.hardLimit = .size(.gibibytes(16))
    domain.statistics = statistics
    return domain
  }

  @Test("'shrink: allow' takes memory from a guest as declared")
  func shrinkAllow() {
    #expect(plan(wanted(shrink: .allow, Self.lower), on: Self.domain()).steps.count == 4)
  }

  @Test("'shrink: never' blocks each step that takes memory, on both planes")
  func shrinkNever() {
    let plan = plan(wanted(shrink: .never, Self.lower), on: Self.domain())
    #expect(plan.steps.isEmpty && plan.rules == ["shrink-never", "shrink-never"])
  }

  @Test("'shrink: never' allows the persistent change of a guest that already has less")
  func neverPersistent() {
    var domain = Self.domain()
    domain.live?.currentMemory = .exactly(.gibibytes(6))
    domain.live?.memtune.hardLimit = .size(.gibibytes(10))
    #expect(
      plan(wanted(shrink: .never, Self.lower), on: domain).moves
        == ["persistent currentMemory", "persistent memtune.hardLimit"])
  }

  @Test("'shrink: guarded' needs recent statistics, measured against their period")
  func guardedStatistics() {
    func verdict(_ age: UInt64?, period: UInt64, usable: UInt64? = 7) -> Verdict? {
      var domain = Self.domain(
        BalloonStatistics(
          actual: .gibibytes(8), usable: usable.map(MemorySize.gibibytes), resident: nil,
          ageSeconds: age))
      domain.live?.memballoon.statsPeriod = StatisticsPeriod(seconds: period)
      return plan(wanted(shrink: .guarded, Self.lower), on: domain).verdict(of: .currentMemory)
    }
    #expect(verdict(30, period: 5) == .change)
    #expect(verdict(31, period: 5) == .blocked)
    #expect(verdict(60, period: 20) == .change)
    #expect(verdict(61, period: 20) == .blocked)
    #expect(verdict(nil, period: 20) == .blocked)
    #expect(verdict(1, period: 20, usable: nil) == .blocked)
  }

  @Test(
    "'shrink: guarded' leaves the guest the memory it uses and a margin",
    arguments: [
      // It uses 5 GiB, and a tenth of that is the margin: 5632 MiB.
      (MemorySize.gibibytes(3), 5632 as UInt64, Verdict.change),
      (.gibibytes(3), 5631, .blocked),
      // It uses 100 MiB, and the margin is at least 64 MiB.
      (MemorySize.mebibytes(8092), 164, .change),
      (MemorySize.mebibytes(8092), 163, .blocked),
    ])
  func guardedMargin(usable: MemorySize, target: UInt64, verdict: Verdict) {
    let statistics = BalloonStatistics(actual: .gibibytes(8), usable: usable, ageSeconds: 0)
    let declared = wanted(shrink: .guarded) { $0.currentMemory = .exactly(.mebibytes(target)) }
    let plan = plan(declared, on: Self.domain(statistics))
    #expect(plan.verdict(of: .currentMemory) == verdict)
    #expect(plan.rules == (verdict == .blocked ? ["shrink-below-guest-use"] : []))
  }

  @Test("'shrink: guarded' counts virtio-mem's plugged memory in use and target")
  func guardedPlugged() {
    // The guest uses 8 + 4 - 6 GiB; 3 GiB of balloon and 4 of virtio-mem are more than 6.6.
    var domain = Self.domain(
      BalloonStatistics(actual: .gibibytes(8), usable: .gibibytes(6), ageSeconds: 0))
    domain.live?.devices = [
      MemoryDevice(
        model: .virtioMem, size: .gibibytes(4), requested: .gibibytes(4), plugged: .gibibytes(4))
    ]
    domain.live?.currentMemory = .exactly(.gibibytes(12))
    let enough = wanted(shrink: .guarded) { $0.currentMemory = .exactly(.gibibytes(3)) }
    #expect(plan(enough, on: domain).verdict(of: .currentMemory) == .change)
    let little = wanted(shrink: .guarded) { $0.currentMemory = .exactly(.gibibytes(2)) }
    #expect(plan(little, on: domain).rules == ["shrink-below-guest-use"])
  }

  @Test(
    "'shrink: guarded' keeps hardLimit above QEMU's resident memory, if the driver reports it",
    arguments: [(10 as UInt64?, Verdict.blocked), (9, .change), (nil, .change)])
  func guardedHardLimit(resident: UInt64?, verdict: Verdict) {
    let declared = wanted(shrink: .guarded) { $0.memtune.hardLimit = .size(.gibibytes(10)) }
    let statistics = BalloonStatistics(resident: resident.map(MemorySize.gibibytes))
    let plan = plan(declared, on: Self.domain(statistics))
    #expect(plan.verdict(of: .hardLimit) == verdict)
    #expect(plan.rules == (verdict == .blocked ? ["hard-limit-below-resident"] : []))
  }

  @Test("'disruption: none' doesn't count as the reason if only a start can make the change")
  func noneAboveTheReach() {
    var domain = running("web-01", guest(8))
    domain.persistent = guest(16)
    let declared = wanted(disruption: .none) { $0.currentMemory = .exactly(.gibibytes(16)) }
    let field = plan(declared, on: domain).fields[0]
    #expect(field.verdict == .pendingRestart && field.heldBack == .start)
  }

  @Test("'disruption: none' plans only persistent steps, and then reports them as held back")
  func disruptionNone() {
    let declared = wanted(disruption: .none, Self.lower)
    let first = plan(declared, on: Self.domain())
    #expect(first.moves == ["persistent currentMemory", "persistent memtune.hardLimit"])
    #expect(first.verdict == .change && first.policy.disruption == .none)
    var staged = Self.domain()
    staged.persistent?.currentMemory = .exactly(.gibibytes(6))
    staged.persistent?.memtune.hardLimit = .size(.gibibytes(10))
    let second = plan(declared, on: staged)
    #expect(second.verdict == .pendingRestart && second.steps.isEmpty)
    #expect(second.fields.allSatisfy { $0.heldBack == .policy })
  }

  @Test(
    "the stricter ceiling of policy and run applies, and the plan shows it",
    arguments: Disruption.allCases)
  func strictestCeiling(ceiling: Disruption) {
    let plan = plan(wanted(disruption: .restart, Self.lower), on: Self.domain(), ceiling: ceiling)
    #expect(plan.policy.disruption == min(ceiling, .live))
    #expect(plan.steps.count == (ceiling == .none ? 2 : 4))
  }

  @Test("'disruption: none' doesn't count as the reason for a change that needs a start")
  func memoryIsPending() {
    var domain = Self.domain()
    domain.persistent?.memory = .gibibytes(16)
    let plan = plan(wanted(disruption: .none) { $0.memory = .gibibytes(16) }, on: domain)
    #expect(plan.verdict == .pendingRestart && plan.fields[0].heldBack == .start)
  }

  @Test("a domain's verdict is the worst of its fields")
  func worstVerdict() {
    let order: [Verdict] = [.inSync, .pendingRestart, .change, .blocked, .unobserved]
    #expect(order.sorted() == order)
    var domain = Self.domain()
    domain.persistent?.memory = .gibibytes(16)
    let declared = wanted {
      $0.memory = .gibibytes(16)
      $0.currentMemory = .exactly(.gibibytes(8))
    }
    #expect(plan(declared, on: domain).verdict == .pendingRestart)
    var more = declared
    more.configuration.memtune.softLimit = .size(.gibibytes(9))
    #expect(plan(more, on: domain).verdict == .change)
    more.configuration.memtune.minGuarantee = .size(.gibibytes(1))
    #expect(plan(more, on: domain).verdict == .blocked)
  }
}
