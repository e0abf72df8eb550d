// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

extension DomainPlanner {
  /// Why a live difference waits for the next start.
  enum Hindrance {
    /// The model refuses the live call, and a start lifts the refusal.
    case refused(Refusal)
    /// The policy forbids the live call.
    case byPolicy
    /// The domain is shut off, and the saved image that its next start resumes has the difference.
    case inSavedImage
  }

  /// The operations of a plan, and the domain after them.
  struct Draft {
    var operations: [Operation] = []
    var state: ObservedDomain
    /// ``state``, normalised.
    var normalised: NormalisedDomain
  }

  /// Why a draft has to start over, and what the planner learns from it.
  enum Setback: Error {
    case blocked(Refusal)
    case heldBack([FieldPath], Hindrance)
    case redefinition([FieldPath])
    case reassertion([FieldPath])

    /// The fields that the setback is about.
    var fields: [FieldPath] {
      switch self {
      case .blocked(let refusal): refusal.fields
      case .heldBack(let fields, _), .redefinition(let fields), .reassertion(let fields): fields
      }
    }
  }
}

extension DomainPlanner {
  /// Adds `operation` to `draft`, if the model, the policy and the shrink guard accept it.
  func append(_ operation: Operation, to draft: inout Draft) throws(Setback) {
    var moved: [FieldPath] { operation.changes.changedFields }
    // The policy does not judge calls that are never live, because the model refuses them.
    let isLeftOut =
      operation.disruption > policy.disruption && operation.disruption < .restart
    let next: ObservedDomain
    do throws(Refusal) {
      try draft.checkUnambiguous(of: operation)
      next = try behaviour.result(of: operation, on: draft.state)
      try shrinkGuard.check(operation, on: draft.state)
    } catch {
      if operation.plane == .persistent && error.rule.isLiftedByRedefinition {
        throw .redefinition(error.fields)
      }
      // A change that waits for the start under every policy is not held back by the policy.
      let isHeldBack =
        operation.plane == .live && error.rule.isLiftedByStart && !operation.isPlain
      if isHeldBack { throw .heldBack(moved, .refused(error)) }
      throw isLeftOut && !operation.isPlain ? .heldBack(moved, .byPolicy) : .blocked(error)
    }
    if isLeftOut && operation.isPlain { throw .blocked(Refusal(.needsPowerOff, moved)) }
    if isLeftOut { throw .heldBack(moved, .byPolicy) }
    let normalised =
      operation.isPlain
      ? behaviour.normalised(next)
      : behaviour.normalised(next, changedOn: operation.plane, since: draft.normalised)
    if let call = operation.call {
      try checkUndeclared(call, from: draft.normalised, to: normalised)
    }
    draft.operations.append(operation)
    draft.state = next
    draft.normalised = normalised
  }

  /// Refuses a call by which libvirt would lower an undeclared `currentMemory`.
  private func checkUndeclared(
    _ call: Call, from before: NormalisedDomain, to after: NormalisedDomain
  ) throws(Setback) {
    guard [.setMaxMemory, .redefine].contains(call.action), let old = before[call.plane],
      let new = after[call.plane],
      case .exactly(let was)? = old.currentMemory,
      case .exactly(let becomes)? = new.currentMemory,
      becomes < was, active(on: call.plane).currentMemory == nil,
      // Without a balloon `currentMemory` is always RAM at boot plus DIMMs.
      !old.memballoon.isRuledOut, !new.memballoon.isRuledOut,
      !call.changes.contains(where: { $0.field == .currentMemory })
    else { return }
    let isDeclared = desired.configuration.currentMemory != nil
    let moved = call.changed
    let sizes = moved.filter { field in
      [.memory, .cellMemory, .cellState, .numa].contains(field.name)
        || field.name.state == .deviceState
    }
    throw .blocked(
      Refusal(
        .memoryBelowCurrentMemory, sizes.isEmpty ? moved : sizes,
        instance: isDeclared
          ? "currentMemory would fall from \(was) to \(becomes)"
          : "currentMemory is not declared and would fall from \(was) to \(becomes)",
        remedy: """
          \(isDeclared ? "Lower `currentMemory` to" : "Declare a `currentMemory` of") at most \
          \(becomes.manifestText).
          """))
  }

  /// Refuses to hold changes back on a domain that has no next start.
  func checkHeldBack(_ draft: Draft) throws(Setback) {
    for (field, why) in heldBack.sorted(by: { $0.key < $1.key })
    where blocked[field] == nil && differs(field, in: draft.normalised) {
      guard draft.state.persistent == nil else { continue }
      switch why {
      case .refused(let refusal) where refusal.rule.meaning != .neverLive:
        throw .blocked(refusal)
      case .byPolicy:
        throw .blocked(
          Refusal(
            .transientHasNoNextStart, [field],
            instance:
              "the policy forbids the live change, and a transient domain has no next start",
            remedy: """
              To allow the live change, declare `policy.disruption: live` and leave out `--allow \
              none`.
              """))
      case .refused, .inSavedImage:
        throw .blocked(
          Refusal(
            .transientHasNoNextStart, [field],
            remedy: """
              Create the domain again with the new value (`virsh create FILE`), make the domain \
              persistent (`virsh define FILE`), or remove the field from the manifest.
              """))
      }
    }
  }
}

extension Operation {
  /// Whether the operation is a call that writes the one definition that its driver has.
  var isPlain: Bool { call?.form == .plain }
}
