// SPDX-License-Identifier: Apache-2.0

/// Something a user should know, with the place it is about and what to do.
package struct Diagnostic: Hashable, Sendable {
  /// How much it matters.
  package enum Severity: String, Hashable, Sendable {
    /// The input can't be used.
    case error
    /// It can, and something deserves a look.
    case warning
    /// It can, and something is worth knowing.
    case note
  }

  /// How much it matters.
  package var severity: Severity
  /// The rule behind it.
  package var rule: Rule
  /// The host that it is about.
  package var host: String?
  /// The domain, by libvirt's name, that it is about.
  package var domain: String?
  /// The field that it is about.
  package var field: FieldPath?
  /// What is so, in one line.
  package var summary: String
  /// Why that is so or matters, in whole sentences.
  package var detail: String
  /// What to do about it, in whole sentences.
  package var remedy: String
  /// The place in a file.
  package var source: SourcePosition?
  /// The line of the file with that place, for showing under the message; no password is in it.
  package var sourceLine: String?
  /// The column of that place in ``sourceLine``, where what is hidden before it has moved it.
  package var caret: Int?

  /// Makes a diagnostic.
  package init(
    _ severity: Severity, rule: Rule, host: String? = nil, domain: String? = nil,
    field: FieldPath? = nil, summary: String, detail: String = "", remedy: String = "",
    source: SourcePosition? = nil, sourceLine: String? = nil, caret: Int? = nil
  ) {
    self.severity = severity
    self.rule = rule
    self.host = host
    self.domain = domain
    self.field = field
    self.summary = summary
    self.detail = detail
    self.remedy = remedy
    self.source = source
    self.sourceLine = sourceLine
    self.caret = caret
  }
}
