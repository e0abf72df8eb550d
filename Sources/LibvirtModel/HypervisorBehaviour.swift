// SPDX-License-Identifier: Apache-2.0

public import MemoryModel

/// What libvirt does with memory, for the driver and version at the other end: pure, stated once.
///
/// Two questions are answered here. What do two values mean to each other, once libvirt has rounded,
/// clamped and filled in (`normalised`, `satisfies`)? And what does a call make of a domain, or
/// which constraint refuses it (`outcome(of:on:)`)?
public struct HypervisorBehaviour: Hashable, Sendable {
  /// The driver.
  public let driver: HypervisorDriver
  /// The version of libvirt.
  public let version: LibvirtVersion
  /// Whether the daemon is an unprivileged one, which has no cgroups.
  public let isSession: Bool
  /// The version of the hypervisor itself, three numbers as libvirt's has; nil where it is unknown.
  public let hypervisorVersion: LibvirtVersion?
  /// The host's NUMA nodes; nil where they are unknown.
  public let hostNodes: NodeSet?
  /// The sizes of the pages that the host has, the system's first; empty where they are unknown.
  public let pageSizes: [MemorySize]
  /// The size of the huge pages that `<hugepages/>` means, which libvirt does not tell.
  public let defaultHugepage: MemorySize?

  /// Makes the behaviour of a driver.
  public init(
    driver: HypervisorDriver, version: LibvirtVersion = .newestKnown, isSession: Bool = false,
    hypervisorVersion: LibvirtVersion? = nil, hostNodes: NodeSet? = nil,
    pageSizes: [MemorySize] = [], defaultHugepage: MemorySize? = nil
  ) {
    self.driver = driver
    self.version = version
    self.isSession = isSession
    self.hypervisorVersion = hypervisorVersion
    self.hostNodes = hostNodes
    self.pageSizes = pageSizes
    self.defaultHugepage = defaultHugepage
  }

  /// The behaviour at the other end of the connection that showed `host`; of its default huge page
  /// manifests alone can tell.
  public init(of host: ObservedHost, defaultHugepage: MemorySize? = nil) {
    self.init(
      driver: host.driver, version: host.libvirt, isSession: host.isSession,
      hypervisorVersion: host.hypervisor?.split(separator: " ").last.flatMap {
        LibvirtVersion(String($0))
      },
      hostNodes: host.nodes, pageSizes: host.pageSizes, defaultHugepage: defaultHugepage)
  }

  /// The size of the pages that cgroups and balloons count in.
  static let page = MemorySize.kibibytes(4)

  /// What QEMU's driver rounds RAM at boot up to when a domain starts.
  static let bootAlignment = MemorySize.mebibytes(1)

  /// What QEMU's driver rounds a DIMM up to when a domain starts.
  static let deviceAlignment = MemorySize.mebibytes(2)

  /// A definition with all that libvirt means by what it leaves out, in the terms of the manifest.
  ///
  /// `currentMemory` becomes the balloon's figure: live, less what virtio-mem has plugged;
  /// persistent, at most the reach, for that is what a boot makes of it. Where there is no balloon
  /// it is the reach itself.
  public func normalised(_ definition: MemoryConfiguration, on plane: Plane) -> MemoryConfiguration
  {
    var result = definition
    for field in Field.withValueOfAbsence where field.value(in: result) == nil {
      field.set(field.valueOfAbsence, in: &result)
    }
    fillIn(&result)
    result.noteElements()
    if driver == .qemu && result.memballoon.model == nil {
      result.memballoon.model = .virtio
    }
    guard let reach = definition.reach else { return result }
    switch (plane, definition.currentMemory) {
    // Without a balloon QEMU's driver shows the total, virtio-mem counted at its full size.
    case (.live, .exactly(let size)) where driver != .qemu || !result.memballoon.isRuledOut:
      result.currentMemory = .exactly(size - definition.pluggedTotal)
    case (.persistent, .exactly(let size)) where !result.memballoon.isRuledOut:
      result.currentMemory = .exactly(min(size, reach))
    default:
      result.currentMemory = .exactly(reach)
    }
    return result
  }

  /// Fills in and takes out what libvirt does when it reads a definition.
  private func fillIn(_ definition: inout MemoryConfiguration) {
    if definition.cells.isEmpty, case .pages(let pages)? = definition.memoryBacking.hugepages {
      let all = pages.map { $0.cells == NodeSet([0...0]) ? Hugepage(size: $0.size) : $0 }
      definition.memoryBacking.hugepages = .pages(all)
    }
    for index in definition.devices.indices {
      let device = definition.devices[index]
      if device.model == .virtioPmem && device.access == nil {
        definition.devices[index].access = .shared
      }
      // A version that does not know them drops them without a word.
      if version < LibvirtVersion(9, 4, 0) { definition.devices[index].address = nil }
      if version < LibvirtVersion(10, 1, 0) { definition.devices[index].dynamicMemslots = nil }
    }
  }

  /// Both definitions of a domain, normalised.
  public func normalised(_ domain: ObservedDomain) -> NormalisedDomain {
    var live = domain.live.map { normalised($0, on: .live) }
    if driver == .qemu, let start = domain.persistent { live?.forgetAlignment(of: start) }
    return NormalisedDomain(
      live: live, persistent: domain.persistent.map { normalised($0, on: .persistent) })
  }

  /// Whether `observed`, of a normalised definition, is what `desired` asks for on `plane`.
  public func satisfies(
    _ desired: FieldValue, _ observed: FieldValue?, field: FieldPath, on plane: Plane
  ) -> Bool {
    switch (desired, observed) {
    case (.absence, nil), (.absence, .size(.zero)):
      true
    case (.size(let desired), .size(let observed)):
      rounded(desired, field, plane) == rounded(observed, field, plane)
    case (.pages(let desired), .pages(let observed)):
      Set(desired) == Set(observed)
    case (.sizeRange(let range), .size(let observed)):
      rounded(range.lowerBound, field, plane) <= rounded(observed, field, plane)
        && rounded(observed, field, plane) <= rounded(range.upperBound, field, plane)
    default:
      desired == observed
    }
  }

  /// The size that a running domain really has where `size` was asked for.
  func rounded(_ size: MemorySize, _ field: FieldPath, _ plane: Plane) -> MemorySize {
    guard plane == .live else { return size }
    switch field {
    case .currentMemory:
      return size.roundedUp(toMultipleOf: Self.page)
    case .memory where driver == .qemu, .maxMemorySize where driver == .qemu:
      return size.roundedUp(toMultipleOf: Self.bootAlignment)
    case let device where device.name == .deviceSize && driver == .qemu:
      return aligned(size, on: plane)
    case let cell where cell.name == .cellMemory && driver == .qemu:
      return size.roundedUp(toMultipleOf: Self.bootAlignment)
    case .hardLimit, .softLimit, .swapHardLimit:
      // The test driver keeps limits as they are given; it has no kernel that rounds them.
      return driver == .test ? size : size.roundedDown(toMultipleOf: Self.page)
    default:
      return size
    }
  }

  /// Whether `field` of a normalised definition is as `desired` has it on `plane`.
  ///
  /// More than the value can count: what a guest has plugged, and processors that no cell names.
  public func isAsDesired(
    _ field: FieldPath, _ desired: MemoryConfiguration, in definition: MemoryConfiguration,
    on plane: Plane
  ) -> Bool {
    guard let wish = desired[field] else { return true }
    let value = observedValue(field, in: definition)
    switch field.name {
    case .cellCPUs:
      return joined(wish, field, desired, definition) == joined(value, field, desired, definition)
    case .deviceRequested where plane == .live:
      return satisfies(wish, value, field: field, on: plane)
        && !isStillPlugging(field, wish, in: definition)
    default:
      return satisfies(wish, value, field: field, on: plane)
    }
  }

  /// The value of a field in a normalised definition, what absence means for an item's included.
  public func observedValue(
    _ field: FieldPath, in definition: MemoryConfiguration
  ) -> FieldValue? {
    let value = definition[field]
    guard value == nil, let row = Field.named(field), row.isOfItem else { return value }
    if field.name.isState { return ItemState.absent.fieldValue }
    guard let absence = row.valueOfAbsence, let state = field.name.state,
      definition[FieldPath(state, field.item)] != nil
    else { return nil }
    return absence
  }

  /// Whether the guest has not yet done what a virtio-mem device was asked for.
  public func isStillPlugging(
    _ field: FieldPath, _ wish: FieldValue, in definition: MemoryConfiguration
  ) -> Bool {
    guard case .size = wish, let item = field.item,
      let device = definition.devices.first(where: { $0.hasKey(item) }),
      case .exactly(let requested)? = device.requested, let plugged = device.plugged
    else { return false }
    return requested != plugged
  }

  /// A cell's processors, those in cell 0 that no other cell names.
  private func joined(
    _ value: FieldValue?, _ field: FieldPath, _ desired: MemoryConfiguration,
    _ definition: MemoryConfiguration
  ) -> FieldValue? {
    guard driver == .qemu, field.item == "0", let count = definition.surroundings.vcpus, count > 0,
      let cell = definition.cells.first(where: { $0.id == 0 })
    else { return value }
    let own: NodeSet
    if case .nodes(let nodes)? = value { own = nodes } else { own = cell.cpus ?? NodeSet() }
    let others = definition.cells.filter { $0.id != 0 }.compactMap { cell in
      desired.cells.first { $0.id == cell.id && $0.state != .absent }?.cpus ?? cell.cpus
    }
    let named = others.reduce(NodeSet()) { $0.union($1) }
    return .nodes(own.union(NodeSet([0...(count - 1)]).subtracting(named)))
  }

  /// Whether a memory device takes one of the slots; since 9.5 only what looks like a DIMM does.
  public func takesSlot(_ device: MemoryDevice) -> Bool {
    version < LibvirtVersion(9, 5, 0) || device.model == .dimm || device.model == .nvdimm
  }

  /// Whether the driver has the call behind `action` at all, as far as is known of it.
  func has(_ action: Action) -> Bool {
    let hotplug: Set<Action> = [.attachDevice, .detachDevice, .updateDevice]
    return switch driver {
    case .qemu: true
    case .test: !hotplug.contains(action)
    case .lxc: !hotplug.union([.setMemoryStatsPeriod, .setNumaParameters]).contains(action)
    case .xen: [.setMaxMemory, .setMemory, .redefine, .wait].contains(action)
    // ESX defines new domains alone; it edits none that is there.
    case .esx: [.setMaxMemory, .setMemory, .setMemoryParameters, .wait].contains(action)
    case .other: true  // An unknown driver is asked; what it lacks it says itself.
    }
  }

  /// Whether definitions of this driver have the field, or the group, at all.
  func has(_ field: FieldName) -> Bool {
    let lacking: [FieldName] =
      switch driver {
      case .qemu, .test, .esx, .other: []
      case .lxc: [.maxMemory, .memoryBacking, .numa, .memballoon, .devices]
      case .xen: [.maxMemory, .devices]
      }
    return !lacking.contains { field == $0 || field.rawValue.hasPrefix("\($0.rawValue).") }
  }
}

extension MemoryConfiguration {
  /// Notes of what `none` takes away, and of every item, that it is there.
  fileprivate mutating func noteElements() {
    maxMemory.removal = maxMemory.size.map { Removal.present($0) } ?? .absent
    let hasAllocation =
      memoryBacking.allocation.mode != nil || memoryBacking.allocation.threads != nil
    memoryBacking.allocation.removal = hasAllocation ? .present(nil) : .absent
    numatune.removal = numatune.isEmpty ? .absent : .present(nil)
    numatune.memory.removal = numatune.memory.isEmpty ? .absent : .present(nil)
    numatune.memnodesRemoval = numatune.memnodes.isEmpty ? .absent : .present(nil)
    numa = cells.isEmpty ? .absent : .present(nil)
    for index in cells.indices { cells[index].state = .present }
    for index in numatune.memnodes.indices { numatune.memnodes[index].state = .present }
    for index in devices.indices {
      devices[index].state = .present
      // libvirt shares every such device that it defines.
      if devices[index].model == .virtioPmem { devices[index].access = .shared }
    }
  }

  /// Takes back what a start from `persistent` rounded, where this is just that.
  ///
  /// A start rounds every cell and DIMM by itself, and their sum can be what no rounding of the sum
  /// gives. A guest that has all of it has all that was asked for.
  fileprivate mutating func forgetAlignment(of persistent: MemoryConfiguration) {
    let sizes =
      persistent.cells.isEmpty
      ? [persistent.memory ?? .zero] : persistent.cells.compactMap(\.memory)
    let boot = sizes.map { $0.roundedUp(toMultipleOf: HypervisorBehaviour.bootAlignment) }.total
    guard memory == boot else { return }
    let dimms = persistent.devices.filter { $0.model == .dimm }.map {
      $0.fullSize.roundedUp(toMultipleOf: HypervisorBehaviour.deviceAlignment)
    }
    if let all = persistent.reach, currentMemory == reach.map(MemoryTarget.exactly),
      reach == boot + dimms.total
    {
      currentMemory = .exactly(all)
    }
    if !persistent.cells.isEmpty { memory = persistent.memory }
  }
}

/// Both definitions of a domain in the terms of the manifest, with all that libvirt means by what
/// it leaves out.
public struct NormalisedDomain: Hashable, Sendable {
  fileprivate var live: MemoryConfiguration?
  fileprivate var persistent: MemoryConfiguration?

  /// The definition on `plane`; nil where there is none.
  public subscript(_ plane: Plane) -> MemoryConfiguration? {
    plane == .live ? live : persistent
  }
}
