// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
public import MemoryModel

/// What must hold before a call is made and after it, compared as the planner compares.
public struct StepConditions: Sendable {
  private let call: Call
  private let behaviour: HypervisorBehaviour

  /// Makes the conditions of `call` on `host`.
  public init(of call: Call, on host: ObservedHost) {
    self.call = call
    behaviour = HypervisorBehaviour(of: host)
  }

  /// Whether every field that the call writes is still what the plan saw.
  public func isAtOrigin(_ domain: ObservedDomain) -> Bool {
    holds(domain, \.from)
  }

  /// Whether every field that the call writes is what the call makes of it.
  public func isAchieved(_ domain: ObservedDomain) -> Bool {
    holds(domain, \.to)
  }

  /// What each field that the call writes is now.
  public func values(of domain: ObservedDomain) -> [FieldPath: FieldValue] {
    guard let normalised = behaviour.normalised(domain)[call.plane] else { return [:] }
    let values = call.changes.compactMap { change in
      normalised[change.field].map { (change.field, $0) }
    }
    return Dictionary(values) { first, _ in first }
  }

  /// Why the call may not be made any more under `policy`; nil where it may.
  ///
  /// What a guest holds changes by the second, so the guard is asked right before the call too.
  public func refusal(under policy: ShrinkPolicy, on domain: ObservedDomain) -> Blocker? {
    do throws(Refusal) {
      try ShrinkGuard(policy).check(call, on: domain)
      return nil
    } catch {
      return error.blocker(of: error.fields.first)
    }
  }

  private func holds(_ domain: ObservedDomain, _ side: KeyPath<Change, FieldValue?>) -> Bool {
    guard let normalised = behaviour.normalised(domain)[call.plane] else { return false }
    return call.changes.allSatisfy { change in
      let observed = normalised[change.field]
      guard let expected = change[keyPath: side] else { return observed == nil }
      return behaviour.satisfies(expected, observed, field: change.field, on: call.plane)
    }
  }
}
