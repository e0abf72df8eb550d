// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Planner

extension DomainApplier {
  /// How long the applier looks for the effect of a call that libvirt did not answer and that no
  /// guest has to act upon.
  ///
  /// A daemon that hung may still perform the calls that it has received.
  private static let lateAnswer = Duration.seconds(10)

  /// Looks at the domain until the effect of the step shows, or until nothing has moved for as long
  /// as an effect may take.
  ///
  /// Only a guest needs time: what libvirt does itself is done when the call returns. A call that
  /// libvirt did not answer is not repeated; what the look shows is its result.
  func waitForEffect(
    of step: Step, _ conditions: StepConditions, unanswered: HypervisorError? = nil
  ) async -> StepResult {
    let operation = step.operation
    let patience = patience(for: operation, unanswered)
    let start = clock.now
    var lastMove = start
    var last: [FieldPath: FieldValue] = [:]
    var pause = Duration.milliseconds(20)
    var isGlance = false
    while true {
      let values: [FieldPath: FieldValue]
      do throws(HypervisorError) {
        let domain = try await isGlance ? glance(after: operation) : look(after: operation)
        values = conditions.values(of: domain)
        if conditions.isAchieved(domain) { return StepResult(.done, observed: values) }
        if let died = await death(under: operation, conditions, .success(domain)) { return died }
      } catch {
        if let died = await death(under: operation, conditions, .failure(error)) { return died }
        return StepResult(
          .unknown, observed: last,
          failure: .unknownOutcome(call: operation.api, look: error, unanswered: unanswered))
      }
      if values != last { (last, lastMove) = (values, clock.now) }
      if brakes.isInterrupted {
        return StepResult(
          .failed, observed: values,
          failure: .interrupted(.whileWaiting(unanswered: unanswered)))
      }
      guard clock.now - lastMove < patience else {
        if isGlance {
          isGlance = false
          continue
        }
        let failure = noEffect(of: step, values, unanswered, after: patience)
        return StepResult(.failed, observed: values, failure: failure)
      }
      recorder.isWaiting(
        for: step, of: plan,
        EffectWait(
          values: values, elapsed: clock.now - start, unchanged: clock.now - lastMove,
          patience: patience))
      await clock.sleep(min(pause, effectTimeout / 4))
      pause = min(pause * 2, .seconds(1))
      // Most guests follow at once; for those the bulk look need not open its connection.
      isGlance = pause > .milliseconds(200)
    }
  }

  /// Asks whether the balloon has moved since the last look, and looks at the domain if so.
  ///
  /// One call asks for all guests of the host for which virtmem waits. What else a guest may do
  /// shows only in its definition.
  private func glance(after operation: Operation) async throws(HypervisorError) -> ObservedDomain {
    guard let seen, operation.plane == .live, operation.call?.action == .setMemory,
      let actual = seen.statistics?.actual
    else { return try await look(after: operation) }
    let now = try await hypervisor.observe(.statistics, of: seen)
    let hasMoved = now.statistics?.actual != actual || now.state != seen.state
    return hasMoved || !now.isActive
      ? try await look(after: operation) : plan.naming(seen, on: host)
  }

  private func patience(for operation: Operation, _ unanswered: HypervisorError?) -> Duration {
    if operation.needsGuest { return effectTimeout }
    return unanswered == nil ? .zero : min(effectTimeout, Self.lateAnswer)
  }

  /// The failure of a step whose effect did not show.
  private func noEffect(
    of step: Step, _ values: [FieldPath: FieldValue], _ unanswered: HypervisorError?,
    after patience: Duration
  ) -> StepFailure {
    guard step.operation.needsGuest else {
      return unanswered.map { .unanswered($0, patience) } ?? .noEffect(call: step.operation.api)
    }
    guard let call = step.operation.call, call.action == .setMemory else {
      return .stalled(stalled(step.operation, values, unanswered))
    }
    return .unresponsive(
      UnresponsiveBalloon(
        call: call.api, target: call.target(of: .currentMemory), held: values[.currentMemory],
        duration: effectTimeout, unanswered: unanswered))
  }

  /// The change of a memory device that did not happen; virtmem does not withdraw its request.
  private func stalled(
    _ operation: Operation, _ values: [FieldPath: FieldValue], _ unanswered: HypervisorError?
  ) -> StalledDevice {
    let device = operation.changes.first?.field.item
    let plugged = values[FieldPath(.deviceRequested, device ?? "")]
    let request: StalledDevice.Request =
      switch operation.call?.action {
      case .detachDevice: .unplug
      case .attachDevice where plugged == nil: .plug
      default: .resize(plugged: plugged)
      }
    return StalledDevice(
      call: operation.api, device: device, request: request, duration: effectTimeout,
      unanswered: unanswered)
  }

  /// The result of `call`; if the guest ignored the balloon's target, after virtmem withdrew it.
  func withdrawingTarget(
    of call: Call, in step: Step, after result: StepResult
  ) async -> StepResult {
    guard case .unresponsive(var balloon)? = result.failure else { return result }
    balloon.withdrawal = await withdraw(call, of: step, balloon)
    var result = result
    result.failure = .unresponsive(balloon)
    return result
  }

  /// Withdraws the balloon's target: sets it to what the guest holds now.
  ///
  /// QEMU keeps a target that the guest ignored over resets and saves. A driver that is loaded
  /// weeks later would act upon it, and the guest would shrink unexpectedly. For the same reason a
  /// guest that was asked to grow never gets less than it had: right after a device was
  /// plugged, libvirt's figure can be too low for a while.
  private func withdraw(
    _ call: Call, of step: Step, _ balloon: UnresponsiveBalloon
  ) async -> UnresponsiveBalloon.Withdrawal {
    guard let seen, case .size(var size)? = balloon.held else { return .notTried }
    if case .size(let origin)? = call.changes.first?.from,
      case .size(let asked)? = balloon.target, asked > origin
    {
      size = max(size, origin)
    }
    let change = Change(field: .currentMemory, from: balloon.target, to: .size(size))
    let withdrawal = Call(.setMemory, on: .live, changes: [change], form: call.form)
    let result = await recorded(withdrawal, in: step) {
      do throws(HypervisorError) {
        try await hypervisor.perform(withdrawal, on: seen)
        return StepResult(.done)
      } catch {
        return StepResult(.failed, failure: StepFailure(error))
      }
    }
    return switch result.failure {
    case nil: .done
    case .notRecorded(_, let refusal)?: .notRecorded(refusal)
    case .call(let error)?, .busy(.answer(let error), _)?: .failed(error)
    default: .notTried
    }
  }
}
