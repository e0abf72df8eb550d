// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What a running guest plugs and unplugs, once it has done what it was asked for.
extension HypervisorBehaviour {
  /// `virDomainAttachDeviceFlags`: a DIMM is there at once, virtio-mem plugs what is requested.
  func attachDevice(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    let before = definition
    definition.make(call.changes)
    guard let device = definition.devices.last, !before.devices.contains(device) else { return }
    guard call.plane == .live else { throw Refusal(.hotplugIsLive, call.changed) }
    guard device.model != .sgxEpc else { throw Refusal(.sgxEpcNeverLive, call.changed) }
    if device.model == .nvdimm && !before.devices.contains(where: { $0.model == .nvdimm }) {
      throw Refusal(.nvdimmNeedsOneAtStart, call.changed)
    }
    try checkLiveSize(of: device, domain)
    try takePCISlot(for: device, call, in: &definition)
    try checkDefinition(definition, before: before, by: call)
    // Last, for what is left to the start whatever the guest does is not left to the guest.
    try checkGuestMoves(domain, call.changed)
    var plugged = MemorySize.zero
    switch device.model {
    case .dimm: plugged = device.fullSize
    case .virtioMem: plugged = settle(&definition.devices[definition.devices.count - 1])
    // Persistent memory is none that a balloon counts.
    case .nvdimm, .virtioPmem, .sgxEpc, nil: break
    }
    definition.raiseFigure(by: plugged)
  }

  /// A virtio device takes a PCI slot; a running guest has those that it started with.
  private func takePCISlot(
    for device: MemoryDevice, _ call: Call, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    guard device.model?.isVirtio == true, let free = definition.surroundings.freePCISlots else {
      return
    }
    guard free > 0 else { throw Refusal(.noPCISlot, call.changed) }
    definition.surroundings.freePCISlots = free - 1
  }

  /// libvirt rounds what it plugs to 1 MiB only, and QEMU then refuses what is no multiple of its
  /// own unit; at a start libvirt rounds to that by itself.
  private func checkLiveSize(
    of device: MemoryDevice, _ domain: ObservedDomain
  ) throws(Refusal) {
    let unit: MemorySize
    switch device.model {
    case .dimm: unit = guest.deviceAlignment
    case .virtioMem: unit = device.block ?? guest.deviceAlignment
    case .nvdimm, .virtioPmem, .sgxEpc, nil: return
    }
    let startsRounded =
      device.model == .dimm || aligned(device.fullSize).bytes % unit.bytes == 0
    let size = device.fullSize.roundedUp(toMultipleOf: .mebibytes(1))
    guard unit > .zero, startsRounded, size.bytes % unit.bytes != 0 else { return }
    throw Refusal(
      .dimmSizeLive, [FieldPath(.deviceSize, device.key)],
      detail: "\(device.fullSize) is no multiple of \(unit).")
  }

  /// `virDomainDetachDeviceAlias`: the guest lets the device go, or does not.
  func detachDevice(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    guard let field = call.changed.first, let index = definition.device(of: field) else { return }
    guard call.plane == .live else { throw Refusal(.hotplugIsLive, call.changed) }
    let device = definition.devices[index]
    switch device.model {
    case .sgxEpc: throw Refusal(.sgxEpcNeverLive, call.changed)
    case .virtioPmem: throw Refusal(.virtioPmemNeverUnplugged, call.changed)
    case .nvdimm: throw Refusal(.nvdimmNeverUnplugged, call.changed)
    case .virtioMem: try checkUnplug(of: device, call)
    case .dimm, nil: break
    }
    try checkGuestMoves(domain, call.changed)
    definition.devices.remove(at: index)
    if device.model?.isVirtio == true, let free = definition.surroundings.freePCISlots {
      definition.surroundings.freePCISlots = free + 1
    }
    if device.model == .dimm { definition.lowerFigure(by: device.fullSize) }
  }

  private func checkUnplug(of device: MemoryDevice, _ call: Call) throws(Refusal) {
    guard let hypervisorVersion, hypervisorVersion >= LibvirtVersion(8, 2, 0) else {
      throw Refusal(.virtioMemNeverUnplugged, call.changed)
    }
    let isEmpty = device.requested == .exactly(.zero) && (device.plugged ?? .zero) == .zero
    guard isEmpty else {
      throw Refusal(
        .virtioMemStillPlugged, call.changed,
        detail: "\(device.plugged ?? .zero) is plugged.")
    }
  }

  /// `virDomainUpdateDeviceFlags`: what a virtio-mem device should plug, and nothing else.
  func updateDevice(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    guard call.plane == .live else { throw Refusal(.hotplugIsLive, call.changed) }
    let fixed = call.changed.filter { $0.name != .deviceRequested }
    guard fixed.isEmpty else { throw Refusal(.redefinitionNeverLive, fixed) }
    let before = definition
    definition.make(call.changes)
    try checkDefinition(definition, before: before, by: call)
    try checkGuestMoves(domain, call.changed)
    settle(call, &definition)
  }

  /// No call: the guest has plugged what it was asked for.
  func wait(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    try checkGuestMoves(domain, call.changed)
    settle(call, &definition)
  }

  /// What a guest has done once it has come to rest, and what its figure is then.
  private func settle(_ call: Call, _ definition: inout MemoryConfiguration) {
    for field in call.changes.map(\.field) {
      guard field.name == .deviceRequested, let index = definition.device(of: field) else {
        continue
      }
      let had = definition.devices[index].plugged ?? .zero
      let has = settle(&definition.devices[index])
      definition.raiseFigure(by: has - had)
      definition.lowerFigure(by: had - has)
    }
  }

  /// Plugs what is requested, which is returned.
  @discardableResult
  private func settle(_ device: inout MemoryDevice) -> MemorySize {
    guard case .exactly(let requested)? = device.requested else { return device.plugged ?? .zero }
    device.plugged = requested
    return requested
  }
}

extension MemoryConfiguration {
  /// The live figure, in which libvirt counts what virtio-mem has plugged.
  fileprivate mutating func raiseFigure(by size: MemorySize) {
    guard case .exactly(let figure)? = currentMemory else { return }
    currentMemory = .exactly(figure + size)
  }

  fileprivate mutating func lowerFigure(by size: MemorySize) {
    guard case .exactly(let figure)? = currentMemory else { return }
    currentMemory = .exactly(figure - size)
  }
}
