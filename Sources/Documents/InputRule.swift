// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// A rule of what is read, by its stable name, as `explain` tells it.
package struct InputRule: Sendable {
  /// The stable name.
  package let name: String
  /// What breaks the rule, in a sentence.
  package let summary: String

  /// Every rule of manifests, saved plans and snapshots, each name once.
  package static let all: [InputRule] = {
    var names: Set<String> = []
    let rules =
      YAMLRule.allCases.map { InputRule(name: $0.rawValue, summary: $0.summary) }
      + ManifestRule.allCases.map { InputRule(name: $0.rawValue, summary: $0.summary) }
      + PlanRule.allCases.map { InputRule(name: $0.rawValue, summary: $0.summary) }
      + SnapshotRule.allCases.map { InputRule(name: $0.rawValue, summary: $0.summary) }
    return rules.filter { names.insert($0.name).inserted }
  }()

  /// The rule with this name; nil where there is none.
  package static func named(_ name: String) -> InputRule? {
    all.first { $0.name == name }
  }
}

extension YAMLRule {
  fileprivate var summary: String {
    switch self {
    case .syntax: "The text is not YAML."
    case .notText: "The bytes are not UTF-8, or hold what can't be seen."
    case .duplicateKey: "A mapping has a key twice."
    case .invalidKey: "A key is a list or a mapping."
    case .tagNotAllowed: "A value has a tag such as `!!int` or `!secret`."
    case .tooDeep: "A document is nested deeper than 64."
    case .unknownAlias: "An alias names no anchor before it."
    case .tooManyAliases: "Aliases make more of a file than anyone wrote."
    }
  }
}

extension ManifestRule {
  fileprivate var summary: String {
    switch self {
    case .unreadableFile: "A path leads to nothing, or to what can't be read."
    case .noManifests: "A folder without manifests; files without a document only warn."
    case .unknownAPIVersion: "An `apiVersion` that this version does not read."
    case .unknownKind: "A `kind` that is none of Host, Profile and Domain."
    case .unknownField: "A name that no field has, mostly a misspelled one."
    case .invalidItem: "A key that no cell, binding or device can have."
    case .notInProfile: "A Domain's own field in a Profile."
    case .missingField: "A field that has to be there and is not."
    case .emptyValue: "A field without a value."
    case .wrongType: "A list where a size is expected, a string where `true` is, and so on."
    case .invalidValue: "A value that the field can't have."
    case .invalidSize: "A size that is not spelled as sizes are, is zero, or too large."
    case .invalidDuration: "A duration that is not spelled as durations are."
    case .invalidRange: "A range whose `min` is above its `max`."
    case .refusedURI: URIRefusal.rule
    case .invalidUUID: "A UUID that is none."
    case .limitsContradict: "A `hardLimit` above the `swapHardLimit`."
    case .noBalloon: "A setting of the balloon beside `model: none`."
    case .hugepagesOverlap: "Huge pages of two sizes for one guest cell."
    case .cellsOverlap: "A processor in two guest cells."
    case .placementContradicts: "Host nodes that are named and to be chosen by numad."
    case .notOfModel: "A field that no device of the model has, or a value that none can have."
    case .requestedContradicts:
      "A `requested` above the device's `size`, or that is no multiple of its `block`."
    case .invalidBlock: "A `block` that is no power of two."
    case .notAPowerOfTwo:
      "A size of huge pages, or an `alignSize`, that is no power of two."
    case .invalidLabelSize:
      "A `labelSize` that is too small for a label, or too large for the device."
    case .restartNotAllowed: "`policy.restart` without `disruption: restart`."
    case .unknownProfile: "A Profile that is not declared."
    case .unknownHost: "A Host that is not declared."
    case .duplicateProfile: "Two Profiles of one name."
    case .duplicateHost: "Two Hosts of one name."
    case .duplicateDomain: "Two documents for one domain."
    }
  }
}

extension PlanRule {
  fileprivate var summary: String {
    switch self {
    case .notAPlan: "A file that is no saved plan."
    case .unknownFormat: "A saved plan of a format that this version does not read."
    case .unknownField: "A member that no plan has."
    case .missingField: "A member that has to be there and is not."
    case .wrongType: "A list where a number is expected, and so on."
    case .invalidValue: "A value of the right type that can't be there."
    case .refusedURI: URIRefusal.rule
    case .alteredPlan: "The plan is not byte for byte what was saved."
    }
  }
}

extension SnapshotRule {
  fileprivate var summary: String {
    switch self {
    case .notASnapshot: "A file that is no snapshot."
    case .unknownFormat: "A snapshot of a format that this version does not read."
    case .cutSnapshot: "A snapshot that was cut off."
    case .invalidValue: "Something in a snapshot that virtmem does not write there."
    case .refusedURI: URIRefusal.rule
    case .alteredSnapshot: "The snapshot is not byte for byte what was written."
    }
  }
}
