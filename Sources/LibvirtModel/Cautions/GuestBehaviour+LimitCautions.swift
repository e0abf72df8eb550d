// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

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
  /// With hard_limit, libvirt lets QEMU lock so much and no more. Huge pages count here.
  private func pinned(_ definition: MemoryConfiguration, _ plane: Plane) -> [Caution] {
    let pinnings = definition.surroundings.pinnings
    let all = (definition.memory ?? .zero) + definition.deviceTotal
    let needed = all * UInt64(pinnings)
    guard driver == .qemu, case .size(let limit)? = definition.memtune.hardLimit, limit < needed
    else { return [] }
    let times = pinnings == 1 ? "once" : "\(pinnings) times"
    // `hotplug-against-hard-limit` warns of devices.
    return definition.fieldsOfSize(on: plane).filter { $0.name.state != .deviceState }.map {
      Caution(
        rule: .hardLimitBelowPinned, field: $0,
        detail: """
          hardLimit is \(limit), and devices of the host pin the guest's \(all) \(times): \(needed).
          """)
    }
  }

  /// Warns of locked or pinned memory of which the host does not have so much.
  private func lockedOnHost(_ definition: MemoryConfiguration, _ plane: Plane) -> [Caution] {
    let isLocked = definition.memoryBacking.locked == true
    guard driver == .qemu, isLocked || definition.surroundings.hasHostDevices else { return [] }
    let charged = chargedMemory(of: definition, on: plane)
    let bound = definition.hostNodesOfRAM
    let onNodes = bound.flatMap { memory(ofNodes: $0) }
    guard let there = onNodes ?? hostMemory, charged > there else { return [] }
    let place =
      switch (bound, onNodes) {
      case (let bound?, _?) where bound.count == 1: "node \(bound) of the host has"
      case (let bound?, _?): "the nodes \(bound) of the host have"
      default: "the host has"
      }
    return definition.fieldsOfSize(on: plane).map {
      Caution(
        rule: .lockedAboveHost, field: $0,
        detail: "\(charged) would be locked, and \(place) \(there) besides huge pages.")
    }
  }

  /// The memory of some nodes without their huge pages; nil where it is unknown.
  private func memory(ofNodes numbers: NodeSet) -> MemorySize? {
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
    let elastic = definition.devices.filter { $0.model == .virtioMem && $0.pageSize == nil }
    let plugged = hasPages ? .zero : elastic.map(\.wanted).total
    if plane == .live, !hasPages, !definition.memballoon.isRuledOut,
      case .exactly(let balloonTarget)? = definition.currentMemory
    {
      return balloonTarget - definition.pluggedTotal + plugged
    }
    let boot = definition.bootSizes.filter { !hasHugepages(ofCell: $0.cell, in: definition) }
    let dimms = definition.devices.filter {
      $0.model == .dimm && $0.pageSize == nil
        && !hasHugepages(ofCell: $0.node.flatMap { UInt32(exactly: $0.count) }, in: definition)
    }
    return boot.map(\.size).total + dimms.map(\.fullSize).total + plugged
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
