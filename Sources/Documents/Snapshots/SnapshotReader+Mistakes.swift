// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import YAML

// What virtmem tells the user about a mistake in a snapshot.
extension SnapshotReader {
  /// What to do about a snapshot that is not as it was written.
  static let observeAnew = "Observe anew with virtmem observe; a snapshot is not edited."

  /// The mistake of a snapshot that does not contain what its last line says.
  static func altered(_ summary: String, at offset: Int) -> JSONMistake {
    JSONMistake(
      .document(.alteredSnapshot, summary: summary, remedy: observeAnew), at: offset)
  }

  /// The diagnostic for `mistake`.
  static func diagnostic(of mistake: JSONMistake, in source: YAMLSource) -> Diagnostic {
    var diagnostic = Diagnostic(
      .error, rule: .invalidSnapshot, summary: mistake.kind.summary, remedy: observeAnew,
      source: source.position(of: mistake.offset))
    switch mistake.kind {
    case .unknownMember: diagnostic.summary += ", or not at this place"
    case .refusedURI(let refusal):
      diagnostic.rule = .refusedURI
      diagnostic.detail = refusal.detail
      diagnostic.remedy = URIRefusal.remedy
    case .document(let rule, _, let remedy):
      diagnostic.rule = rule
      diagnostic.remedy = remedy
    default: break
    }
    return diagnostic
  }
}
