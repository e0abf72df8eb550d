// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// A call that can't be made or must not be, with the rule that says so.
package struct Refusal: Error, Hashable, Sendable {
  /// The rule.
  package let rule: Rule
  /// The fields that it stops.
  package let fields: [FieldPath]
  /// What is so in this case, where the rule's own line is not to the point.
  package let summary: String
  /// The figures of this case, in whole sentences.
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

  /// What a plan says of it, for one of its fields or for the whole domain.
  package func blocker(of field: FieldPath?) -> Blocker {
    Blocker(
      rule: rule, field: field, summary: summary,
      detail: detail.isEmpty ? rule.fact : "\(detail) \(rule.fact)",
      remedy: rule.remedy)
  }
}
