// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules of manifests, without those of YAML; saved plans can break some of them too.
extension Rule {
  package static let unreadableFile = Rule(
    "unreadable-file", mistake: "a path leads to nothing, or to what can't be read")

  package static let noManifests = Rule(
    "no-manifests", mistake: "a folder without manifests; files without a document only warn")

  package static let linkLeadsOut = Rule(
    "link-leads-out", mistake: "a link in a folder of manifests that leads out of the folder")

  package static let unknownAPIVersion = Rule(
    "unknown-api-version", mistake: "an `apiVersion` that this version does not read")

  package static let unknownKind = Rule(
    "unknown-kind", mistake: "a `kind` that is none of Host, Profile and Domain")

  package static let unknownField = Rule(
    "unknown-field",
    mistake: """
      a name that no field has, mostly a misspelled one; in a saved plan, a member that no plan \
      has
      """)

  package static let invalidItem = Rule(
    "invalid-item", mistake: "a key that no cell, binding or device can have")

  package static let notInProfile = Rule(
    "not-in-profile", mistake: "a Domain's own field in a Profile")

  package static let missingField = Rule(
    "missing-field",
    mistake: "a field, or a member of a saved plan, that has to be there and is not")

  package static let emptyValue = Rule("empty-value", mistake: "a field without a value")

  package static let wrongType = Rule(
    "wrong-type", mistake: "a list where a size is expected, a string where `true` is, and so on")

  package static let invalidValue = Rule(
    "invalid-value", mistake: "a value that the field, or the member of a saved plan, can't have")

  package static let invalidSize = Rule(
    "invalid-size", mistake: "a size that is not spelled as sizes are, is zero, or too large")

  package static let invalidDuration = Rule(
    "invalid-duration", mistake: "a duration that is not spelled as durations are")

  package static let invalidRange = Rule(
    "invalid-range", mistake: "a range whose `min` is above its `max`")

  package static let invalidUUID = Rule("invalid-uuid", mistake: "a UUID that is none")

  package static let limitsContradict = Rule(
    "limits-contradict", mistake: "a `hardLimit` above the `swapHardLimit`")

  package static let noBalloon = Rule(
    "no-balloon", mistake: "a setting of the balloon beside `model: none`")

  package static let cellsOverlap = Rule("cells-overlap", mistake: "a processor in two guest cells")

  /// `placement: auto` beside host nodes or the binding of a cell.
  package static let placementContradicts = Rule(
    "placement-contradicts", mistake: "host nodes that are named and to be chosen by numad")

  package static let notOfModel = Rule(
    "not-of-model",
    mistake: "a field that no device of the model has, or a value that none can have")

  package static let requestedContradicts = Rule(
    "requested-contradicts",
    mistake: "a `requested` above the device's `size`, or that is no multiple of its `block`")

  package static let invalidBlock = Rule(
    "invalid-block", mistake: "a `block` that is no power of two")

  package static let notAPowerOfTwo = Rule(
    "not-a-power-of-two",
    mistake: "a size of huge pages, or an `alignSize`, that is no power of two")

  package static let invalidLabelSize = Rule(
    "invalid-label-size",
    mistake: "a `labelSize` that is too small for a label, or too large for the device")

  package static let restartNotAllowed = Rule(
    "restart-not-allowed", mistake: "`policy.restart` without `disruption: restart`")

  package static let unknownProfile = Rule(
    "unknown-profile", mistake: "a Profile that is not declared")

  package static let unknownHost = Rule("unknown-host", mistake: "a Host that is not declared")

  package static let duplicateProfile = Rule(
    "duplicate-profile", mistake: "two Profiles of one name")

  package static let duplicateHost = Rule("duplicate-host", mistake: "two Hosts of one name")

  package static let duplicateDomain = Rule(
    "duplicate-domain", mistake: "two documents for one domain")

  static let ofManifests = [
    unreadableFile, noManifests, linkLeadsOut, unknownAPIVersion, unknownKind, unknownField,
    invalidItem, notInProfile, missingField, emptyValue, wrongType, invalidValue, invalidSize,
    invalidDuration, invalidRange, invalidUUID, limitsContradict, noBalloon, cellsOverlap,
    placementContradicts, notOfModel, requestedContradicts, invalidBlock, notAPowerOfTwo,
    invalidLabelSize, restartNotAllowed, unknownProfile, unknownHost, duplicateProfile,
    duplicateHost, duplicateDomain,
  ]
}
