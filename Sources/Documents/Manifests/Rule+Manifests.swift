// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules of manifests, without those of YAML; saved plans can break some of them too.
extension Rule {
  /// Nothing exists at a path, or virtmem can't read it.
  package static let unreadableFile = Rule(
    "unreadable-file", mistake: "a path leads to nothing, or to what can't be read")

  /// A folder has no manifests; files without a document only cause a warning.
  package static let noManifests = Rule(
    "no-manifests", mistake: "a folder without manifests; files without a document only warn")

  /// An `apiVersion` that this version of virtmem does not read.
  package static let unknownAPIVersion = Rule(
    "unknown-api-version", mistake: "an `apiVersion` that this version does not read")

  /// A `kind` that is not Host, Profile or Domain.
  package static let unknownKind = Rule(
    "unknown-kind", mistake: "a `kind` that is none of Host, Profile and Domain")

  /// A field with a name that virtmem does not know; in a saved plan, such a member.
  package static let unknownField = Rule(
    "unknown-field",
    mistake: """
      a name that no field has, mostly a misspelled one; in a saved plan, a member that no plan \
      has
      """)

  /// A key that no cell, binding or device can have.
  package static let invalidItem = Rule(
    "invalid-item", mistake: "a key that no cell, binding or device can have")

  /// A field in a Profile that only a Domain can have.
  package static let notInProfile = Rule(
    "not-in-profile", mistake: "a Domain's own field in a Profile")

  /// A required field, or a required member of a saved plan, is missing.
  package static let missingField = Rule(
    "missing-field",
    mistake: "a field, or a member of a saved plan, that has to be there and is not")

  /// A field without a value.
  package static let emptyValue = Rule("empty-value", mistake: "a field without a value")

  /// A value of the wrong type, such as a list in place of a size.
  package static let wrongType = Rule(
    "wrong-type", mistake: "a list where a size is expected, a string where `true` is, and so on")

  /// A value that the field, or the member of a saved plan, can't have.
  package static let invalidValue = Rule(
    "invalid-value", mistake: "a value that the field, or the member of a saved plan, can't have")

  /// A size that has the wrong form, is zero, or is too large.
  package static let invalidSize = Rule(
    "invalid-size", mistake: "a size that is not spelled as sizes are, is zero, or too large")

  /// A duration that has the wrong form.
  package static let invalidDuration = Rule(
    "invalid-duration", mistake: "a duration that is not spelled as durations are")

  /// A range whose `min` is above its `max`.
  package static let invalidRange = Rule(
    "invalid-range", mistake: "a range whose `min` is above its `max`")

  /// A value that should be a UUID and is not.
  package static let invalidUUID = Rule("invalid-uuid", mistake: "a UUID that is none")

  /// A `hardLimit` above the `swapHardLimit`.
  package static let limitsContradict = Rule(
    "limits-contradict", mistake: "a `hardLimit` above the `swapHardLimit`")

  /// A balloon setting together with `model: none`.
  package static let noBalloon = Rule(
    "no-balloon", mistake: "a setting of the balloon beside `model: none`")

  /// A processor in two guest cells.
  package static let cellsOverlap = Rule("cells-overlap", mistake: "a processor in two guest cells")

  /// `placement: auto`, by which numad chooses nodes, together with host nodes or a cell's binding.
  package static let placementContradicts = Rule(
    "placement-contradicts", mistake: "host nodes that are named and to be chosen by numad")

  /// A field, or a value of it, that a device of this model can't have.
  package static let notOfModel = Rule(
    "not-of-model",
    mistake: "a field that no device of the model has, or a value that none can have")

  /// A `requested` that is above the device's `size`, or no multiple of its `block`.
  package static let requestedContradicts = Rule(
    "requested-contradicts",
    mistake: "a `requested` above the device's `size`, or that is no multiple of its `block`")

  /// A `block` that is no power of two.
  package static let invalidBlock = Rule(
    "invalid-block", mistake: "a `block` that is no power of two")

  /// A size of huge pages, or an `alignSize`, that is no power of two.
  package static let notAPowerOfTwo = Rule(
    "not-a-power-of-two",
    mistake: "a size of huge pages, or an `alignSize`, that is no power of two")

  /// A `labelSize` that is too small for a label, or too large for the device.
  package static let invalidLabelSize = Rule(
    "invalid-label-size",
    mistake: "a `labelSize` that is too small for a label, or too large for the device")

  /// `policy.restart` without `disruption: restart`.
  package static let restartNotAllowed = Rule(
    "restart-not-allowed", mistake: "`policy.restart` without `disruption: restart`")

  /// A Profile that is not declared.
  package static let unknownProfile = Rule(
    "unknown-profile", mistake: "a Profile that is not declared")

  /// A Host that is not declared.
  package static let unknownHost = Rule("unknown-host", mistake: "a Host that is not declared")

  /// Two Profiles with the same name.
  package static let duplicateProfile = Rule(
    "duplicate-profile", mistake: "two Profiles of one name")

  /// Two Hosts with the same name.
  package static let duplicateHost = Rule("duplicate-host", mistake: "two Hosts of one name")

  /// Two documents that declare the same domain.
  package static let duplicateDomain = Rule(
    "duplicate-domain", mistake: "two documents for one domain")

  static let ofManifests = [
    unreadableFile, noManifests, unknownAPIVersion, unknownKind, unknownField, invalidItem,
    notInProfile, missingField, emptyValue, wrongType, invalidValue, invalidSize,
    invalidDuration, invalidRange, invalidUUID, limitsContradict, noBalloon, cellsOverlap,
    placementContradicts, notOfModel, requestedContradicts, invalidBlock, notAPowerOfTwo,
    invalidLabelSize, restartNotAllowed, unknownProfile, unknownHost, duplicateProfile,
    duplicateHost, duplicateDomain,
  ]
}
