// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import TestSupport
import Testing

/// Which fields the planner blocks, and which a start or another field's step still changes.
@Suite struct VerdictTests {
  @Test("a field that the driver can't change live is pending if a start brings it")
  func notLive() {
    let declared = wanted { $0.currentMemory = .exactly(.gibibytes(6)) }
    var domain = running("web-01", guest(8, current: 6))
    domain.live?.currentMemory = .exactly(.gibibytes(8))
    domain.unsupported = [.setMemory]
    let pending = plan(declared, on: domain)
    #expect(pending.verdict(of: .currentMemory) == .pendingRestart && pending.blockers.isEmpty)
    #expect(pending.steps.isEmpty)

    domain.persistent?.currentMemory = .exactly(.gibibytes(8))
    #expect(plan(declared, on: domain).rules == ["driver-has-no-knob"])
    (domain.persistent, domain.isPersistent) = (nil, false)
    #expect(plan(declared, on: domain).rules == ["driver-has-no-knob"])
  }

  @Test("a limit pending in the live definition is not blocked together with its partner")
  func partner() {
    var domain = running("web-01", guest(8))
    domain.live?.memtune.swapHardLimit = .size(.gibibytes(12))
    domain.persistent?.memtune.swapHardLimit = .unlimited
    domain.unsupported = [.setMemoryParameters]
    let declared = wanted {
      $0.memtune.hardLimit = .size(.gibibytes(10))
      $0.memtune.swapHardLimit = .unlimited
    }
    let plan = plan(declared, on: domain)
    #expect(plan.verdict(of: .hardLimit) == .blocked)
    #expect(plan.verdict(of: .swapHardLimit) == .pendingRestart)
    #expect(plan.rules == ["driver-has-no-knob"])
  }

  @Test("a paused guest's pending fields are the same before and after its memory grows")
  func paused() throws {
    var domain = running("web-01", guest(8))
    domain.state = .paused
    for plane in Plane.allCases {
      // The start rounded the live sizes.
      let size: MemorySize = plane == .live ? .mebibytes(235) : .kibibytes(239_748)
      domain[plane]?.memory = size
      domain[plane]?.currentMemory = .exactly(size)
    }
    let declared = wanted {
      $0.memory = .kibibytes(607_232)
      $0.currentMemory = .exactly(.kibibytes(607_232))
    }
    let before = plan(declared, on: domain)
    #expect(before.blockers.isEmpty && before.verdict(of: .currentMemory) == .change)
    domain.persistent?.memory = .kibibytes(607_232)
    domain.persistent?.currentMemory = .exactly(.kibibytes(607_232))
    let after = plan(declared, on: domain)
    #expect(after.blockers.isEmpty && after.steps.isEmpty)
    #expect(after.verdict(of: .currentMemory) == .pendingRestart)
  }

  @Test(
    "a plan corrects limits that others wrote to the kernel behind libvirt's back")
  func foreignLimits() throws {
    var domain = running("web-01", guest(8))
    var recorded = MemoryTuning()
    (recorded.hardLimit, recorded.swapHardLimit) = (.size(.gibibytes(10)), .size(.gibibytes(20)))
    domain.persistent?.memtune = recorded
    domain.live?.memtune.hardLimit = .size(.gibibytes(9))
    domain.live?.memtune.swapHardLimit = .size(.gibibytes(1))
    domain.live?.surroundings.recordedLimits = recorded
    let plan = plan(wanted { $0.memtune.hardLimit = .size(.gibibytes(10)) }, on: domain)
    #expect(plan.verdict(of: .hardLimit) == .change && plan.blockers.isEmpty)
    let step = try #require(plan.steps.first)
    #expect(plan.steps.count == 1 && step.plane == .live)
    #expect(step.changes.map(\.field) == [.hardLimit])
  }

  @Test("the planner blocks memory that differs from its one declared cell")
  func oneCell() {
    var definition = guest(8)
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
    definition.memballoon.statsPeriod = StatisticsPeriod(seconds: 5)
    let plan = plan(
      wanted {
        $0.memory = .gibibytes(10)
        $0.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
        $0.memballoon.autodeflate = true
      }, on: running("web-01", definition))
    #expect(plan.verdict(of: .memory) == .blocked)
    #expect(plan.verdict(of: FieldPath(.cellMemory, "0")) == .inSync)
    #expect(plan.rules == ["memory-is-not-the-cells-sum"])
    #expect(plan.moves == ["persistent memballoon.autodeflate"])
  }

  @Test("the planner combines the cell that libvirt inserts for maxMemory with the declared one")
  func insertedCell() throws {
    var domain = running("web-01", guest(8))
    (domain.live, domain.isActive, domain.state) = (nil, false, .shutOff)
    var host = host([domain])
    host.libvirt = Version(9, 6, 0)
    let declared = wanted {
      $0.maxMemory = MaxMemory(size: .gibibytes(16), slots: 2)
      var cell = NUMACell(id: 0)
      cell.access = .shared
      $0.cells = [cell]
    }
    let planner = HostPlanner(DesiredHost(name: "default"), observed: host)
    let plan = planner.plan([(declared, domain)]).domains[0]
    #expect(plan.fields.allSatisfy { $0.verdict == .change } && plan.steps.count == 1)
    let after = try host.result(of: plan.steps[0].operation, on: domain)
    #expect(after.persistent?.cells.map(\.memory) == [.gibibytes(8)])
    #expect(planner.plan([(declared, after)]).domains[0].verdict == .inSync)
  }
}
