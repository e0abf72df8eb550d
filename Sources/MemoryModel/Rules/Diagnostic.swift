// SPDX-License-Identifier: Apache-2.0

/// A message to the user about a problem, with its place, its cause and a remedy.
package struct Diagnostic: Hashable, Sendable {
  /// How serious the problem is.
  package enum Severity: String, Hashable, Sendable {
    /// virtmem can't use the input.
    case error
    /// virtmem can use the input, but the user should check it.
    case warning
    /// virtmem can use the input; the message is information.
    case note
  }

  /// How serious the problem is.
  package var severity: Severity
  /// The rule that causes the message.
  package var rule: Rule
  /// The host that has the problem.
  package var host: String?
  /// The domain that has the problem, by its name in libvirt.
  package var domain: String?
  /// The field that has the problem.
  package var field: FieldPath?
  /// The problem, in one line.
  package var summary: String
  /// The cause or the consequence, in whole sentences.
  package var detail: String
  /// What the user can do, in whole sentences.
  package var remedy: String
  /// The place in a manifest or another file.
  package var source: SourcePosition?
  /// The line at ``source``, to show below the message; passwords are hidden.
  package var sourceLine: String?
  /// The column of ``source`` in ``sourceLine``, corrected for hidden passwords.
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

  /// What ``detail`` says of this case, without the rule's fact and without the last full stop.
  package var instance: String {
    var text = detail[...]
    if text.hasSuffix(rule.fact) { text = text.dropLast(rule.fact.count) }
    while let last = text.last, last == " " || last == "." { text.removeLast() }
    return String(text)
  }
}
