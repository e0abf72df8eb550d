// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Planner

extension DomainApplier {
  /// The failure of a call whose guest does not run any more, by a look at its domain; nil where it
  /// runs, where the call needs none, and where the look failed.
  ///
  /// `answer` is what libvirt said to the call, where it refused.
  func death(
    under call: Operation, _ conditions: StepConditions,
    _ look: Result<ObservedDomain, HypervisorError>, answer: HypervisorError? = nil
  ) async -> StepResult? {
    let domain: ObservedDomain?
    switch look {
    case .success(let seen): domain = seen
    case .failure(let error) where error.kind == .noDomain: domain = nil
    case .failure: return nil
    }
    guard conditions.lacksGuest(domain) else { return nil }
    let reason = try? await hypervisor.stopReason(uuid: plan.uuid ?? "")
    var message = conditions.words(ofDeathOf: domain, reason: reason ?? nil)
    if let answer { message += " libvirt's answer was: \(answer.message)." }
    return StepResult(
      .failed, observed: domain.map { conditions.values(of: $0) } ?? [:],
      error: HypervisorError(
        .guestDied, call: call.api, code: answer?.code ?? 0, domain: answer?.domain ?? 0,
        message: message))
  }
}
