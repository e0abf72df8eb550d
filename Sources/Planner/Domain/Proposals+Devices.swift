// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

// The memory devices of a running guest.
extension Proposals {
  /// Whether hotplug can change the live field: its device is added, removed or resized.
  func isPlugged(_ field: FieldPath) -> Bool {
    guard let item = field.item else { return false }
    let isThere = definition.devices.contains { $0.hasKey(item) }
    return !isThere || field.name == .deviceState || field.name == .deviceRequested
  }

  var deviceOperations: [Operation] {
    guard plane == .live else { return [] }
    var items: [String] = []
    for case let item? in differing.filter({ $0.name.state == .deviceState }).map(\.item)
    where !items.contains(item) {
      items.append(item)
    }
    return items.map(deviceOperation)
  }

  private func deviceOperation(_ item: String) -> Operation {
    let (state, requested) = (FieldPath(.deviceState, item), FieldPath(.deviceRequested, item))
    if desired[state] == ItemState.absent.fieldValue {
      return .call(call(.detachDevice, changes(of: state)))
    }
    guard let device = definition.devices.first(where: { $0.hasKey(item) }) else {
      let fields = differing.filter { $0.item == item && isDevice($0) }
      return .call(call(.attachDevice, fields.map(change)))
    }
    if let declared = desired[requested], let plugged = device.plugged,
      behaviour.satisfies(declared, definition[requested], field: requested, on: .live)
    {
      return .wait([Change(field: requested, from: .size(plugged), to: declared)])
    }
    return .call(call(.updateDevice, [change(requested)] + identity(of: requested)))
  }

  private func isDevice(_ field: FieldPath) -> Bool { field.name.state == .deviceState }
}
