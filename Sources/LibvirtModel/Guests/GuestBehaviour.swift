// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// What libvirt does with the memory of one guest: a model without side effects.
///
/// It answers two questions. Are two values the same, once libvirt has rounded, clamped and filled
/// in (`normalised`, `satisfies`)? And what is the guest's domain after a call, or which rule
/// refuses the call (`result(of:on:)`)?
package struct GuestBehaviour: Sendable {
  /// The driver of libvirt on the host.
  package let driver: HypervisorDriver
  /// Whether the daemon is unprivileged (`…/session`), and so has no cgroups.
  let isSession: Bool
  /// The host's NUMA nodes; empty if they are unknown.
  package let nodes: [HostNode]
  /// The page sizes of the host, the system's first; empty if they are unknown.
  let pageSizes: [MemorySize]
  /// The page size that `<hugepages/>` means; nil if it is unknown.
  var defaultHugepage: MemorySize?
  /// The sizes that `<hugepages/>` cannot mean, because running guests have it.
  private(set) var disprovedDefaults: Set<MemorySize>
  /// The defaults for the guest's architecture, on its usual machine type.
  let guest: GuestDefaults

  /// The host's memory without its huge pages; nil if it is unknown.
  let hostMemory: MemorySize?
  /// Whether the host makes huge pages when a guest asks for them.
  let makesHugepages: Bool

  /// Makes the behaviour toward the guest of `domain` on `host`.
  ///
  /// `facts` come from a manifest, because libvirt does not report them. The guest itself, if it
  /// runs, may disprove more default sizes of huge pages than `disproved`.
  package init(
    of domain: ObservedDomain, on host: ObservedHost, facts: DeclaredFacts = DeclaredFacts(),
    disproved: Set<MemorySize> = []
  ) {
    driver = host.driver
    isSession = host.isSession
    nodes = host.nodes
    pageSizes = host.pageSizes
    hostMemory = host.totalMemory.map { $0 - host.nodes.flatMap(\.pools).map(\.memory).total }
    // A host that has one size can mean no other.
    let onlySize = pageSizes.count == 2 ? pageSizes.last : nil
    defaultHugepage = facts.hugepageSize ?? onlySize
    makesHugepages = facts.hugepages == .onDemand
    guest = GuestDefaults(
      domain.architecture, libvirt: host.libvirt, hypervisor: host.hypervisor?.version)
    disprovedDefaults = disproved
    if defaultHugepage == nil, domain.isActive, let live = domain.live, live.hasDefaultHugepages {
      disprovedDefaults.formUnion(Self.disproved(by: [(self, live)]))
    }
  }

  /// The numbers of the host's NUMA nodes; nil if they are unknown.
  var hostNodes: NodeSet? { nodes.numbers }

  /// Whether the host's libvirt and QEMU have `feature`.
  package func has(_ feature: Feature) -> Bool { guest.has(feature) }

  /// The defaults for the guest's architecture and the machine type of `definition`.
  func guest(of definition: MemoryConfiguration) -> GuestDefaults {
    var guest = guest
    guest.machine = GuestMachine(definition.surroundings.machine, of: guest.architecture)
    return guest
  }

  /// The page size in which cgroups and balloons count.
  static let page = MemorySize.kibibytes(4)

  /// Whether the guest is known to be x86.
  package var isX86: Bool { guest.architecture == .x86 && guest.name != nil }

  /// Whether `observed` is what `desired` asks for on `plane`, after libvirt's rounding.
  ///
  /// `observed` is a value of a normalised definition.
  package func satisfies(
    _ desired: FieldValue, _ observed: FieldValue?, field: FieldPath, on plane: Plane
  ) -> Bool {
    switch (desired, observed) {
    case (.absence, nil), (.absence, .size(.zero)):
      true
    case (.size(let desired), .size(let observed)):
      desired == observed || rounded(desired, field, plane) == rounded(observed, field, plane)
    case (.pages(let desired), .pages(let observed)):
      Set(desired) == Set(observed)
    case (.sizeRange(let range), .size(let observed)):
      rounded(range.lowerBound, field, plane) <= rounded(observed, field, plane)
        && rounded(observed, field, plane) <= rounded(range.upperBound, field, plane)
    default:
      desired == observed
    }
  }

  /// The size that libvirt or the kernel makes of `size` on `plane`.
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
      // The test driver keeps limits as given, because no kernel rounds them.
      return driver == .test ? size : size.roundedDown(toMultipleOf: Self.page)
    default:
      return size
    }
  }

  /// Whether `field` of a normalised definition is as `desired` has it on `plane`.
  ///
  /// For two fields the value alone does not decide: for `requested` what the guest has plugged
  /// counts too, and for the processors of cell 0 those that no cell names.
  package func isAsDesired(
    _ field: FieldPath, _ desired: MemoryConfiguration, in definition: MemoryConfiguration,
    on plane: Plane
  ) -> Bool {
    guard let declared = desired[field] else { return true }
    let value = definition.observedValue(of: field)
    switch field.name {
    case .cellCPUs where field.item == "0":
      // QEMU's driver adds to cell 0 the processors that no other cell names. So the desired value
      // is joined with what the desired cells leave over, and the observed value with what the
      // observed cells leave over.
      let wanted = definition.cells(as: desired.cells)
      return satisfies(declared, value, field: field, on: plane)
        || joined(declared, in: definition, beside: wanted)
          == joined(value, in: definition, beside: definition.cells)
    case .deviceRequested where plane == .live:
      return satisfies(declared, value, field: field, on: plane)
        && !isStillPlugging(field, declared, in: definition)
    default:
      return satisfies(declared, value, field: field, on: plane)
    }
  }

  /// Whether the guest has not yet plugged the requested size of a virtio-mem device.
  private func isStillPlugging(
    _ field: FieldPath, _ declared: FieldValue, in definition: MemoryConfiguration
  ) -> Bool {
    guard case .size = declared, let item = field.item,
      let device = definition.devices.first(where: { $0.hasKey(item) }),
      case .exactly(let requested)? = device.requested, let plugged = device.plugged
    else { return false }
    return requested != plugged
  }

  /// The processors of cell 0: those of `value`, and those that none of `cells` names.
  ///
  /// QEMU's driver puts the latter into cell 0.
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

  /// Whether a memory device takes a slot of `<maxMemory slots>`.
  package func takesSlot(_ device: MemoryDevice) -> Bool {
    !has(.virtioNeedsNoSlot) || device.model == .dimm || device.model == .nvdimm
  }
}

extension MemoryConfiguration {
  /// Returns the cells with the processors that `desired` gives them, or else with their own.
  fileprivate func cells(as desired: [NUMACell]) -> [NUMACell] {
    guard !desired.isEmpty else { return cells }
    let staying = cells.filter { cell in !desired.contains { $0.id == cell.id } }
    let wanted = desired.filter { $0.state != .absent }.map { declared in
      var cell = declared
      cell.cpus = declared.cpus ?? cells.first { $0.id == declared.id }?.cpus
      return cell
    }
    return staying + wanted
  }
}
