// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Something that libvirt, a hypervisor or a policy does not let happen, or that deserves a warning.
///
/// The catalogue is ``all``. A constraint's ``name`` is stable: plans, pipelines and `explain` know
/// it by that.
package struct Constraint: Hashable, Sendable {
  /// What a constraint does to a plan, or to what is made of it.
  package enum Effect: String, Hashable, Sendable {
    /// The field is blocked.
    case refuses
    /// The plan says so and goes on.
    case warns
    /// A step of an apply that is under way fails.
    case fails
  }

  /// The stable name in kebab case.
  package let name: String
  /// What it does to a plan.
  package let effect: Effect
  /// What is so, in one line without values.
  package let summary: String
  /// The fact behind it, in whole sentences.
  package let fact: String
  /// What a user can do, in whole sentences.
  package let remedy: String
  /// The fields that it is about; empty where it is about any.
  package let fields: [FieldPath]
  /// Whether a start from the persistent definition lifts it: then a live call that it refuses is
  /// left to that start where the persistent plane comes right.
  package let isLiftedByStart: Bool
  /// Whether a redefinition does what the call that it refuses can't.
  package let isLiftedByRedefinition: Bool
  /// Where libvirt takes the definition and the domain then does not start: on which versions that
  /// was seen, and on which it starts; nil where libvirt refuses at once.
  package let startFailure: String?

  init(
    _ name: String, _ effect: Effect, about fields: [FieldPath] = [], _ summary: String,
    fact: String, remedy: String, isLiftedByStart: Bool = false,
    isLiftedByRedefinition: Bool = false, startFailure: String? = nil
  ) {
    self.name = name
    self.effect = effect
    self.fields = fields
    self.summary = summary
    self.fact = fact
    self.remedy = remedy
    self.isLiftedByStart = isLiftedByStart
    self.isLiftedByRedefinition = isLiftedByRedefinition
    self.startFailure = startFailure
  }

  /// The whole catalogue in the order of the names.
  package static let all: [Constraint] =
    [
      ofCalls, ofHotplug, ofRedefinitions, ofBacking, ofBindings, ofCells, ofDevices, ofBlocks,
      ofMachines, ofVersions, ofDomains, ofPolicies, ofWarnings, ofCautions, ofStarts, ofApplying,
    ].flatMap(\.self).sorted { $0.name < $1.name }

  /// The constraint with this name; nil where there is none.
  package static func named(_ name: String) -> Constraint? {
    all.first { $0.name == name }
  }
}

/// A call that can't be made or must not be, with the constraint that says so.
package struct Refusal: Error, Hashable, Sendable {
  /// The constraint.
  package let constraint: Constraint
  /// The fields that it stops.
  package let fields: [FieldPath]
  /// What is so in this case, where the constraint's own line is not to the point.
  package let summary: String
  /// The figures of this case, in whole sentences.
  package let detail: String

  /// Makes a refusal.
  package init(
    _ constraint: Constraint, _ fields: [FieldPath], summary: String? = nil, detail: String = ""
  ) {
    self.constraint = constraint
    self.fields = fields
    self.summary = summary ?? constraint.summary
    self.detail = detail
  }

  /// What a plan says of it, for one of its fields or for the whole domain.
  package func blocker(of field: FieldPath?) -> Blocker {
    Blocker(
      rule: constraint.name, field: field, summary: summary,
      detail: detail.isEmpty ? constraint.fact : "\(detail) \(constraint.fact)",
      remedy: constraint.remedy)
  }
}
