// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Planner

extension DomainApplier {
  /// The result of a live call whose guest does not run any more; nil where the guest runs, where
  /// the call is for the persistent definition, and where the look at the domain failed.
  ///
  /// `answer` is how libvirt refused the call.
  func death(
    under operation: Operation, _ conditions: StepConditions,
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
    return StepResult(
      .failed, observed: domain.map { conditions.values(of: $0) } ?? [:],
      failure: .guestDied(
        call: operation.api, state: domain?.state, reason: reason ?? nil, answer: answer))
  }
}
