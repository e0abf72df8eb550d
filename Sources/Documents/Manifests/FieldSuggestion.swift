// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What somebody who named an unknown field on the command line probably meant.
package enum FieldSuggestion {
  /// The field or group whose name is nearest to `name`; nil where none is near.
  package static func nearest(to name: String) -> String? {
    let names = FieldName.allCases.map(\.text)
    if let near = Suggestion.nearest(to: name, among: names) { return near }
    let last = Suggestion.nearest(to: name, among: FieldName.allCases.map(\.lastPart))
    let word = Suggestion.normalized(last ?? name)
    return FieldName.allCases.first { Suggestion.normalized($0.lastPart) == word }?.text
  }
}
