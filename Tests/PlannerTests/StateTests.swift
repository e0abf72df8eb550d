// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import TestSupport
import Testing

/// How a domain's state changes the plan for the same manifest: a lower balloon and a new period.
@Suite struct StateTests {
  static let declared = wanted {
    $0.currentMemory = .exactly(.gibibytes(6))
    $0.memballoon.statsPeriod = StatisticsPeriod(seconds: 10)
  }

  @Test(
    "a guest that doesn't run blocks its balloon on both planes and nothing else",
    arguments: [DomainState.paused, .pmsuspended, .crashed])
  func notRunning(state: DomainState) {
    var domain = running("web-01", guest(8))
    domain.state = state
    let plan = plan(Self.declared, on: domain)
    #expect(plan.verdict(of: .currentMemory) == .blocked)
    #expect(plan.rules == ["guest-not-running"])
    #expect(plan.moves == ["live memballoon.statsPeriod", "persistent memballoon.statsPeriod"])
  }

  @Test(
    "a guest that doesn't run blocks nothing if a running one would get no live step",
    arguments: [DomainState.paused, .pmsuspended, .crashed])
  func notRunningInSync(state: DomainState) {
    var domain = running("web-01", guest(8))
    domain.state = state
    domain.live?.currentMemory = .exactly(.gibibytes(6))
    let plan = plan(Self.declared, on: domain)
    #expect(plan.verdict(of: .currentMemory) == .change)
    #expect(plan.moves.contains("persistent currentMemory"))
  }

  @Test(
    "the planner changes a running or idle domain on both planes",
    arguments: [DomainState.running, .idle])
  func runningOrIdle(state: DomainState) {
    var domain = running("web-01", guest(8))
    domain.state = state
    #expect(
      plan(Self.declared, on: domain).moves == [
        "live memballoon.statsPeriod", "persistent memballoon.statsPeriod", "live currentMemory",
        "persistent currentMemory",
      ])
  }

  @Test("the planner blocks only the differing fields of a domain in shutdown")
  func shuttingDown() {
    var domain = running("web-01", guest(8))
    domain.state = .inShutdown
    domain.live?.memballoon.statsPeriod = StatisticsPeriod(seconds: 10)
    domain.persistent?.memballoon.statsPeriod = StatisticsPeriod(seconds: 10)
    let plan = plan(Self.declared, on: domain)
    #expect(plan.steps.isEmpty && plan.rules == ["domain-busy"])
    #expect(plan.verdict(of: .statsPeriod) == .inSync)
  }

  @Test(
    "the planner blocks a domain with a job and names the job",
    arguments: ["migration", "save", "dump"])
  func job(name: String) {
    var domain = running("web-01", guest(8))
    domain.job = name
    let plan = plan(Self.declared, on: domain)
    #expect(plan.steps.isEmpty && plan.verdict == .blocked)
    #expect(plan.blockers.allSatisfy { $0.rule == "domain-busy" && $0.summary.contains(name) })
  }

  @Test("a domain in sync stays in sync while it has a job")
  func jobInSync() {
    var domain = running("web-01", guest(6))
    domain.job = "migration"
    #expect(plan(wanted { $0.memory = .gibibytes(6) }, on: domain).verdict == .inSync)
  }

  @Test(
    "the planner changes only the persistent definition of a shut-off domain",
    arguments: [DomainState.shutOff, .crashed])
  func shutOff(state: DomainState) {
    var domain = running("web-01", guest(8))
    (domain.state, domain.isActive, domain.live) = (state, false, nil)
    let plan = plan(Self.declared, on: domain)
    #expect(
      plan.moves == ["persistent memballoon.statsPeriod", "persistent currentMemory"])
    #expect(plan.fields.allSatisfy { $0.live == nil })
  }

  @Test("the planner compares a readable saved image as live and never changes it")
  func savedImage() {
    var domain = running("web-01", guest(8))
    (domain.state, domain.isActive, domain.hasManagedSave) = (.shutOff, false, true)
    let first = plan(Self.declared, on: domain)
    #expect(first.steps.allSatisfy { $0.plane == .persistent } && first.steps.count == 2)
    domain.persistent?.currentMemory = .exactly(.gibibytes(6))
    domain.persistent?.memballoon.statsPeriod = StatisticsPeriod(seconds: 10)
    let second = plan(Self.declared, on: domain)
    #expect(second.steps.isEmpty && second.verdict == .pendingRestart)
    #expect(second.fields.allSatisfy { $0.heldBack == .start && $0.live != nil })
  }

  @Test("without a readable saved image, the persistent definition decides, with a warning")
  func unreadableImage() {
    var domain = running("web-01", guest(6))
    (domain.state, domain.isActive, domain.hasManagedSave) = (.shutOff, false, true)
    domain.live = nil
    let declared = wanted { $0.memory = .gibibytes(6) }
    let plan = HostPlanner(DesiredHost(name: "default"), observed: host([domain]))
      .plan([(declared, domain)])
    #expect(plan.domains[0].verdict == .inSync)
    #expect(plan.diagnostics.map(\.rule) == ["managed-save-not-readable"])
  }

  @Test("a plan warns about a saved image that differs")
  func shadowingImage() {
    var domain = running("web-01", guest(8))
    (domain.state, domain.isActive, domain.hasManagedSave) = (.shutOff, false, true)
    let plan = HostPlanner(DesiredHost(name: "default"), observed: host([domain]))
      .plan([(Self.declared, domain)])
    #expect(plan.diagnostics.map(\.rule) == ["managed-save-shadows"])
  }

  @Test("a transient domain gets live steps, and a change that needs a start is blocked")
  func transient() {
    var domain = running("web-01", guest(8))
    (domain.isPersistent, domain.persistent) = (false, nil)
    let declared = wanted {
      $0.memory = .gibibytes(12)
      $0.currentMemory = .exactly(.gibibytes(6))
    }
    let plan = plan(declared, on: domain)
    #expect(plan.moves == ["live currentMemory"])
    #expect(plan.rules == ["transient-has-no-next-start"])
    #expect(plan.fields.allSatisfy { $0.persistent == nil })
  }

  @Test("the planner blocks a transient domain's live steps if the ceiling excludes them")
  func transientUndisturbed() {
    var domain = running("web-01", guest(8))
    (domain.isPersistent, domain.persistent) = (false, nil)
    let plan = plan(Self.declared, on: domain, ceiling: .none)
    #expect(plan.verdict(of: .currentMemory) == .blocked)
    #expect(plan.verdict(of: .statsPeriod) == .change)
  }

  @Test("a plan shows a suspended domain's fields and has no steps for it")
  func suspended() {
    var declared = Self.declared
    declared.suspension = Suspension()
    let plan = plan(declared, on: running("web-01", guest(8)))
    #expect(plan.verdict == .suspended && plan.steps.isEmpty && plan.basis == nil)
    #expect(plan.verdict(of: .currentMemory) == .change)
    #expect(plan.fields[0].live == .size(.gibibytes(8)))
  }

  @Test("a call that the driver lacks blocks only its own field")
  func unsupported() {
    var domain = running("web-01", guest(8))
    domain.unsupported = [.setMemoryStatsPeriod]
    let plan = plan(Self.declared, on: domain)
    #expect(plan.rules == ["driver-has-no-knob"])
    #expect(plan.moves == ["live currentMemory", "persistent currentMemory"])
  }
}
