// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

/// What must hold before a call is made and after it, compared as the planner compares.
package struct StepConditions: Sendable {
  private let call: Call
  private let behaviour: HypervisorBehaviour
  private let origin: MemoryConfiguration
  private let target: MemoryConfiguration

  /// Makes the conditions of `call` on `host`.
  package init(of call: Call, on host: ObservedHost) {
    self.call = call
    behaviour = HypervisorBehaviour(of: host)
    (origin, target) = call.changes.reduce(
      into: (MemoryConfiguration(), MemoryConfiguration())
    ) { sides, change in
      sides.0[change.field] = change.from
      sides.1[change.field] = change.to
    }
  }

  /// Whether every field that the call writes is still what the plan saw.
  package func isAtOrigin(_ domain: ObservedDomain) -> Bool {
    // What is only waited for moves by itself; what was asked for must still be asked for.
    call.action == .wait ? isAsked(domain) : holds(domain, \.from, origin)
  }

  /// Whether every field that the call writes is what the call makes of it.
  package func isAchieved(_ domain: ObservedDomain) -> Bool {
    holds(domain, \.to, target)
  }

  /// What each field that the call writes is now.
  package func values(of domain: ObservedDomain) -> [FieldPath: FieldValue] {
    guard let normalised = behaviour.normalised(domain)[call.plane] else { return [:] }
    let values = call.changes.compactMap { change in
      value(of: change.field, in: normalised).map { (change.field, $0) }
    }
    return Dictionary(values) { first, _ in first }
  }

  /// Why the call may not be made any more under `policy`; nil where it may.
  ///
  /// What a guest holds changes by the second, so the guard is asked right before the call too.
  package func refusal(under policy: ShrinkPolicy, on domain: ObservedDomain) -> Blocker? {
    do throws(Refusal) {
      try ShrinkGuard(policy).check(call, on: domain)
      return nil
    } catch {
      return error.blocker(of: error.fields.first)
    }
  }

  /// Whether the call is for a guest, and `domain` has none any more; nil is a domain that is gone.
  package func lacksGuest(_ domain: ObservedDomain?) -> Bool {
    call.plane == .live && domain?.isActive != true
  }

  /// What is to be said where ``lacksGuest(_:)``, with libvirt's word for why that is.
  package func words(ofDeathOf domain: ObservedDomain?, reason: String?) -> String {
    let rule = Rule.guestDied
    let state = domain.map { "The domain is \($0.state.rawValue)" } ?? "The domain is gone"
    let why = reason.map { "libvirt's reason is: \($0)" } ?? "libvirt gives no reason"
    return "\(rule.summary) (\(rule.name)). \(state); \(why)."
  }

  private func isAsked(_ domain: ObservedDomain) -> Bool {
    guard let normalised = behaviour.normalised(domain)[call.plane] else { return false }
    return call.changes.allSatisfy { change in
      change.to.map {
        behaviour.satisfies($0, normalised[change.field], field: change.field, on: call.plane)
      } ?? false
    }
  }

  private func holds(
    _ domain: ObservedDomain, _ side: KeyPath<Change, FieldValue?>, _ expected: MemoryConfiguration
  ) -> Bool {
    guard let normalised = behaviour.normalised(domain)[call.plane] else { return false }
    let isTarget = side == \Change.to
    return call.changes.allSatisfy { change in
      guard let value = change[keyPath: side] else {
        return behaviour.observedValue(change.field, in: normalised) == nil
      }
      // Before the call a guest may still be on its way to what it was asked for earlier.
      if !isTarget && change.field.name == .deviceRequested {
        return behaviour.satisfies(
          value, normalised[change.field], field: change.field, on: call.plane)
      }
      if change.field.name.isState {
        return behaviour.observedValue(change.field, in: normalised) == value
      }
      return behaviour.of(domain)
        .isAsDesired(change.field, expected, in: normalised, on: call.plane)
    }
  }

  /// What a field is now; of what a virtio-mem guest was asked to plug, what it has plugged.
  private func value(
    of field: FieldPath, in definition: MemoryConfiguration
  ) -> FieldValue? {
    if field.name == .deviceRequested && call.plane == .live,
      let plugged = definition.devices.first(where: { $0.key == field.item })?.plugged
    {
      return .size(plugged)
    }
    return behaviour.observedValue(field, in: definition)
  }
}
