// SPDX-License-Identifier: Apache-2.0

/// Suggests a known word for an unknown one.
package enum Suggestion {
  /// The candidate whose spelling is nearest to `word`; nil if none is near.
  ///
  /// Case, `_` and `-` are ignored, so libvirt's `hard_limit` matches `hardLimit`. If no candidate
  /// is near, the first that begins with `word` is taken.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    let letters = normalized(word)
    let tolerance = min(3, max(1, letters.count / 3))
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate != word {
      let other = normalized(candidate)
      guard abs(other.count - letters.count) <= tolerance else { continue }
      let distance = distance(letters, other)
      // A candidate that differs in every letter is no useful suggestion.
      guard distance <= tolerance, distance < max(letters.count, other.count) else { continue }
      if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
      ?? candidates.first { letters.count > 3 && normalized($0).starts(with: letters) }
  }

  /// The characters in lower case, without `_`, `-` and spaces.
  package static func normalized(_ word: String) -> [Character] {
    Array(word.lowercased()).filter { $0 != "_" && $0 != "-" && $0 != " " }
  }

  /// The number of insertions, deletions, substitutions and swaps of neighbors between two words.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
      var next = [row + 1]
      for column in right.indices {
        let isSame = left[row] == right[column]
        var cost = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, next[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        next.append(cost)
      }
      (beforeLast, last) = (last, next)
    }
    return last.last ?? 0
  }
}
