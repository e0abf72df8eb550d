// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The sizes that `<hugepages/>` may mean where neither libvirt nor the manifest tells the default.
extension GuestBehaviour {
  /// The sizes that `<hugepages/>` cannot mean on `host`, because its running guests would hold
  /// more such pages than there are.
  package static func disprovedDefaults(
    on host: ObservedHost, facts: DeclaredFacts
  ) -> Set<MemorySize> {
    let running = host.domains.filter(\.isActive)
    guard facts.hugepageSize == nil, host.pageSizes.count > 2,
      running.contains(where: { $0.live?.hasDefaultHugepages == true })
    else { return [] }
    return disproved(
      by: running.compactMap { domain in
        domain.live.map { (GuestBehaviour(of: domain, on: host, facts: facts), $0) }
      })
  }

  /// The sizes that the default cannot be while these guests of one host run.
  ///
  /// It compares whole hosts: the nodes of a guest may have been changed while it runs. If no size
  /// is left, the figures contradict each other and tell nothing.
  static func disproved(
    by running: [(behaviour: GuestBehaviour, live: MemoryConfiguration)]
  ) -> Set<MemorySize> {
    guard let host = running.first(where: { $0.live.hasDefaultHugepages })?.behaviour,
      host.defaultHugepage == nil, !host.nodes.isEmpty
    else { return [] }
    let sizes = host.pageSizes.filter(host.isHuge)
    let disproved = sizes.filter { size in
      let pages = host.nodes.flatMap(\.pools).filter { $0.size == size }.map(\.total).reduce(0, +)
      var (explicit, byDefault): (UInt64, UInt64) = (0, 0)
      for (behaviour, live) in running {
        var behaviour = behaviour
        behaviour.defaultHugepage = size
        let held = behaviour.hugepages(of: live).filter { $0.size == size }.map(\.count)
        if live.hasDefaultHugepages {
          byDefault += held.reduce(0, +)
        } else {
          explicit += held.reduce(0, +)
        }
      }
      return explicit <= pages && byDefault > pages - explicit
    }
    return disproved.count < sizes.count ? Set(disproved) : []
  }

  /// The sizes that `<hugepages/>` may mean, the usual one of the kernel first.
  var possibleDefaults: [MemorySize] {
    let all = pageSizes.filter { isHuge($0) && !disprovedDefaults.contains($0) }
    return all.filter { $0 == usualDefault } + all.filter { $0 != usualDefault }
  }

  /// Whether a host would have this default: it has such pages, or did not choose the size.
  func isLikelyDefault(_ size: MemorySize) -> Bool {
    size == usualDefault || nodes.flatMap(\.pools).contains { $0.size == size && $0.total > 0 }
  }

  /// The size that a kernel takes without a parameter: what one table of pages covers.
  ///
  /// An entry of the table has 8 bytes, so it is 2 MiB where pages are of 4 KiB.
  private var usualDefault: MemorySize? {
    pageSizes.first.map { MemorySize(bytes: $0.bytes * ($0.bytes / 8)) }
  }
}

extension MemoryConfiguration {
  /// Whether `<hugepages/>` without a size backs the guest.
  package var hasDefaultHugepages: Bool { memoryBacking.hugepages == .ofDefaultSize }
}
