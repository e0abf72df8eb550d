// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// What libvirt does with memory, for the driver and version at the other end: pure, stated once.
///
/// Two questions are answered here. What do two values mean to each other, once libvirt has rounded,
/// clamped and filled in (`normalised`, `satisfies`)? And what does a call make of a domain, or
/// which rule refuses it (`outcome(of:on:)`)?
package struct HypervisorBehaviour: Hashable, Sendable {
  /// The driver.
  package let driver: HypervisorDriver
  /// The version of libvirt.
  package let version: LibvirtVersion
  /// Whether the daemon is an unprivileged one, which has no cgroups.
  package let isSession: Bool
  /// The version of the hypervisor itself, three numbers as libvirt's has; nil where it is unknown.
  package let hypervisorVersion: LibvirtVersion?
  /// The host's NUMA nodes; nil where they are unknown.
  package let hostNodes: NodeSet?
  /// The sizes of the pages that the host has, the system's first; empty where they are unknown.
  package let pageSizes: [MemorySize]
  /// The size of the huge pages that `<hugepages/>` means, which libvirt does not tell.
  package let defaultHugepage: MemorySize?
  /// What goes by the architecture of the guest that is looked at, on its usual machine.
  private(set) var guest: GuestDefaults

  /// Makes the behaviour of a driver.
  package init(
    driver: HypervisorDriver, version: LibvirtVersion = .newestKnown, isSession: Bool = false,
    hypervisorVersion: LibvirtVersion? = nil, hostNodes: NodeSet? = nil,
    pageSizes: [MemorySize] = [], defaultHugepage: MemorySize? = nil
  ) {
    guest = GuestDefaults(nil, version: version, hypervisor: hypervisorVersion)
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
  package init(of host: ObservedHost, defaultHugepage: MemorySize? = nil) {
    self.init(
      driver: host.driver, version: host.libvirt, isSession: host.isSession,
      hypervisorVersion: host.hypervisor?.split(separator: " ").last.flatMap {
        LibvirtVersion(String($0))
      },
      hostNodes: host.nodes, pageSizes: host.pageSizes, defaultHugepage: defaultHugepage)
  }

  /// The same for `domain`, whose architecture decides what libvirt makes of its memory.
  package func of(_ domain: ObservedDomain) -> HypervisorBehaviour {
    var behaviour = self
    behaviour.guest = GuestDefaults(
      domain.architecture, version: version, hypervisor: hypervisorVersion)
    return behaviour
  }

  /// What is to be said once of the driver and the versions at the other end, each with what is
  /// there.
  package var remarksOnHost: [(rule: Rule, detail: String)] {
    var remarks: [(Rule, String)] = []
    if driver != .qemu && driver != .test {
      remarks.append((.driverNotTried, "The host's driver is \(driver.name)."))
    }
    let text = "The host has libvirt \(version)."
    if version < .oldestSupported {
      remarks.append((.libvirtOlderThanSupported, text))
    } else if (version.major, version.minor) > (
      LibvirtVersion.newestKnown.major, LibvirtVersion.newestKnown.minor
    ) {
      remarks.append((.libvirtNewerThanKnown, text))
    }
    if driver == .qemu, let hypervisorVersion, hypervisorVersion < .oldestSupportedQEMU {
      remarks.append((.qemuOlderThanSupported, "The host has QEMU \(hypervisorVersion)."))
    }
    return remarks
  }

  /// What goes by the guest's architecture and by the machine type that `definition` has.
  func guest(of definition: MemoryConfiguration) -> GuestDefaults {
    var guest = guest
    guest.machine = GuestMachine(definition.surroundings.machine, of: guest.architecture)
    return guest
  }

  /// The size of the pages that cgroups and balloons count in.
  static let page = MemorySize.kibibytes(4)

  /// Whether the guest is known to be of x86.
  package var isX86: Bool { guest.architecture == .x86 && guest.name != nil }

  /// Whether `observed`, of a normalised definition, is what `desired` asks for on `plane`.
  package func satisfies(
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
    if let unit = callAlignment(of: field) { return size.roundedUp(toMultipleOf: unit) }
    guard plane == .live else {
      return field.name == .deviceSize && guest.roundsDefinedDevices ? aligned(size) : size
    }
    switch field {
    case .currentMemory:
      return size.roundedUp(toMultipleOf: Self.page)
    case .memory where driver == .qemu, .maxMemorySize where driver == .qemu:
      return size.roundedUp(toMultipleOf: guest.bootAlignment)
    case let device where device.name == .deviceSize && driver == .qemu:
      return aligned(size)
    case let cell where cell.name == .cellMemory && driver == .qemu:
      return size.roundedUp(toMultipleOf: guest.bootAlignment)
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
  package func isAsDesired(
    _ field: FieldPath, _ desired: MemoryConfiguration, in definition: MemoryConfiguration,
    on plane: Plane
  ) -> Bool {
    guard let wish = desired[field] else { return true }
    let value = observedValue(field, in: definition)
    switch field.name {
    case .cellCPUs where field.item == "0":
      // Each with the processors that its own siblings leave over: cells that are to come or to go
      // are no siblings yet, and those that stay may have others.
      let wanted = definition.cells(as: desired.cells)
      return satisfies(wish, value, field: field, on: plane)
        || joined(wish, in: definition, beside: wanted)
          == joined(value, in: definition, beside: definition.cells)
    case .deviceRequested where plane == .live:
      return satisfies(wish, value, field: field, on: plane)
        && !isStillPlugging(field, wish, in: definition)
    default:
      return satisfies(wish, value, field: field, on: plane)
    }
  }

  /// The value of a field in a normalised definition, what absence means for an item's included.
  package func observedValue(
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
  package func isStillPlugging(
    _ field: FieldPath, _ wish: FieldValue, in definition: MemoryConfiguration
  ) -> Bool {
    guard case .size = wish, let item = field.item,
      let device = definition.devices.first(where: { $0.hasKey(item) }),
      case .exactly(let requested)? = device.requested, let plugged = device.plugged
    else { return false }
    return requested != plugged
  }

  /// The processors of cell 0 that are `value`, with those that none of `cells` names: QEMU's driver
  /// puts them there.
  private func joined(
    _ value: FieldValue?, in definition: MemoryConfiguration, beside cells: [NUMACell]
  ) -> FieldValue? {
    guard driver == .qemu, let count = definition.surroundings.vcpus, count > 0,
      let first = definition.cells.first(where: { $0.id == 0 })
    else { return value }
    let own: NodeSet
    if case .nodes(let nodes)? = value { own = nodes } else { own = first.cpus ?? NodeSet() }
    let named = cells.filter { $0.id != 0 }.compactMap(\.cpus).reduce(NodeSet()) { $0.union($1) }
    return .nodes(own.union(NodeSet([0...(count - 1)]).subtracting(named)))
  }

  /// Whether a memory device takes one of the slots; since 9.5 only what looks like a DIMM does.
  package func takesSlot(_ device: MemoryDevice) -> Bool {
    version < LibvirtVersion(9, 5, 0) || device.model == .dimm || device.model == .nvdimm
  }
}

extension MemoryConfiguration {
  /// The cells as `desired` makes them; what it does not say of one stays as it is.
  fileprivate func cells(as desired: [NUMACell]) -> [NUMACell] {
    guard !desired.isEmpty else { return cells }
    let staying = cells.filter { cell in !desired.contains { $0.id == cell.id } }
    let wanted = desired.filter { $0.state != .absent }.map { wish in
      var cell = wish
      cell.cpus = wish.cpus ?? cells.first { $0.id == wish.id }?.cpus
      return cell
    }
    return staying + wanted
  }
}
