// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Warnings about limits that are too low for the guest or for QEMU itself.
extension GuestBehaviour {
  /// Warns of limits and of locked memory that do not fit the guest, QEMU or the host.
  ///
  /// There is one warning for each field that determines how much they need.
  func limits(_ definition: MemoryConfiguration, _ plane: Plane) -> [Caution] {
    ownNeeds(definition, plane) + pinned(definition, plane) + lockedOnHost(definition, plane)
      + limitAboveHost(definition)
  }

  private func ownNeeds(_ definition: MemoryConfiguration, _ plane: Plane) -> [Caution] {
    guard case .size(let limit)? = definition.memtune.hardLimit else { return [] }
    let charged = chargedMemory(of: definition, on: plane)
    let isLocked = definition.memoryBacking.locked == true
    let overhead =
      isLocked
      ? Self.lockedOverhead(processors: definition.surroundings.vcpus ?? 1)
      : .mebibytes(256) + MemorySize(bytes: charged.bytes / 50)
    guard limit < charged + overhead else { return [] }
    let detail =
      isLocked
      ? """
      hardLimit is \(limit), the \(plane.rawValue) definition has \(charged), and QEMU itself maps \
      about \(overhead).
      """
      : "hardLimit is \(limit), and the \(plane.rawValue) definition has \(charged)."
    return definition.fieldsOfSize(on: plane).map {
      Caution(
        rule: isLocked ? .hardLimitBelowLocked : .hardLimitBelowMemory, field: $0,
        detail: detail)
    }
  }

  /// Warns of a limit below what devices of the host pin.
  ///
  /// With hard_limit, libvirt lets QEMU lock so much and no more. Huge pages count here, and of a
  /// virtio-mem device what is plugged.
  private func pinned(_ definition: MemoryConfiguration, _ plane: Plane) -> [Caution] {
    let pinnings = definition.surroundings.pinnings
    let full = (definition.memory ?? .zero) + definition.deviceTotal
    let unplugged = definition.devices.filter { $0.model == .virtioMem }
      .map { $0.fullSize - $0.wanted }.total
    let all = full - unplugged
    let needed = all * UInt64(pinnings)
    guard driver == .qemu, case .size(let limit)? = definition.memtune.hardLimit, limit < needed
    else { return [] }
    let times = pinnings == 1 ? "once" : "\(pinnings) times"
    let rest =
      unplugged > .zero
      ? " If all of virtio-mem is plugged, it is \(full * UInt64(pinnings))." : ""
    // `hotplug-against-hard-limit` warns of devices.
    return definition.fieldsOfSize(on: plane).filter { $0.name.state != .deviceState }.map {
      Caution(
        rule: .hardLimitBelowPinned, field: $0,
        detail: """
          hardLimit is \(limit), and devices of the host pin the guest's \(all) \(times): \(needed).
          """ + rest)
    }
  }

  /// Warns of locked or pinned memory of which the host, or the nodes that it is bound to, do not
  /// have so much.
  private func lockedOnHost(_ definition: MemoryConfiguration, _ plane: Plane) -> [Caution] {
    let isLocked = definition.memoryBacking.locked == true
    guard driver == .qemu, isLocked || definition.surroundings.hasHostDevices else { return [] }
    let charged = chargedMemory(of: definition, on: plane)
    var detail = lockedOnNodes(charged, of: definition)
    if detail == nil, let hostMemory, charged > hostMemory {
      detail = "\(charged) would be locked, and the host has \(hostMemory) besides huge pages."
    }
    guard let detail else { return [] }
    return definition.fieldsOfSize(on: plane).map {
      Caution(rule: .lockedAboveHost, field: $0, detail: detail)
    }
  }

  /// The figures of the first nodes that have less than what must come from them of the guest's
  /// `charged` memory; nil without such nodes.
  private func lockedOnNodes(
    _ charged: MemorySize, of definition: MemoryConfiguration
  ) -> String? {
    let parts = chargedParts(of: definition)
    // The balloon may have taken what the guest does not have from any part.
    let gone = parts.map(\.size).total - charged
    for group in NodeSet.unions(of: parts.compactMap(\.nodes)) {
      let own = parts.filter { $0.nodes?.subtracting(group).isEmpty ?? false }.map(\.size).total
      guard let there = memory(ofNodes: group), own - gone > there else { continue }
      let place = group.count == 1 ? "node \(group)" : "the nodes \(group)"
      let has = group.count == 1 ? "has" : "have"
      return own - gone == charged
        ? "\(charged) would be locked, and \(place) of the host \(has) \(there) besides huge pages."
        : """
        \(charged) would be locked, \(own - gone) of it on \(place) of the host, which \(has) \
        \(there) besides huge pages.
        """
    }
    return nil
  }

  /// The memory of some nodes without their huge pages; nil where it is unknown.
  package func memory(ofNodes numbers: NodeSet) -> MemorySize? {
    let there = nodes.filter { numbers.contains($0.number) }
    let totals = there.compactMap(\.total)
    guard there.count == numbers.count, totals.count == there.count else { return nil }
    return totals.total - there.flatMap(\.pools).map(\.memory).total
  }

  private func limitAboveHost(_ definition: MemoryConfiguration) -> [Caution] {
    guard case .size(let limit)? = definition.memtune.hardLimit, let hostMemory,
      limit > hostMemory
    else { return [] }
    return [
      Caution(
        rule: .hardLimitAboveHost, field: .hardLimit,
        detail: "hardLimit is \(limit), and the host has \(hostMemory) besides its huge pages.")
    ]
  }

  /// The memory that QEMU maps besides the guest's memory, and must lock with it.
  ///
  /// QEMU maps itself, and a stack and translation buffers for each processor. Measured on QEMU
  /// 10.0 with 1, 4 and 8 processors.
  private static func lockedOverhead(processors: UInt32) -> MemorySize {
    .mebibytes(244 + 72 * UInt64(processors))
  }

  /// The guest memory that the kernel charges to the domain.
  ///
  /// It charges no huge pages, and for a running guest only what the balloon leaves to it.
  private func chargedMemory(of definition: MemoryConfiguration, on plane: Plane) -> MemorySize {
    let hasPages = (definition.memoryBacking.hugepages ?? .absent) != .absent
    if plane == .live, !hasPages, !definition.memballoon.isRuledOut,
      case .exactly(let balloonTarget)? = definition.currentMemory
    {
      let elastic = definition.devices.filter { $0.model == .virtioMem && $0.pageSize == nil }
      return balloonTarget - definition.pluggedTotal + elastic.map(\.wanted).total
    }
    return chargedParts(of: definition).map(\.size).total
  }

  /// The parts of the guest's memory that are not on huge pages, with the host nodes that each must
  /// come from; nil if any will do.
  private func chargedParts(
    of definition: MemoryConfiguration
  ) -> [(size: MemorySize, nodes: NodeSet?)] {
    let hasPages = (definition.memoryBacking.hugepages ?? .absent) != .absent
    let boot = definition.bootSizes.filter { !hasHugepages(ofCell: $0.cell, in: definition) }
      .map { (size: $0.size, nodes: definition.hostNodes(ofCell: $0.cell)) }
    let devices = definition.devices.filter { device in
      guard device.pageSize == nil else { return false }
      guard device.model == .dimm else { return device.model == .virtioMem && !hasPages }
      return !hasHugepages(
        ofCell: device.node.flatMap { UInt32(exactly: $0.count) }, in: definition)
    }
    return boot
      + devices.map { device in
        let size = device.model == .dimm ? device.fullSize : device.wanted
        return (size: size, nodes: definition.hostNodes(behind: device))
      }
  }

  private func hasHugepages(ofCell cell: UInt32?, in definition: MemoryConfiguration) -> Bool {
    switch definition.memoryBacking.hugepages {
    case .absent?, nil: false
    case .ofDefaultSize?: true
    case .pages(let entries)?:
      entries.contains { $0.cells?.contains(cell ?? 0) ?? true }
    }
  }
}

extension MemoryDevice {
  /// The larger of what a virtio-mem device has plugged and what it should plug.
  fileprivate var wanted: MemorySize {
    switch requested {
    case .exactly(let size)?: max(size, plugged ?? .zero)
    case .within(let range)?: max(range.upperBound, plugged ?? .zero)
    case nil: plugged ?? .zero
    }
  }
}

extension MemoryConfiguration {
  /// The fields that determine how much memory the guest has or may have, the limit first.
  fileprivate func fieldsOfSize(on plane: Plane) -> [FieldPath] {
    [.hardLimit, .any(.locked), .memory]
      + cells.flatMap { [FieldPath(.cellMemory, $0.key), FieldPath(.cellState, $0.key)] }
      + (plane == .live ? [.currentMemory] : [])
      + devices.flatMap { [$0[.deviceSize], $0[.deviceState], $0[.deviceRequested]] }
  }
}
