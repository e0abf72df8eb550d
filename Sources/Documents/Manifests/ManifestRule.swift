// SPDX-License-Identifier: Apache-2.0

internal import YAML

/// The stable names of what can be wrong with manifests, the text's own ``YAMLRule`` aside.
package enum ManifestRule: String, Hashable, Sendable, CaseIterable {
  /// A path leads to nothing, or to what can't be read.
  case unreadableFile = "unreadable-file"
  /// A folder without manifests, or manifests without documents.
  case noManifests = "no-manifests"
  /// An `apiVersion` that this version does not read.
  case unknownAPIVersion = "unknown-api-version"
  /// A `kind` that is none of Host, Profile and Domain.
  case unknownKind = "unknown-kind"
  /// A name that no field has.
  case unknownField = "unknown-field"
  /// A key that no cell, binding or device can have.
  case invalidItem = "invalid-item"
  /// A Domain's own field in a Profile.
  case notInProfile = "not-in-profile"
  /// A field that has to be there and is not.
  case missingField = "missing-field"
  /// A field without a value.
  case emptyValue = "empty-value"
  /// A list where a size is expected, a string where `true` is, and so on.
  case wrongType = "wrong-type"
  /// A word that is none of those to choose from.
  case invalidValue = "invalid-value"
  /// A size that is not spelled as sizes are, is zero, or too large.
  case invalidSize = "invalid-size"
  /// A duration that is not spelled as durations are.
  case invalidDuration = "invalid-duration"
  /// A range whose `min` is above its `max`.
  case invalidRange = "invalid-range"
  /// A URI that runs programs, weakens checks or holds a password.
  case refusedURI = "refused-uri"
  /// A UUID that is none.
  case invalidUUID = "invalid-uuid"
  /// A `hardLimit` above the `swapHardLimit`.
  case limitsContradict = "limits-contradict"
  /// A setting of the balloon beside `model: none`.
  case noBalloon = "no-balloon"
  /// Huge pages of two sizes for one guest cell.
  case hugepagesOverlap = "hugepages-overlap"
  /// A processor in two guest cells.
  case cellsOverlap = "cells-overlap"
  /// Host nodes that are named and to be chosen by numad.
  case placementContradicts = "placement-contradicts"
  /// A field that no device of the model has, or a value that none can have.
  case notOfModel = "not-of-model"
  /// A `requested` above the device's `size`, or that is no multiple of its `block`.
  case requestedContradicts = "requested-contradicts"
  /// A `block` that is no power of two.
  case invalidBlock = "invalid-block"
  /// A size of pages, or what a device is aligned to, that is no power of two.
  case notAPowerOfTwo = "not-a-power-of-two"
  /// A `labelSize` that is too small for a label, or too large for the device.
  case invalidLabelSize = "invalid-label-size"
  /// How to restart, where nothing may be restarted.
  case restartNotAllowed = "restart-not-allowed"
  /// A Profile that is not declared.
  case unknownProfile = "unknown-profile"
  /// A Host that is not declared.
  case unknownHost = "unknown-host"
  /// Two Profiles of one name.
  case duplicateProfile = "duplicate-profile"
  /// Two Hosts of one name.
  case duplicateHost = "duplicate-host"
  /// Two documents for one domain.
  case duplicateDomain = "duplicate-domain"
}
