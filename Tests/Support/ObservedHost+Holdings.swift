// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

extension ObservedHost {
  /// Gives a domain what it holds more than before, and takes back what it holds less.
  package mutating func settle(_ before: ObservedDomain, _ after: ObservedDomain) {
    let (old, new) = (holdings(of: before), holdings(of: after))
    availableMemory = availableMemory.map { $0 + old.memory - new.memory }
    if let nodes = after.live?.hostNodesOfRAM, nodes.count == 1, let number = nodes.first,
      let index = self.nodes.firstIndex(where: { $0.number == number })
    {
      self.nodes[index].free = self.nodes[index].free.map { $0 + old.memory - new.memory }
    }
    for (size, count) in old.pages { movePages(of: size, nodes: old.nodes, count, isBack: true) }
    for (size, count) in new.pages { movePages(of: size, nodes: new.nodes, count, isBack: false) }
  }

  private mutating func movePages(
    of size: MemorySize, nodes numbers: NodeSet?, _ count: UInt64, isBack: Bool
  ) {
    var left = count
    for node in nodes.indices where numbers?.contains(nodes[node].number) ?? true {
      for pool in nodes[node].pools.indices where nodes[node].pools[pool].size == size {
        guard let free = nodes[node].pools[pool].free else { continue }
        let total = nodes[node].pools[pool].total
        let moved = min(left, isBack ? total - min(total, free) : free)
        nodes[node].pools[pool].free = isBack ? free + moved : free - moved
        left -= moved
      }
    }
  }

  /// The memory and the huge pages of devices that a running guest holds.
  ///
  /// What a balloon takes from RAM that is partly or all in huge pages, or that devices of the host
  /// pin, moves nothing. Persistent memory is a file or a device of the host.
  private func holdings(
    of domain: ObservedDomain
  ) -> (memory: MemorySize, pages: [MemorySize: UInt64], nodes: NodeSet?) {
    guard domain.isActive, let live = domain.live else { return (.zero, [:], nil) }
    let behaviour = GuestBehaviour(of: domain, on: self, facts: .ofAnyPages)
    var (small, huge) = (MemorySize.zero, MemorySize.zero)
    var pages: [MemorySize: UInt64] = [:]
    for device in live.devices {
      let amount = device.model == .virtioMem ? device.plugged ?? .zero : device.fullSize
      if behaviour.isOnHugepages(device, in: live) {
        huge = huge + amount
        if let demand = behaviour.hugepages(amount, behind: device, in: live) {
          pages[demand.size, default: 0] += demand.count
        }
      } else if device.model == .dimm || device.model == .virtioMem {
        small = small + amount
      }
    }
    var memory = small
    if !behaviour.areOnHugepages(partsOf: live).contains(true), !live.surroundings.hasHostDevices,
      case .exactly(let balloon)? = live.currentMemory
    {
      memory = balloon - huge
    }
    return (memory, pages, live.hostNodesOfRAM)
  }
}
