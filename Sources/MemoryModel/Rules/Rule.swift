// SPDX-License-Identifier: Apache-2.0

/// A reason why virtmem blocks a field, fails a step, refuses a document, or warns.
///
/// Each module defines its own rules as static constants of this type, and `explain` reads the
/// rules of all modules as one catalogue. The ``name`` identifies a rule: two rules with the same
/// name are equal, even if one was read from a saved plan.
package struct Rule: Sendable {
  /// What virtmem does if the rule applies.
  package enum Consequence: String, Hashable, Sendable {
    /// virtmem blocks the field.
    case refuses
    /// The plan has a warning, but the rule blocks nothing.
    case warns
    /// A step fails while virtmem applies a plan.
    case fails
    /// virtmem refuses the document.
    case invalidates
    /// A plan that another version of virtmem saved has the rule; this version does not know it.
    case unknown
  }

  /// A conclusion that virtmem draws from a rule, in addition to its consequence.
  package enum Meaning: Hashable, Sendable {
    /// virtmem could not observe a host, so part of the result is unknown.
    case hostUnobserved
    /// Several hosts have the domain, so it has no single state.
    case severalHosts
    /// The guest changes the value by itself within seconds, so virtmem should look again later.
    case settling
    /// The host has too little memory.
    ///
    /// Changes that give memory back to it are still planned.
    case hostExhausted
    /// No call changes the value on any running domain.
    case neverLive
    /// The manifests no longer declare a domain or a field, which stays as it is.
    case noLongerManaged
    /// The manifests suspend a domain or a host, and say until when or why.
    case suspended
    /// No statistics of the guest say how much memory it holds.
    case lacksStatistics
    /// A limit that the user set kept virtmem from beginning what the plan has.
    case braked
  }

  /// The stable name in kebab case; plans, scripts and `explain` use it.
  package let name: String
  /// What virtmem does if the rule applies.
  package let consequence: Consequence
  /// The problem, in one line without values.
  package let summary: String
  /// The mistake in a document that breaks the rule, in one line; nil if no document can break it.
  package let mistake: String?
  /// The fact that explains the rule, in whole sentences; empty if only a document can break it.
  package let fact: String
  /// What a user can do, in whole sentences; empty if each message has its own remedy.
  package let remedy: String
  /// The fields that the rule is about; empty if it can be about any field.
  package let fields: [FieldPath]
  /// Whether the rule no longer applies after a start.
  ///
  /// If so, and the persistent definition gets the desired value, the plan holds the live change
  /// back and does not block it.
  package let isLiftedByStart: Bool
  /// Whether a redefinition can make the change in place of the refused call.
  package let isLiftedByRedefinition: Bool
  /// Set only where libvirt accepts the definition and the domain then does not start: the versions
  /// on which this was seen, and those on which it starts.
  package let startFailure: String?
  /// Whether the rule can also fail a step during apply, because the facts can change after
  /// planning.
  package let failsSteps: Bool
  /// The only field or group that the remedy asks the user to declare; nil if it asks for none or
  /// several.
  package let remedyField: FieldPath?
  /// The conclusion that virtmem draws in addition to the consequence; nil without one.
  package let meaning: Meaning?

  /// Makes a rule about planning or applying.
  package init(
    _ name: String, _ consequence: Consequence, about fields: [FieldPath] = [], _ summary: String,
    fact: String, remedy: String, isLiftedByStart: Bool = false,
    isLiftedByRedefinition: Bool = false, startFailure: String? = nil,
    failsSteps: Bool = false, remedyField: FieldPath? = nil, meaning: Meaning? = nil,
    mistake: String? = nil
  ) {
    self.name = name
    self.consequence = consequence
    self.fields = fields
    self.summary = summary
    self.mistake = mistake
    self.fact = fact
    self.remedy = remedy
    self.isLiftedByStart = isLiftedByStart
    self.isLiftedByRedefinition = isLiftedByRedefinition
    self.startFailure = startFailure
    self.failsSteps = failsSteps || consequence == .fails
    self.remedyField = remedyField
    self.meaning = meaning
  }

  /// Makes a rule that only a document can break.
  package init(_ name: String, mistake: String) {
    self.init(name, .invalidates, mistake, fact: "", remedy: "", mistake: mistake)
  }

  /// Makes a rule from its name, which is all that a saved plan has of it.
  package init(named name: String) {
    self.init(name, .unknown, "", fact: "", remedy: "")
  }
}

extension Rule: Hashable, CustomStringConvertible {
  /// Whether both have the same name.
  package static func == (left: Rule, right: Rule) -> Bool { left.name == right.name }

  /// Adds the name to `hasher`.
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// The name of the rule.
  package var description: String { name }
}

extension Rule {
  /// The diagnostic for this rule; `detail` comes before the rule's fact, and `remedy` in place of
  /// the rule's own.
  package func warning(
    _ severity: Diagnostic.Severity = .warning, host: String? = nil, domain: String? = nil,
    field: FieldPath? = nil, detail: String = "", remedy: String? = nil,
    source: SourcePosition? = nil
  ) -> Diagnostic {
    Diagnostic(
      severity, rule: self, host: host, domain: domain, field: field, summary: summary,
      detail: detail.isEmpty ? fact : "\(detail) \(fact)", remedy: remedy ?? self.remedy,
      source: source)
  }
}

extension [Rule] {
  /// The rules by their names.
  package var byName: [String: Rule] { Dictionary(map { ($0.name, $0) }) { first, _ in first } }
}

extension Plan {
  /// The plan with its rules replaced by the rules of `catalogue` with the same names.
  ///
  /// A saved plan contains only the names of rules.
  package func recognizing(_ catalogue: [Rule]) -> Plan {
    let known = catalogue.byName
    var plan = self
    for index in plan.diagnostics.indices {
      let rule = plan.diagnostics[index].rule
      plan.diagnostics[index].rule = known[rule.name] ?? rule
    }
    for number in plan.domains.indices {
      for index in plan.domains[number].blockers.indices {
        let rule = plan.domains[number].blockers[index].rule
        plan.domains[number].blockers[index].rule = known[rule.name] ?? rule
      }
    }
    return plan
  }
}
