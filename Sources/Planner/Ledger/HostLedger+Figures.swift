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

  /// What the host has now for a guest with the definition `live` to grow; nil if it is unknown.
  static func supply(
    for live: MemoryConfiguration, of host: ObservedHost, _ desired: DesiredHost,
    _ behaviour: GuestBehaviour
  ) -> Headroom.Supply? {
    let nodes = live.hostNodesOfRAM
    if behaviour.areOnHugepages(partsOf: live).allSatisfy({ $0 }) {
      guard let size = behaviour.hugepages(of: live).first?.size else { return nil }
      return hugepages(of: host, nodes, size, desired.facts).map {
        Headroom.Supply(memory: $0.left, nodes: nodes, pageSize: size)
      }
    }
    guard let all = memory(of: host, nil, desired.reserve ?? .zero)?.left else { return nil }
    let there = nodes.flatMap { memory(of: host, $0, nil)?.left }
    return Headroom.Supply(memory: min(all, there ?? all), nodes: there == nil ? nil : nodes)
  }
}
