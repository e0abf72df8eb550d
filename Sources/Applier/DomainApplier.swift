// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Planner

/// Performs the steps of one domain, and stops at the first that fails.
///
/// It checks that the plan still fits the domain. Then it makes each call and looks at the domain
/// until the call's effect shows. The look that showed it is also the look before the next step.
final class DomainApplier {
  let plan: DomainPlan
  let host: ObservedHost
  let hypervisor: any Hypervisor
  let effectTimeout: Duration
  let recorder: any ApplyRecorder
  let brakes: Brakes
  let clock: any WaitingClock
  let admission: HostAdmission
  private let schedule: HostSchedule
  /// The domain as virtmem saw it last.
  private(set) var seen: ObservedDomain?
  /// The planes that virtmem has seen since the last call and the last wait.
  private var fresh: Set<Plane> = []

  init(
    plan: DomainPlan, host: ObservedHost, hypervisor: any Hypervisor, effectTimeout: Duration,
    schedule: HostSchedule, admission: HostAdmission, recorder: any ApplyRecorder,
    brakes: Brakes, clock: any WaitingClock
  ) {
    self.plan = plan
    self.host = host
    self.hypervisor = hypervisor
    self.effectTimeout = effectTimeout
    self.schedule = schedule
    self.admission = admission
    self.recorder = recorder
    self.brakes = brakes
    self.clock = clock
  }

  /// Performs all steps; the schedule gets the result of each.
  func apply() async -> ApplyResult.Domain {
    if let unfit = await reasonNotToBegin() { return unfit }
    return await performSteps()
  }

  /// Why no step is begun; nil if the domain is as it was planned, or as the plan leaves it.
  private func reasonNotToBegin() async -> ApplyResult.Domain? {
    if let reason = brakes.reasonNotToBeginDomain { return leave(.skipped, reason) }
    do throws(HypervisorError) {
      let domain = try await lookAtAll()
      let fingerprint = Basis(of: plan.fields, on: host).fingerprint(of: domain)
      if fingerprint == plan.basis || fingerprint == plan.goalHash { return nil }
      return leave(.stale, .changedSincePlanned(plan.differences(from: domain, on: host)))
    } catch {
      return leave(error.kind == .noDomain ? .stale : .failed, .call(error))
    }
  }

  private func leave(_ status: DomainResult.Status, _ failure: StepFailure) -> ApplyResult.Domain {
    recorder.didLeave(plan, because: failure)
    return ApplyResult.Domain(status, failure)
  }

  private func performSteps() async -> ApplyResult.Domain {
    var hasWritten = false
    for step in plan.steps {
      let result = await perform(step, hasWritten: hasWritten)
      await schedule.end(step, with: result)
      switch result.status {
      case .done: hasWritten = true
      case .alreadyDone: break
      case .failed, .unknown, .skipped:
        return ApplyResult.Domain(status(after: result, hasWritten: hasWritten), result.failure)
      }
    }
    return ApplyResult.Domain(.done)
  }

  private func status(after result: StepResult, hasWritten: Bool) -> DomainResult.Status {
    switch (result.status, result.failure) {
    case (.skipped, .foreignChange), (.skipped, .guarded): hasWritten ? .failed : .stale
    case (.skipped, .unmetNeed): hasWritten ? .failed : .skipped
    case (.skipped, .interrupted), (.skipped, .deadlinePassed): .skipped
    default: .failed
    }
  }

  // MARK: - One step

  private func perform(_ step: Step, hasWritten: Bool) async -> StepResult {
    let (missing, hasWaited) = await schedule.waitForNeeds(of: step)
    if hasWaited { fresh = [] }
    let start = clock.now
    recorder.didBegin(step, of: plan)
    var result: StepResult
    if let reason = brakes.reasonNotToBeginStep {
      result = StepResult(.skipped, failure: reason)
    } else if let missing {
      result = StepResult(.skipped, failure: .unmetNeed(missing))
    } else {
      result = await attemptUnlessBusy(step, hasWritten: hasWritten)
    }
    result.seconds = (clock.now - start).seconds
    recorder.didPerform(step, of: plan, result)
    return result
  }

  /// Tries the step until no other job holds the domain, for as long as an effect may take.
  ///
  /// libvirt refuses a call because of another job before it does anything.
  private func attemptUnlessBusy(_ step: Step, hasWritten: Bool) async -> StepResult {
    let start = clock.now
    var pause = Duration.milliseconds(20)
    repeat {
      var result = await attemptOnce(step, hasWritten: hasWritten)
      guard case .busy(let occupation, _)? = result.failure else { return result }
      let waited = clock.now - start
      guard waited < effectTimeout else {
        result.failure = .busy(occupation, triedFor: waited)
        return result
      }
      fresh = []
      await clock.sleep(min(pause, effectTimeout / 4))
      pause = min(pause * 2, .seconds(1))
    } while !brakes.isInterrupted
    return StepResult(.skipped, failure: .interrupted(.whileBusy))
  }

  private func attemptOnce(_ step: Step, hasWritten: Bool) async -> StepResult {
    let conditions = StepConditions(of: step.operation, on: host)
    let domain: ObservedDomain
    do throws(HypervisorError) {
      domain = try await lookUnlessFresh(before: step.operation)
      let values = conditions.values(of: domain)
      if conditions.isAchieved(domain) { return StepResult(.alreadyDone, observed: values) }
      if let died = await death(under: step.operation, conditions, .success(domain)) { return died }
      if let state = domain.transientState {
        let failure = StepFailure.busy(.state(state), triedFor: nil)
        return StepResult(.failed, observed: values, failure: failure)
      }
      if let failure = obstacle(to: conditions, domain) {
        return StepResult(hasWritten ? .failed : .skipped, observed: values, failure: failure)
      }
    } catch {
      let died = await death(under: step.operation, conditions, .failure(error))
      return died ?? StepResult(.failed, failure: StepFailure(error))
    }
    // The signal may have come during the look.
    if let reason = brakes.reasonNotToBeginStep { return StepResult(.skipped, failure: reason) }
    return await sendIfThereIsMemory(step, of: domain, conditions, hasWritten: hasWritten)
  }

  /// Attempts a step after a new look at the domain.
  func attemptAfresh(_ step: Step, hasWritten: Bool) async -> StepResult {
    fresh = []
    return await attemptOnce(step, hasWritten: hasWritten)
  }

  /// Why the step can't be performed on the domain as it is now; nil if it can.
  private func obstacle(
    to conditions: StepConditions, _ domain: ObservedDomain
  ) -> StepFailure? {
    guard conditions.isAtOrigin(domain) else {
      return .foreignChange(conditions.differences(on: domain))
    }
    return conditions.refusal(under: plan.policy.shrink, on: domain).map { .guarded($0) }
  }

  // MARK: - Calls and looks

  func send(_ step: Step, _ conditions: StepConditions) async -> StepResult {
    guard plan.uuid != nil, let seen else { return StepResult(.failed, failure: .noUUID) }
    fresh = []
    switch step.operation {
    case .wait: return await waitForEffect(of: step, conditions)
    case .call(let call):
      let result = await recorded(call, in: step) {
        await perform(call, on: seen, of: step, conditions)
      }
      return await withdrawingTarget(of: call, in: step, after: result)
    }
  }

  /// Has `call` recorded, then makes it with `body`, and has its result recorded.
  ///
  /// Every write to a domain is made here. A call that the recorder refuses is not made.
  func recorded(
    _ call: Call, in step: Step, _ body: () async -> StepResult
  ) async -> StepResult {
    do throws(RecordingRefusal) {
      try recorder.willWrite(call, in: step, of: plan)
    } catch {
      return StepResult(.failed, failure: .notRecorded(call: call.api, error))
    }
    let start = clock.now
    var result = await body()
    result.seconds = (clock.now - start).seconds
    recorder.didWrite(call, in: step, of: plan, result)
    return result
  }

  /// Makes `call` and looks at the domain until its effect shows.
  private func perform(
    _ call: Call, on domain: ObservedDomain, of step: Step, _ conditions: StepConditions
  ) async -> StepResult {
    do throws(HypervisorError) {
      try await hypervisor.perform(call, on: domain)
    } catch {
      switch error.kind {
      case .deadline, .connection:
        return await waitForEffect(of: step, conditions, unanswered: error)
      case .busy: return StepResult(.failed, failure: StepFailure(error))
      case .refused, .noDomain, .denied, .unsupported, .notInSnapshot:
        return await refused(step.operation, conditions, error)
      }
    }
    return await waitForEffect(of: step, conditions)
  }

  /// The result of a call that libvirt refused, perhaps because the guest died during it.
  private func refused(
    _ operation: Operation, _ conditions: StepConditions, _ refusal: HypervisorError
  ) async -> StepResult {
    let seen: Result<ObservedDomain, HypervisorError>
    do throws(HypervisorError) {
      seen = .success(try await look(after: operation))
    } catch {
      seen = .failure(error)
    }
    if let died = await death(under: operation, conditions, seen, answer: refusal) { return died }
    let values = (try? seen.get()).map { conditions.values(of: $0) }
    return StepResult(.failed, observed: values ?? [:], failure: .call(refusal))
  }

  /// Observes all of the domain on which its steps depend.
  private func lookAtAll() async throws(HypervisorError) -> ObservedDomain {
    var parts: DomainParts = .observed
    if readsLimits { parts.insert(.limits) }
    if plan.steps.contains(where: { $0.operation.plane == .live }) { parts.insert(.job) }
    return sees(
      try await hypervisor.observe(uuid: plan.uuid ?? "", parts), on: Set(Plane.allCases))
  }

  /// The domain as it was seen last, if virtmem has looked at the plane of `operation` since the
  /// last call; else what a new look shows.
  private func lookUnlessFresh(
    before operation: Operation
  ) async throws(HypervisorError) -> ObservedDomain {
    if let seen, fresh.contains(operation.plane) { return plan.naming(seen, on: host) }
    return try await look(at: operation.plane, operation.plane == .live ? [.job] : [])
  }

  /// Looks at what `operation` changes.
  func look(after operation: Operation) async throws(HypervisorError) -> ObservedDomain {
    try await look(at: operation.plane)
  }

  private func look(
    at plane: Plane, _ more: DomainParts = []
  ) async throws(HypervisorError) -> ObservedDomain {
    guard let seen else { return try await lookAtAll() }
    var parts = more
    switch plane {
    case .live: parts.formUnion([.live, .statistics])
    case .persistent: parts.insert(.persistent)
    }
    if plane == .live && readsLimits { parts.insert(.limits) }
    return sees(try await hypervisor.observe(parts, of: seen), on: [plane])
  }

  private var readsLimits: Bool {
    plan.fields.contains { $0.path.isBelow(FieldPath(.memtune)) }
  }

  /// Keeps what a look showed; returns the domain with the plan's names of its devices.
  private func sees(_ domain: ObservedDomain, on planes: Set<Plane>) -> ObservedDomain {
    seen = domain
    fresh = planes
    return plan.naming(domain, on: host)
  }
}

extension StepFailure {
  /// Makes the failure of a call or a look that failed with `error`.
  init(_ error: HypervisorError) {
    self = error.kind == .busy ? .busy(.answer(error), triedFor: nil) : .call(error)
  }
}

extension Duration {
  /// The duration in seconds.
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
