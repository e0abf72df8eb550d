// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import MemoryModel

/// Suggests a field for an unknown name on the command line.
package enum FieldSuggestion {
  /// The name of the field or group whose name is nearest to `name`; nil if none is near.
  package static func nearest(to name: String) -> String? {
    let names = FieldName.allCases.map(\.text)
    if let near = Suggestion.nearest(to: name, among: names) { return near }
    let last = Suggestion.nearest(to: name, among: FieldName.allCases.map(\.lastPart))
    let word = Suggestion.normalized(last ?? name)
    return FieldName.allCases.first { Suggestion.normalized($0.lastPart) == word }?.text
  }
}
