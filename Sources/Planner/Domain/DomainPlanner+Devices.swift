// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

extension DomainPlanner {
  /// Refusals of desired devices that do not exist by name, but may be existing devices.
  ///
  /// Such a device has the same model and cell as an existing one without a name. If its size is
  /// misspelt, adding it could double the guest's memory.
  var devicesThatMayBeOthers: [Refusal] {
    desired.configuration.devices.compactMap { declared in
      guard declared.state != .absent, let model = declared.model else { return nil }
      for plane in Plane.allCases {
        guard let devices = normalised[plane]?.devices,
          !devices.contains(where: { $0.hasKey(declared.key) }),
          let other = devices.first(where: {
            $0.name == nil && $0.model == model
              && (declared.node == nil || $0.node == declared.node)
          })
        else { continue }
        let fields = managed.filter { $0.item == declared.key && $0.name.state == .deviceState }
        return Refusal(
          .deviceMayBeAnother, fields,
          instance: """
            the \(plane.rawValue) definition has a \(model.rawValue) of \(other.fullSize) without a \
            user alias, and \(declared.key) does not match it
            """)
      }
      return nil
    }
  }
}

extension DomainPlanner.Draft {
  /// Refuses to change or remove a device that libvirt can't tell from another one.
  func checkUnambiguous(of operation: Operation) throws(Refusal) {
    let devices = (state[operation.plane]?.devices ?? []).filter(\.isOneOfSeveral)
    guard !devices.isEmpty else { return }
    let moved = operation.changes.changedFields.filter { $0.name.state == .deviceState }
    let unclear = moved.filter { field in devices.contains { $0.key == field.item } }
    if !unclear.isEmpty { throw Refusal(.deviceAmbiguous, unclear) }
  }
}
