// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension XMLElement {
  /// The memory devices of a `<domain>` in their order, with their elements.
  func memoryDevices() throws(DomainXMLError) -> [(element: XMLElement, device: MemoryDevice)] {
    var devices: [(element: XMLElement, device: MemoryDevice)] = []
    for parent in children where parent.name == "devices" {
      for element in parent.children where element.name == "memory" {
        devices.append((element, try MemoryDevice(element)))
      }
    }
    return devices
  }

  /// Applies those of `changes` that are about memory devices of a `<domain>`.
  func makeDevices(_ changes: [Change]) throws(DomainXMLError) {
    for (name, changes) in changes.byDevice {
      // The devices are read again for each name, because a change to one device can make it look
      // like another.
      let devices = try memoryDevices()
      guard let index = try devices.map(\.device).index(of: name, changes, in: self) else {
        if changes.areRemoval { continue }
        _ = try made("devices").newDevice(name, changes)
        continue
      }
      var (element, device) = devices[index]
      if changes.areRemoval {
        element.remove()
        prune(["devices"])
        continue
      }
      device.name = name
      var configuration = MemoryConfiguration()
      configuration.devices = [device]
      for change in changes where configuration[change.field] != change.to {
        if change.field.name != .deviceState { try element.write(change.field.name, change.to) }
      }
    }
  }

  /// Adds the device that `changes` describe to `<devices>`, where libvirt writes it, with the
  /// alias `ua-NAME`.
  func newDevice(_ name: String, _ changes: [Change]) throws(DomainXMLError) -> XMLElement {
    for needed in [FieldName.deviceModel, .deviceSize] {
      guard changes.contains(where: { $0.field.name == needed && $0.to != nil }) else {
        throw error(
          "There is no memory device that could be \(name), and without its \(needed.lastPart) "
            + "none can be made.")
      }
    }
    let element = try new("memory")
    for change in changes where change.field.name != .deviceState {
      try element.write(change.field.name, change.to)
    }
    try element.made("alias").setAttribute("name", MemoryDevice.aliasPrefix + name)
    return element
  }

  /// The name of the device that all of `changes` are about.
  func onlyDevice(of changes: [Change]) throws(DomainXMLError) -> String {
    let names = changes.byDevice.map(\.name)
    guard names.count == 1, changes.allSatisfy(\.field.isOfDevice) else {
      throw error("The changes are about \(names.count) memory devices, and a call is about one.")
    }
    return names[0]
  }
}

extension [Change] {
  /// The changes to devices, grouped by device name, in the order of each name's first change.
  var byDevice: [(name: String, changes: [Change])] {
    var devices: [(name: String, changes: [Change])] = []
    for change in self where change.field.isOfDevice {
      guard let name = change.field.item else { continue }
      if let index = devices.firstIndex(where: { $0.name == name }) {
        devices[index].changes.append(change)
      } else {
        devices.append((name, [change]))
      }
    }
    return devices
  }

  /// Whether these changes to one device remove it.
  var areRemoval: Bool {
    contains { change in
      switch change.field.name {
      case .deviceState: change.to == nil || change.to == ItemState.absent.fieldValue
      case .deviceModel, .deviceSize: change.to == nil
      default: false
      }
    }
  }

  /// Whether these changes to one device create it, or replace it with another model.
  var areCreation: Bool {
    contains { $0.field.name == .deviceModel && $0.changesValue }
  }
}

extension [MemoryDevice] {
  /// The position of the device `name`; nil if there is none, an error if several match.
  func index(
    of name: String, _ changes: [Change], in domain: XMLElement
  ) throws(DomainXMLError) -> Int? {
    let found = indices(of: name, changes, \.from)
    guard found.count <= 1 else {
      throw domain.error(
        "The domain has \(found.count) memory devices that could be \(name). Give the one that is "
          + "meant an alias of its own.")
    }
    return found.first
  }

  /// The positions of the devices that `name` may mean.
  ///
  /// This is the device with the alias `name`. If there is none, these are the devices without a
  /// user alias whose identifying fields match the values that `changes` give on `side`.
  func indices(
    of name: String, _ changes: [Change], _ side: KeyPath<Change, FieldValue?>
  ) -> [Int] {
    if let index = firstIndex(where: { $0.alias == name }) { return [index] }
    var wanted = MemoryDevice(name: name)
    for change in changes where change.field.name.isIdentity {
      guard let value = change[keyPath: side] else { continue }
      var configuration = MemoryConfiguration()
      configuration.devices = [wanted]
      configuration[change.field] = value
      wanted = configuration.devices[0]
    }
    guard wanted.model != nil else { return [] }
    // In a live definition, QEMU has rounded the size up to a multiple of 2 MiB.
    let align = { (size: MemorySize) in size.roundedUp(toMultipleOf: .mebibytes(2)) }
    let found = indices.filter {
      self[$0].alias == nil && self[$0].identity.has(wanted.identity, align: align)
    }
    // If a device matches exactly, with no additional identifying values, it is preferred.
    let same = found.filter { self[$0].identity == wanted.identity }
    return same.isEmpty ? found : same
  }
}
