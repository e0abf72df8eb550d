// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension HypervisorBehaviour {
  /// A definition with all that libvirt means by what it leaves out, in the terms of the manifest.
  ///
  /// `currentMemory` becomes the balloon's figure: live, less what virtio-mem has plugged;
  /// persistent, at most the reach, for that is what a boot makes of it. Where there is no balloon
  /// it is the reach itself.
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
      definition.memoryBacking.hugepages = .pages(all.sorted())
    }
    for index in definition.devices.indices {
      // libvirt shares every such device that it defines.
      if definition.devices[index].model == .virtioPmem {
        definition.devices[index].access = .shared
      }
      // A version that does not know them drops them without a word.
      if version < LibvirtVersion(9, 4, 0) { definition.devices[index].address = nil }
      if version < LibvirtVersion(10, 1, 0) { definition.devices[index].dynamicMemslots = nil }
    }
  }

  /// The balloon that `definition` means where it leaves it out; nil where the driver adds none and
  /// can do without.
  package func balloonOfAbsence(in definition: MemoryConfiguration) -> BalloonModel? {
    driver == .qemu ? guest(of: definition).balloon : nil
  }

  /// The domain with the balloons that its definitions leave out.
  package func fillingInBalloons(of domain: ObservedDomain) -> ObservedDomain {
    let behaviour = of(domain)
    var domain = domain
    for plane in Plane.allCases {
      guard let definition = domain[plane], definition.memballoon.model == nil else { continue }
      domain[plane]?.memballoon.model = behaviour.balloonOfAbsence(in: definition)
    }
    return domain
  }

  /// Both definitions of a domain, normalised.
  package func normalised(_ domain: ObservedDomain) -> NormalisedDomain {
    let behaviour = of(domain)
    var result = behaviour.normalisedLive(of: domain)
    result.persistent = domain.persistent.map { behaviour.normalised($0, on: .persistent) }
    return result
  }

  /// Both definitions of a domain, normalised, of which only that on `plane` has changed since it
  /// was `before`.
  package func normalised(
    _ domain: ObservedDomain, changedOn plane: Plane, since before: NormalisedDomain
  ) -> NormalisedDomain {
    // What runs is seen in the light of what it was started from, and not the other way round.
    guard plane == .live else { return normalised(domain) }
    var result = of(domain).normalisedLive(of: domain)
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
    for index in devices.indices { devices[index].state = .present }
  }

  /// Takes back what a start from `persistent` rounded, where this is just that.
  ///
  /// A start rounds every cell and DIMM by itself, and their sum can be what no rounding of the sum
  /// gives. A guest that has all of it has all that was asked for.
  fileprivate mutating func forgetAlignment(
    of persistent: MemoryConfiguration, by behaviour: HypervisorBehaviour
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

/// Both definitions of a domain in the terms of the manifest, with all that libvirt means by what
/// it leaves out.
package struct NormalisedDomain: Hashable, Sendable {
  /// What runs as it is compared: with what was asked for in the place of what a start made of it.
  fileprivate var live: MemoryConfiguration?
  fileprivate var shownLive: MemoryConfiguration?
  fileprivate var persistent: MemoryConfiguration?

  /// The definition on `plane`; nil where there is none.
  package subscript(_ plane: Plane) -> MemoryConfiguration? {
    plane == .live ? live : persistent
  }

  /// The definition on `plane` with the figures that libvirt shows, which a start may have rounded.
  package func shown(on plane: Plane) -> MemoryConfiguration? {
    plane == .live ? shownLive : persistent
  }
}
