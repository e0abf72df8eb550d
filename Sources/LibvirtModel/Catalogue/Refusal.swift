// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// A call that virtmem can't or must not make, with the rule that refuses it.
package struct Refusal: Error, Hashable, Sendable {
  /// The rule that refuses the call.
  package let rule: Rule
  /// The fields that the refusal is about.
  package let fields: [FieldPath]
  /// The problem with the figures of this case, in one line; the rule's own line if it has none.
  package let instance: String
  /// What a user can do in this case, in whole sentences; the rule's own remedy if it has none.
  package let remedy: String

  /// Makes a refusal.
  package init(
    _ rule: Rule, _ fields: [FieldPath], instance: String? = nil, remedy: String? = nil
  ) {
    self.rule = rule
    self.fields = fields
    self.instance = instance ?? rule.summary
    self.remedy = remedy ?? rule.remedy
  }

  /// The same refusal of other fields.
  package func of(_ fields: [FieldPath]) -> Refusal {
    Refusal(rule, fields, instance: instance, remedy: remedy)
  }

  /// The blocker for a plan, of one of the fields or of the whole domain.
  package func blocker(of field: FieldPath?) -> Blocker {
    Blocker(
      rule: rule, field: field, summary: instance, detail: rule.fact, remedy: remedy)
  }
}
