// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Memory that is plugged into a running guest and unplugged from it.
///
/// The model assumes that the guest does what it is asked for.
extension GuestBehaviour {
  /// Models `virDomainAttachDeviceFlags`: a DIMM is there at once; of virtio-mem the guest plugs
  /// what is requested.
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
    // The guest's state is checked last: a rule that only a start lifts applies whatever the
    // guest's state is, so that is the one to report.
    try checkGuestMoves(domain, call.changed)
    var plugged = MemorySize.zero
    switch device.model {
    case .dimm: plugged = device.fullSize
    case .virtioMem: plugged = settle(&definition.devices[definition.devices.count - 1])
    // The balloon target does not count these.
    case .nvdimm, .virtioPmem, .sgxEpc, nil: break
    }
    definition.raiseBalloonTarget(by: plugged)
  }

  /// Takes a free PCI slot for a virtio device; a running guest has only the slots of its start.
  private func takePCISlot(
    for device: MemoryDevice, _ call: Call, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    guard device.model?.isVirtio == true, let free = definition.surroundings.freePCISlots else {
      return
    }
    guard free > 0 else { throw Refusal(.noPCISlot, call.changed) }
    definition.surroundings.freePCISlots = free - 1
  }

  /// Refuses a live size that QEMU does not accept.
  ///
  /// libvirt rounds a plugged size to 1 MiB only, and QEMU refuses one that is no multiple of its
  /// own unit. At a start libvirt itself rounds to that unit.
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
      instance: "\(device.fullSize) is no multiple of \(unit), as live sizes are")
  }

  /// Models `virDomainDetachDeviceAlias` for a guest that releases the device.
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
    if device.model == .dimm { definition.lowerBalloonTarget(by: device.fullSize) }
  }

  private func checkUnplug(of device: MemoryDevice, _ call: Call) throws(Refusal) {
    guard has(.unplugsVirtioMem) else { throw Refusal(.virtioMemNeverUnplugged, call.changed) }
    let isEmpty = device.requested == .exactly(.zero) && (device.plugged ?? .zero) == .zero
    guard isEmpty else {
      throw Refusal(
        .virtioMemStillPlugged, call.changed,
        instance: "the guest still has \(device.plugged ?? .zero) of the device plugged")
    }
  }

  /// Models `virDomainUpdateDeviceFlags`, which changes only what virtio-mem is requested to plug.
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
    settle(call.changes, &definition)
  }

  /// Returns the domain as it is when its guest has plugged the requested size.
  func waiting(
    for changes: [Change], on domain: ObservedDomain
  ) throws(Refusal) -> ObservedDomain {
    guard domain.isActive, var live = domain.live else {
      throw Refusal(.liveNeedsRunningDomain, changes.map(\.field))
    }
    try checkGuestMoves(domain, changes.changedFields)
    settle(changes, &live)
    var result = domain
    result.live = live
    return result
  }

  /// Sets the plugged sizes to the requested ones and adjusts `currentMemory`.
  private func settle(_ changes: [Change], _ definition: inout MemoryConfiguration) {
    for field in changes.map(\.field) {
      guard field.name == .deviceRequested, let index = definition.device(of: field) else {
        continue
      }
      let had = definition.devices[index].plugged ?? .zero
      let has = settle(&definition.devices[index])
      definition.raiseBalloonTarget(by: has - had)
      definition.lowerBalloonTarget(by: had - has)
    }
  }

  /// Sets the plugged size to an exact requested size, and returns the plugged size.
  @discardableResult
  private func settle(_ device: inout MemoryDevice) -> MemorySize {
    guard case .exactly(let requested)? = device.requested else { return device.plugged ?? .zero }
    device.plugged = requested
    return requested
  }
}

extension MemoryConfiguration {
  /// Raises the live `currentMemory`, in which libvirt counts DIMMs and plugged virtio-mem.
  fileprivate mutating func raiseBalloonTarget(by size: MemorySize) {
    guard case .exactly(let balloonTarget)? = currentMemory else { return }
    currentMemory = .exactly(balloonTarget + size)
  }

  fileprivate mutating func lowerBalloonTarget(by size: MemorySize) {
    guard case .exactly(let balloonTarget)? = currentMemory else { return }
    currentMemory = .exactly(balloonTarget - size)
  }
}
