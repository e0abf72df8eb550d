// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

// Pairs the devices of both definitions.
extension DomainExport {
  /// Names every device as the manifest does, and returns the names of those that it leaves out.
  mutating func nameDevices() -> Set<String> {
    var unpaired: Set<String> = []
    let names = (persistent ?? live)?.deviceNames ?? []
    if persistent == nil {
      for index in names.indices { live?.devices[index].name = names[index] }
    } else {
      for index in names.indices { persistent?.devices[index].name = names[index] }
      unpaired = pairDevices()
    }
    // A device without an alias is identified by its size too, so one of size 0 would not be found.
    for device in (persistent ?? live)?.devices ?? []
    where device.size == .zero && unpaired.insert(device.key).inserted {
      remark(FieldPath(.device, device.key), "is left out: its size is 0")
    }
    return unpaired
  }

  /// Gives each live device the name of the persistent one from which it was started.
  ///
  /// Returns the names of the devices that only one definition has.
  private mutating func pairDevices() -> Set<String> {
    guard let live, let persistent else { return [] }
    var (rest, unpaired) = (persistent.devices, Set<String>())
    let names = live.deviceNames
    for index in live.devices.indices {
      let device = live.devices[index]
      if let match = rest.firstIndex(where: { isSame(device, $0) }) {
        self.live?.devices[index].name = rest.remove(at: match).name
        continue
      }
      var name = names[index]
      while persistent.devices.contains(where: { $0.name == name }) { name += "-live" }
      self.live?.devices[index].name = name
      unpaired.insert(name)
      remark(
        FieldPath(.device, name),
        "is left out: only the live definition has it, \(device.words)")
    }
    for device in rest {
      unpaired.insert(device.key)
      remark(
        FieldPath(.device, device.key),
        "is left out: only the persistent definition has it, \(device.words)")
    }
    return unpaired
  }

  /// Whether a live device is the given persistent one: by alias, or else by all fields with which
  /// libvirt tells devices apart.
  private func isSame(_ live: MemoryDevice, _ persistent: MemoryDevice) -> Bool {
    if live.alias != nil || persistent.alias != nil { return live.alias == persistent.alias }
    var (one, other) = (live.identity, persistent.identity)
    (one.size, other.size) = (nil, nil)
    return one == other
      && behaviour.satisfies(
        .size(persistent.fullSize), .size(live.fullSize),
        field: FieldPath(.deviceSize, persistent.name), on: .live)
  }
}

extension MemoryDevice {
  /// The device's model and size, for remarks.
  fileprivate var words: String { "\(model?.rawValue ?? "a device") of \(fullSize)" }
}

extension FieldName {
  /// Whether the guest also changes the value, so that the two definitions may differ.
  var isMovedByGuest: Bool { self == .currentMemory || self == .deviceRequested }

  /// Whether only a start changes the field of a domain with the live definition `live`.
  func isLeftToStart(_ live: MemoryConfiguration, _ driver: HypervisorDriver) -> Bool {
    switch self {
    case .numatuneNodeset:
      live.numatune.memory.mode != .restrictive && (driver != .test || live.numatune.memory.isEmpty)
    default: calls.live.isEmpty && state != .deviceState
    }
  }
}
