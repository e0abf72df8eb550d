// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Applier
import LibvirtModel
import MemoryModel
import Planner
import Synchronization

/// A plan, the simulated hypervisor, and the recorded events of one apply.
final class Run: ApplyRecorder, Interruption {
  let plan: Plan
  let observed: ObservedHost
  let hypervisor: SimulatedHypervisor
  private let desired: [DesiredDomain]
  private let declared: DesiredHost
  private let interruptedAfter: Int
  private let effectTimeout: Duration
  private let width: Int
  private let failuresAllowed: Int?
  private let refusedWrites: Set<Int>
  private let told = Mutex<[String]>([])
  private let recorded = Mutex<[Call]>([])

  /// Plans `desired` on `observed`.
  ///
  /// Before the plan is applied, `changed` changes the host. The recorder refuses the writes whose
  /// numbers, from 1, are in `refusedWrites`.
  init(
    _ desired: [DesiredDomain], on observed: ObservedHost, reserve: MemorySize? = nil,
    faults: SimulatedHypervisor.Faults = SimulatedHypervisor.Faults(),
    interruptedAfter: Int = .max, effectTimeout: Duration = .milliseconds(40), width: Int = 1,
    failuresAllowed: Int? = nil,
    refusedWrites: Set<Int> = [], changed: (inout ObservedHost) -> Void = { _ in }
  ) {
    self.desired = desired
    self.observed = observed
    self.interruptedAfter = interruptedAfter
    self.effectTimeout = effectTimeout
    self.width = width
    self.failuresAllowed = failuresAllowed
    self.refusedWrites = refusedWrites
    declared = DesiredHost(name: "hv01", reserve: reserve)
    plan = Self.plan(desired, declared, observed)
    var host = observed
    changed(&host)
    hypervisor = SimulatedHypervisor(host, faults: faults)
  }

  private static func plan(
    _ desired: [DesiredDomain], _ declared: DesiredHost, _ observed: ObservedHost
  ) -> Plan {
    HostPlanner(declared, observed: observed).plan(
      desired.compactMap { desired in
        observed.domains.first { $0.name == desired.name }.map { (desired, $0) }
      })
  }

  /// Applies the plan and plans again afterwards.
  func report() async -> ApplyReport {
    let applier = HostApplier(
      host: observed, hypervisor: hypervisor, effectTimeout: effectTimeout, width: width,
      reserve: declared.reserve, facts: declared.facts, recorder: self,
      brakes: Brakes(failuresAllowed: failuresAllowed, interruption: self),
      clock: TestClock())
    let result = await applier.apply(plan.domains)
    let closing = Self.plan(desired, declared, hypervisor.host)
    return ApplyReport(plan: plan, results: [result], closing: closing)
  }

  var isRequested: Bool { hypervisor.trace.count >= interruptedAfter }

  /// The calls that the recorder was asked to record, in order.
  var recordedCalls: [Call] { recorded.withLock(\.self) }

  /// What the recorder was told of steps and domains, in order.
  var events: [String] { told.withLock { $0.filter { !$0.hasPrefix("wr") } } }

  /// What the recorder was told of writes, in order.
  var writes: [String] { told.withLock { $0.filter { $0.hasPrefix("wr") } } }

  func didBegin(_ step: Step, of domain: DomainPlan) { tell("will \(step.id)") }

  func willWrite(
    _ call: Call, in step: Step, of domain: DomainPlan
  ) throws(RecordingRefusal) {
    let number = recorded.withLock { calls in
      calls.append(call)
      return calls.count
    }
    if refusedWrites.contains(number) { throw RecordingRefusal(reason: "the disk is full") }
    tell("write \(call.plane.rawValue) \(step.id)")
  }

  func didWrite(_ call: Call, in step: Step, of domain: DomainPlan, _ result: StepResult) {
    tell("wrote \(call.plane.rawValue) \(step.id) \(result.status.rawValue)")
  }

  func isWaiting(for step: Step, of domain: DomainPlan, _ wait: EffectWait) {
    tell("wait \(step.id)")
  }

  func didPerform(_ step: Step, of domain: DomainPlan, _ result: StepResult) {
    tell("did \(step.id) \(result.status.rawValue)")
  }

  func didLeave(_ domain: DomainPlan, because failure: StepFailure) {
    tell("left \(domain.name) \(failure.rule)")
  }

  private func tell(_ event: String) {
    told.withLock { $0.append(event) }
  }
}

extension ApplyReport {
  /// The results of the steps, in the plan's order.
  var statuses: [StepResult.Status] {
    plan.steps.compactMap { steps[$0.id]?.status }
  }

  /// The rules by which steps failed, in the plan's order.
  var rules: [String?] { plan.steps.map { steps[$0.id]?.failure?.rule.name } }
}

/// A running QEMU domain of 16 GiB, ballooned to `current` GiB.
func domain(_ name: String, current: UInt64 = 8) -> ObservedDomain {
  var definition = MemoryConfiguration()
  definition.memory = .gibibytes(16)
  definition.currentMemory = .exactly(.gibibytes(current))
  return ObservedDomain(
    name: name, uuid: "uuid-of-\(name)", state: .running, isActive: true, isPersistent: true,
    live: definition, persistent: definition)
}

func host(_ domains: ObservedDomain..., available: MemorySize? = nil) -> ObservedHost {
  ObservedHost(
    uuid: "uuid-of-host", uri: "qemu:///system", driver: .qemu, libvirt: Version(9, 0, 0),
    hypervisor: HypervisorRelease("QEMU 7.2.22"), availableMemory: available, domains: domains)
}

/// Declares `current` GiB, and a statistics period if there is a `period`.
func declared(
  _ name: String, current: UInt64, period: UInt64? = nil, shrink: ShrinkPolicy = .allow
) -> DesiredDomain {
  var desired = DesiredDomain(
    name: name, position: SourcePosition(file: "fleet.yaml", line: 1, column: 1))
  desired.configuration.currentMemory = .exactly(.gibibytes(current))
  desired.configuration.memballoon.statsPeriod = period.map(StatisticsPeriod.init)
  desired.policy.shrink = shrink
  return desired
}

/// An error of libvirt's.
func error(_ kind: HypervisorError.Kind) -> HypervisorError {
  HypervisorError(kind, call: "virDomainSetMemoryFlags", code: 1, message: "no")
}
