// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Checks of each memory device, and of its address next to the others.
extension DefinitionCheck {
  func check(_ device: MemoryDevice) throws(Refusal) {
    try checkModel(device)
    try checkComplete(device)
    try checkIsOnMachine(device)
    try checkFields(device)
    try checkNode(device)
    try checkLabel(device)
    try checkAddress(device)
    if let nodes = device.nodemask { try checkHostNodes(nodes, device[.deviceNodemask]) }
    if device.model == .virtioPmem && device.access == .private {
      try refuse(.virtioPmemAlwaysShared, [device[.deviceAccess]])
    }
    if device.model == .virtioPmem && plane == .persistent && isQEMU && !has(.startsVirtioPmem) {
      try refuse(.virtioPmemStartNeeds9_4, [device[.deviceState], device[.deviceModel]])
    }
    if isQEMU && after.surroundings.lacksACPI && device.model.map(guest.plugsByACPI) == true {
      try refuse(.dimmNeedsACPI, [device[.deviceState], device[.deviceModel]])
    }
    guard device.model == .virtioMem else { return }
    try checkBlock(device)
    try checkRequested(device)
    if isQEMU && after.memoryBacking.locked == true {
      try refuse(.virtioMemWithLocked, [.any(.locked), device[.deviceModel]])
    }
  }

  /// Refuses a new model for a device: that is another device, with its own address and fields.
  private func checkModel(_ device: MemoryDevice) throws(Refusal) {
    guard let old = before.devices.first(where: { $0.hasKey(device.key) })?.model,
      let new = device.model, old != new
    else { return }
    try refuse(
      .deviceModelFixed, [FieldPath(.device, device.key)],
      "the device is a \(old.rawValue), and no device becomes a \(new.rawValue)")
  }

  /// Refuses a device without the fields that libvirt needs to add it.
  ///
  /// Only a device that would be added must declare them, so they are checked here.
  private func checkComplete(_ device: MemoryDevice) throws(Refusal) {
    var missing: [FieldName] = []
    if device.model == nil { missing.append(.deviceModel) }
    if device.fullSize == .zero { missing.append(.deviceSize) }
    switch device.model {
    case .virtioMem where device.block == nil: missing.append(.deviceBlock)
    case .nvdimm, .virtioPmem:
      if device.path == nil { missing.append(.devicePath) }
      if device.model == .nvdimm && isPower && device.labelSize == nil {
        missing.append(.deviceLabelSize)
      }
    default: break
    }
    let words = missing.map { "`\($0.lastPart)`" }.joined(separator: " and ")
    if !missing.isEmpty {
      let involved = [.deviceState] + missing
      try refuse(
        .deviceIncomplete, involved.map { device[$0] },
        "the device has to be added, and \(words) \(missing.count == 1 ? "is" : "are") not declared",
        remedy: """
          Declare \(words) for the device. If the manifest means an existing device, declare that \
          device under the name that `virtmem export` prints.
          """)
    }
    let needsNode = device.model != .virtioPmem && device.model != .sgxEpc
    if isQEMU && needsNode && device.node == nil && !after.cells.isEmpty {
      try refuse(
        .deviceIncomplete, [device[.deviceState], device[.deviceNode], .any(.cellState)],
        "\(device.key.isEmpty ? "a memory device" : device.key) has no node, and the guest has NUMA cells",
        remedy: "Declare a `node` for the device: the number of a cell of the guest.", always: true)
    }
  }

  /// Refuses a model that the emulator does not have, or for which the machine has no place.
  private func checkIsOnMachine(_ device: MemoryDevice) throws(Refusal) {
    guard isQEMU, let model = device.model, !guest.takes(model) else { return }
    try refuse(
      .memoryDeviceNotOnMachine, [device[.deviceState], device[.deviceModel]],
      "\(guest.description(of: after)) has no \(model.rawValue)")
  }

  private var isPower: Bool { guest.architecture == .ppc64 }

  /// Refuses fields of other models, of which libvirt refuses some and silently drops the rest.
  private func checkFields(_ device: MemoryDevice) throws(Refusal) {
    guard let model = device.model else { return }
    // With all devices in the definition, each field would have to find this one first.
    var alone = MemoryConfiguration()
    alone.devices = [device]
    for row in MemoryDevice.fieldsOfModels where !row.models.contains(model) {
      let field = device[row.name]
      guard let value = alone[field], value != Field.named(row.name)?.valueOfAbsence else {
        continue
      }
      try refuse(
        .deviceFieldOfOtherModel, [field, device[.deviceModel]],
        "a \(model.rawValue) has no \(row.name.lastPart)")
    }
    if device.uuid != nil && !isPower && model == .nvdimm {
      try refuse(.nvdimmUUIDPPC64Only, [device[.deviceUUID]])
    }
  }

  private func checkNode(_ device: MemoryDevice) throws(Refusal) {
    guard let node = device.node?.count, !after.cells.contains(where: { UInt64($0.id) == node })
    else { return }
    try refuse(
      .deviceNodeMissing, [device[.deviceNode], .any(.cellState), .any(.cellMemory)],
      "the guest has no cell \(node)")
  }

  private func checkLabel(_ device: MemoryDevice) throws(Refusal) {
    guard let label = device.labelSize else { return }
    if !device.contradictionsOfLabel.isEmpty {
      try refuse(
        .nvdimmLabelSize, [device[.deviceLabelSize], device[.deviceSize]],
        "the label is \(label), and the device \(device.fullSize)")
    }
  }

  private func checkAddress(_ device: MemoryDevice) throws(Refusal) {
    guard let address = device.address else { return }
    let page = GuestBehaviour.page
    if device.model == .virtioPmem && address.bytes % page.bytes != 0 {
      try refuse(
        .deviceAddressNotOfPage, [device[.deviceAddress]],
        "the address \(address) is no multiple of \(page)")
    }
    guard let block = device.block, block > .zero, address.bytes % block.bytes != 0 else { return }
    try refuse(
      .virtioMemBlockMultiple, [device[.deviceAddress], device[.deviceBlock]],
      "the address \(address) is no multiple of the block, \(block)")
  }

  /// Refuses devices whose addresses overlap, including DIMMs whose definition gives an address.
  func checkAddresses() throws(Refusal) {
    guard isQEMU else { return }
    let placed = after.devices.compactMap { device in
      (device.address ?? device.base).map { start in
        (device, start, start.bytes &+ behaviour.aligned(device.fullSize).bytes)
      }
    }
    for (index, (device, start, end)) in placed.enumerated() {
      for (other, otherStart, otherEnd) in placed[..<index]
      where start.bytes < otherEnd && otherStart.bytes < end {
        let involved = [device, other].flatMap {
          [$0[.deviceAddress], $0[.deviceSize], $0[.deviceState]]
        }
        try refuse(
          .deviceAddressesOverlap, involved,
          "\(other.key) lies at \(otherStart) and \(device.key) at \(start), and they overlap",
          always: has(.refusesOverlaps))
      }
    }
  }
}

extension MemoryDevice {
  /// The path of one of the device's fields.
  subscript(_ name: FieldName) -> FieldPath { FieldPath(name, key) }
}
