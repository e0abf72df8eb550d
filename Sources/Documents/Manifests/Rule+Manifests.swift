// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules of manifests, without those of YAML; saved plans can break some of them too.
extension Rule {
  package static let unreadableFile = Rule(
    "unreadable-file", mistake: "a path that does not exist, or that virtmem cannot read")

  package static let noManifests = Rule(
    "no-manifests",
    mistake: "a folder without manifests; a file without a document causes only a warning")

  package static let linkLeadsOut = Rule(
    "link-leads-out", mistake: "a link in a folder of manifests that points outside the folder")

  package static let foreignDocument = Rule(
    "foreign-document", mistake: "a document of another tool, or a saved plan or a snapshot")

  package static let unknownAPIVersion = Rule(
    "unknown-api-version", mistake: "an `apiVersion` that this version cannot read")

  package static let unknownKind = Rule(
    "unknown-kind", mistake: "a `kind` that is not Host, Profile or Domain")

  package static let unknownField = Rule(
    "unknown-field",
    mistake: """
      a name that is not the name of a field, often misspelled; in a saved plan, an unknown member
      """)

  package static let invalidItem = Rule(
    "invalid-item", mistake: "a key that a cell, a binding or a device cannot have")

  package static let notInProfile = Rule(
    "not-in-profile", mistake: "a field in a Profile that only a Domain can have")

  package static let missingField = Rule(
    "missing-field", mistake: "a required field, or a required member of a saved plan, is missing")

  package static let emptyValue = Rule("empty-value", mistake: "a field without a value")

  package static let wrongType = Rule(
    "wrong-type",
    mistake: """
      a value of the wrong type, such as a list instead of a size, or a string instead of `true`
      """)

  package static let invalidValue = Rule(
    "invalid-value", mistake: "a value that the field, or the member of a saved plan, cannot have")

  package static let invalidSize = Rule(
    "invalid-size",
    mistake: "a size that is not written as a number and a unit, is zero, or is too large")

  package static let invalidDuration = Rule(
    "invalid-duration", mistake: "a duration that is not valid; `90s`, `10m` and `1h` are valid")

  package static let invalidRange = Rule(
    "invalid-range", mistake: "a range whose `min` is above its `max`")

  package static let invalidUUID = Rule(
    "invalid-uuid", mistake: "a `uuid` that is not a valid UUID")

  package static let limitsContradict = Rule(
    "limits-contradict", mistake: "a `hardLimit` above the `swapHardLimit`")

  package static let noBalloon = Rule(
    "no-balloon", mistake: "a setting of the balloon together with `memballoon.model: none`")

  package static let cellsOverlap = Rule("cells-overlap", mistake: "a processor in two guest cells")

  /// `placement: auto` beside host nodes or the binding of a cell.
  package static let placementContradicts = Rule(
    "placement-contradicts",
    mistake: """
      a nodeset or a binding together with `placement: auto`, where numad chooses the nodes
      """)

  package static let notOfModel = Rule(
    "not-of-model", mistake: "a field or a value that a device of this model cannot have")

  package static let requestedContradicts = Rule(
    "requested-contradicts",
    mistake: "a `requested` above the device's `size`, or not a multiple of its `block`")

  package static let invalidBlock = Rule(
    "invalid-block", mistake: "a `block` that is not a power of two")

  package static let notAPowerOfTwo = Rule(
    "not-a-power-of-two",
    mistake: "a huge page size, or an `alignSize`, that is not a power of two")

  package static let invalidLabelSize = Rule(
    "invalid-label-size",
    mistake: "a `labelSize` that is below the minimum of a label, or too large for the device")

  package static let restartNotAllowed = Rule(
    "restart-not-allowed", mistake: "`policy.restart` without `policy.disruption: restart`")

  package static let unknownProfile = Rule(
    "unknown-profile", mistake: "a reference to a Profile that is not declared")

  package static let unknownHost = Rule(
    "unknown-host", mistake: "a reference to a Host that is not declared")

  package static let duplicateProfile = Rule(
    "duplicate-profile", mistake: "two Profiles with the same name")

  package static let duplicateHost = Rule("duplicate-host", mistake: "two Hosts with the same name")

  package static let duplicateDomain = Rule(
    "duplicate-domain", mistake: "two documents for the same domain")

  package static let shardNeedsHost = Rule(
    "shard-needs-host", mistake: "a Domain without `host` in a run with `--shard`")

  static let ofManifests = [
    unreadableFile, noManifests, linkLeadsOut, foreignDocument, unknownAPIVersion, unknownKind,
    unknownField,
    invalidItem, notInProfile, missingField, emptyValue, wrongType, invalidValue, invalidSize,
    invalidDuration, invalidRange, invalidUUID, limitsContradict, noBalloon, cellsOverlap,
    placementContradicts, notOfModel, requestedContradicts, invalidBlock, notAPowerOfTwo,
    invalidLabelSize, restartNotAllowed, unknownProfile, unknownHost, duplicateProfile,
    duplicateHost, duplicateDomain, shardNeedsHost,
  ]
}
