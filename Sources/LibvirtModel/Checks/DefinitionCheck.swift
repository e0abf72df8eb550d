// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A definition as changes would leave it, and all that libvirt refuses of it: when it is defined,
/// or plugged, or only when the domain starts.
///
/// Only what the changes bring about or take part in is refused, and they are blamed for it: a
/// definition that contradicted itself before can still be changed elsewhere.
struct DefinitionCheck {
  let behaviour: HypervisorBehaviour
  let before: MemoryConfiguration
  let after: MemoryConfiguration
  let changed: Set<FieldPath>
  let plane: Plane
  /// Whether all of the definition is given to libvirt anew.
  let isRedefinition: Bool

  /// Refuses the definition with the first rule that it violates.
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

  /// What goes by the guest's architecture and machine type.
  var guest: GuestDefaults { behaviour.guest(of: after) }

  /// Whether the driver checks what QEMU's alone does.
  var isQEMU: Bool { driver == .qemu }

  func isSince(_ major: Int, _ minor: Int) -> Bool {
    behaviour.version >= LibvirtVersion(major, minor, 0)
  }

  /// Refuses the definition, if one of `involved` is changed.
  ///
  /// What libvirt refuses `always` it refuses of a definition that an older version took, too: then
  /// no redefinition goes through, whatever it changes.
  func refuse(
    _ rule: Rule, _ involved: [FieldPath], _ detail: String = "", always: Bool = false
  ) throws(Refusal) {
    let blamed = blamed(involved)
    if !blamed.isEmpty { throw Refusal(rule, blamed, detail: detail) }
    guard always, isRedefinition else { return }
    let redefined = changed.filter { !HypervisorBehaviour.hasOwnCall($0.name) }
    throw Refusal(
      .definitionRefusedAsItIs, (redefined.isEmpty ? changed : redefined).sorted(),
      summary: "libvirt refuses this definition as it is: \(rule.summary)",
      detail: "\(detail) `virtmem explain \(rule.name)` tells what libvirt wants.")
  }

  /// The changed fields that have to do with `involved`; an item comes and goes as a whole.
  private func blamed(_ involved: [FieldPath]) -> [FieldPath] {
    let touching = changed.filter { field in
      involved.contains { other in
        field.touches(other) || (other.name == field.name.state && moves(field))
      }
    }
    let moving = touching.filter(moves)
    let items = changed.filter { field in moving.contains(where: field.isOfSameItem) }
    return touching.union(items).sorted()
  }

  /// Whether the item whose field `field` is comes or goes.
  private func moves(_ field: FieldPath) -> Bool {
    before.has(itemOf: field) != after.has(itemOf: field)
  }
}

extension HypervisorBehaviour {
  /// Refuses `after`, as `call` makes it of `before`, where libvirt does not take or start it.
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
  /// Whether a change of this field is one of `other`: the same, its group or its item.
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
