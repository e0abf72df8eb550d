// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules of YAML that every document keeps, whatever it says.
extension Rule {
  /// The text is not YAML.
  package static let syntax = Rule("syntax", mistake: "the text is not YAML")

  /// The bytes are not UTF-8, or hold what can't be seen.
  package static let notText = Rule(
    "not-text", mistake: "the bytes are not UTF-8, or hold what can't be seen")

  /// A mapping has a key twice.
  package static let duplicateKey = Rule("duplicate-key", mistake: "a mapping has a key twice")

  /// A key is a list or a mapping.
  package static let invalidKey = Rule("invalid-key", mistake: "a key is a list or a mapping")

  /// A value has a tag such as `!!int` or `!secret`.
  package static let tagNotAllowed = Rule(
    "tag-not-allowed", mistake: "a value has a tag such as `!!int` or `!secret`")

  /// A document is nested deeper than 64.
  package static let tooDeep = Rule("too-deep", mistake: "a document is nested deeper than 64")

  /// An alias names no anchor before it.
  package static let unknownAlias = Rule(
    "unknown-alias", mistake: "an alias names no anchor before it")

  /// Aliases make more of a file than anyone wrote.
  package static let tooManyAliases = Rule(
    "too-many-aliases", mistake: "aliases make more of a file than anyone wrote")

  /// The contribution of this module to the catalogue.
  package static let ofYAML = [
    syntax, notText, duplicateKey, invalidKey, tagNotAllowed, tooDeep, unknownAlias,
    tooManyAliases,
  ]
}
