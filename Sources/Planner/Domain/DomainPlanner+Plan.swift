// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

extension DomainPlanner {
  /// Makes the domain's plan from `draft`.
  func plan(_ draft: Draft, host: String, on observedHost: ObservedHost) -> DomainPlan {
    let operations = desired.isSuspended ? [] : draft.operations
    let steps = operations.enumerated().map { number, operation in
      Step(
        id: "\(host)/\(observed.name)/\(number + 1)", operation: operation,
        disruption: operation.disruption, reason: operation.reason)
    }
    let fields = managed.map { field(at: $0, draft) }
    let blockers = managed.filter { isBlocked($0, draft) }.compactMap { path in
      blocked[path].map { blocker(of: path, $0, draft) }
    }
    let basis = steps.isEmpty ? nil : Basis(of: fields, on: observedHost)
    let head = basis?.head(of: observed)
    var plan = DomainPlan(
      name: observed.name, uuid: observed.uuid.isEmpty ? nil : observed.uuid, host: host,
      state: observed.state,
      verdict: desired.isSuspended ? .suspended : fields.map(\.verdict).max() ?? .inSync,
      policy: policy,
      basis: head.flatMap { basis?.fingerprint(after: $0, normalised) },
      goalHash: head.flatMap { basis?.fingerprint(after: $0, draft.normalised) }, fields: fields,
      steps: steps, blockers: blockers,
      headroom: Headroom(of: observed, normalised, behaviour, next: draft.state.persistent),
      position: desired.position)
    // Only the manifest identifies a device that should be absent but stays, and apply has no
    // manifest. So both hashes name the devices as the plan does.
    if let basis, desired.configuration.devices.contains(where: { $0.state == .absent }) {
      plan.basis = basis.fingerprint(of: plan.naming(observed, on: observedHost))
      plan.goalHash = basis.fingerprint(of: plan.naming(draft.state, on: observedHost))
    }
    return plan
  }

  private func field(at path: FieldPath, _ draft: Draft) -> PlannedField {
    let isChanged = draft.operations.contains { operation in
      operation.changes.contains { $0.field == path && $0.changesValue }
    }
    let verdict: Verdict
    if isBlocked(path, draft) {
      verdict = .blocked
    } else if isChanged || differs(path, in: normalised, on: .persistent) {
      // Another field's step can change this field too: raising `memory` lifts libvirt's clamp on
      // `currentMemory`.
      verdict = .change
    } else if differs(path, in: draft.normalised) {
      verdict = .pendingRestart
    } else {
      verdict = differs(path, in: normalised) ? .change : .inSync
    }
    let desiredValue = desired.configuration[path] ?? .absence
    return PlannedField(
      path: path, desired: desiredValue,
      live: seen(path, .live, desiredValue), persistent: seen(path, .persistent, desiredValue),
      verdict: verdict, heldBack: whatHoldsBack(path, verdict, draft),
      source: desired.sources[path])
  }

  /// Why the running guest does not get `path` from this plan; nil if it does.
  private func whatHoldsBack(_ path: FieldPath, _ verdict: Verdict, _ draft: Draft) -> HeldBack? {
    guard verdict == .change || verdict == .pendingRestart, !desired.isSuspended,
      differs(path, in: draft.normalised, on: .live)
    else { return nil }
    if case .byPolicy? = heldBack[path] { return .policy }
    return .start
  }

  /// Whether a refusal keeps `path` from its desired value.
  ///
  /// It does not if the field has that value already, or if another field's step sets it.
  func isBlocked(_ path: FieldPath, _ draft: Draft) -> Bool {
    blocked[path] != nil && differs(path, in: draft.normalised)
  }

  /// The value that a plan shows of a field: what absence means if it is missing, or a desired
  /// `none`.
  private func seen(_ path: FieldPath, _ plane: Plane, _ desired: FieldValue) -> FieldValue? {
    guard let definition = normalised.shown(on: plane) else { return nil }
    let value = definition.observedValue(of: path)
    return value ?? (desired == .absence ? .absence : nil)
  }
}

extension Operation {
  /// Why a plan has the operation, in one sentence.
  fileprivate var reason: String {
    switch self {
    case .call(let call): call.reason
    case .wait: "The guest was asked for it before and is still on its way."
    }
  }
}

extension Call {
  /// Why the call is made, in one sentence.
  fileprivate var reason: String {
    let moved = changes.changingValue
    switch action {
    case .attachDevice: return "The running guest lacks the device."
    case .detachDevice: return "The running guest has the device and should not."
    case .redefine where moved.count > 2:
      let fields = moved.map(\.field.description).joined(separator: ", ")
      return "The \(plane.rawValue) definition is not as desired in \(fields)."
    default: break
    }
    // Appended piece by piece for speed, because this runs for each step of a fleet.
    var text = ""
    text.reserveCapacity(192)
    text += "On the "
    text += plane.rawValue
    text += " definition "
    for (number, change) in moved.enumerated() {
      if number > 0 { text += ", " }
      text += change.field.description
      text += " is "
      text += change.from?.description ?? "not set"
      text += " and should be "
      text += change.to?.description ?? "not set"
    }
    text += partners
    text += "."
    return text
  }

  /// The clause about fields that the call sends only because libvirt compares them.
  private var partners: String {
    guard action == .setMemoryParameters, changes.contains(where: { !$0.changesValue }) else {
      return ""
    }
    let along = changes.filter { !$0.changesValue }.map(\.field.description)
    return "; \(along.joined(separator: " and ")) goes along, for libvirt compares the two"
  }
}
