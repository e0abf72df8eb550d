// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Applies changes to a definition, before the checks whether libvirt accepts it.
extension MemoryConfiguration {
  /// Applies `changes`: removed groups first, then leaves, and removed items last.
  ///
  /// An item that does not exist is created by its first leaf, or by the state `present`.
  mutating func make(_ changes: [Change]) {
    let present = Set(devices.map(\.key))
    for change in changes where change.to == .absence {
      Self.groups[change.field.name]?(&self)
    }
    for change in changes where Self.groups[change.field.name] == nil {
      let isAbsence = change.to == .absence || change.to == ItemState.absent.fieldValue
      self[change.field] = isAbsence ? nil : change.to
      // Observed items have no state.
      if change.field.name.isState { self[change.field] = nil }
    }
    for change in changes where change.to == ItemState.absent.fieldValue {
      remove(itemOf: change.field)
    }
    for index in devices.indices {
      if !present.contains(devices[index].key) { devices[index].complete() }
      // libvirt always makes virtio-pmem shared.
      if devices[index].model == .virtioPmem && devices[index].access == nil {
        devices[index].access = .shared
      }
    }
    cells.sort { $0.id < $1.id }
    memnodes.sort { $0.cell < $1.cell }
    for index in memnodes.indices where memnodes[index].mode == nil {
      memnodes[index].mode = .strict
    }
    // A nodeset without a placement means `static`, even if numad placed the memory before.
    let namesNodes = changes.contains { $0.field.name == .numatuneNodeset && $0.to != nil }
    let saysWho = changes.contains { $0.field.name == .numatunePlacement && $0.to != nil }
    if namesNodes && !saysWho { numatune.memory.placement = .static }
    numatune.memory.complete(placesVCPUsByItself: surroundings.placesVCPUsByItself)
  }

  private var memnodes: [NUMAMemnode] {
    get { numatune.memnodes }
    set { numatune.memnodes = newValue }
  }

  /// The groups that `none` removes as a whole.
  private static let groups: [FieldName: @Sendable (inout MemoryConfiguration) -> Void] = [
    .maxMemory: { $0.maxMemory = MaxMemory() },
    .allocation: { $0.memoryBacking.allocation = MemoryAllocation() },
    .numatune: { $0.numatune = NUMATuning() },
    .numatuneMemory: { $0.numatune.memory = NUMABinding() },
    .memnodes: { $0.numatune.memnodes = [] },
    .numa: { $0.cells = [] },
  ]

  /// Whether the item of `field` exists; true if `field` belongs to no item.
  func has(itemOf field: FieldPath) -> Bool {
    guard let key = field.item else { return true }
    return switch field.name.state {
    case .deviceState: devices.contains { $0.hasKey(key) }
    case .cellState: cells.contains { $0.hasKey(key) }
    case .memnodeState: memnodes.contains { $0.hasKey(key) }
    default: true
    }
  }

  /// Removes the item whose state `field` is.
  private mutating func remove(itemOf field: FieldPath) {
    guard let key = field.item else { return }
    switch field.name {
    case .deviceState: devices.removeAll { $0.hasKey(key) }
    case .cellState: cells.removeAll { $0.hasKey(key) }
    case .memnodeState: memnodes.removeAll { $0.hasKey(key) }
    default: break
    }
  }

  /// The index of the device to which `field` belongs; nil if there is no such device.
  func device(of field: FieldPath) -> Int? {
    guard field.name.state == .deviceState, let key = field.item else { return nil }
    return devices.firstIndex { $0.hasKey(key) }
  }

  /// The sentence that RAM at boot and all devices exceed `<maxMemory>`; nil if they do not.
  var excessOverCeiling: String? {
    guard let ceiling = maxMemory.size, let memory, memory + deviceTotal > ceiling else {
      return nil
    }
    let devices = devices.isEmpty ? "" : " plus memory devices of \(deviceTotal)"
    return "\(memory)\(devices) is more than the maxMemory of \(ceiling)"
  }
}

extension MemoryDevice {
  /// Adds what libvirt and virtmem's own redefinition add to a new device.
  fileprivate mutating func complete() {
    alias = name
    if model == .virtioMem && requested == nil { requested = .exactly(.zero) }
  }
}

extension NUMABinding {
  /// Adds what libvirt adds if there is a binding, or if numad places the processors.
  fileprivate mutating func complete(placesVCPUsByItself: Bool) {
    guard !isEmpty || placesVCPUsByItself else { return }
    mode = mode ?? .strict
    placement = placement ?? (nodeset == nil && placesVCPUsByItself ? .auto : .static)
    if placement == .auto { nodeset = nil }
  }
}
