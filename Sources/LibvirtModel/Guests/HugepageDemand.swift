// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Huge pages that a guest takes from its host.
package struct HugepageDemand: Hashable, Sendable {
  /// The size of a page.
  package let size: MemorySize
  /// The number of pages; an incomplete last page counts whole.
  package let count: UInt64
  /// The host nodes that the pages must come from; nil if any node will do.
  package let nodes: NodeSet?
  /// The fields that decide about the pages.
  package let fields: [FieldPath]
}

extension [HugepageDemand] {
  /// Whether a change of `field`, or of a group of fields, changes which pages are asked for.
  package func areChanged(by field: FieldPath) -> Bool {
    contains { $0.fields.contains { $0 == field || $0.isBelow(field) } }
  }
}

extension GuestBehaviour {
  /// The huge pages that QEMU allocates when it starts with `definition`.
  ///
  /// Pages of an unknown size are left out, and so are those of virtio-mem, which a guest plugs
  /// only after its start.
  package func hugepages(of definition: MemoryConfiguration) -> [HugepageDemand] {
    guard driver == .qemu else { return [] }
    let boot = definition.bootSizes.map { part in
      demand(
        part.size.roundedUp(toMultipleOf: guest.bootAlignment),
        of: hugepage(ofCell: part.cell, in: definition),
        on: definition.hostNodes(ofCell: part.cell),
        part.fields + MemoryConfiguration.fieldsOfPages(ofCell: part.cell))
    }
    let dimms = definition.devices.filter { $0.model == .dimm }.map { device in
      hugepages(aligned(device.fullSize), behind: device, in: definition)
    }
    return (boot + dimms).compactMap(\.self).filter { $0.count > 0 }
  }

  /// The huge pages for `amount` of the memory of `device`; nil if it has none or of unknown size.
  package func hugepages(
    _ amount: MemorySize, behind device: MemoryDevice, in definition: MemoryConfiguration
  ) -> HugepageDemand? {
    let own: [FieldName] = [
      .deviceSize, .deviceModel, .deviceState, .devicePageSize, .deviceNodemask, .deviceNode,
    ]
    return demand(
      amount, of: hugepage(behind: device, in: definition),
      on: definition.hostNodes(behind: device),
      own.map { device[$0] } + MemoryConfiguration.fieldsOfPages(ofCell: device.cell))
  }

  /// Whether huge pages, of known size or not, back each part of the RAM at boot.
  package func areOnHugepages(partsOf definition: MemoryConfiguration) -> [Bool] {
    definition.bootSizes.map { part in
      definition.memoryBacking.hugepages == .ofDefaultSize
        || isHuge(hugepage(ofCell: part.cell, in: definition))
    }
  }

  /// Whether huge pages, of known size or not, back a device.
  package func isOnHugepages(_ device: MemoryDevice, in definition: MemoryConfiguration) -> Bool {
    guard device.model == .dimm || device.model == .virtioMem else { return false }
    return isHuge(hugepage(behind: device, in: definition))
      || (device.pageSize == nil && definition.memoryBacking.hugepages == .ofDefaultSize)
  }

  private func isHuge(_ page: MemorySize?) -> Bool {
    page.map { $0 > pageSizes.first ?? Self.page } ?? false
  }

  private func demand(
    _ amount: MemorySize, of page: MemorySize?, on nodes: NodeSet?, _ fields: [FieldPath]
  ) -> HugepageDemand? {
    guard let page, isHuge(page) else { return nil }
    return HugepageDemand(
      size: page, count: amount.pages(of: page), nodes: nodes, fields: fields)
  }

  /// A size of huge pages of which a start with `definition` asks for more than the pools of the
  /// host's nodes hold; nil if all is there, or if the host does not report its pages.
  ///
  /// Where the default size is unknown, there is a shortage if the start fails whichever size it is.
  package func hugepagesMissing(for definition: MemoryConfiguration) -> HugepageShortage? {
    shortageWithAnyDefault(for: definition) { _, nodes, size in
      (nodes.flatMap(\.pools).filter { $0.size == size }.map(\.total).reduce(0, +), 0)
    }
  }

  /// A size of huge pages of which a start with `definition` asks for more than are free now,
  /// after a guest with the definition `live` has stopped; nil like ``hugepagesMissing(for:)``.
  package func hugepagesNotFree(
    for definition: MemoryConfiguration, after live: MemoryConfiguration?
  ) -> HugepageShortage? {
    shortageWithAnyDefault(for: definition) { behaviour, nodes, size in
      let pools = nodes.flatMap(\.pools).filter { $0.size == size }
      let free = pools.compactMap(\.free)
      guard free.count == pools.count else { return nil }
      let total = pools.map(\.total).reduce(0, +)
      let numbers = nodes.numbers ?? NodeSet()
      // An unbound guest may have its pages anywhere.
      let own = (live.map(behaviour.hugepages(of:)) ?? []).filter {
        $0.size == size && $0.nodes?.intersects(numbers) ?? true
      }
      let rest = total - min(total, free.reduce(0, +))
      return (free.reduce(0, +), min(rest, own.map(\.count).reduce(0, +)))
    }
  }

  /// The first shortage with each size that the default may be; nil if one of them has enough pages.
  private func shortageWithAnyDefault(
    for definition: MemoryConfiguration,
    count: (GuestBehaviour, _ nodes: [HostNode], _ size: MemorySize) -> (
      there: UInt64, returned: UInt64
    )?
  ) -> HugepageShortage? {
    guard defaultHugepage == nil, definition.memoryBacking.hugepages == .ofDefaultSize else {
      return shortage(for: definition, count: count)
    }
    let shortages = pageSizes.filter(isHuge).map { size in
      var behaviour = self
      behaviour.defaultHugepage = size
      return behaviour.shortage(for: definition, count: count)
    }
    guard var first = shortages.first ?? nil, shortages.allSatisfy({ $0 != nil }) else {
      return nil
    }
    first.isOfAnyDefault = true
    return first
  }

  /// A group of nodes of which `definition` asks for more pages than `count` says; nil without one.
  private func shortage(
    for definition: MemoryConfiguration,
    count: (GuestBehaviour, _ nodes: [HostNode], _ size: MemorySize) -> (
      there: UInt64, returned: UInt64
    )?
  ) -> HugepageShortage? {
    guard let all = hostNodes, !pageSizes.isEmpty else { return nil }
    let demands = hugepages(of: definition)
    for size in Set(demands.map(\.size)).sorted() {
      let ofSize = demands.filter { $0.size == size }
      for group in NodeSet.unions(of: ofSize.map { $0.nodes ?? all }) {
        let asking = ofSize.filter { ($0.nodes ?? all).subtracting(group).isEmpty }
        let asked = asking.map(\.count).reduce(0, +)
        let nodes = nodes.filter { group.contains($0.number) }
        guard let (there, returned) = count(self, nodes, size), asked > there + returned else {
          continue
        }
        return HugepageShortage(
          size: size, nodes: nodes, isOfWholeHost: group == all, asked: asked,
          found: there + returned, returned: returned,
          fields: asking.flatMap(\.fields))
      }
    }
    return nil
  }
}

/// Huge pages that a guest asks for and its host does not have.
package struct HugepageShortage: Hashable, Sendable {
  /// The size of a page.
  package let size: MemorySize
  /// The host nodes that the pages must come from.
  package let nodes: [HostNode]
  /// Whether these are all nodes of the host.
  package let isOfWholeHost: Bool
  /// The number of pages that the guest asks for.
  package let asked: UInt64
  /// The number of pages that there are: those of the pools, or those that are free.
  package let found: UInt64
  /// The number of pages that the guest's own stop gives back.
  package var returned: UInt64 = 0
  /// Whether the default size is unknown, and the pages of every size are too few.
  package var isOfAnyDefault = false
  /// The fields that decide about the pages.
  package let fields: [FieldPath]

  /// The figures of a shortage of free pages, in a sentence.
  package var detail: String {
    let numbers = nodes.numbers ?? NodeSet()
    let place =
      isOfWholeHost ? "" : numbers.count == 1 ? " on node \(numbers)" : " on the nodes \(numbers)"
    let free = "The start needs \(asked) pages of \(size)\(place); \(found - returned) are free"
    let own = returned > 0 ? ", and the guest's own stop gives back \(returned)" : ""
    return free + own + others + "."
  }

  /// That no other size helps, where the size is only one that the default may be.
  private var others: String {
    isOfAnyDefault ? ", and there are too few of every other size that the default may be" : ""
  }

  /// The figures, such as `the start needs 600 pages of 2 MiB on node 1, which has 512`.
  package var instance: String {
    let need = "the start needs \(asked) pages of \(size)"
    guard !isOfWholeHost, let numbers = nodes.numbers else {
      return "\(need), and the host has \(found)" + others
    }
    return numbers.count == 1
      ? "\(need) on node \(numbers), which has \(found)" + others
      : "\(need) on the nodes \(numbers), which have \(found)" + others
  }

  /// What reserves the pages that are missing from the pools.
  package var remedy: String? {
    let pools = nodes.compactMap { node in
      node.pools.first { $0.size == size }.map { (node: node.number, total: $0.total) }
    }
    guard let pool = pools.max(by: { $0.total < $1.total }) else { return nil }
    return """
      Reserve the pages on the host: `virsh allocpages --pagesize \(size.kibibytesRoundedUp) \
      --pagecount \(pool.total + (asked - found)) --cellno \(pool.node)`. Or let the guest need \
      fewer pages, or bind it to other nodes.
      """
  }
}

extension MemoryConfiguration {
  /// The fields that decide which huge pages back a cell's RAM, or all RAM without cells, and from
  /// which host nodes they come.
  ///
  /// They include those of a binding that the cell does not have, for it may just be removed.
  package static func fieldsOfPages(ofCell cell: UInt32?) -> [FieldPath] {
    let general: [FieldName] = [.hugepages, .numatuneNodeset, .numatuneMode, .numatunePlacement]
    let fields = general.map { FieldPath($0) }
    guard let cell else { return fields }
    let own: [FieldName] = [.memnodeNodeset, .memnodeMode, .memnodeState]
    return fields + own.map { FieldPath($0, "\(cell)") }
  }

  /// The host nodes that a cell's RAM, or all RAM without cells, must come from; nil if any will do.
  package func hostNodes(ofCell cell: UInt32?) -> NodeSet? {
    let own = numatune.memnodes.first { $0.cell == cell }
    // A cell's own binding that is restrictive binds nothing when the guest starts.
    if let own, own.mode != .restrictive {
      return own.mode ?? .strict == .strict ? own.nodeset : nil
    }
    let general = numatune.memory
    let isStrict = [nil, .strict, .restrictive].contains(general.mode)
    return isStrict && general.placement != .auto ? general.nodeset : nil
  }

  /// The host nodes that all RAM at boot must come from; nil if some may come from any.
  package var hostNodesOfRAM: NodeSet? {
    let bound = bootSizes.map { hostNodes(ofCell: $0.cell) }
    guard bound.allSatisfy({ $0 != nil }) else { return nil }
    return bound.compactMap(\.self).reduce(NodeSet()) { $0.union($1) }
  }

  /// The host nodes that a device's memory must come from; nil if any will do.
  package func hostNodes(behind device: MemoryDevice) -> NodeSet? {
    let cell = device.cell
    let mode = numatune.memnodes.first { $0.cell == cell }?.mode ?? numatune.memory.mode
    guard let own = device.nodemask, mode == nil || mode == .strict else {
      return hostNodes(ofCell: cell)
    }
    return own
  }
}

extension MemoryDevice {
  /// The guest's cell that has the device; nil if the definition names none.
  var cell: UInt32? { node.flatMap { UInt32(exactly: $0.count) } }
}

extension MemorySize {
  /// How many pages of `size` hold the amount.
  package func pages(of size: MemorySize) -> UInt64 {
    bytes / size.bytes + (bytes % size.bytes == 0 ? 0 : 1)
  }
}

extension NodeSet {
  /// All unions of some of `sets`, the smallest first.
  ///
  /// Demands fit together exactly if those within each of these unions fit into it. There are few,
  /// because hosts have few nodes; the bound is for definitions that are made to have many.
  package static func unions(of sets: [NodeSet]) -> [NodeSet] {
    var unions: Set<NodeSet> = []
    for set in Set(sets) where unions.count < 1_000 {
      unions.formUnion(unions.map { $0.union(set) })
      unions.insert(set)
    }
    return unions.sorted { ($0.count, $0.first ?? 0) < ($1.count, $1.first ?? 0) }
  }
}
