// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

/// What must hold before and after a call, compared in the same way as the planner compares.
package struct StepConditions: Sendable {
  private let operation: Operation
  private let host: ObservedHost
  private let origin: MemoryConfiguration
  private let target: MemoryConfiguration

  /// Makes the conditions of `operation` on `host`.
  package init(of operation: Operation, on host: ObservedHost) {
    self.operation = operation
    self.host = host
    (origin, target) = operation.changes.reduce(
      into: (MemoryConfiguration(), MemoryConfiguration())
    ) { sides, change in
      sides.0[change.field] = change.from
      sides.1[change.field] = change.to
    }
  }

  /// Whether every field that the call writes still has the value that the plan saw.
  package func isAtOrigin(_ domain: ObservedDomain) -> Bool {
    switch operation {
    case .call: holds(domain, \.from, origin)
    // The plugged size changes by itself, but the request must still be the same.
    case .wait: isAsked(domain)
    }
  }

  /// Whether every field that the call writes has the value that the call gives it.
  package func isAchieved(_ domain: ObservedDomain) -> Bool {
    holds(domain, \.to, target)
  }

  /// The present values of the fields that the call writes, on the call's plane.
  package func values(of domain: ObservedDomain) -> [FieldPath: FieldValue] {
    guard let normalised = behaviour(of: domain).normalised(domain)[operation.plane] else {
      return [:]
    }
    let values = operation.changes.compactMap { change in
      value(of: change.field, in: normalised).map { (change.field, $0) }
    }
    return Dictionary(values) { first, _ in first }
  }

  /// The fields that the call changes and that are not as the plan saw them.
  package func differences(on domain: ObservedDomain) -> [DomainDifference] {
    let seen = values(of: domain)
    return operation.changes.changingValue.filter { seen[$0.field] != $0.from }.map {
      .field($0.field, operation.plane, planned: $0.from, seen: seen[$0.field])
    }
  }

  /// Why `policy` forbids the operation now; nil if it allows it.
  ///
  /// What a guest holds changes every second, so the applier also asks right before the call.
  package func refusal(under policy: ShrinkPolicy, on domain: ObservedDomain) -> Blocker? {
    do throws(Refusal) {
      try ShrinkGuard(policy).check(operation, on: domain)
      return nil
    } catch {
      return error.blocker(of: error.fields.first)
    }
  }

  /// Whether the call needs a running guest and `domain` has none; nil is a domain that is gone.
  package func lacksGuest(_ domain: ObservedDomain?) -> Bool {
    operation.plane == .live && domain?.isActive != true
  }

  private func behaviour(of domain: ObservedDomain) -> GuestBehaviour {
    GuestBehaviour(of: domain, on: host)
  }

  private func isAsked(_ domain: ObservedDomain) -> Bool {
    let behaviour = behaviour(of: domain)
    guard let normalised = behaviour.normalised(domain)[operation.plane] else { return false }
    return operation.changes.allSatisfy { change in
      change.to.map {
        behaviour.satisfies($0, normalised[change.field], field: change.field, on: operation.plane)
      } ?? false
    }
  }

  private func holds(
    _ domain: ObservedDomain, _ side: KeyPath<Change, FieldValue?>, _ expected: MemoryConfiguration
  ) -> Bool {
    let behaviour = behaviour(of: domain)
    guard let normalised = behaviour.normalised(domain)[operation.plane] else { return false }
    let isTarget = side == \Change.to
    return operation.changes.allSatisfy { change in
      guard let value = change[keyPath: side] else {
        return normalised.observedValue(of: change.field) == nil
      }
      // Before the call the guest may still be plugging what it was asked for earlier.
      if !isTarget && change.field.name == .deviceRequested {
        return behaviour.satisfies(
          value, normalised[change.field], field: change.field, on: operation.plane)
      }
      if change.field.name.isState {
        return normalised.observedValue(of: change.field) == value
      }
      return behaviour.isAsDesired(
        change.field, expected, in: normalised, on: operation.plane)
    }
  }

  /// The present value of a field; of a live `requested`, what the guest has plugged.
  private func value(
    of field: FieldPath, in definition: MemoryConfiguration
  ) -> FieldValue? {
    if field.name == .deviceRequested && operation.plane == .live,
      let plugged = definition.devices.first(where: { $0.key == field.item })?.plugged
    {
      return .size(plugged)
    }
    return definition.observedValue(of: field)
  }
}
