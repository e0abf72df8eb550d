// SPDX-License-Identifier: Apache-2.0
import MemoryModel

/// Applies changes to the XML tree of one definition.
struct DomainEdit {
  private let domain: XMLElement
  private let before: MemoryConfiguration
  private let changes: [Change]
  private let asked: [Change]

  /// Prepares `changes` to `domain`, whose memory is `before`.
  ///
  /// A change is ignored if the definition already has its value, unless it is about a device.
  init(of domain: XMLElement, _ before: MemoryConfiguration, _ changes: [Change]) {
    self.domain = domain
    self.before = before
    asked = changes
    self.changes = changes.filter { change in
      guard !change.field.isOfDevice else { return true }
      let value = before[change.field] ?? Field.named(change.field)?.valueOfAbsence
      return value == nil || value != change.to
    }
  }

  /// Applies the changes to the XML tree.
  func make() throws(DomainXMLError) {
    for change in changes where !change.field.isOfDevice { try make(change) }
    // This needs all requested changes, because an unchanged placement `auto` removes a new
    // nodeset.
    domain.settleBinding(asked)
    if changes.contains(where: \.field.isOfCell) {
      try domain.child("cpu")?.sortCells()
      try domain.requireMemoryOfCells()
    }
    try domain.makeDevices(changes)
    if changes.contains(where: \.field.countsInTotal) { try settleTotal() }
  }

  private func make(_ change: Change) throws(DomainXMLError) {
    let name = change.field.name
    switch name {
    case .memory: break
    case .maxMemory, .allocation, .numatune, .numatuneMemory, .memnodes, .numa:
      // Writing a field creates its group, so only the removal of a group is handled here.
      if change.to == nil || change.to == .absence { domain.removeGroup(name) }
    case .hugepages: try domain.writeHugepages(change.to)
    case .cellState, .cellCPUs, .cellMemory, .cellAccess, .cellDiscard:
      try domain.makeCell(change)
    case .memnodeState, .memnodeMode, .memnodeNodeset: try domain.makeMemnode(change)
    case .statsPeriod, .autodeflate, .freePageReporting: try makeBalloon(change)
    case .balloonModel where change.to == nil:
      domain.child("devices")?.removeChildren("memballoon")
      domain.prune(["devices"])
    default: try domain.write(name, change.to)
    }
  }

  private func makeBalloon(_ change: Change) throws(DomainXMLError) {
    let isThere = domain.child("devices")?.child("memballoon") != nil
    let model = changes.first { $0.field.name == .balloonModel }
    if change.to == nil && (!isThere || model != nil && model?.to == nil) { return }
    guard isThere || model?.to != nil else {
      throw domain.error("The domain has no <memballoon>, which \(change.field) belongs in.")
    }
    try domain.write(change.field.name, change.to)
  }

  /// Writes `<memory>`, and the memory of a single NUMA cell if `memory` changes.
  ///
  /// libvirt computes the total of cells and devices itself, but its test driver does not.
  private func settleTotal() throws(DomainXMLError) {
    let target: MemorySize? =
      if case .size(let size) = changes.first(where: { $0.field == .memory })?.to { size } else {
        nil
      }
    var cells = domain.cells
    if let target, cells.count == 1, !changes.contains(where: { $0.field.name == .cellMemory }) {
      try cells[0].write(.cellMemory, .size(target))
      cells = domain.cells
    }
    var boot = target ?? before.memory ?? .zero
    if !cells.isEmpty {
      var sum = MemorySize.zero
      for cell in cells { sum = sum + (try cell.size("memory") ?? .zero) }
      boot = sum
    }
    guard boot == target ?? boot else {
      throw domain.error(
        "The domain has NUMA cells, \(cells.count) of them, that are not \(target ?? boot) "
          + "together, and memory does not say which.")
    }
    let devices = try domain.memoryDevices().map(\.device.fullSize).total
    guard try domain.child("memory")?.size() != boot + devices else { return }
    let memory = try domain.made("memory")
    memory.setAttribute("unit", "KiB")
    memory.setText("\((boot + devices).kibibytesRoundedUp)")
  }
}

extension FieldPath {
  /// Whether the path is a field of a memory device.
  var isOfDevice: Bool { name.state == .deviceState }

  /// Whether the path is a field of a guest cell.
  var isOfCell: Bool { name.state == .cellState }

  /// Whether the field changes the value of libvirt's `<memory>`.
  var countsInTotal: Bool {
    switch name {
    case .memory, .numa, .cellState, .cellMemory, .deviceState, .deviceModel, .deviceSize: true
    default: false
    }
  }
}

extension XMLElement {
  /// Writes `value` at the place that ``XMLLeaf`` defines for the field `name`.
  func write(_ name: FieldName, _ value: FieldValue?) throws(DomainXMLError) {
    guard let leaf = XMLLeaf.named(name) else {
      throw error("There is no way to make \(name.text) \(value?.description ?? "nothing").")
    }
    try write(value, at: leaf)
  }

  /// Removes all elements of the group `name`.
  func removeGroup(_ name: FieldName) {
    switch name {
    case .maxMemory: removeChildren("maxMemory")
    case .allocation:
      child("memoryBacking")?.removeChildren("allocation")
      prune(["memoryBacking"])
    case .numatune: removeChildren("numatune")
    case .numatuneMemory:
      child("numatune")?.removeChildren("memory")
      prune(["numatune"])
    case .memnodes:
      child("numatune")?.removeChildren("memnode")
      prune(["numatune"])
    case .numa:
      child("cpu")?.removeChildren("numa")
      prune(["cpu"])
    default: break
    }
  }
}
