// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Planner

extension DomainApplier {
  /// How long the effect of a call that was not answered is looked for where no guest has a part
  /// in it: a daemon that stood still does what it had read when it goes on.
  private static let lateAnswer = Duration.seconds(10)

  /// Looks until the effect shows, or has not moved for as long as an effect may take.
  ///
  /// Only a guest needs time: what libvirt itself does is there when the call returns. A call that
  /// was not answered is not repeated: what is seen decides what became of it.
  func waitForEffect(
    of call: Operation, _ conditions: StepConditions, unanswered: HypervisorError? = nil
  ) async -> StepResult {
    let patience = patience(for: call, unanswered)
    var lastMove = clock.now
    var last: [FieldPath: FieldValue] = [:]
    var pause = Duration.milliseconds(20)
    while true {
      let values: [FieldPath: FieldValue]
      do throws(HypervisorError) {
        let domain = try await look()
        values = conditions.values(of: domain)
        if conditions.isAchieved(domain) { return StepResult(.done, observed: values) }
        if let died = await death(under: call, conditions, .success(domain)) { return died }
      } catch {
        if let died = await death(under: call, conditions, .failure(error)) { return died }
        return StepResult(.unknown, observed: last, error: unseen(error, after: call, unanswered))
      }
      if values != last { (last, lastMove) = (values, clock.now) }
      if interruption.isRequested {
        return StepResult(.failed, observed: values, error: interruptedWait(unanswered))
      }
      guard clock.now - lastMove < patience else {
        return await stoodStill(call, values, unanswered)
      }
      await clock.sleep(min(pause, effectTimeout / 4))
      pause = min(pause * 2, .seconds(1))
    }
  }

  private func patience(for call: Operation, _ unanswered: HypervisorError?) -> Duration {
    if call.needsGuest { return effectTimeout }
    return unanswered == nil ? .zero : min(effectTimeout, Self.lateAnswer)
  }

  private func stoodStill(
    _ call: Operation, _ values: [FieldPath: FieldValue], _ unanswered: HypervisorError?
  ) async -> StepResult {
    guard call.needsGuest else {
      var error =
        unanswered
        ?? HypervisorError(
          .noEffect, call: call.api,
          message: "libvirt accepted the call, and the definition is not what it asked for.")
      if unanswered != nil {
        error.message += """
          ; the domain is as it was before, \(Self.lateAnswer.words) later. It is not tried again.
          """
      }
      return StepResult(.failed, observed: values, error: error)
    }
    return call.call?.action == .setMemory
      ? await deaf(to: call, values, unanswered) : unmoved(by: call, values, unanswered)
  }

  /// A balloon that did not move; its target is withdrawn.
  private func deaf(
    to call: Operation, _ values: [FieldPath: FieldValue], _ unanswered: HypervisorError?
  ) async -> StepResult {
    let held = values[.currentMemory]
    let standing = "\(held?.description ?? "an unknown figure") for \(effectTimeout.words)"
    let happened =
      if let unanswered {
        "no answer came (\(unanswered.message)), and the guest has stood at \(standing)."
      } else {
        """
        libvirt accepted the call, and the guest did not follow: it has stood at \(standing). It is \
        a guest without a balloon driver, or one that can't give more.
        """
      }
    let message = "\(happened) \(await withdraw(call, held))"
    return StepResult(
      .failed, observed: values,
      error: HypervisorError(.noEffect, call: call.api, message: message))
  }

  /// A memory device that did not come, go or move; what was asked for stands.
  private func unmoved(
    by call: Operation, _ values: [FieldPath: FieldValue], _ unanswered: HypervisorError?
  ) -> StepResult {
    let device = call.changes.first?.field.item ?? "the device"
    let plugged = values[FieldPath(.deviceRequested, device)]?.description
    let happened =
      unanswered.map { "no answer came (\($0.message))" } ?? "libvirt accepted the call"
    let stands: String =
      switch call.call?.action {
      case .detachDevice:
        """
        the guest has not let \(device) go for \(effectTimeout.words): it uses the memory, or has \
        onlined it as not movable
        """
      case .attachDevice where plugged == nil: "\(device) has not come"
      default:
        """
        the guest has stood at \(plugged ?? "an unknown figure") of \(device) for \
        \(effectTimeout.words): it is a guest without a virtio-mem driver, or one that can't move \
        more. What was asked for stands, and the guest may still do it
        """
      }
    return StepResult(
      .failed, observed: values,
      error: HypervisorError(
        .noEffect, call: call.api, message: "\(happened), and \(stands)."))
  }

  // MARK: - The target that the guest did not follow

  /// Makes what the guest holds the balloon's target, and says in a sentence whether it worked.
  ///
  /// QEMU keeps a target that was ignored over resets and saves: a driver that is loaded weeks
  /// later would come upon it, and the guest would shrink when nobody expects it. For the same
  /// reason a guest that was asked to grow never gets less than it had: right after a device was
  /// plugged, libvirt's figure can be too low for a while.
  private func withdraw(_ call: Operation, _ held: FieldValue?) async -> String {
    let target = call.call?.target(of: .currentMemory)
    let asked = target?.description ?? "unknown"
    guard let uuid = plan.uuid, case .size(var size)? = held else {
      return "The target of \(asked) is still set."
    }
    if case .size(let origin)? = call.changes.first?.from, case .size(let wanted)? = target,
      wanted > origin
    {
      size = max(size, origin)
    }
    let change = Change(field: .currentMemory, from: target, to: .size(size))
    do throws(HypervisorError) {
      try await hypervisor.perform(
        Call(.setMemory, on: .live, changes: [change], form: call.call?.form ?? .flagged),
        uuid: uuid)
      return "The target of \(asked) was withdrawn: it is what the guest holds now."
    } catch {
      return """
        The target of \(asked) could not be withdrawn (\(error.call): \(error.message)): a driver \
        that is loaded later, or a reset, comes upon it.
        """
    }
  }

  // MARK: - What to say

  private func interruptedWait(_ unanswered: HypervisorError?) -> HypervisorError {
    let call = unanswered.map { " The call had no answer (\($0.message))." } ?? ""
    return interrupted(
      message: "The run was interrupted before the effect showed; it may still come.\(call)")
  }

  /// The error of a call that was sent, and after which nobody could look.
  private func unseen(
    _ error: HypervisorError, after call: Operation, _ unanswered: HypervisorError?
  ) -> HypervisorError {
    var result = unanswered ?? error
    result.call = call.api
    let answer = unanswered?.message ?? "libvirt accepted the call"
    result.message = """
      \(answer), and the domain could not be looked at since (\(error.call): \(error.message)): \
      whether it took effect is unknown
      """
    return result
  }
}
