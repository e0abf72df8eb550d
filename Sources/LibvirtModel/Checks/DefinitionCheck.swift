// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Checks a definition, as changes leave it, for all that libvirt refuses: when it is defined, when
/// a device is plugged, or only when the domain starts.
///
/// A contradiction is refused only if a change contributes to it, and the refusal names those
/// changes. So a definition that contradicts itself already can still be changed elsewhere.
struct DefinitionCheck {
  let behaviour: GuestBehaviour
  let before: MemoryConfiguration
  let after: MemoryConfiguration
  let changed: Set<FieldPath>
  let plane: Plane
  /// Whether the call passes the whole definition to libvirt anew.
  let isRedefinition: Bool

  /// Throws a refusal with the first rule that the definition violates.
  func pass() throws(Refusal) {
    try checkVersions()
    try checkCeiling()
    try checkSlots()
    try checkBacking()
    try checkSharing()
    try checkBinding()
    try checkMemnodes()
    try checkCells()
    try checkProcessors()
    try checkBalloon()
    for device in after.devices { try check(device) }
    try checkAddresses()
    try checkStart()
  }

  var driver: HypervisorDriver { behaviour.driver }

  /// The defaults for the guest's architecture and machine type.
  var guest: GuestDefaults { behaviour.guest(of: after) }

  /// Whether the driver is QEMU's; it alone makes some of the checks.
  var isQEMU: Bool { driver == .qemu }

  func has(_ feature: Feature) -> Bool { behaviour.has(feature) }

  /// Refuses the definition if one of `involved` is changed.
  ///
  /// With `always`, libvirt also refuses an unchanged contradiction, which an older version
  /// accepted. Then every redefinition is refused, whatever it changes.
  func refuse(
    _ rule: Rule, _ involved: [FieldPath], _ instance: String? = nil, remedy: String? = nil,
    always: Bool = false
  ) throws(Refusal) {
    let blamed = blamed(involved)
    if !blamed.isEmpty { throw Refusal(rule, blamed, instance: instance, remedy: remedy) }
    guard always, isRedefinition else { return }
    let redefined = changed.filter { !$0.name.calls.hasOwnPersistentCall }
    throw Refusal(
      .definitionRefusedAsItIs, (redefined.isEmpty ? changed : redefined).sorted(),
      instance: """
        libvirt refuses this definition as it is: \(instance ?? rule.summary) (\(rule.name))
        """,
      remedy: """
        Mend the definition first, with `virsh edit DOMAIN` or in the manifest: \
        \(remedy ?? rule.remedy) Then plan again.
        """)
  }

  /// The changed fields that contribute to `involved`; of an added or removed item all of them.
  func blamed(_ involved: [FieldPath]) -> [FieldPath] {
    let touching = changed.filter { field in
      involved.contains { other in
        field.touches(other) || (other.name == field.name.state && moves(field))
      }
    }
    let moving = touching.filter(moves)
    let items = changed.filter { field in moving.contains(where: field.isOfSameItem) }
    return touching.union(items).sorted()
  }

  /// Whether the item of `field` is added or removed.
  private func moves(_ field: FieldPath) -> Bool {
    before.has(itemOf: field) != after.has(itemOf: field)
  }
}

extension GuestBehaviour {
  /// Refuses `after`, which `call` makes of `before`, if the host lacks the huge pages for it.
  func checkHugepages(
    _ after: MemoryConfiguration, before: MemoryConfiguration, by call: Call
  ) throws(Refusal) {
    try DefinitionCheck(
      behaviour: self, before: before, after: after, changed: Set(call.changed),
      plane: call.plane, isRedefinition: false
    ).checkHugepages()
  }

  /// Refuses `after`, which `call` makes of `before`, if libvirt does not accept or start it.
  func checkDefinition(
    _ after: MemoryConfiguration, before: MemoryConfiguration, by call: Call
  ) throws(Refusal) {
    try DefinitionCheck(
      behaviour: self, before: before, after: after, changed: Set(call.changed),
      plane: call.plane, isRedefinition: call.action == .redefine
    ).pass()
  }
}

extension FieldPath {
  /// Whether a change of this field is one of `other`: of the same field, its group or its item.
  fileprivate func touches(_ other: FieldPath) -> Bool {
    guard item == nil || other.item == nil || other.item == "*" || item == other.item else {
      return false
    }
    if name == other.name || (name.isState && name == other.name.state) { return true }
    return name.isBelow(other.name) || other.name.isBelow(name)
  }

  fileprivate func isOfSameItem(_ other: FieldPath) -> Bool {
    item != nil && item == other.item && name.state == other.name.state
  }
}
