// SPDX-License-Identifier: Apache-2.0

/// Something that libvirt, a hypervisor, a policy or a document's form does not let happen, or that
/// deserves a warning.
///
/// Each module contributes the rules that it alone knows, as static constants of this type, and
/// `explain` reads all contributions as one catalogue. A rule is what its ``name`` says: two rules
/// of one name are equal, also where one was read from a saved plan.
package struct Rule: Sendable {
  /// What a rule does to a plan, or to what is made of it.
  package enum Effect: String, Hashable, Sendable {
    /// The field is blocked.
    case refuses
    /// The plan says so and goes on.
    case warns
    /// A step of an apply that is under way fails.
    case fails
    /// A document is not used.
    case invalidates
    /// The rule comes from a plan that another version of virtmem has saved.
    case unknown
  }

  /// What virtmem concludes from a rule, beside its effect.
  package enum Meaning: Hashable, Sendable {
    /// A host that was to be observed was not: something of the run is unknown.
    case hostUnobserved
    /// Several hosts have the domain, so it has no one state.
    case severalHosts
    /// The guest changes the value by itself within seconds, so a later look is worth more.
    case settling
    /// The host has too little memory left, so what gives memory back to it goes on.
    case hostExhausted
    /// No call on a running domain changes the value, whatever the domain is.
    case neverLive
  }

  /// The stable name in kebab case, which plans, pipelines and `explain` know the rule by.
  package let name: String
  /// What the rule does.
  package let effect: Effect
  /// What is so, in one line without values.
  package let summary: String
  /// What breaks the rule in a document, in one line; nil where no document can.
  package let mistake: String?
  /// The fact behind it, in whole sentences; empty where only a document breaks the rule.
  package let fact: String
  /// What a user can do, in whole sentences; empty where each message has a remedy of its own.
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
  /// Whether the rule also fails a step of an apply: what it looks at can change after planning.
  package let failsSteps: Bool
  /// The field that the remedy asks to declare, where it asks for one alone.
  package let remedyField: FieldPath?
  /// What virtmem concludes from it; nil where that is its effect alone.
  package let meaning: Meaning?

  /// Makes a rule of what is planned or applied.
  package init(
    _ name: String, _ effect: Effect, about fields: [FieldPath] = [], _ summary: String,
    fact: String, remedy: String, isLiftedByStart: Bool = false,
    isLiftedByRedefinition: Bool = false, startFailure: String? = nil,
    failsSteps: Bool = false, remedyField: FieldPath? = nil, meaning: Meaning? = nil,
    mistake: String? = nil
  ) {
    self.name = name
    self.effect = effect
    self.fields = fields
    self.summary = summary
    self.mistake = mistake
    self.fact = fact
    self.remedy = remedy
    self.isLiftedByStart = isLiftedByStart
    self.isLiftedByRedefinition = isLiftedByRedefinition
    self.startFailure = startFailure
    self.failsSteps = failsSteps || effect == .fails
    self.remedyField = remedyField
    self.meaning = meaning
  }

  /// Makes a rule that only a document breaks.
  package init(_ name: String, mistake: String) {
    self.init(name, .invalidates, mistake, fact: "", remedy: "", mistake: mistake)
  }

  /// Makes a rule of which only the name is known, as a saved plan has it.
  package init(named name: String) {
    self.init(name, .unknown, "", fact: "", remedy: "")
  }
}

extension Rule: Hashable, CustomStringConvertible {
  /// Whether both have the same name.
  package static func == (left: Rule, right: Rule) -> Bool { left.name == right.name }

  /// Feeds the name to `hasher`.
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// The name.
  package var description: String { name }
}

extension Rule {
  /// What a plan says where the rule warns.
  package func warning(
    _ severity: Diagnostic.Severity = .warning, host: String? = nil, domain: String? = nil,
    field: FieldPath? = nil, detail: String = "", source: SourcePosition? = nil
  ) -> Diagnostic {
    Diagnostic(
      severity, rule: self, host: host, domain: domain, field: field, summary: summary,
      detail: detail.isEmpty ? fact : "\(detail) \(fact)", remedy: remedy, source: source)
  }
}

extension Plan {
  /// The plan with each of its rules as `catalogue` has it: a document holds their names alone.
  package func recognizing(_ catalogue: [Rule]) -> Plan {
    let known = Dictionary(catalogue.map { ($0.name, $0) }) { first, _ in first }
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
