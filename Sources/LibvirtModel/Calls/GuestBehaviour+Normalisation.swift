// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension GuestBehaviour {
  /// Returns `definition` in the terms of a manifest, with the values that libvirt assumes where it
  /// has none.
  ///
  /// `currentMemory` becomes the balloon target without virtio-mem. Live, what virtio-mem has
  /// plugged is subtracted. Persistent, it is at most the reach (RAM at boot plus DIMMs), because a
  /// boot lowers it to that. Without a balloon it is the reach itself; live this applies to QEMU's
  /// driver alone.
  package func normalised(_ definition: MemoryConfiguration, on plane: Plane) -> MemoryConfiguration
  {
    var result = definition
    for field in Field.withValueOfAbsence where field.value(in: result) == nil {
      field.set(field.valueOfAbsence, in: &result)
    }
    fillIn(&result)
    result.noteElements()
    result.memballoon.model = result.memballoon.model ?? balloonOfAbsence(in: definition)
    guard let reach = definition.reach else { return result }
    switch (plane, definition.currentMemory) {
    // Without a balloon QEMU's driver reports the total, with virtio-mem at its full size.
    case (.live, .exactly(let size)) where driver != .qemu || !result.memballoon.isRuledOut:
      result.currentMemory = .exactly(size - definition.pluggedTotal)
    case (.persistent, .exactly(let size)) where !result.memballoon.isRuledOut:
      result.currentMemory = .exactly(min(size, reach))
    default:
      result.currentMemory = .exactly(reach)
    }
    return result
  }

  /// Adds and removes what libvirt adds and removes when it reads a definition.
  private func fillIn(_ definition: inout MemoryConfiguration) {
    if definition.cells.isEmpty, case .pages(let pages)? = definition.memoryBacking.hugepages {
      let all = pages.map { $0.cells == NodeSet([0...0]) ? Hugepage(size: $0.size) : $0 }
      definition.memoryBacking.hugepages = .pages(all.sorted())
    }
    guard !definition.devices.isEmpty else { return }
    let (hasAddresses, hasMemslots) = (knows(.deviceAddress), knows(.deviceDynamicMemslots))
    for index in definition.devices.indices {
      // libvirt always makes virtio-pmem shared.
      if definition.devices[index].model == .virtioPmem {
        definition.devices[index].access = .shared
      }
      // Older versions drop these attributes without an error.
      if !hasAddresses { definition.devices[index].address = nil }
      if !hasMemslots { definition.devices[index].dynamicMemslots = nil }
    }
  }

  /// Whether the host's libvirt is new enough for the field.
  private func knows(_ field: FieldName) -> Bool {
    Field.named(field)?.since.libvirt.map { guest.libvirt >= $0 } ?? true
  }

  /// The balloon that libvirt assumes without `<memballoon>`; nil if the driver adds none.
  package func balloonOfAbsence(in definition: MemoryConfiguration) -> BalloonModel? {
    driver == .qemu ? guest(of: definition).balloon : nil
  }

  /// Returns the domain with the balloons that libvirt assumes where its definitions have none.
  package func fillingInBalloons(of domain: ObservedDomain) -> ObservedDomain {
    var domain = domain
    for plane in Plane.allCases {
      guard let definition = domain[plane], definition.memballoon.model == nil else { continue }
      domain[plane]?.memballoon.model = balloonOfAbsence(in: definition)
    }
    return domain
  }

  /// Returns both definitions of `domain` in the terms of a manifest.
  package func normalised(_ domain: ObservedDomain) -> NormalisedDomain {
    var result = normalisedLive(of: domain)
    result.persistent = domain.persistent.map { normalised($0, on: .persistent) }
    return result
  }

  /// Returns both definitions of `domain` in the terms of a manifest, after a change on `plane`.
  ///
  /// `before` is the result before that change; the other plane did not change.
  package func normalised(
    _ domain: ObservedDomain, changedOn plane: Plane, since before: NormalisedDomain
  ) -> NormalisedDomain {
    // The live result depends on the persistent definition, but not the other way round.
    guard plane == .live else { return normalised(domain) }
    var result = normalisedLive(of: domain)
    result.persistent = before.persistent
    return result
  }

  private func normalisedLive(of domain: ObservedDomain) -> NormalisedDomain {
    let shown = domain.live.map { normalised($0, on: .live) }
    var live = shown
    if driver == .qemu, let start = domain.persistent {
      live?.forgetAlignment(of: start, by: self)
    }
    return NormalisedDomain(live: live, shownLive: shown)
  }
}

extension MemoryConfiguration {
  /// Marks each group that `none` removes as present or absent, and each item as present.
  fileprivate mutating func noteElements() {
    maxMemory.presence = maxMemory.size.map { Presence.present($0) } ?? .absent
    let hasAllocation =
      memoryBacking.allocation.mode != nil || memoryBacking.allocation.threads != nil
    memoryBacking.allocation.presence = hasAllocation ? .present(nil) : .absent
    numatune.presence = numatune.isEmpty ? .absent : .present(nil)
    numatune.memory.presence = numatune.memory.isEmpty ? .absent : .present(nil)
    numatune.memnodesPresence = numatune.memnodes.isEmpty ? .absent : .present(nil)
    numa = cells.isEmpty ? .absent : .present(nil)
    for index in cells.indices { cells[index].state = .present }
    for index in numatune.memnodes.indices { numatune.memnodes[index].state = .present }
    for index in devices.indices { devices[index].state = .present }
  }

  /// Restores the sizes of `persistent` if libvirt's rounding at the start is the only difference.
  ///
  /// At a start libvirt rounds every cell and every DIMM by itself, so the live total can differ
  /// from the rounded total. A guest that has the whole live total has all that `persistent` asks
  /// for.
  fileprivate mutating func forgetAlignment(
    of persistent: MemoryConfiguration, by behaviour: GuestBehaviour
  ) {
    let sizes =
      persistent.cells.isEmpty
      ? [persistent.memory ?? .zero] : persistent.cells.compactMap(\.memory)
    let boot = sizes.map { $0.roundedUp(toMultipleOf: behaviour.guest.bootAlignment) }.total
    guard memory == boot else { return }
    let dimms = persistent.devices.filter { $0.model == .dimm }.map {
      $0.fullSize.roundedUp(toMultipleOf: behaviour.guest.deviceAlignment)
    }
    if let all = persistent.reach, currentMemory == reach.map(MemoryTarget.exactly),
      reach == boot + dimms.total
    {
      currentMemory = .exactly(all)
    }
    if !persistent.cells.isEmpty { memory = persistent.memory }
  }
}

/// Both definitions of a domain in the terms of a manifest, with the values that libvirt assumes
/// where they have none.
package struct NormalisedDomain: Hashable, Sendable {
  /// The live definition for comparisons: sizes that libvirt rounded at the start are replaced by
  /// those of the persistent definition.
  fileprivate var live: MemoryConfiguration?
  fileprivate var shownLive: MemoryConfiguration?
  fileprivate var persistent: MemoryConfiguration?

  /// The definition on `plane` for comparisons; nil if the domain has none.
  package subscript(_ plane: Plane) -> MemoryConfiguration? {
    plane == .live ? live : persistent
  }

  /// The definition on `plane` with the sizes that libvirt reports, which it may have rounded at
  /// the start.
  package func shown(on plane: Plane) -> MemoryConfiguration? {
    plane == .live ? shownLive : persistent
  }
}
