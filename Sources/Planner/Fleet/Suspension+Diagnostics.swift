// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

extension Suspension {
  /// What a plan of `today` says of the suspension of a host, or of a domain on it: a note with
  /// the date and the reason, and a warning where the date is past.
  func diagnostics(
    on today: Day?, host: String?, domain: String? = nil, source: SourcePosition?
  ) -> [Diagnostic] {
    guard until != nil || reason != nil else { return [] }
    var note = Rule.suspension.warning(.note, host: host, domain: domain, source: source)
    note.summary = words
    guard let until, let today, until < today else { return [note] }
    let warning = Rule.suspensionExpired.warning(
      host: host, domain: domain, detail: "The manifest says \(words).", source: source)
    return [note, warning]
  }

  /// Such as `suspended until 2026-12-31: the disks are replaced`.
  private var words: String {
    "suspended" + (until.map { " until \($0)" } ?? "") + (reason.map { ": \($0)" } ?? "")
  }
}
