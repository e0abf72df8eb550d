// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Planner

extension DomainApplier {
  /// Sends a step; one that takes memory only if the host has enough of it now.
  ///
  /// Other steps take memory at the same time. Where there is enough only if those take less than
  /// they asked for, the step waits for them, and virtmem then looks at the domain again.
  func sendIfThereIsMemory(
    _ step: Step, of domain: ObservedDomain, _ conditions: StepConditions, hasWritten: Bool
  ) async -> StepResult {
    guard let demand = admission.demand(of: step, in: plan, domain) else {
      return await send(step, conditions)
    }
    do throws(HypervisorError) {
      switch try await admission.ask(for: demand, of: step.id) {
      case .admitted:
        let result = await sendUnlessBraked(step, conditions)
        await admission.end(step.id, isSettled: result.isSettled)
        return result
      case .refused(let shortage):
        return StepResult(.skipped, failure: .reserveReached(shortage))
      case .later:
        await admission.waitForEnd()
        return await attemptAfresh(step, hasWritten: hasWritten)
      }
    } catch {
      return StepResult(.failed, failure: StepFailure(error))
    }
  }

  /// Sends a step unless a signal or the deadline came while the host was asked.
  private func sendUnlessBraked(_ step: Step, _ conditions: StepConditions) async -> StepResult {
    if let reason = brakes.reasonNotToBeginStep { return StepResult(.skipped, failure: reason) }
    return await send(step, conditions)
  }
}

extension StepResult {
  /// Whether the host's memory shows all that the step took, or the step takes nothing any more.
  fileprivate var isSettled: Bool {
    switch failure {
    case .unanswered, .unknownOutcome, .stalled, .interrupted(.whileWaiting): false
    case .unresponsive(let balloon): balloon.withdrawal == .done
    default: true
    }
  }
}
