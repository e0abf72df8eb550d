// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// Plans one domain: proposes the calls that its differences ask for, asks the model about each in
/// order, and learns from every refusal until all that is left has been accepted.
///
/// Every round either ends with a draft or blocks or holds back one more field, so it comes to an
/// end. What a draft leads to is known, because the model said so.
struct DomainPlanner {
  /// Why a live difference is left to the next start.
  enum Hindrance {
    /// The live call is refused until then.
    case refused(Refusal)
    /// The policy keeps it out.
    case byPolicy
    /// The domain is shut off, and the difference is in the image that its next start resumes.
    case inSavedImage
  }

  /// The calls of a plan and the domain as they leave it.
  struct Draft {
    var calls: [Call] = []
    var state: ObservedDomain
    /// ``state``, normalised.
    var normalised: NormalisedDomain
  }

  private enum Setback: Error {
    case blocked(Refusal)
    case heldBack([FieldPath], Hindrance)
    case redefinition([FieldPath])
    case reassertion([FieldPath])

    /// The fields that it is about.
    var fields: [FieldPath] {
      switch self {
      case .blocked(let refusal): refusal.fields
      case .heldBack(let fields, _), .redefinition(let fields), .reassertion(let fields): fields
      }
    }
  }

  let desired: DesiredDomain
  let observed: ObservedDomain
  /// ``observed``, normalised.
  let normalised: NormalisedDomain
  let behaviour: HypervisorBehaviour
  /// The fields that are managed, in the table's order.
  let managed: [FieldPath]
  /// The policy, the run's own ceiling in it.
  let policy: Policy
  private let shrinkGuard: ShrinkGuard
  private(set) var blocked: [FieldPath: Refusal] = [:]
  private(set) var heldBack: [FieldPath: Hindrance] = [:]
  /// The fields whose own persistent call is refused and that are redefined instead.
  private var redefining: Set<FieldPath> = []
  /// The fields that a redefinition would undo, and that go along in it for that.
  private var reasserted: Set<FieldPath> = []

  /// Makes the planner of a domain on `host`; `ceiling` is the strongest effect that the run allows.
  init(
    _ desired: DesiredDomain, observed: ObservedDomain, on host: ObservedHost,
    behaviour: HypervisorBehaviour, ceiling: Disruption
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
    shrinkGuard = ShrinkGuard(policy.shrink, freeMemory: host.freeMemory)
    for refusal in devicesThatMayBeOthers { block(refusal) }
  }

  /// Blocks a field from outside, as a host's budget does.
  mutating func block(_ refusal: Refusal) {
    for field in refusal.fields.flatMap(inseparable) where blocked[field] == nil {
      blocked[field] = refusal
    }
  }

  /// The managed fields that can't be done without `field`: an item comes as a whole or not at all.
  private func inseparable(_ field: FieldPath) -> [FieldPath] {
    guard let state = field.name.state else { return [field] }
    let path = FieldPath(state, field.item)
    let isMissing = Plane.allCases.contains { plane in
      normalised[plane].map { behaviour.observedValue(path, in: $0) } == ItemState.absent.fieldValue
    }
    guard isMissing else { return [field] }
    return managed.filter { $0.item == field.item && $0.name.state == state }
  }

  /// Finds the calls that bring the domain as near to what is desired as it can be.
  mutating func draft() -> Draft {
    if let passing = observed.passingState {
      let fields = managed.filter { differs($0, in: normalised) }
      block(Refusal(.domainBusy, fields, summary: "the domain is \(passing)"))
    }
    if !observed.isActive && observed.live != nil {
      for field in managed { heldBack[field] = .inSavedImage }
    }
    while true {
      do throws(Setback) {
        return try attempt()
      } catch {
        let isNew = learn(from: error)
        // A setback that teaches nothing would come again for ever.
        if !isNew { block(restricted(Refusal(.callWithoutEffect, error.fields))) }
      }
    }
  }

  /// Notes what `setback` says of its fields; false where all of it was known.
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

  /// Whether `field` is not as desired on a definition of `state`.
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
    var calls = (live: calls(for: draft, on: .live), persistent: calls(for: draft, on: .persistent))
    // libvirt changes some values by itself; what it undoes is proposed again, hence the loop.
    while let call = (calls.live + calls.persistent).min(by: { Phase(of: $0) < Phase(of: $1) }) {
      // The same call again means that it does not do what it is for; then nothing of it is done.
      guard !draft.calls.contains(call) else {
        throw .blocked(Refusal(.callWithoutEffect, call.changes.map(\.field)))
      }
      try checkIsAlone(call, in: draft)
      try append(call, to: &draft)
      if call.plane == .live || call.form == .plain {
        calls.live = self.calls(for: draft, on: .live)
      }
      if call.plane == .persistent || call.form == .plain {
        calls.persistent = self.calls(for: draft, on: .persistent)
      }
    }
    try checkHeldBack(draft)
    if let refusal = refusalOfParts(draft) { throw .blocked(refusal) }
    return draft
  }

  /// A domain that is redefined has all its persistent changes in that one redefinition, and what
  /// it would undo stands in it unchanged, so that the model can say no.
  private func checkIsAlone(_ call: Call, in draft: Draft) throws(Setback) {
    let isLate =
      call.plane == .persistent
      && draft.calls.contains { $0.plane == .persistent && $0.action == .redefine }
    let fields = call.changes.map(\.field).filter { !reasserted.contains($0) }
    if isLate && !fields.isEmpty { throw .reassertion(fields) }
  }

  /// Every call that a difference on `plane` asks for.
  private func calls(for draft: Draft, on plane: Plane) -> [Call] {
    guard let definition = draft.normalised[plane] else { return [] }
    // Where there is one definition, the guest that runs has it.
    let isOne = behaviour.driver.callForm == .plain && observed.isActive
    guard plane == .live || !isOne else { return [] }
    return Proposals(
      active(on: plane), activeFields(on: plane), for: definition, on: plane, behaviour: behaviour,
      redefining: plane == .persistent ? redefining : [],
      reasserting: reasserted, figureFollows: desired.configuration.currentMemory == nil
    ).calls
  }

  /// What is desired, less what is blocked, and on the live plane less what is held back.
  private func active(on plane: Plane) -> MemoryConfiguration {
    guard !blocked.isEmpty || !heldBack.isEmpty else { return desired.configuration }
    var configuration = desired.configuration
    for field in blocked.keys { configuration[field] = nil }
    if plane == .live {
      for field in heldBack.keys { configuration[field] = nil }
    }
    return configuration
  }

  /// The managed fields that ``active(on:)`` has.
  private func activeFields(on plane: Plane) -> [FieldPath] {
    guard !blocked.isEmpty || !heldBack.isEmpty else { return managed }
    return managed.filter { blocked[$0] == nil && (plane == .persistent || heldBack[$0] == nil) }
  }

  private func append(_ call: Call, to draft: inout Draft) throws(Setback) {
    let moved = call.changes.filter { $0.from != $0.to }.map(\.field)
    // That some calls are never live is the model's to say, not the policy's.
    let isLeftOut = call.disruption > policy.disruption && call.disruption < .restart
    let next: ObservedDomain
    do throws(Refusal) {
      try draft.checkIsOne(of: call)
      next = try behaviour.outcome(of: call, on: draft.state)
      try shrinkGuard.check(call, on: draft.state)
    } catch {
      if call.plane == .persistent && error.rule.isLiftedByRedefinition {
        throw .redefinition(error.fields)
      }
      // What waits for the start whatever the policy is not left to it by the policy.
      let isHeldBack =
        call.plane == .live && error.rule.isLiftedByStart && call.form == .flagged
      if isHeldBack { throw .heldBack(moved, .refused(error)) }
      throw isLeftOut && call.form == .flagged ? .heldBack(moved, .byPolicy) : .blocked(error)
    }
    if isLeftOut && call.form == .plain { throw .blocked(Refusal(.needsPowerOff, moved)) }
    if isLeftOut { throw .heldBack(moved, .byPolicy) }
    let normalised =
      call.form == .plain
      ? behaviour.normalised(next)
      : behaviour.normalised(next, changedOn: call.plane, since: draft.normalised)
    try checkUndeclared(call, from: draft.normalised, to: normalised)
    draft.calls.append(call)
    draft.state = next
    draft.normalised = normalised
  }

  /// Nothing undeclared is touched: not by libvirt's own doing either.
  private func checkUndeclared(
    _ call: Call, from before: NormalisedDomain, to after: NormalisedDomain
  ) throws(Setback) {
    guard [.setMaxMemory, .redefine].contains(call.action), let old = before[call.plane],
      let new = after[call.plane],
      case .exactly(let was)? = old.currentMemory,
      case .exactly(let becomes)? = new.currentMemory,
      becomes < was, active(on: call.plane).currentMemory == nil,
      // Without a balloon there is no figure but the reach.
      !old.memballoon.isRuledOut, !new.memballoon.isRuledOut,
      !call.changes.contains(where: { $0.field == .currentMemory })
    else { return }
    let moved = call.changes.filter { $0.from != $0.to }.map(\.field)
    let sizes = moved.filter { field in
      [.memory, .cellMemory, .cellState, .numa].contains(field.name)
        || field.name.state == .deviceState
    }
    throw .blocked(
      Refusal(
        .memoryBelowCurrentMemory, sizes.isEmpty ? moved : sizes,
        detail: "currentMemory is \(was) and would fall to \(becomes)."))
  }

  /// What is left to the next start must come right there.
  private func checkHeldBack(_ draft: Draft) throws(Setback) {
    for (field, why) in heldBack where blocked[field] == nil && differs(field, in: draft.normalised)
    {
      guard draft.state.persistent == nil else { continue }
      switch why {
      case .refused(let refusal) where refusal.rule.meaning != .neverLive:
        throw .blocked(refusal)
      case .refused, .byPolicy, .inSavedImage:
        throw .blocked(Refusal(.transientHasNoNextStart, [field]))
      }
    }
  }

  /// The refusal for those fields alone that are managed and not as desired.
  private func restricted(_ refusal: Refusal) -> Refusal {
    let managed = refusal.fields.filter { desired.configuration[$0] != nil && blocked[$0] == nil }
    let differing = managed.filter { differs($0, in: normalised) }
    // A refusal always stops something, or a draft would never come to an end.
    let open = self.managed.filter { blocked[$0] == nil }
    let stopped = differing.isEmpty ? (managed.isEmpty ? open : managed) : differing
    return Refusal(
      refusal.rule, stopped, summary: refusal.summary, detail: refusal.detail)
  }
}
