// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules about the YAML form of every document.
extension Rule {
  package static let syntax = Rule("syntax", mistake: "the text is not valid YAML")

  package static let notText = Rule(
    "not-text", mistake: "the file is not UTF-8 text, or contains an invisible character")

  package static let duplicateKey = Rule(
    "duplicate-key", mistake: "a mapping has the same key twice")

  package static let invalidKey = Rule("invalid-key", mistake: "a key is a list or a mapping")

  package static let tagNotAllowed = Rule(
    "tag-not-allowed", mistake: "a value has a tag such as `!!int` or `!secret`")

  package static let tooDeep = Rule(
    "too-deep", mistake: "lists and mappings are nested more than 64 levels deep")

  package static let unknownAlias = Rule(
    "unknown-alias", mistake: "an alias has no anchor before it in the document")

  package static let tooManyAliases = Rule(
    "too-many-aliases", mistake: "the aliases of a file stand for too many values")

  /// The rules of this module in the catalogue.
  package static let ofYAML = [
    syntax, notText, duplicateKey, invalidKey, tagNotAllowed, tooDeep, unknownAlias,
    tooManyAliases,
  ]
}
