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

  /// Makes a demand.
  package init(size: MemorySize, count: UInt64, nodes: NodeSet?, fields: [FieldPath] = []) {
    self.size = size
    self.count = count
    self.nodes = nodes
    self.fields = fields
  }
}

extension [HugepageDemand] {
  /// How many of the pages must come from the nodes of `group`; of the whole host, `all`, each.
  package func count(of size: MemorySize, on group: NodeSet, all: NodeSet) -> UInt64 {
    filter { $0.size == size && ($0.nodes ?? all).subtracting(group).isEmpty }
      .map(\.count).reduce(0, +)
  }

  /// The most pages that can be on the nodes of `group`; those without nodes may be anywhere.
  package func atMost(of size: MemorySize, on group: NodeSet) -> UInt64 {
    filter { $0.size == size && $0.nodes?.intersects(group) ?? true }.map(\.count).reduce(0, +)
  }
}

/// The huge pages that guests other than the one in question have, and that a plan moves for them.
package struct PagesOfOthers: Sendable {
  /// What they hold.
  package var held: [HugepageDemand] = []
  /// What live steps take.
  package var taken: [HugepageDemand] = []
  /// What live steps give back.
  package var given: [HugepageDemand] = []

  /// Makes what there is without other guests.
  package init() {}

  /// The pages that can come back on the nodes of `group` from a guest that holds `own`.
  package func returned(
    _ own: [HugepageDemand], of size: MemorySize, on group: NodeSet, all: NodeSet, used: UInt64
  ) -> UInt64 {
    min(
      own.atMost(of: size, on: group),
      used - min(used, held.count(of: size, on: group, all: all)))
  }

  /// The pages on the nodes of `group` that live steps take, less those that they give back.
  package func moved(of size: MemorySize, on group: NodeSet, all: NodeSet) -> UInt64 {
    let taken = taken.count(of: size, on: group, all: all)
    return taken - min(taken, given.count(of: size, on: group, all: all))
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

  /// Whether `page` is larger than the system's own pages.
  func isHuge(_ page: MemorySize?) -> Bool {
    page.map { $0 > pageSizes.first ?? Self.page } ?? false
  }

  private func demand(
    _ amount: MemorySize, of page: MemorySize?, on nodes: NodeSet?,
    _ fields: @autoclosure () -> [FieldPath]
  ) -> HugepageDemand? {
    guard let page, isHuge(page) else { return nil }
    return HugepageDemand(
      size: page, count: amount.pages(of: page), nodes: nodes, fields: fields())
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
