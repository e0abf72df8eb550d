// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// The calls that would bring one definition to what is desired, the model not yet asked.
struct Proposals {
  /// What is desired; a leaf that is nil is left alone.
  let desired: MemoryConfiguration
  private let plane: Plane
  /// The definition, normalised.
  let definition: MemoryConfiguration
  private let behaviour: HypervisorBehaviour
  /// The fields that are desired and not as desired.
  private let differing: [FieldPath]
  /// Fields whose own call was refused where a redefinition is not.
  private let redefining: Set<FieldPath>

  /// Fields that are as desired, and would not be after a redefinition that does not write them.
  private let reasserting: Set<FieldPath>
  /// Whether the balloon's figure is nobody's, so that it goes with the devices.
  private let figureFollows: Bool

  /// Makes the proposals for a normalised definition, of whose fields only `managed` are looked at.
  init(
    _ desired: MemoryConfiguration, _ managed: [FieldPath],
    for definition: MemoryConfiguration, on plane: Plane, behaviour: HypervisorBehaviour,
    redefining: Set<FieldPath>, reasserting: Set<FieldPath>, figureFollows: Bool
  ) {
    self.reasserting = reasserting
    self.redefining = redefining
    self.figureFollows = figureFollows
    self.desired = desired
    self.plane = plane
    self.definition = definition
    self.behaviour = behaviour
    differing = managed.filter { field in
      !behaviour.isAsDesired(field, desired, in: definition, on: plane)
    }
  }

  /// Every operation that a difference asks for, each with all that it writes.
  var operations: [Operation] {
    guard !differing.isEmpty else { return [] }
    let redefined = differing.filter(isRedefined)
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
    return !HypervisorBehaviour.hasOwnCall(field.name) || redefining.contains(field)
  }

  private func call(_ action: Action, _ changes: [Change]) -> Call {
    Call(action, on: plane, changes: changes, form: behaviour.driver.callForm)
  }

  private func change(_ field: FieldPath) -> Change {
    Change(
      field: field, from: behaviour.observedValue(field, in: definition), to: target(of: field))
  }

  /// What a call makes of `field`: as desired where it is not so, of a range the nearest bound.
  private func target(of field: FieldPath) -> FieldValue? {
    guard differs(field) else { return definition[field] }
    switch (desired[field], definition[field]) {
    case (.sizeRange(let range)?, .size(let size)?):
      return .size(MemoryTarget.within(range).nearest(to: size))
    // What is added begins with the least that is asked for.
    case (.sizeRange(let range)?, _): return .size(range.lowerBound)
    case (let value, _): return value
    }
  }

  // MARK: - Redefinition

  /// One redefinition with all that is persistent.
  ///
  /// What runs can't be redefined: what only that could change is a call by itself, so that its
  /// refusal holds nothing else back.
  private func redefinition(_ redefined: [FieldPath]) -> Call {
    guard plane == .persistent else { return call(.redefine, redefined.map(change)) }
    let changed = differing.filter { $0 != .currentMemory || !goesWithMemory }
    var changes = changed.flatMap(changes) + identities(of: changed)
    changes += reasserting.sorted().filter { !differs($0) && desired[$0] != nil }.map(change)
    if let figure = followingFigure(changed) { changes.append(figure) }
    if let memory = insertedCell(changed) { changes.append(memory) }
    return call(.redefine, changes)
  }

  /// The memory of the cell that libvirt would insert for the ceiling, where cells or bindings of
  /// cells are desired: with it their fields can come in the same redefinition.
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

  /// The change of a field, and where it takes an item away, of all that the item has.
  private func changes(of field: FieldPath) -> [Change] {
    guard field.name.isState, desired[field] == ItemState.absent.fieldValue else {
      return [change(field)]
    }
    let leaves = definition.fields(ofItemOf: field).filter { !$0.name.isState }
    return leaves.map { Change(field: $0, from: definition[$0], to: nil) } + [change(field)]
  }

  /// What tells devices that have no alias from others, for those of `changed` that stay.
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

  /// What tells the device from others, unchanged; nothing where it has an alias, or is not there.
  private func identity(of field: FieldPath) -> [Change] {
    guard let item = field.item,
      let device = definition.devices.first(where: { $0.hasKey(item) }), device.alias == nil
    else { return [] }
    let names: [FieldName] = [
      .deviceModel, .deviceSize, .deviceBlock, .deviceNode, .devicePageSize, .deviceNodemask,
      .devicePath,
    ]
    return names.map { FieldPath($0, item) }.compactMap { path in
      definition[path].map { Change(field: path, from: $0, to: $0) }
    }
  }

  /// Whether currentMemory follows memory by itself: without a balloon it can do nothing else.
  private var goesWithMemory: Bool {
    definition.memballoon.isRuledOut && differs(.memory)
  }

  /// Where DIMMs join or leave, a figure that nobody declares follows them, as QEMU's does live.
  private func followingFigure(_ changed: [FieldPath]) -> Change? {
    // Without a balloon, be it now or with this change, the figure is the reach itself.
    let hasBalloon = !definition.memballoon.isRuledOut && !desired.memballoon.isRuledOut
    guard figureFollows, hasBalloon, case .exactly(let figure)? = definition.currentMemory
    else { return nil }
    var (joining, leaving) = (MemorySize.zero, MemorySize.zero)
    var moves = false
    for item in Set(changed.filter { $0.name.state == .deviceState }.compactMap(\.item)) {
      let wish = desired.devices.first { $0.hasKey(item) }
      let device = definition.devices.first { $0.hasKey(item) }
      if wish?.state == .absent {
        moves = true
        if device?.model == .dimm { leaving = leaving + (device?.fullSize ?? .zero) }
      } else if device == nil {
        moves = true
        if wish?.model == .dimm { joining = joining + (wish?.fullSize ?? .zero) }
      }
    }
    guard moves else { return nil }
    let becomes = FieldValue.size(max(figure + joining - leaving, .mebibytes(1)))
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
    let moved = [FieldPath(.numatuneMode), FieldPath(.numatuneNodeset)].filter(differs)
    return moved.isEmpty ? nil : call(.setNumaParameters, moved.map(change))
  }

  /// hard_limit and swap_hard_limit, which libvirt compares with each other.
  ///
  /// A partner that is missing from a persistent call is compared as the *live* definition has it,
  /// so there both are always sent. Live, writing a swap limit of `unlimited` fails on a host
  /// without swap accounting, so it goes along only where there is a swap limit to speak of; and
  /// what others wrote to the kernel, which may be below the hard limit, is not sent again where
  /// libvirt's own record of it will do.
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

  // MARK: - Memory devices of a running guest

  /// Whether plugging can bring the live field about: its device comes, goes, or is resized.
  private func isPlugged(_ field: FieldPath) -> Bool {
    guard let item = field.item else { return false }
    let isThere = definition.devices.contains { $0.hasKey(item) }
    return !isThere || field.name == .deviceState || field.name == .deviceRequested
  }

  private var deviceOperations: [Operation] {
    guard plane == .live else { return [] }
    var items: [String] = []
    for case let item? in differing.filter({ $0.name.state == .deviceState }).map(\.item)
    where !items.contains(item) {
      items.append(item)
    }
    return items.map(deviceOperation)
  }

  private func deviceOperation(_ item: String) -> Operation {
    let (state, requested) = (FieldPath(.deviceState, item), FieldPath(.deviceRequested, item))
    if desired[state] == ItemState.absent.fieldValue {
      return .call(call(.detachDevice, changes(of: state)))
    }
    guard let device = definition.devices.first(where: { $0.hasKey(item) }) else {
      let fields = differing.filter { $0.item == item && isDevice($0) }
      return .call(call(.attachDevice, fields.map(change)))
    }
    if let wish = desired[requested], let plugged = device.plugged,
      behaviour.satisfies(wish, definition[requested], field: requested, on: .live)
    {
      return .wait([Change(field: requested, from: .size(plugged), to: wish)])
    }
    return .call(call(.updateDevice, [change(requested)] + identity(of: requested)))
  }

  private func isDevice(_ field: FieldPath) -> Bool { field.name.state == .deviceState }
}
