// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// The huge pages for which the next starts of a host's guests ask together.
///
/// Each guest alone may find its pages, and yet they can't all start.
struct StagedPages {
  /// A guest whose plan changes the pages that its next start takes.
  struct Guest {
    let name: String
    /// What the next start takes.
    let asked: [HugepageDemand]
    /// What the guest's stop gives back.
    let returned: [HugepageDemand]
    /// The field that changes.
    let field: FieldPath
    let source: SourcePosition?
  }

  /// What guests ask for together, and what there is for it.
  private struct Shortage {
    let size: MemorySize
    let guests: [Guest]
    let asked: UInt64
    let free: UInt64
    let returned: UInt64
    let place: String
  }

  private let nodes: [HostNode]

  init(on host: ObservedHost) { nodes = host.nodes }

  /// A warning for each guest that is part of a shortage.
  func warnings(of guests: [Guest], host: String) -> [Diagnostic] {
    var warned: Set<String> = []
    return shortages(of: guests).flatMap { shortage in
      shortage.guests.filter { warned.insert($0.name).inserted }.map { guest in
        let free = """
          The next starts of \(shortage.guests.count) guests that this plan changes need \
          \(shortage.asked) pages of \(shortage.size)\(shortage.place) together; \
          \(shortage.free) are free
          """
        let returned =
          shortage.returned > 0 ? ", and their own stops give back \(shortage.returned)." : "."
        return Rule.hugepagesNotFree.warning(
          host: host, domain: guest.name, field: guest.field, detail: free + returned,
          source: guest.source)
      }
    }
  }

  private func shortages(of guests: [Guest]) -> [Shortage] {
    guard guests.count > 1, let all = nodes.numbers else { return [] }
    let sizes = Set(guests.flatMap(\.asked).map(\.size)).sorted()
    return sizes.flatMap { size in
      let demands = guests.flatMap(\.asked).filter { $0.size == size }
      return NodeSet.unions(of: demands.map { $0.nodes ?? all }).compactMap { group in
        shortage(of: guests, size, on: group, all: all)
      }
    }
  }

  private func shortage(
    of guests: [Guest], _ size: MemorySize, on group: NodeSet, all: NodeSet
  ) -> Shortage? {
    let pools = nodes.filter { group.contains($0.number) }.flatMap(\.pools)
      .filter { $0.size == size }
    let free = pools.compactMap(\.free)
    guard !pools.isEmpty, free.count == pools.count else { return nil }
    func isAsked(_ demand: HugepageDemand) -> Bool {
      demand.size == size && (demand.nodes ?? all).subtracting(group).isEmpty
    }
    let asking = guests.filter { $0.asked.contains(where: isAsked) }
    let asked = asking.flatMap(\.asked).filter(isAsked).map(\.count).reduce(0, +)
    // An unbound guest may have its pages anywhere.
    let own = asking.flatMap(\.returned)
      .filter { $0.size == size && $0.nodes?.intersects(group) ?? true }
      .map(\.count).reduce(0, +)
    let there = free.reduce(0, +)
    let total = pools.map(\.total).reduce(0, +)
    let returned = min(own, total - min(total, there))
    guard asking.count > 1, asked > there + returned else { return nil }
    let place =
      group == all ? "" : group.count == 1 ? " on node \(group)" : " on the nodes \(group)"
    return Shortage(
      size: size, guests: asking, asked: asked, free: there, returned: returned, place: place)
  }
}
