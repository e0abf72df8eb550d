// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// What a host has of memory and of huge pages before any step.
extension HostLedger {
  /// The memory of the host above its reserve, or the most that can be free on some nodes.
  ///
  /// libvirt does not report how much page cache a node has. All of the host's may be there.
  static func memory(
    of host: ObservedHost, _ nodes: NodeSet?, _ reserve: MemorySize?
  ) -> HostAccount? {
    guard let available = host.availableMemory else { return nil }
    guard let nodes else { return reserve.map { HostAccount(available: available, reserve: $0) } }
    let free = host.nodes.compactMap(\.free)
    guard free.count == host.nodes.count else { return nil }
    let there = host.nodes.filter { nodes.contains($0.number) }
    guard there.count == nodes.count else { return nil }
    let pageCache = available - free.total
    return HostAccount(available: there.compactMap(\.free).total + pageCache)
  }

  /// The free huge pages of one size on some nodes, or on all.
  static func hugepages(
    of host: ObservedHost, _ nodes: NodeSet?, _ size: MemorySize, _ facts: DeclaredFacts
  ) -> HostAccount? {
    guard facts.hugepages != .onDemand else { return nil }
    let pools = host.nodes.filter { nodes?.contains($0.number) ?? true }.flatMap(\.pools)
      .filter { $0.size == size }
    let free = pools.compactMap(\.free)
    guard !pools.isEmpty, free.count == pools.count else { return nil }
    return HostAccount(available: free.map { size * $0 }.total)
  }

  /// What the host has now for the growth in `headroom` of a guest with the definition `live`.
  ///
  /// Nil if it is unknown, if the growth takes nothing of the host, and if its parts come from
  /// different nodes or pages: no one figure is true of them all.
  static func supply(
    for headroom: Headroom, of live: MemoryConfiguration, on host: ObservedHost,
    _ desired: DesiredHost, _ behaviour: GuestBehaviour
  ) -> Headroom.Supply? {
    let origins = Set(origins(of: headroom, live, behaviour))
    guard origins.count == 1, let origin = origins.first ?? nil else { return nil }
    let nodes = origin.nodes
    if case .hugepages(let size) = origin.resource {
      return hugepages(of: host, nodes, size, desired.facts).map {
        Headroom.Supply(memory: $0.left, nodes: nodes, pageSize: size)
      }
    }
    guard let all = memory(of: host, nil, desired.reserve ?? .zero)?.left else { return nil }
    let there = nodes.flatMap { memory(of: host, $0, nil)?.left }
    return Headroom.Supply(memory: min(all, there ?? all), nodes: there == nil ? nil : nodes)
  }

  /// What each part of a guest's growth comes from; nil for a part that takes nothing of the host,
  /// or that comes from huge pages of an unknown size.
  private static func origins(
    of headroom: Headroom, _ live: MemoryConfiguration, _ behaviour: GuestBehaviour
  ) -> [Subject?] {
    var origins: [Subject?] = []
    if headroom.balloon > .zero {
      // As MemoryMoves has it.
      let takes =
        behaviour.areOnHugepages(partsOf: live).contains(false)
        && !live.surroundings.hasHostDevices
      origins.append(takes ? Subject(resource: .memory, nodes: live.hostNodesOfRAM) : nil)
    }
    var devices = live.devices.filter {
      $0.model == .virtioMem && $0.fullSize > $0.plugged ?? .zero
    }
    // A new device may belong to any cell.
    if headroom.hotplug > .zero {
      devices += live.cells.map { MemoryDevice(model: .dimm, node: $0.id) }
    }
    return origins
      + devices.map { device in
        let nodes = live.hostNodes(behind: device)
        guard behaviour.isOnHugepages(device, in: live) else {
          return Subject(resource: .memory, nodes: nodes)
        }
        return behaviour.hugepages(.zero, behind: device, in: live).map {
          Subject(resource: .hugepages($0.size), nodes: nodes)
        }
      }
  }
}
