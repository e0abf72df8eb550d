// SPDX-License-Identifier: Apache-2.0
import MemoryModel

// What libvirt does by itself here was seen on libvirt 9.0 with QEMU.
extension XMLElement {
  /// Takes out of a `<domain>` what `changes` are about, and what libvirt makes of the rest by
  /// itself when they are made.
  func leaveOut(_ all: [Change]) throws(DomainXMLError) {
    // A figure that libvirt never gives a guest is written as what it means, and so changes.
    let changes = all.filter { $0.moves || $0.field == .currentMemory }
    try leaveOutTotal(changes)
    // What does not change tells which device is meant.
    try leaveOutDevices(all)
    let ofDomain = changes.filter { !$0.field.isOfDevice }
    for change in ofDomain where change.field != .memory { try leaveOut(change) }
    // Only without the cells that come or go is it told whether there is but one, which is the
    // memory then.
    for change in ofDomain where change.field == .memory { try leaveOut(change) }
    if changes.contains(where: \.movesProcessors) {
      // Processors that no cell names are put into cell 0.
      try cell(0)?.setAttribute("cpus", nil)
    }
    if changes.contains(where: \.mayBringCell) { try leaveOutInsertedCell() }
    if changes.contains(where: \.addsPCIDevice) {
      // A device that finds no free port gets a new one, and bridges to it.
      for device in child("devices").map({ Array($0.children) }) ?? []
      where device.name == "controller" && device.attribute("type") == "pci" {
        device.remove()
      }
    }
    // What one change leaves of an element may be all that another's taking would have pruned, so
    // that only now is it told what is empty.
    for change in changes where !change.field.name.isOfItem {
      if let leaf = XMLLeaf.named(change.field.name) { prune(leaf.path) }
    }
  }

  /// Takes out the total and the balloon's figure, which libvirt adds up and cuts off.
  ///
  /// What is decided by the definition has to be the same before and after the changes.
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
      // A mode that nobody gave is written as strict.
      if let id = change.field.item.flatMap({ UInt32($0) }) { try memnode(id)?.remove() }
      prune(["numatune"])
    case .cellState, .cellMemory, .cellCPUs, .cellAccess, .cellDiscard: try leaveOutCell(change)
    case .hugepages: try writeHugepages(nil)
    case .balloonModel: leaveOutBalloon(change)
    default: try write(name, nil)
    }
  }

  /// A binding's parts depend on each other, and numad that places RAM places processors too.
  private func leaveOutBinding(_ group: FieldName) {
    removeGroup(group)
    child("vcpu")?.setAttribute("placement", nil)
  }

  private func leaveOutCell(_ change: Change) throws(DomainXMLError) {
    guard let id = change.field.item.flatMap({ UInt32($0) }) else { throw noNumber(change) }
    if change.comesOrGoes {
      try cell(id)?.remove()
      try removeDistances(to: id)
      if cells.isEmpty { removeGroup(.numa) }
    } else {
      try cell(id)?.write(change.field.name, nil)
    }
  }

  /// Since libvirt 9.6 a ceiling brings a cell with it where there is none.
  private func leaveOutInsertedCell() throws(DomainXMLError) {
    guard cells.count == 1, let cell = try cell(0), cell.attribute("memAccess") == nil,
      cell.attribute("discard") == nil, cell.child("distances") == nil
    else { return }
    removeGroup(.numa)
  }

  /// A balloon device of another model has another address, and one that is none has nothing.
  private func leaveOutBalloon(_ change: Change) {
    guard let balloon = child("devices")?.child("memballoon") else { return }
    if change.comesOrGoes {
      balloon.remove()
      return prune(["devices"])
    }
    balloon.setAttribute("model", nil)
    balloon.removeChildren("address")
  }

  private func leaveOutDevices(_ changes: [Change]) throws(DomainXMLError) {
    // All are read before the first is without something that each has to have.
    let devices = try memoryDevices()
    let known = devices.map(\.device)
    for (name, changes) in changes.byDevice {
      // One that is made is known by its alias alone, for it may be another's twin.
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
  /// Whether an item comes or goes with it, or a balloon device.
  fileprivate var comesOrGoes: Bool {
    let none = BalloonModel.noDevice.fieldValue
    return switch field.name {
    case .cellState: true
    case .cellMemory: from == nil || to == nil
    case .balloonModel: from == nil || to == nil || from == none || to == none
    default: false
    }
  }

  /// Whether a ceiling comes, with which libvirt may insert a cell.
  fileprivate var mayBringCell: Bool { field.name == .maxMemorySize && from == nil }

  fileprivate var movesProcessors: Bool {
    field.name == .cellCPUs || field.isOfCell && comesOrGoes
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
