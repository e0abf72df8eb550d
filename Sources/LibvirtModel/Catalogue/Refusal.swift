// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// A call that virtmem can't or must not make, with the rule that refuses it.
package struct Refusal: Error, Hashable, Sendable {
  /// The rule that refuses the call.
  package let rule: Rule
  /// The fields that the refusal is about.
  package let fields: [FieldPath]
  /// The problem in this case, in one line; the rule's own line if the case has none.
  package let summary: String
  /// The values of this case, in whole sentences.
  package let detail: String

  /// Makes a refusal.
  package init(
    _ rule: Rule, _ fields: [FieldPath], summary: String? = nil, detail: String = ""
  ) {
    self.rule = rule
    self.fields = fields
    self.summary = summary ?? rule.summary
    self.detail = detail
  }

  /// The blocker for a plan, of one of the fields or of the whole domain.
  package func blocker(of field: FieldPath?) -> Blocker {
    Blocker(
      rule: rule, field: field, summary: summary,
      detail: detail.isEmpty ? rule.fact : "\(detail) \(rule.fact)",
      remedy: rule.remedy)
  }
}
