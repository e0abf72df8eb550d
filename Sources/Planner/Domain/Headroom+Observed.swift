// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

extension Headroom {
  /// Makes the headroom of a domain, whose next start has the definition `next`; nil if no guest
  /// runs.
  init?(
    of domain: ObservedDomain, _ normalised: NormalisedDomain, _ behaviour: GuestBehaviour,
    next: MemoryConfiguration?
  ) {
    guard domain.isActive, let live = normalised.shown(on: .live), let memory = live.memory else {
      return nil
    }
    self.init(live, memory, behaviour)
    if let next { afterStart = Self.most(of: next, behaviour) - Self.most(of: live, behaviour) }
  }

  /// The most memory that a guest with `definition` can have without a restart.
  private static func most(
    of definition: MemoryConfiguration, _ behaviour: GuestBehaviour
  ) -> MemorySize {
    let own = Headroom(definition, definition.memory ?? .zero, behaviour).hotplug
    let elastic = definition.devices.filter { $0.model == .virtioMem }.map(\.fullSize).total
    return (definition.reach ?? .zero) + elastic + own
  }

  private init(
    _ live: MemoryConfiguration, _ memory: MemorySize, _ behaviour: GuestBehaviour
  ) {
    self.init()
    if live.memballoon.isRuledOut {
      missing.append(.balloon)
    } else if case .exactly(let balloonTarget)? = live.currentMemory, let reach = live.reach {
      balloon = reach - balloonTarget
    }
    for device in live.devices where device.model == .virtioMem {
      virtioMem = virtioMem + (device.fullSize - (device.plugged ?? .zero))
    }
    guard let ceiling = live.maxMemory.size else {
      missing.append(.maxMemory)
      return
    }
    if live.cells.isEmpty { missing.append(.numaCell) }
    let taking = live.devices.count { behaviour.takesSlot($0) }
    let slots = Int(live.maxMemory.slots?.count ?? 0)
    let canPlug = taking < slots || behaviour.has(.virtioNeedsNoSlot)
    let room = ceiling - (memory + live.deviceTotal)
    if room == .zero {
      missing.append(.room)
    } else if !canPlug {
      missing.append(.slots)
    }
    if live.surroundings.lacksACPI && behaviour.isX86 { missing.append(.acpi) }
    if live.surroundings.freePCISlots == 0 { missing.append(.pciSlots) }
    if canPlug && !live.cells.isEmpty { hotplug = room }
  }
}
