// SPDX-License-Identifier: Apache-2.0

/// A desired change that can't be made, and why.
package struct Blocker: Hashable, Sendable {
  /// The rule that stops it.
  package var rule: Rule
  /// The field that can't be changed; nil where the whole domain can't.
  package var field: FieldPath?
  /// The obstacle, in one line.
  package var summary: String
  /// The cause, in whole sentences.
  package var detail: String
  /// What the user can do, in whole sentences.
  package var remedy: String

  /// Makes a blocker.
  package init(
    rule: Rule, field: FieldPath? = nil, summary: String, detail: String, remedy: String
  ) {
    self.rule = rule
    self.field = field
    self.summary = summary
    self.detail = detail
    self.remedy = remedy
  }
}

/// The plan for one domain.
package struct DomainPlan: Hashable, Sendable {
  /// The domain's name in libvirt.
  package var name: String
  /// The domain's UUID; nil where the domain was not observed.
  package var uuid: String?
  /// The host's name; nil where no host has the domain.
  package var host: String?
  /// The domain's state; nil where the domain was not observed.
  package var state: DomainState?
  /// The worst verdict of the fields, or the verdict of the whole domain.
  package var verdict: Verdict
  /// The policy of the domain, limited by the `--allow` of the run.
  package var policy: Policy
  /// The hash of the observed state that the steps start from; nil without steps.
  package var basis: String?
  /// The hash of the state that the steps lead to, `outcome` in documents; nil without steps.
  package var goalHash: String?
  /// All managed fields.
  package var fields: [PlannedField]
  /// The steps, in the order in which `apply` performs them.
  package var steps: [Step]
  /// The changes that can't be made.
  package var blockers: [Blocker]
  /// How far the guest can grow without a restart; nil where no guest runs or was observed.
  package var headroom: Headroom?
  /// The place in the manifests that declares the Domain.
  package var position: SourcePosition?

  /// Whether the run that made the plan observed the domain.
  package var isSeen: Bool { state != nil }

  /// Makes a plan for one domain.
  package init(
    name: String, uuid: String? = nil, host: String? = nil, state: DomainState? = nil,
    verdict: Verdict, policy: Policy = Policy(), basis: String? = nil, goalHash: String? = nil,
    fields: [PlannedField] = [], steps: [Step] = [], blockers: [Blocker] = [],
    headroom: Headroom? = nil, position: SourcePosition? = nil
  ) {
    self.name = name
    self.uuid = uuid
    self.host = host
    self.state = state
    self.verdict = verdict
    self.policy = policy
    self.basis = basis
    self.goalHash = goalHash
    self.fields = fields
    self.steps = steps
    self.blockers = blockers
    self.headroom = headroom
    self.position = position
  }
}
