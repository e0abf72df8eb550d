// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// Plans one domain: proposes the calls that its differences need, asks the model about each in
/// order, and learns from every refusal until the model accepts all that is left.
///
/// Every round either ends with a draft or notes something new about a field, for example that it
/// is blocked or held back, so planning ends. The model also gives the state after a draft.
struct DomainPlanner {
  let desired: DesiredDomain
  let observed: ObservedDomain
  /// ``observed``, normalised.
  let normalised: NormalisedDomain
  let behaviour: GuestBehaviour
  /// The managed fields, in the order of the field table.
  let managed: [FieldPath]
  /// The domain's policy, limited to what the run allows.
  let policy: Policy
  let shrinkGuard: ShrinkGuard
  private(set) var blocked: [FieldPath: Refusal] = [:]
  private(set) var heldBack: [FieldPath: Hindrance] = [:]
  /// The fields that are redefined because their own persistent call is refused.
  private var redefining: Set<FieldPath> = []
  /// The fields that a redefinition would undo and therefore writes too.
  private var reasserted: Set<FieldPath> = []

  /// Makes the planner of a domain on `host`; `ceiling` is the strongest disruption allowed.
  init(
    _ desired: DesiredDomain, observed: ObservedDomain, on host: ObservedHost,
    behaviour: GuestBehaviour, ceiling: Disruption
  ) {
    self.desired = desired
    self.observed = behaviour.naming(
      behaviour.fillingInBalloons(of: observed), as: desired.configuration.devices)
    self.behaviour = behaviour
    normalised = behaviour.normalised(self.observed)
    managed = desired.configuration.declaredFields
    var policy = desired.policy
    // Restarts are not supported yet: they are planned as live changes, and the plan says so.
    policy.disruption = min(policy.disruption, ceiling, .live)
    self.policy = policy
    shrinkGuard = ShrinkGuard(policy.shrink, nodes: host.nodes)
    for refusal in devicesThatMayBeOthers { block(refusal) }
  }

  /// Blocks the fields of `refusal`, which can also come from outside, as for a host's budget.
  mutating func block(_ refusal: Refusal) {
    for field in refusal.fields.flatMap(inseparable) where blocked[field] == nil {
      blocked[field] = refusal
    }
  }

  /// The managed fields that depend on `field`: a new item is added as a whole or not at all.
  private func inseparable(_ field: FieldPath) -> [FieldPath] {
    guard let state = field.name.state else { return [field] }
    let path = FieldPath(state, field.item)
    let isMissing = Plane.allCases.contains { plane in
      normalised[plane].map { $0.observedValue(of: path) } == ItemState.absent.fieldValue
    }
    guard isMissing else { return [field] }
    return managed.filter { $0.item == field.item && $0.name.state == state }
  }

  /// Finds the calls that bring the domain as near to its desired state as possible.
  mutating func draft() -> Draft {
    if let state = observed.transientState {
      let fields = managed.filter { differs($0, in: normalised) }
      block(Refusal(.domainBusy, fields, instance: "the domain is \(state)"))
    }
    if !observed.isActive && observed.live != nil {
      for field in managed { heldBack[field] = .inSavedImage }
    }
    while true {
      do throws(Setback) {
        return try attempt()
      } catch {
        let isNew = learn(from: error)
        // A setback with nothing new would repeat forever, so its fields are blocked.
        if !isNew { block(restricted(Refusal(.callWithoutEffect, error.fields))) }
      }
    }
  }

  /// Records what `setback` says about its fields; false if all of it was known.
  private mutating func learn(from setback: Setback) -> Bool {
    switch setback {
    case .blocked(let refusal):
      block(restricted(refusal))
      return true
    case .heldBack(let fields, let why):
      let isNew = fields.contains { heldBack[$0] == nil }
      for field in fields { heldBack[field] = why }
      return isNew
    case .redefinition(let fields):
      let isNew = !redefining.isSuperset(of: fields)
      redefining.formUnion(fields)
      return isNew
    case .reassertion(let fields):
      let isNew = !reasserted.isSuperset(of: fields)
      reasserted.formUnion(fields)
      return isNew
    }
  }

  /// Whether `field` is not as desired on at least one definition of `state`.
  func differs(_ field: FieldPath, in state: NormalisedDomain) -> Bool {
    Plane.allCases.contains { differs(field, in: state, on: $0) }
  }

  /// Whether `field` is not as desired on one definition of `state`.
  func differs(_ field: FieldPath, in state: NormalisedDomain, on plane: Plane) -> Bool {
    guard let definition = state[plane] else { return false }
    return !behaviour.isAsDesired(field, desired.configuration, in: definition, on: plane)
  }

  private func attempt() throws(Setback) -> Draft {
    var draft = Draft(state: observed, normalised: normalised)
    var open = (
      live: operations(for: draft, on: .live), persistent: operations(for: draft, on: .persistent)
    )
    // libvirt changes some values by itself, so the remaining operations are proposed anew after
    // each operation.
    while let next = (open.live + open.persistent).min(by: { Phase(of: $0) < Phase(of: $1) }) {
      // An operation that is proposed again had no effect, so its fields are blocked.
      guard !draft.operations.contains(next) else {
        throw .blocked(Refusal(.callWithoutEffect, next.changes.map(\.field)))
      }
      try checkIsAlone(next, in: draft)
      try append(next, to: &draft)
      if next.plane == .live || next.isPlain { open.live = operations(for: draft, on: .live) }
      if next.plane == .persistent || next.isPlain {
        open.persistent = operations(for: draft, on: .persistent)
      }
    }
    try checkHeldBack(draft)
    if let refusal = refusalOfParts(draft) { throw .blocked(refusal) }
    return draft
  }

  /// Refuses a persistent call after a redefinition, which must carry all persistent changes.
  ///
  /// The redefinition then writes the call's fields unchanged, so that the model can refuse them.
  private func checkIsAlone(_ operation: Operation, in draft: Draft) throws(Setback) {
    let isLate =
      operation.plane == .persistent
      && draft.operations.contains { $0.plane == .persistent && $0.call?.action == .redefine }
    guard isLate else { return }
    let fields = operation.changes.map(\.field).filter { !reasserted.contains($0) }
    if !fields.isEmpty { throw .reassertion(fields) }
  }

  /// The operations that the differences on `plane` need.
  private func operations(for draft: Draft, on plane: Plane) -> [Operation] {
    guard let definition = draft.normalised[plane] else { return [] }
    // A driver with plain calls has one definition, which is that of the running guest.
    let isOne = behaviour.driver.callForm == .plain && observed.isActive
    guard plane == .live || !isOne else { return [] }
    return Proposals(
      active(on: plane), activeFields(on: plane), for: definition, on: plane, behaviour: behaviour,
      redefining: plane == .persistent ? redefining : [],
      reasserting: reasserted, balloonTargetFollows: desired.configuration.currentMemory == nil
    ).operations
  }

  /// The desired configuration without blocked fields, and live without those held back.
  func active(on plane: Plane) -> MemoryConfiguration {
    guard !blocked.isEmpty || !heldBack.isEmpty else { return desired.configuration }
    var configuration = desired.configuration
    for field in blocked.keys { configuration[field] = nil }
    if plane == .live {
      for field in heldBack.keys { configuration[field] = nil }
    }
    return configuration
  }

  /// The managed fields that ``active(on:)`` contains.
  private func activeFields(on plane: Plane) -> [FieldPath] {
    guard !blocked.isEmpty || !heldBack.isEmpty else { return managed }
    return managed.filter { blocked[$0] == nil && (plane == .persistent || heldBack[$0] == nil) }
  }

  /// The refusal for only those of its fields that are managed and not as desired.
  private func restricted(_ refusal: Refusal) -> Refusal {
    let managed = refusal.fields.filter { desired.configuration[$0] != nil && blocked[$0] == nil }
    let differing = managed.filter { differs($0, in: normalised) }
    // A refusal must block at least one field, or `draft()` would never end.
    let open = self.managed.filter { blocked[$0] == nil }
    let stopped = differing.isEmpty ? (managed.isEmpty ? open : managed) : differing
    return refusal.of(stopped)
  }
}
