// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Compares the huge pages that a start asks for with those of the host.
extension GuestBehaviour {
  /// What there is of a size of pages on some nodes.
  private struct Supply {
    var there: UInt64
    var taken: UInt64 = 0
    var returned: UInt64 = 0
  }

  private typealias Count = (GuestBehaviour, _ nodes: [HostNode], _ size: MemorySize) -> Supply?
  /// Whether something is blamed for a shortage.
  package typealias Blame = (HugepageShortage) -> Bool

  /// A size of huge pages of which a start with `definition` asks for more than the pools of the
  /// host's nodes hold; nil if all is there, or if the host does not report its pages.
  ///
  /// Shortages that are not blamed on anything are passed over.
  package func hugepagesMissing(
    for definition: MemoryConfiguration, where isBlamed: Blame = { _ in true }
  ) -> HugepageShortage? {
    shortageWithAnyDefault(for: definition, where: isBlamed) { _, nodes, size in
      Supply(there: nodes.flatMap(\.pools).filter { $0.size == size }.map(\.total).reduce(0, +))
    }
  }

  /// A size of huge pages of which a start with `definition` asks for more than are free now,
  /// after a guest with the definition `live` has stopped; nil like
  /// ``hugepagesMissing(for:where:)``.
  package func hugepagesNotFree(
    for definition: MemoryConfiguration, after live: MemoryConfiguration?,
    besides others: PagesOfOthers = PagesOfOthers(), where isBlamed: Blame = { _ in true }
  ) -> HugepageShortage? {
    shortageWithAnyDefault(for: definition, where: isBlamed) { behaviour, nodes, size in
      let pools = nodes.flatMap(\.pools).filter { $0.size == size }
      let free = pools.compactMap(\.free)
      guard free.count == pools.count else { return nil }
      let (there, total) = (free.reduce(0, +), pools.map(\.total).reduce(0, +))
      let (group, all) = (nodes.numbers ?? NodeSet(), hostNodes ?? NodeSet())
      return Supply(
        there: there, taken: others.moved(of: size, on: group, all: all),
        returned: others.returned(
          live.map(behaviour.hugepages(of:)) ?? [], of: size, on: group, all: all,
          used: total - min(total, there)))
    }
  }

  /// The shortage with the sizes that the default may be, if it is unknown.
  ///
  /// It is certain if it does not depend on the default, or if each size is short.
  private func shortageWithAnyDefault(
    for definition: MemoryConfiguration, where isBlamed: Blame, count: Count
  ) -> HugepageShortage? {
    // Without a default, the pages of unknown size are left out.
    if let shortage = shortage(for: definition, where: isBlamed, count: count) { return shortage }
    guard defaultHugepage == nil, definition.hasDefaultHugepages else { return nil }
    let sizes = possibleDefaults
    var (short, enough): ([HugepageShortage], [MemorySize]) = ([], [])
    for size in sizes {
      var behaviour = self
      behaviour.defaultHugepage = size
      if let shortage = behaviour.shortage(for: definition, where: isBlamed, count: count) {
        short.append(shortage)
      } else {
        enough.append(size)
      }
    }
    if !enough.isEmpty { short.removeAll { !isLikelyDefault($0.size) } }
    guard var first = short.first else { return nil }
    if sizes.count > 1 { first.unknownDefault = .init(enough: enough) }
    return first
  }

  /// A group of nodes of which `definition` asks for more pages than `count` says, and for which
  /// something is blamed; nil without one.
  private func shortage(
    for definition: MemoryConfiguration, where isBlamed: Blame, count: Count
  ) -> HugepageShortage? {
    guard let all = hostNodes, !pageSizes.isEmpty else { return nil }
    let demands = hugepages(of: definition)
    for size in Set(demands.map(\.size)).sorted() {
      let ofSize = demands.filter { $0.size == size }
      // A group adds to a shortage only if it misses more than each group within it.
      var passedOver: [HugepageShortage] = []
      for group in NodeSet.unions(of: ofSize.map { $0.nodes ?? all }) {
        let asking = ofSize.filter { ($0.nodes ?? all).subtracting(group).isEmpty }
        guard let supply = count(self, nodes.filter { group.contains($0.number) }, size) else {
          continue
        }
        let shortage = HugepageShortage(
          size: size, on: group, of: nodes, asked: asking.map(\.count).reduce(0, +),
          there: supply.there, taken: supply.taken, returned: supply.returned,
          fields: asking.flatMap(\.fields))
        let known = passedOver.filter { $0.group.subtracting(group).isEmpty }.map(\.missing).max()
        guard shortage.missing > known ?? 0 else { continue }
        if isBlamed(shortage) { return shortage }
        passedOver.append(shortage)
      }
    }
    return nil
  }
}
