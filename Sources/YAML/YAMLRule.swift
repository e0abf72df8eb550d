// SPDX-License-Identifier: Apache-2.0

/// The stable names of what can be wrong with a text before anyone asks what it says.
package enum YAMLRule: String, Hashable, Sendable, CaseIterable {
  /// The text is not YAML.
  case syntax
  /// The bytes are not UTF-8, or hold what can't be seen.
  case notText = "not-text"
  /// A mapping has a key twice.
  case duplicateKey = "duplicate-key"
  /// A key is a list or a mapping.
  case invalidKey = "invalid-key"
  /// A value has a tag such as `!!int` or `!secret`.
  case tagNotAllowed = "tag-not-allowed"
  /// A document is nested deeper than 64.
  case tooDeep = "too-deep"
  /// An alias names no anchor before it.
  case unknownAlias = "unknown-alias"
  /// Aliases make more of a file than anyone wrote.
  case tooManyAliases = "too-many-aliases"
}
