// SPDX-License-Identifier: Apache-2.0
import TestSupport
import YAML
import Applier
import Documents
import LibvirtModel
import MemoryModel
import Planner
import Synchronization
import Testing

/// What holds for any scene on the way from a plan to its document, from there to the host, and
/// from the host to a manifest.
@Suite struct RoundTripTests {
  static let seeds: Range<Int> = 0..<400

  /// The plan, read back from its document.
  private static func saved(_ plan: Plan) throws -> Plan {
    let bytes = PlanDocument.bytes(of: plan, created: "2026-11-23T09:12:00Z")
    return try PlanReader.read(YAMLSource(file: "plan.json", bytes: bytes), knowing: []).plan
  }

  @Test("a plan read back from its document equals the original", arguments: seeds)
  func readBack(seed: Int) throws {
    let plan = PlannedScene.all[seed].scene.plan
    #expect(try Self.saved(plan) == plan)
  }

  @Test(
    "applying a saved plan reaches its goal, and applying it again performs no call",
    arguments: seeds)
  func applied(seed: Int) async throws {
    let scene = PlannedScene.all[seed].scene
    let plan = try Self.saved(scene.plan)
    guard !plan.steps.isEmpty, !PlannedScene.all[seed].hasUnknownDevice else { return }
    let hypervisor = SimulatedHypervisor(scene.host, faults: Self.moving(plan))
    let first = await Self.apply(plan, of: scene, to: hypervisor)
    #expect(first.isDone, "\(first.trouble) \(scene)")
    let domain = plan.domains[0]
    let basis = Basis(of: domain.fields, on: scene.host)
    var left = hypervisor.host.domains[0].seenAnew
    #expect(basis.fingerprint(of: domain.naming(left, on: scene.host)) == domain.goalHash)
    let expected = try scene.applying(scene.plan.domains[0])
    left = hypervisor.host.domains[0].seenAnew
    #expect(left == expected.observed, "\(scene)")
    let calls = hypervisor.trace.count
    let second = await Self.apply(plan, of: scene, to: SimulatedHypervisor(hypervisor.host))
    #expect(second.steps.values.allSatisfy { $0.status == .alreadyDone }, "\(second.trouble)")
    #expect(hypervisor.trace.count == calls)
  }

  @Test("a new plan finishes what an interrupted apply left", arguments: seeds)
  func interrupted(seed: Int) async throws {
    var scene = PlannedScene.all[seed].scene
    let plan = scene.plan
    guard plan.steps.count > 1, !PlannedScene.all[seed].hasUnknownDevice else { return }
    let hypervisor = SimulatedHypervisor(scene.host, faults: Self.moving(plan))
    let stop = StopAfter(hypervisor, calls: Int(seed) % plan.steps.count + 1)
    _ = await Self.apply(plan, of: scene, to: hypervisor, interruption: stop)
    scene.observed = hypervisor.host.domains[0].seenAnew
    let rest = scene.plan
    let next = SimulatedHypervisor(scene.host, faults: Self.moving(rest))
    let result = await Self.apply(rest, of: scene, to: next)
    #expect(result.isDone, "\(result.trouble) \(scene)")
    scene.observed = next.host.domains[0].seenAnew
    #expect(scene.plan.steps.isEmpty, "\(scene)")
    for (field, left) in zip(plan.domains[0].fields, scene.plan.domains[0].fields)
    where field.verdict == .change {
      #expect(left.verdict <= .pendingRestart, "\(field.path)")
    }
  }

  /// A guest that is still changing arrives while the applier waits.
  private static func moving(_ plan: Plan) -> SimulatedHypervisor.Faults {
    var faults = SimulatedHypervisor.Faults()
    if plan.steps.contains(where: { $0.operation.call == nil }) {
      faults.slowGuests = ["uuid-of-web-01": .gibibytes(1024)]
    }
    return faults
  }

  private static func apply(
    _ plan: Plan, of scene: RandomScene, to hypervisor: SimulatedHypervisor,
    interruption: any Interruption = NoInterruption()
  ) async -> ApplyResult {
    await HostApplier(
      host: scene.host, hypervisor: hypervisor, effectTimeout: .milliseconds(40),
      recorder: NoRecorder(), brakes: Brakes(interruption: interruption), clock: StandingClock()
    ).apply(plan.domains)
  }

  @Test("a plan from an exported manifest has no steps", arguments: seeds)
  func exportedManifest(seed: Int) throws {
    let scene = PlannedScene.all[seed].scene
    let exported = DomainExport.export(scene.observed, on: scene.host)
    let text = ManifestWriter.text(of: exported, origin: "here")
    let (state, diagnostics) = ManifestReader.read(
      sources: [YAMLSource(file: "export.yaml", text: text)])
    #expect(diagnostics.isEmpty, "\(diagnostics.map(\.summary)) \(text)")
    let plan = Fleet(state).plan(["default": .observed(scene.host)])
    #expect(plan.steps.isEmpty, "\(plan.steps.map(\.reason)) \(text)")
    guard scene.observed.transientState == nil else { return }
    let bad = plan.domains.flatMap(\.fields).filter { $0.verdict > .pendingRestart }
    #expect(
      bad.isEmpty, "\(bad.map(\.path)) \(plan.domains[0].blockers.map(\.rule)) \(text) \(scene)")
  }
}

extension ApplyResult {
  /// Whether the run performed every step or found it already done.
  fileprivate var isDone: Bool {
    steps.values.allSatisfy { $0.status == .done || $0.status == .alreadyDone }
  }

  /// The steps that failed, for a failing test's message.
  fileprivate var trouble: [String] {
    steps.sorted { $0.key < $1.key }.map { id, result in
      "\(id) \(result.status.rawValue) \(result.failure.map { "\($0)" } ?? "")"
    } + domains.values.compactMap { $0.failure.map { "\($0)" } }
  }
}

/// A recorder that stores nothing.
private struct NoRecorder: ApplyRecorder {
  func didBegin(_ step: Step, of domain: DomainPlan) {}
  func willWrite(_ call: Call, in step: Step, of domain: DomainPlan) {}
  func didWrite(_ call: Call, in step: Step, of domain: DomainPlan, _ result: StepResult) {}
  func isWaiting(for step: Step, of domain: DomainPlan, _ wait: EffectWait) {}
  func didPerform(_ step: Step, of domain: DomainPlan, _ result: StepResult) {}
  func didLeave(_ domain: DomainPlan, because failure: StepFailure) {}
}

/// A clock that advances only while its user sleeps.
private final class StandingClock: WaitingClock {
  private let passed = Mutex(Duration.zero)

  var now: Duration { passed.withLock(\.self) }

  func sleep(_ duration: Duration) async { passed.withLock { $0 += duration } }
}

/// An interruption after `calls` calls.
private struct StopAfter: Interruption {
  private let hypervisor: SimulatedHypervisor
  private let calls: Int

  init(_ hypervisor: SimulatedHypervisor, calls: Int) {
    self.hypervisor = hypervisor
    self.calls = calls
  }

  var isRequested: Bool { hypervisor.trace.count >= calls }
}
