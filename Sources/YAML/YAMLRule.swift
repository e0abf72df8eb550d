// SPDX-License-Identifier: Apache-2.0

/// The stable names of the rules for the syntax of a file, independent of its meaning.
package enum YAMLRule: String, Hashable, Sendable, CaseIterable {
  /// The text is not YAML.
  case syntax
  /// The bytes are not UTF-8, or contain invisible characters.
  case notText = "not-text"
  /// A mapping contains a key twice.
  case duplicateKey = "duplicate-key"
  /// A key is a list or a mapping.
  case invalidKey = "invalid-key"
  /// A value has a tag such as `!!int` or `!secret`.
  case tagNotAllowed = "tag-not-allowed"
  /// A document is nested deeper than 64.
  case tooDeep = "too-deep"
  /// An alias refers to an anchor that does not come before it in the document.
  case unknownAlias = "unknown-alias"
  /// The aliases of a file stand for too many values.
  case tooManyAliases = "too-many-aliases"
}
