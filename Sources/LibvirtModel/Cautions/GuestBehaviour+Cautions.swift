// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// A warning about a change that libvirt accepts.
package struct Caution: Hashable, Sendable {
  /// The rule that warns.
  package let rule: Rule
  /// The changed field that the warning is about.
  package let field: FieldPath
  /// The values of this case, in whole sentences; may be empty.
  package let detail: String
}

extension GuestBehaviour {
  /// The warnings about `definition`, the definition on `plane` after all changes.
  ///
  /// Only warnings about fields for which `changes` returns true are included.
  package func cautions(
    about definition: MemoryConfiguration, on plane: Plane, changes: (FieldPath) -> Bool
  ) -> [Caution] {
    var cautions = limits(definition, plane)
    if driver == .qemu {
      cautions +=
        discards(definition) + files(definition) + binding(definition) + balloon(definition)
        + hotplug(definition) + pages(definition) + enclaves(definition) + places(definition)
    }
    return cautions.isEmpty ? [] : cautions.filter { changes($0.field) }
  }

  private func discards(_ definition: MemoryConfiguration) -> [Caution] {
    var fields: [FieldPath] = []
    let areFiles =
      definition.cells.isEmpty
      ? isFile(nil, in: definition)
      : definition.cells.allSatisfy { isFile($0.access, in: definition) }
    if definition.memoryBacking.discard == true && !areFiles { fields.append(.any(.discard)) }
    fields += definition.cells.filter { $0.discard == true && !isFile($0.access, in: definition) }
      .map { FieldPath(.cellDiscard, $0.key) }
    fields += definition.devices.filter {
      $0.discard == true && $0.pageSize == nil && !isFile($0.access, in: definition)
    }.map { $0[.deviceDiscard] }
    return fields.map { Caution(rule: .discardWithoutFile, field: $0, detail: "") }
  }

  /// Whether libvirt backs memory that has this `access` of its own with a file.
  ///
  /// It does so for any `access`, for huge pages and for the source `file`, unless the source is
  /// memfd (`qemuBuildMemoryBackendProps`).
  private func isFile(_ access: MemoryAccess?, in definition: MemoryConfiguration) -> Bool {
    let backing = definition.memoryBacking
    guard backing.source?.word != .memfd else { return false }
    return backing.source?.word == .file || (backing.hugepages ?? .absent) != .absent
      || access != nil || backing.access?.word != nil
  }

  /// Warns of memory that libvirt backs with a file because of its `access`, as no source is set.
  private func files(_ definition: MemoryConfiguration) -> [Caution] {
    let backing = definition.memoryBacking
    guard backing.source?.word != .memfd, backing.source?.word != .file,
      (backing.hugepages ?? .absent) == .absent
    else { return [] }
    var fields: [FieldPath] = []
    if backing.access?.word != nil { fields += [.any(.access), .any(.source)] }
    fields += definition.cells.filter { $0.access != nil }.map { FieldPath(.cellAccess, $0.key) }
    fields += definition.devices.filter {
      $0.access != nil && ($0.model == .dimm || $0.model == .virtioMem) && $0.pageSize == nil
    }.map { $0[.deviceAccess] }
    return fields.map { Caution(rule: .accessMakesFile, field: $0, detail: "") }
  }

  private func binding(_ definition: MemoryConfiguration) -> [Caution] {
    let placement = FieldPath.any(.numatunePlacement)
    let isPlaced = definition.surroundings.placesVCPUsByItself
    var cautions: [Caution] = []
    if definition.numatune.memory.placement == .auto {
      cautions.append(Caution(rule: .numatuneAutoNeedsNumad, field: placement, detail: ""))
      if !isPlaced {
        cautions.append(
          Caution(rule: .numatuneAutoPlacesProcessors, field: placement, detail: ""))
      }
    } else if isPlaced && !definition.numatune.memory.isEmpty {
      cautions += [placement, .any(.numatuneNodeset)].map {
        Caution(rule: .processorsStayPlacedByNumad, field: $0, detail: "")
      }
    }
    for memnode in definition.numatune.memnodes where memnode.mode == .restrictive {
      cautions += [FieldName.memnodeMode, .memnodeState, .memnodeNodeset].map {
        Caution(
          rule: .restrictiveMemnodeBindsNothing, field: FieldPath($0, memnode.key),
          detail: "")
      }
    }
    return cautions
  }

  private func balloon(_ definition: MemoryConfiguration) -> [Caution] {
    var cautions: [Caution] = []
    let keepsMemory = definition.surroundings.keepsMemory
    if keepsMemory {
      cautions += definition.devices.filter { $0.model == .virtioMem }.map {
        Caution(rule: .launchSecurityKeepsMemory, field: $0[.deviceModel], detail: "")
      }
    }
    guard !definition.memballoon.isRuledOut, let reach = definition.reach,
      case .exactly(let balloonTarget)? = definition.currentMemory,
      balloonTarget - definition.pluggedTotal < reach
    else { return cautions }
    if keepsMemory {
      cautions.append(
        Caution(rule: .launchSecurityKeepsMemory, field: .currentMemory, detail: ""))
    }
    if let hugepages = definition.memoryBacking.hugepages, hugepages != .absent {
      cautions += [FieldPath.any(.hugepages), .currentMemory].map {
        Caution(rule: .hugepagesWithBalloon, field: $0, detail: "")
      }
    }
    if definition.surroundings.hasHostDevices {
      cautions.append(
        Caution(rule: .hostDevicesWithBalloon, field: .currentMemory, detail: ""))
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
        rule: .hotplugAgainstHardLimit, field: $0[.deviceSize],
        detail: "hardLimit is \(limit), and all memory with the device \(total).")
    }
  }

  private func enclaves(_ definition: MemoryConfiguration) -> [Caution] {
    definition.devices.filter { $0.model == .sgxEpc }.map {
      Caution(rule: .sgxNeedsHostSupport, field: $0[.deviceModel], detail: "")
    }
  }

  /// Warns of device addresses inside the RAM at boot.
  ///
  /// QEMU puts memory devices above that RAM, and on x86 above 4 GiB at least.
  private func places(_ definition: MemoryConfiguration) -> [Caution] {
    let end = max(definition.memory ?? .zero, isX86 ? .gibibytes(4) : .zero)
    return definition.devices.compactMap { device in
      guard let address = device.address, address.bytes < end.bytes else { return nil }
      return Caution(
        rule: .deviceAddressInMemory, field: device[.deviceAddress],
        detail: "The address is \(address), and the RAM at boot may reach to \(end).")
    }
  }

  private func pages(_ definition: MemoryConfiguration) -> [Caution] {
    let broken = brokenPages(of: definition).filter(\.isRoundedUp).flatMap { part in
      (part.fields + [.any(.hugepages), .any(.source)] + part.pageFields).map {
        Caution(
          rule: .hugepagesRoundedUp, field: $0,
          detail: "\(part.size) is no multiple of \(part.page).")
      }
    }
    guard !pageSizes.isEmpty else { return broken }
    var asked: [(FieldPath, MemorySize)] = []
    if case .pages(let entries)? = definition.memoryBacking.hugepages {
      asked += entries.map { (.any(.hugepages), $0.size) }
    }
    asked += definition.devices.compactMap { device in
      device.pageSize.map { (device[.devicePageSize], $0) }
    }
    return broken
      + asked.filter { !pageSizes.contains($0.1) }.map { field, size in
        Caution(
          rule: .hugepageSizeUnknown, field: field,
          detail: "The host names \(pageSizes.map(\.description).joined(separator: ", ")).")
      }
  }
}
