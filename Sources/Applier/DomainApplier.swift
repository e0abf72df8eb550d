// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Planner

/// Performs the plan of one domain and stops at the first failure.
///
/// It checks that the plan still fits, makes each call, and looks until its effect shows.
struct DomainApplier {
  let plan: DomainPlan
  let host: ObservedHost
  let hypervisor: any Hypervisor
  let effectTimeout: Duration
  let recorder: any ApplyRecorder
  let interruption: any Interruption
  let clock: any WaitingClock

  /// What became of the domain and of each of its steps.
  struct Outcome {
    var status = DomainResult.Status.done
    var error: HypervisorError?
    var steps: [String: StepResult] = [:]
  }

  /// Performs all steps; `results` is what became of the host's steps so far.
  func apply(after results: [String: StepResult]) async -> Outcome {
    var outcome = Outcome()
    if interruption.isRequested {
      return left(outcome, .skipped, interrupted(message: "The run was interrupted."))
    }
    do throws(HypervisorError) {
      let domain = try await look()
      let fingerprint = Basis(of: plan.fields, on: host).fingerprint(of: domain)
      guard fingerprint == plan.basis || fingerprint == plan.outcome else {
        let changes = plan.changes(in: domain, on: host).joined(separator: ", ")
        let what = changes.isEmpty ? "" : ": \(changes)"
        return left(
          outcome, .stale,
          stale("The domain is not as it was when it was planned\(what). Plan anew."))
      }
    } catch {
      return left(outcome, error.kind == .noDomain ? .stale : .failed, error)
    }
    for step in plan.steps {
      let result = await perform(
        step, after: results.merging(outcome.steps) { _, new in new },
        hasWritten: outcome.steps.values.contains { $0.status == .done })
      outcome.steps[step.id] = result
      guard result.status != .done && result.status != .alreadyDone else { continue }
      outcome.error = result.error
      outcome.status = status(after: result, outcome)
      break
    }
    return withSkipped(outcome)
  }

  private func status(after result: StepResult, _ outcome: Outcome) -> DomainResult.Status {
    let hasWritten = outcome.steps.values.contains { $0.status == .done }
    switch (result.status, result.error?.kind) {
    case (.skipped, .foreignChange) where !hasWritten: return .stale
    case (.skipped, .unmetNeed) where !hasWritten: return .skipped
    case (.skipped, .interrupted): return .skipped
    default: return .failed
    }
  }

  private func left(
    _ outcome: Outcome, _ status: DomainResult.Status, _ error: HypervisorError
  ) -> Outcome {
    recorder.didLeave(plan, because: error)
    var outcome = outcome
    outcome.status = status
    outcome.error = error
    return withSkipped(outcome)
  }

  private func withSkipped(_ outcome: Outcome) -> Outcome {
    var outcome = outcome
    for step in plan.steps where outcome.steps[step.id] == nil {
      outcome.steps[step.id] = StepResult(.skipped)
    }
    return outcome
  }

  // MARK: - One step

  private func perform(
    _ step: Step, after results: [String: StepResult], hasWritten: Bool
  ) async -> StepResult {
    let start = clock.now
    recorder.willPerform(step, of: plan)
    var result = await attempt(step, after: results, hasWritten: hasWritten)
    result.seconds = (clock.now - start).seconds
    recorder.didPerform(step, of: plan, result)
    return result
  }

  private func attempt(
    _ step: Step, after results: [String: StepResult], hasWritten: Bool
  ) async -> StepResult {
    guard !interruption.isRequested else {
      return StepResult(.skipped, error: interrupted(message: "The run was interrupted before it."))
    }
    let missing = step.needs.first { id in
      results[id].map { $0.status != .done && $0.status != .alreadyDone } ?? true
    }
    if let missing {
      return StepResult(
        .skipped,
        error: HypervisorError(
          .unmetNeed, call: "", message: "It needs \(missing), which was not done."))
    }
    return await attemptUnlessBusy(step, hasWritten: hasWritten)
  }

  /// Tries until no other job is in the way, for as long as an effect may take.
  ///
  /// What is refused for another job's sake was refused before anything happened.
  private func attemptUnlessBusy(_ step: Step, hasWritten: Bool) async -> StepResult {
    let start = clock.now
    var pause = Duration.milliseconds(20)
    repeat {
      var result = await attemptOnce(step, hasWritten: hasWritten)
      guard result.error?.kind == .busy else { return result }
      let waited = clock.now - start
      guard waited < effectTimeout else {
        result.error?.message += "; tried for \(waited.words), and this step changed nothing"
        return result
      }
      await clock.sleep(min(pause, effectTimeout / 4))
      pause = min(pause * 2, .seconds(1))
    } while !interruption.isRequested
    return StepResult(
      .skipped,
      error: interrupted(message: "The run was interrupted while another job held the domain."))
  }

  private func attemptOnce(_ step: Step, hasWritten: Bool) async -> StepResult {
    let conditions = StepConditions(of: step.operation, on: host)
    do throws(HypervisorError) {
      let domain = try await look()
      let values = conditions.values(of: domain)
      if conditions.isAchieved(domain) { return StepResult(.alreadyDone, observed: values) }
      if let died = await death(under: step.operation, conditions, .success(domain)) { return died }
      if let state = domain.passingState {
        let error = HypervisorError(.busy, call: "", message: "the domain is \(state)")
        return StepResult(.failed, observed: values, error: error)
      }
      guard conditions.isAtOrigin(domain) else {
        let error = stale("Somebody else changed what this step would change.")
        return StepResult(hasWritten ? .failed : .skipped, observed: values, error: error)
      }
      if let refusal = conditions.refusal(under: plan.policy.shrink, on: domain) {
        let error = stale("\(refusal.summary) (\(refusal.rule)). \(refusal.detail)")
        return StepResult(hasWritten ? .failed : .skipped, observed: values, error: error)
      }
    } catch {
      let died = await death(under: step.operation, conditions, .failure(error))
      return died ?? StepResult(.failed, error: error)
    }
    return await send(step, conditions)
  }

  private func send(_ step: Step, _ conditions: StepConditions) async -> StepResult {
    guard let uuid = plan.uuid else { return StepResult(.failed, error: stale("It has no UUID.")) }
    do throws(HypervisorError) {
      if let call = step.operation.call { try await hypervisor.perform(call, uuid: uuid) }
    } catch  where error.kind == .deadline || error.kind == .connection {
      return await waitForEffect(of: step.operation, conditions, unanswered: error)
    } catch  where error.kind == .busy {
      return StepResult(.failed, error: error)
    } catch {
      return await refused(step.operation, conditions, error)
    }
    return await waitForEffect(of: step.operation, conditions)
  }

  /// What a call has come to that libvirt refused; the guest may have died under it.
  private func refused(
    _ call: Operation, _ conditions: StepConditions, _ refusal: HypervisorError
  ) async -> StepResult {
    let seen: Result<ObservedDomain, HypervisorError>
    do throws(HypervisorError) {
      seen = .success(try await look())
    } catch {
      seen = .failure(error)
    }
    if let died = await death(under: call, conditions, seen, answer: refusal) { return died }
    let values = try? seen.get()
    return StepResult(
      .failed, observed: values.map { conditions.values(of: $0) } ?? [:], error: refusal)
  }

  // MARK: - Looking, and what to say

  func look() async throws(HypervisorError) -> ObservedDomain {
    let readsTuning = plan.fields.contains { $0.path.isBelow(FieldPath(.memtune)) }
    let domain = try await hypervisor.observe(uuid: plan.uuid ?? "", readingTuning: readsTuning)
    return plan.naming(domain, on: host)
  }

  private func stale(_ message: String) -> HypervisorError {
    HypervisorError(.foreignChange, call: "", message: message)
  }

  func interrupted(message: String) -> HypervisorError {
    HypervisorError(.interrupted, call: "", message: message)
  }
}

extension Duration {
  /// The duration in seconds, for reports.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }

  /// The duration in whole seconds, in words.
  var words: String { "\(components.seconds) s" }
}
