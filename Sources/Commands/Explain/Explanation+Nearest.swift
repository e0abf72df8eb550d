// SPDX-License-Identifier: Apache-2.0

import Basics
import Documents
import MemoryModel

extension Explanation {
  /// The known words that `subject` may mean, the likeliest kind alone; empty if none is near.
  ///
  /// Fields whose last part is the word come first, then words that begin with it, then the word
  /// whose spelling is nearest.
  static func nearest(to subject: String) -> [String] {
    let letters = Suggestion.normalized(subject)
    guard letters.count <= 64, !letters.isEmpty else { return [] }
    let ends = FieldName.allCases.filter { Suggestion.normalized($0.lastPart) == letters }
    if !ends.isEmpty { return ends.prefix(most).map(\.text) }
    let beginnings = letters.count < 3 ? [] : subjects.filter { begins($0, with: letters) }
    if !beginnings.isEmpty { return Array(beginnings.prefix(most)) }
    let words = Rule.all.map(\.name) + Topic.all.flatMap { [$0.name] + $0.synonyms }
    return [FieldSuggestion.nearest(to: subject) ?? Suggestion.nearest(to: subject, among: words)]
      .compactMap(\.self)
  }

  /// The number of words that a message can hold.
  private static let most = 5

  /// Whether a word, or the last part of a field, begins with `letters`.
  private static func begins(_ word: String, with letters: [Character]) -> Bool {
    let last = word.split(separator: ".").last.map(String.init) ?? word
    return [word, last].contains { Suggestion.normalized($0).starts(with: letters) }
  }
}
