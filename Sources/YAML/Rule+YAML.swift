// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules about the YAML form of every document.
extension Rule {
  package static let syntax = Rule("syntax", mistake: "the text is not YAML")

  package static let notText = Rule(
    "not-text", mistake: "the bytes are not UTF-8, or hold what can't be seen")

  package static let duplicateKey = Rule("duplicate-key", mistake: "a mapping has a key twice")

  package static let invalidKey = Rule("invalid-key", mistake: "a key is a list or a mapping")

  package static let tagNotAllowed = Rule(
    "tag-not-allowed", mistake: "a value has a tag such as `!!int` or `!secret`")

  package static let tooDeep = Rule("too-deep", mistake: "a document is nested deeper than 64")

  package static let unknownAlias = Rule(
    "unknown-alias", mistake: "an alias names no anchor before it")

  package static let tooManyAliases = Rule(
    "too-many-aliases", mistake: "aliases make more of a file than anyone wrote")

  /// The rules of this module in the catalogue.
  package static let ofYAML = [
    syntax, notText, duplicateKey, invalidKey, tagNotAllowed, tooDeep, unknownAlias,
    tooManyAliases,
  ]
}
