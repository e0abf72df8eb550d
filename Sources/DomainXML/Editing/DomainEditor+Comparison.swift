// SPDX-License-Identifier: Apache-2.0
import MemoryModel

// The changes that libvirt makes by itself were observed with libvirt 9.0 and QEMU.
extension XMLElement {
  /// Removes from a `<domain>` what `changes` affect, and what libvirt changes by itself as a
  /// consequence.
  func leaveOut(_ all: [Change]) throws(DomainXMLError) {
    // A guest without a balloon ignores `<currentMemory>`. The change then has the effective value
    // as `from` and `to`, but the edit replaces another value in the element.
    let changes = all.filter { $0.changesValue || $0.field == .currentMemory }
    try leaveOutTotal(changes)
    // Unchanged fields are included, because they identify the device.
    try leaveOutDevices(all)
    let ofDomain = changes.filter { !$0.field.isOfDevice }
    for change in ofDomain where change.field != .memory { try leaveOut(change) }
    // This comes last: once added and removed cells are gone, it is clear whether a single cell
    // holds the memory.
    for change in ofDomain where change.field == .memory { try leaveOut(change) }
    if changes.contains(where: \.movesProcessors) {
      // libvirt puts processors that no cell names into cell 0.
      try cell(0)?.setAttribute("cpus", nil)
    }
    if changes.contains(where: \.mayBringCell) { try leaveOutInsertedCell() }
    if changes.contains(where: \.addsPCIDevice) {
      // libvirt adds PCI controllers for a device that finds no free port.
      for device in child("devices").map({ Array($0.children) }) ?? []
      where device.name == "controller" && device.attribute("type") == "pci" {
        device.remove()
      }
    }
    // Two changes can empty an element together, so empty elements are removed only after all
    // changes.
    for change in changes where !change.field.name.isOfItem {
      if let leaf = XMLLeaf.named(change.field.name) { prune(leaf.path) }
    }
  }

  /// Removes `<memory>` and `<currentMemory>`: libvirt computes the first, and limits the second to
  /// it.
  ///
  /// For the definitions before and after the changes the decision must be the same.
  private func leaveOutTotal(_ changes: [Change]) throws(DomainXMLError) {
    let isAddedUp = changes.contains { $0.field.countsInTotal || $0.mayBringCell }
    let hasDevices = try !memoryDevices().isEmpty
    guard isAddedUp || hasDevices || !cells.isEmpty else { return }
    take(XMLLeaf(.size, "memory"))
    take(XMLLeaf(.size, "currentMemory"))
  }

  private func leaveOut(_ change: Change) throws(DomainXMLError) {
    let name = change.field.name
    switch name {
    case .memory:
      if cells.count == 1 { try cells[0].write(.cellMemory, nil) }
    case .maxMemory, .allocation, .memnodes, .numa: removeGroup(name)
    case .numatune, .numatuneMemory: leaveOutBinding(name)
    case .numatuneMode, .numatuneNodeset, .numatunePlacement: leaveOutBinding(.numatuneMemory)
    case .memnodeState, .memnodeMode, .memnodeNodeset:
      // libvirt writes `strict` as the mode if the definition sets none.
      if let id = change.field.item.flatMap({ UInt32($0) }) { try memnode(id)?.remove() }
      prune(["numatune"])
    case .cellState, .cellMemory, .cellCPUs, .cellAccess, .cellDiscard: try leaveOutCell(change)
    case .hugepages: try writeHugepages(nil)
    case .balloonModel: leaveOutBalloon(change)
    default: try write(name, nil)
    }
  }

  /// Removes the whole binding, whose parts depend on each other, and the placement of `<vcpu>`.
  ///
  /// If numad places the RAM, it places the processors too.
  private func leaveOutBinding(_ group: FieldName) {
    removeGroup(group)
    child("vcpu")?.setAttribute("placement", nil)
  }

  private func leaveOutCell(_ change: Change) throws(DomainXMLError) {
    guard let id = change.field.item.flatMap({ UInt32($0) }) else { throw noNumber(change) }
    if change.addsOrRemovesItem {
      try cell(id)?.remove()
      try removeDistances(to: id)
      if cells.isEmpty { removeGroup(.numa) }
    } else {
      try cell(id)?.write(change.field.name, nil)
    }
  }

  /// Removes the cell that libvirt (since 9.6) inserts for `maxMemory` if the domain has no cells.
  private func leaveOutInsertedCell() throws(DomainXMLError) {
    guard cells.count == 1, let cell = try cell(0), cell.attribute("memAccess") == nil,
      cell.attribute("discard") == nil, cell.child("distances") == nil
    else { return }
    removeGroup(.numa)
  }

  /// Removes the balloon's model and address, or the whole device if the change adds or removes it.
  ///
  /// libvirt gives a device of another model another address.
  private func leaveOutBalloon(_ change: Change) {
    guard let balloon = child("devices")?.child("memballoon") else { return }
    if change.addsOrRemovesItem {
      balloon.remove()
      return prune(["devices"])
    }
    balloon.setAttribute("model", nil)
    balloon.removeChildren("address")
  }

  private func leaveOutDevices(_ changes: [Change]) throws(DomainXMLError) {
    // All devices are read first, because a device without its required elements can't be read.
    let devices = try memoryDevices()
    let known = devices.map(\.device)
    for (name, changes) in changes.byDevice {
      // A new device is found only by its alias, because another device may have the same values.
      let isNew = changes.contains { $0.field.name == .deviceModel && $0.from == nil }
      let found =
        known.indices(of: name, changes, \.from)
        + (isNew ? [] : known.indices(of: name, changes, \.to))
      guard let index = found.first else { continue }
      let element = devices[index].element
      guard !changes.areRemoval && !changes.areCreation else {
        element.remove()
        continue
      }
      for change in changes where change.from != change.to && change.field.name != .deviceState {
        try element.write(change.field.name, nil)
      }
    }
    prune(["devices"])
  }
}

extension Change {
  /// Whether the change adds or removes a cell or the balloon device.
  fileprivate var addsOrRemovesItem: Bool {
    let none = BalloonModel.noDevice.fieldValue
    return switch field.name {
    case .cellState: true
    case .cellMemory: from == nil || to == nil
    case .balloonModel: from == nil || to == nil || from == none || to == none
    default: false
    }
  }

  /// Whether the change adds `maxMemory`, for which libvirt may insert a cell.
  fileprivate var mayBringCell: Bool { field.name == .maxMemorySize && from == nil }

  fileprivate var movesProcessors: Bool {
    field.name == .cellCPUs || field.isOfCell && addsOrRemovesItem
  }

  fileprivate var addsPCIDevice: Bool {
    switch field.name {
    case .balloonModel: true
    case .deviceModel:
      from != to
        && [MemoryDevice.Model.virtioMem, .virtioPmem].contains { $0.fieldValue == to }
    default: false
    }
  }
}
