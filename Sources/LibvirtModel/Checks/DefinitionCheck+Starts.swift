// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Checks of what libvirt accepts in a definition although the domain then does not start.
extension DefinitionCheck {
  /// Refuses what would keep the domain from starting.
  ///
  /// The live definition has started already, so most of these checks are for the persistent one.
  func checkStart() throws(Refusal) {
    guard isQEMU else { return }
    try checkWholePages()
    try checkPageSizes()
    guard plane == .persistent else { return }
    try checkRoomBelowCeiling()
    try checkCellWithoutMemory()
    try checkFirstCell()
    try checkHugepages()
  }

  // MARK: - The ceiling

  /// Compares RAM and devices with `<maxMemory>`, all rounded as libvirt rounds them at a start.
  private func checkRoomBelowCeiling() throws(Refusal) {
    guard let ceiling = after.maxMemory.size?.roundedUp(toMultipleOf: behaviour.guest.bootAlignment)
    else { return }
    let parts = after.bootSizes.map(\.size)
    let boot = parts.map { $0.roundedUp(toMultipleOf: behaviour.guest.bootAlignment) }.total
    let all = boot + after.devices.map { behaviour.aligned($0.fullSize) }.total
    if all > ceiling {
      try refuse(
        .alignedMemoryAboveMaxMemory,
        [.maxMemorySize, .memory, .any(.cellMemory), .any(.deviceSize), .any(.deviceModel)],
        "rounded up, memory and devices are \(all), above the maxMemory of \(ceiling)")
    }
    if boot == ceiling, let slots = after.maxMemory.slots?.count, slots > 0 {
      try refuse(
        .slotsWithoutRoom,
        [.maxMemorySize, .maxMemorySlots, .memory, .any(.cellMemory), .any(.cellState)],
        "the RAM at boot is \(boot), as much as maxMemory, and the slots have no room")
    }
  }

  // MARK: - Cells

  private func checkCellWithoutMemory() throws(Refusal) {
    guard !has(.startsCellsWithoutMemory), !takesCellsWithoutMemory,
      let cell = after.cells.first(where: { $0.memory == .zero })
    else { return }
    try refuse(
      .numaCellWithoutMemory,
      [
        FieldPath(.cellMemory, cell.key), .memory, .any(.cellAccess), .any(.access),
        .any(.hugepages), .any(.source), .any(.allocationMode), .any(.numatuneMode),
        .any(.memnodeState),
      ],
      "cell \(cell.id) would have no memory")
  }

  /// Whether libvirt describes the cells to QEMU without a memory object for each.
  ///
  /// It does so for machine types up to 5.0, if the definition does not say where memory comes
  /// from.
  private var takesCellsWithoutMemory: Bool {
    let backing = after.memoryBacking
    let saysWhere =
      (backing.hugepages ?? .absent) != .absent || backing.source?.word != nil
      || backing.access?.word != nil || backing.allocation.mode != nil
      || after.cells.contains { $0.access != nil } || !after.numatune.isEmpty
    let machine = after.surroundings.machine.flatMap(Version.init(ofMachine:))
    return !saysWhere && machine.map { $0 <= Version(5, 0, 0) } ?? false
  }

  private func checkFirstCell() throws(Refusal) {
    guard !has(.startsFirstCellWithoutProcessors), let count = after.surroundings.vcpus, count > 0,
      let first = after.cells.first, (first.cpus ?? NodeSet()).isEmpty,
      after.processorsWithoutCell == nil
    else { return }
    try refuse(.numaCell0WithoutCPUs, [.any(.cellCPUs), .any(.cellState)])
  }

  // MARK: - Huge pages

  /// Refuses huge pages that the host's pools do not hold.
  func checkHugepages() throws(Refusal) {
    guard !behaviour.makesHugepages,
      let shortage = behaviour.hugepagesMissing(
        for: after, where: { !blamed($0.fields).isEmpty }),
      shortage.isCertain
    else { return }
    try refuse(
      .hugepagesNotOnHost, shortage.fields, shortage.instance, remedy: shortage.remedy)
  }

  /// Refuses devices with huge pages of a size that the host does not have.
  ///
  /// Neither a running guest nor a start gets them.
  private func checkPageSizes() throws(Refusal) {
    let sizes = behaviour.pageSizes
    guard !behaviour.makesHugepages, !sizes.isEmpty else { return }
    for device in after.devices where device.model == .dimm || device.model == .virtioMem {
      guard let page = behaviour.hugepage(behind: device, in: after), !sizes.contains(page) else {
        continue
      }
      let own: [FieldName] = [.devicePageSize, .deviceModel, .deviceState, .deviceNode]
      try refuse(
        .hugepagesNotOnHost, own.map { device[$0] } + [.any(.hugepages)],
        """
        the host has pages of \(sizes.map(\.description).joined(separator: ", ")), and none of \
        \(page)
        """, remedy: "Declare a page size that `virsh capabilities` lists.")
    }
  }

  /// Refuses memory that is no multiple of its huge pages if QEMU does not round it up.
  private func checkWholePages() throws(Refusal) {
    for part in behaviour.brokenPages(of: after) where !part.isRoundedUp {
      try refuse(
        .hugepagesNotWhole,
        part.fields + [.any(.hugepages), .any(.source)] + part.pageFields,
        "\(part.size) is no multiple of the pages of \(part.page)")
    }
  }
}

/// A part of the guest's memory that is no multiple of the huge pages behind it.
struct BrokenPages {
  /// The fields that give the part's size.
  let fields: [FieldPath]
  /// The fields, besides `memoryBacking.hugepages`, that determine the pages or their binding.
  let pageFields: [FieldPath]
  /// The part's size as libvirt rounds it at a start.
  let size: MemorySize
  /// The size of one huge page.
  let page: MemorySize
  /// Whether QEMU rounds the part up to whole pages.
  let isRoundedUp: Bool
}

extension GuestBehaviour {
  /// The parts of `definition` that are no multiple of their huge pages.
  func brokenPages(of definition: MemoryConfiguration) -> [BrokenPages] {
    let isMemfd = definition.memoryBacking.source?.word == .memfd
    // QEMU can't bind an incomplete last page to host nodes.
    let binding = definition.numatune
    let isBound =
      (!binding.memory.isEmpty && binding.memory.mode != .restrictive)
      || binding.memnodes.contains { $0.mode != .restrictive }
    let isRefused = isMemfd || has(.refusesBrokenPages) || isBound
    let bindings: [FieldPath] =
      isBound ? [.any(.numatuneMode), .any(.numatuneNodeset), .any(.memnodeState)] : []
    let boot = definition.bootSizes.map { part in
      (
        part.fields, bindings, part.size.roundedUp(toMultipleOf: guest.bootAlignment),
        hugepage(ofCell: part.cell, in: definition)
      )
    }
    let plugged = definition.devices.filter { $0.model == .dimm || $0.model == .virtioMem }
      .map { device in
        (
          [device[.deviceSize]], bindings + [device[.devicePageSize]], aligned(device.fullSize),
          hugepage(behind: device, in: definition)
        )
      }
    return (boot + plugged).compactMap { fields, pageFields, size, page in
      guard let page, page > pageSizes.first ?? Self.page, size.bytes % page.bytes != 0 else {
        return nil
      }
      return BrokenPages(
        fields: fields, pageFields: pageFields, size: size, page: page,
        isRoundedUp: !isRefused && size > page)
    }
  }

  /// The size of the huge pages behind a device; nil without them or if the definition gives none.
  func hugepage(behind device: MemoryDevice, in definition: MemoryConfiguration) -> MemorySize? {
    device.pageSize
      ?? hugepage(ofCell: device.cell, in: definition)
  }

  /// The size of the huge pages behind a cell's RAM, or behind all RAM without cells.
  ///
  /// It is nil if there are no huge pages or the definition gives no size.
  func hugepage(
    ofCell cell: UInt32?, in definition: MemoryConfiguration
  ) -> MemorySize? {
    if definition.memoryBacking.hugepages == .ofDefaultSize { return defaultHugepage }
    guard case .pages(let entries)? = definition.memoryBacking.hugepages else { return nil }
    let own = entries.first { $0.cells?.contains(cell ?? 0) == true }
    return (own ?? entries.first { $0.cells == nil })?.size
  }
}

extension MemoryConfiguration {
  /// The RAM at boot with the fields that give its size: a part for each cell, or one part without
  /// cells.
  ///
  /// A change of `memory` redefines the cell of a guest that has one; of several it is only the
  /// sum, and their own sizes decide.
  var bootSizes: [(fields: [FieldPath], size: MemorySize, cell: UInt32?)] {
    cells.isEmpty
      ? [([.memory], memory ?? .zero, nil)]
      : cells.map { cell in
        let sum: [FieldPath] = cells.count == 1 ? [.memory] : []
        return ([FieldPath(.cellMemory, cell.key)] + sum, cell.memory ?? .zero, cell.id)
      }
  }
}

extension Version {
  /// Reads QEMU's version in the name of a machine type like `pc-q35-5.0`.
  ///
  /// It is nil for a vendor's machine type, whose name does not have QEMU's version.
  fileprivate init?(ofMachine machine: String) {
    let known = ["pc-q35-", "pc-i440fx-", "virt-", "pseries-"]
    guard let prefix = known.first(where: machine.hasPrefix) else { return nil }
    self.init("\(machine.dropFirst(prefix.count)).0")
  }
}
