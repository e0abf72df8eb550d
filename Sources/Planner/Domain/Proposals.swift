// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// The calls that would bring one definition to the desired state, before the model judges them.
struct Proposals {
  /// The desired configuration; a leaf that is nil is left alone.
  let desired: MemoryConfiguration
  let plane: Plane
  /// The normalised definition.
  let definition: MemoryConfiguration
  let behaviour: GuestBehaviour
  /// The managed fields that are not as desired.
  let differing: [FieldPath]
  /// The fields that are redefined because their own call is refused.
  private let redefining: Set<FieldPath>

  /// The fields that are as desired, but would not be after a redefinition that leaves them out.
  private let reasserting: Set<FieldPath>
  /// Whether `currentMemory` is undeclared, so that it follows the DIMMs.
  private let balloonTargetFollows: Bool

  /// Makes the proposals for a normalised definition, comparing only the `managed` fields.
  init(
    _ desired: MemoryConfiguration, _ managed: [FieldPath],
    for definition: MemoryConfiguration, on plane: Plane, behaviour: GuestBehaviour,
    redefining: Set<FieldPath>, reasserting: Set<FieldPath>, balloonTargetFollows: Bool
  ) {
    self.reasserting = reasserting
    self.redefining = redefining
    self.balloonTargetFollows = balloonTargetFollows
    self.desired = desired
    self.plane = plane
    self.definition = definition
    self.behaviour = behaviour
    differing = managed.filter { field in
      !behaviour.isAsDesired(field, desired, in: definition, on: plane)
    }
  }

  /// The operations that the differences need, each with all fields that it writes.
  var operations: [Operation] {
    guard !differing.isEmpty else { return [] }
    let redefined = differing.filter { isRedefined($0) }
    if !redefined.isEmpty { return [.call(redefinition(redefined))] }
    return deviceOperations
      + [
        binding, memory, currentMemory, limits, single(.softLimit), single(.minGuarantee),
        statsPeriod,
      ].compactMap { $0.map(Operation.call) }
  }

  private func differs(_ field: FieldPath) -> Bool {
    differing.contains(field)
  }

  private func isRedefined(_ field: FieldPath) -> Bool {
    if field.name.state == .deviceState && plane == .live { return !isPlugged(field) }
    return !field.name.calls.hasOwnPersistentCall || redefining.contains(field)
  }

  func call(_ action: Action, _ changes: [Change]) -> Call {
    Call(action, on: plane, changes: changes, form: behaviour.driver.callForm)
  }

  func change(_ field: FieldPath) -> Change {
    Change(
      field: field, from: definition.observedValue(of: field), to: target(of: field))
  }

  /// The value that a call gives `field`: the desired one, of a range the nearest bound.
  ///
  /// A field that is as desired keeps its value.
  private func target(of field: FieldPath) -> FieldValue? {
    guard differs(field) else { return definition[field] }
    switch (desired[field], definition[field]) {
    case (.sizeRange(let range)?, .size(let size)?):
      return .size(MemoryTarget.within(range).nearest(to: size))
    // A field that has no size yet starts with the lower bound.
    case (.sizeRange(let range)?, _): return .size(range.lowerBound)
    case (let value, _): return value
    }
  }

  // MARK: - Redefinition

  /// One redefinition with all persistent changes.
  ///
  /// libvirt can't redefine a running guest. A live difference that needs it is a call by itself,
  /// so that its refusal holds nothing else back.
  private func redefinition(_ redefined: [FieldPath]) -> Call {
    guard plane == .persistent else { return call(.redefine, redefined.map(change)) }
    let changed = differing.filter { $0 != .currentMemory || !goesWithMemory }
    var changes = changed.flatMap(changes) + identities(of: changed)
    changes += reasserting.sorted().filter { !differs($0) && desired[$0] != nil }.map(change)
    if let balloonTarget = followingBalloonTarget(changed) { changes.append(balloonTarget) }
    if let memory = insertedCell(changed) { changes.append(memory) }
    return call(.redefine, changes)
  }

  /// The memory of the cell that libvirt would insert for `<maxMemory>`, if cells or bindings of
  /// cells are desired.
  ///
  /// With it the same redefinition can set the fields of that cell.
  private func insertedCell(_ changed: [FieldPath]) -> Change? {
    let field = FieldPath(.cellMemory, "0")
    let joins = changed.contains { field in
      guard let state = field.name.state, state == .cellState || state == .memnodeState else {
        return false
      }
      return desired[FieldPath(state, field.item)] != ItemState.absent.fieldValue
    }
    var after = definition
    if let ceiling = desired[.maxMemorySize] { after[.maxMemorySize] = ceiling }
    if desired[.maxMemory] != nil { after.maxMemory = MaxMemory() }
    guard joins, !changed.contains(field),
      behaviour.insertsCell(into: after)
    else { return nil }
    return Change(field: field, from: nil, to: desired[.memory] ?? definition[.memory])
  }

  /// The change of a field; if it removes an item, also the changes of all that the item has.
  func changes(of field: FieldPath) -> [Change] {
    guard field.name.isState, desired[field] == ItemState.absent.fieldValue else {
      return [change(field)]
    }
    let leaves = definition.fields(ofItemOf: field).filter { !$0.name.isState }
    return leaves.map { Change(field: $0, from: definition[$0], to: nil) } + [change(field)]
  }

  /// The fields that identify devices without an alias, for those devices of `changed` that stay.
  private func identities(of changed: [FieldPath]) -> [Change] {
    var devices: [String] = []
    for case let item? in changed.filter({ $0.name.state == .deviceState }).map(\.item)
    where !devices.contains(item) {
      devices.append(item)
    }
    return devices.flatMap { item -> [Change] in
      let state = FieldPath(.deviceState, item)
      let stays = desired[state] != ItemState.absent.fieldValue
      return stays ? identity(of: state).filter { !changed.contains($0.field) } : []
    }
  }

  /// The unchanged fields that identify the device; none if it has an alias or does not exist.
  func identity(of field: FieldPath) -> [Change] {
    guard let item = field.item,
      let device = definition.devices.first(where: { $0.hasKey(item) }), device.alias == nil
    else { return [] }
    return FieldName.identity.map { FieldPath($0, item) }.compactMap { path in
      definition[path].map { Change(field: path, from: $0, to: $0) }
    }
  }

  /// Whether `currentMemory` follows `memory` by itself, as it must without a balloon.
  private var goesWithMemory: Bool {
    definition.memballoon.isRuledOut && differs(.memory)
  }

  /// The change of an undeclared `currentMemory` that follows added and removed DIMMs.
  ///
  /// QEMU's live balloon target follows them in the same way.
  private func followingBalloonTarget(_ changed: [FieldPath]) -> Change? {
    // Without a balloon, before or after this change, `currentMemory` is RAM at boot plus DIMMs.
    let hasBalloon = !definition.memballoon.isRuledOut && !desired.memballoon.isRuledOut
    guard balloonTargetFollows, hasBalloon,
      case .exactly(let balloonTarget)? = definition.currentMemory
    else { return nil }
    var (joining, leaving) = (MemorySize.zero, MemorySize.zero)
    var moves = false
    for item in Set(changed.filter { $0.name.state == .deviceState }.compactMap(\.item)) {
      let declared = desired.devices.first { $0.hasKey(item) }
      let device = definition.devices.first { $0.hasKey(item) }
      if declared?.state == .absent {
        moves = true
        if device?.model == .dimm { leaving = leaving + (device?.fullSize ?? .zero) }
      } else if device == nil {
        moves = true
        if declared?.model == .dimm { joining = joining + (declared?.fullSize ?? .zero) }
      }
    }
    guard moves else { return nil }
    let becomes = FieldValue.size(max(balloonTarget + joining - leaving, .mebibytes(1)))
    return Change(field: .currentMemory, from: definition[.currentMemory], to: becomes)
  }

  // MARK: - Calls of their own

  private var memory: Call? {
    differs(.memory) ? call(.setMaxMemory, [change(.memory)]) : nil
  }

  private var currentMemory: Call? {
    differs(.currentMemory) && !goesWithMemory
      ? call(.setMemory, [change(.currentMemory)]) : nil
  }

  private var binding: Call? {
    let moved = [FieldPath(.numatuneMode), FieldPath(.numatuneNodeset)].filter { differs($0) }
    return moved.isEmpty ? nil : call(.setNumaParameters, moved.map(change))
  }

  /// The call for hard_limit and swap_hard_limit, which libvirt compares with each other.
  ///
  /// If a persistent call leaves one out, libvirt compares its *live* value, so persistent calls
  /// always send both. Live, writing the swap limit `unlimited` fails on a host without swap
  /// accounting, so it is sent only if there is a swap limit. A swap limit that others wrote to the
  /// kernel may be below the hard limit; it is not sent again, because libvirt compares with its
  /// own record.
  private var limits: Call? {
    guard differs(.hardLimit) || differs(.swapHardLimit) else { return nil }
    let recorded = definition.surroundings.recordedLimits?.swapHardLimit
    let isForeign = recorded != nil && recorded != definition.memtune.swapHardLimit
    let hasSwapLimit =
      differs(.swapHardLimit)
      || (definition.memtune.swapHardLimit != .unlimited && !isForeign)
      || (desired.memtune.swapHardLimit ?? .unlimited) != .unlimited
    let both =
      differs(.swapHardLimit)
      || behaviour.hasSwapLimit && (plane == .persistent || hasSwapLimit)
    return call(
      .setMemoryParameters, [change(.hardLimit)] + (both ? [change(.swapHardLimit)] : []))
  }

  private func single(_ field: FieldPath) -> Call? {
    differs(field) ? call(.setMemoryParameters, [change(field)]) : nil
  }

  private var statsPeriod: Call? {
    differs(.statsPeriod) ? call(.setMemoryStatsPeriod, [change(.statsPeriod)]) : nil
  }
}
