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

  /// At most three of `candidates` that a user who wrote `word` can have meant, the nearest first;
  /// for names, of which many have one stem.
  ///
  /// A name that has the same stem or the same last part comes before one that is only spelled
  /// alike: for `web-99` that is `web-01`, and for `hv01.web` it is `web`.
  package static func near(to word: String, among candidates: [String]) -> [String] {
    guard word.utf8.count <= 64 else { return [] }
    let letters = normalized(word)
    let tolerance = min(3, max(1, letters.count / 3))
    let ranked = Set(candidates).compactMap {
      candidate -> (rank: Int, distance: Int, name: String)? in
      guard candidate != word, candidate.utf8.count <= 64 else { return nil }
      let distance = distance(letters, normalized(candidate))
      if isKin(word, candidate) { return (0, distance, candidate) }
      guard distance <= tolerance, distance < letters.count else { return nil }
      return (1, distance, candidate)
    }
    return ranked.sorted { ($0.rank, $0.distance, $0.name) < ($1.rank, $1.distance, $1.name) }
      .prefix(3).map(\.name)
  }

  /// Whether one name begins with the other, or both have the same stem or the same last part.
  private static func isKin(_ left: String, _ right: String) -> Bool {
    let (one, other) = (left.lowercased(), right.lowercased())
    let (short, long) = one.count < other.count ? (one, other) : (other, one)
    if short.count > 2 && long.hasPrefix(short) { return true }
    let (first, second) = (parts(of: one), parts(of: other))
    // A last part of digits is a number that says nothing.
    let lastPart = first.last.map { $0.allSatisfy(\.isNumber) ? "" : $0 } ?? ""
    return lastPart.count > 2 && lastPart == second.last ?? ""
      || first.count > 1 && first.dropLast() == second.dropLast()
  }

  private static func parts(of name: String) -> [Substring] {
    name.split { !$0.isLetter && !$0.isNumber }
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
