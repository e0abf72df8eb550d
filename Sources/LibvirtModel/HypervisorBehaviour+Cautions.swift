// SPDX-License-Identifier: Apache-2.0

public import MemoryModel

/// A change that libvirt makes, and that deserves a warning.
public struct Caution: Hashable, Sendable {
  /// The constraint that warns.
  public let constraint: Constraint
  /// The changed field that it is about.
  public let field: FieldPath
  /// The figures of this case, in whole sentences; may be empty.
  public let detail: String
}

extension HypervisorBehaviour {
  /// What deserves a warning of `definition`, as changes of the fields that `changes` leave it.
  public func cautions(
    about definition: MemoryConfiguration, changes: (FieldPath) -> Bool
  ) -> [Caution] {
    guard driver == .qemu else { return [] }
    let cautions =
      discards(definition) + binding(definition) + balloon(definition) + hotplug(definition)
      + pages(definition) + enclaves(definition)
    return cautions.isEmpty ? [] : cautions.filter { changes($0.field) }
  }

  private func discards(_ definition: MemoryConfiguration) -> [Caution] {
    let backing = definition.memoryBacking
    let hasPages = backing.hugepages != nil && backing.hugepages != .absent
    let isFile = backing.source == .some(.file) || (hasPages && backing.source == nil)
    var fields: [FieldPath] = []
    if backing.discard == true { fields.append(.any(.discard)) }
    fields += definition.cells.filter { $0.discard == true }.map { FieldPath(.cellDiscard, $0.key) }
    fields += definition.devices.filter { $0.discard == true && $0.pageSize == nil }
      .map { $0[.deviceDiscard] }
    return isFile
      ? [] : fields.map { Caution(constraint: .discardWithoutFile, field: $0, detail: "") }
  }

  private func binding(_ definition: MemoryConfiguration) -> [Caution] {
    definition.numatune.memory.placement == .auto
      ? [
        Caution(constraint: .numatuneAutoNeedsNumad, field: .any(.numatunePlacement), detail: "")
      ] : []
  }

  private func balloon(_ definition: MemoryConfiguration) -> [Caution] {
    guard !definition.memballoon.isRuledOut, let reach = definition.reach,
      case .exactly(let figure)? = definition.currentMemory,
      figure - definition.pluggedTotal < reach
    else { return [] }
    var cautions: [Caution] = []
    if let hugepages = definition.memoryBacking.hugepages, hugepages != .absent {
      cautions += [FieldPath.any(.hugepages), .currentMemory].map {
        Caution(constraint: .hugepagesWithBalloon, field: $0, detail: "")
      }
    }
    if definition.surroundings.hasHostDevices {
      cautions.append(
        Caution(constraint: .hostDevicesWithBalloon, field: .currentMemory, detail: ""))
    }
    return cautions
  }

  private func hotplug(_ definition: MemoryConfiguration) -> [Caution] {
    let total = (definition.memory ?? .zero) + definition.deviceTotal
    let isLocked =
      definition.memoryBacking.locked == true || definition.surroundings.hasHostDevices
    guard isLocked, case .size(let limit)? = definition.memtune.hardLimit, limit < total else {
      return []
    }
    return definition.devices.map {
      Caution(
        constraint: .hotplugAgainstHardLimit, field: $0[.deviceSize],
        detail: "hardLimit is \(limit), and all memory with the device \(total).")
    }
  }

  private func enclaves(_ definition: MemoryConfiguration) -> [Caution] {
    definition.devices.filter { $0.model == .sgxEpc }.map {
      Caution(constraint: .sgxNeedsHost, field: $0[.deviceModel], detail: "")
    }
  }

  private func pages(_ definition: MemoryConfiguration) -> [Caution] {
    guard !pageSizes.isEmpty else { return [] }
    var asked: [(FieldPath, MemorySize)] = []
    if case .pages(let entries)? = definition.memoryBacking.hugepages {
      asked += entries.map { (.any(.hugepages), $0.size) }
    }
    asked += definition.devices.compactMap { device in
      device.pageSize.map { (device[.devicePageSize], $0) }
    }
    return asked.filter { !pageSizes.contains($0.1) }.map { field, size in
      Caution(
        constraint: .hugepageSizeUnknown, field: field,
        detail: "The host names \(pageSizes.map(\.description).joined(separator: ", ")).")
    }
  }
}
