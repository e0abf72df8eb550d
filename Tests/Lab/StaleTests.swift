// SPDX-License-Identifier: Apache-2.0
import Applier
import LibvirtClient
import MemoryModel
import Planner
import Testing

extension LabTests {
  @Suite struct StaleTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("a change between plan and apply leaves the domain stale and untouched")
    func stale() async throws {
      let guest = try Guest("stale", in: lab)
      try guest.startPaused()
      let run = try await Run(of: guest)
      #expect(run.plan.steps.count == 4)
      try lab.virsh("memtune", guest.name, "--soft-limit", "700000", "--config")
      let before = try await run.host.observe(uuid: guest.uuid, .all)
      let result = await run.apply()
      #expect(result.domains[DomainKey(run.plan.domains[0])]?.status == .stale)
      #expect(result.steps.values.allSatisfy { $0.status == .skipped })
      let after = try await run.host.observe(uuid: guest.uuid, .all)
      #expect(after.live == before.live && after.persistent == before.persistent)
    }

    @Test("a domain that was started since the plan is stale")
    func startedSincePlan() async throws {
      let guest = try Guest("started", in: lab)
      let run = try await Run(of: guest)
      try guest.startPaused()
      #expect(await run.apply().domains[DomainKey(run.plan.domains[0])]?.status == .stale)
    }

    @Test("a step that another writer performed as planned counts as already done")
    func alreadyDone() async throws {
      let guest = try Guest("ahead", in: lab)
      try guest.startPaused()
      let run = try await Run(of: guest)
      for plane in ["--live", "--config"] {
        try lab.virsh("memtune", guest.name, "--soft-limit", "900000", plane)
        try lab.virsh("dommemstat", guest.name, "--period", "5", plane)
      }
      let result = await run.apply()
      #expect(result.domains[DomainKey(run.plan.domains[0])]?.status == .done)
      #expect(result.steps.values.allSatisfy { $0.status == .alreadyDone })
    }
  }
}

/// A plan of one guest, and the connection for planning and applying.
private struct Run {
  let host: LibvirtHost
  let plan: Plan
  private let observed: ObservedHost

  /// Plans a soft limit and a statistics period for `guest`.
  init(of guest: Guest) async throws {
    host = try await guest.lab.connect()
    var desired = DesiredDomain(
      name: guest.name, position: SourcePosition(file: "lab.yaml", line: 1, column: 1))
    desired.configuration.memtune.softLimit = .size(.kibibytes(900_000))
    desired.configuration.memballoon.statsPeriod = StatisticsPeriod(seconds: 5)
    observed = try await host.observe(ObservationScope(of: [desired]))
    plan = Fleet(DesiredState(domains: [desired])).plan(["default": .observed(observed)])
  }

  func apply() async -> ApplyResult {
    await HostApplier(
      host: observed, hypervisor: host, effectTimeout: .seconds(5), recorder: Silence(),
      brakes: Brakes()
    ).apply(plan.domains)
  }
}

/// A recorder that keeps nothing.
struct Silence: ApplyRecorder {
  func didBegin(_ step: Step, of domain: DomainPlan) {}
  func willWrite(_ call: Call, in step: Step, of domain: DomainPlan) {}
  func didWrite(_ call: Call, in step: Step, of domain: DomainPlan, _ result: StepResult) {}
  func isWaiting(for step: Step, of domain: DomainPlan, _ wait: EffectWait) {}
  func didPerform(_ step: Step, of domain: DomainPlan, _ result: StepResult) {}
  func didLeave(_ domain: DomainPlan, because failure: StepFailure) {}
}
