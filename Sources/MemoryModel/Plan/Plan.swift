// SPDX-License-Identifier: Apache-2.0

/// One of the two definitions of a domain.
package enum Plane: String, Hashable, Sendable, CaseIterable {
  /// The definition that runs.
  case live
  /// The definition that the next start uses.
  case persistent
}

/// What is to be said of a field, or of a domain: the worst of its fields'.
package enum Verdict: String, Hashable, Sendable, Comparable, CaseIterable {
  /// Both definitions have the desired value.
  case inSync
  /// The next start applies the value.
  case pendingRestart
  /// A step of the plan applies the value.
  case change
  /// A rule keeps the value from being applied.
  case blocked
  /// virtmem did not observe the value.
  case unobserved
  /// The manifest suspends the domain, and virtmem leaves it alone; no field has this verdict.
  case suspended

  /// The better verdict first.
  package static func < (left: Verdict, right: Verdict) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int { Verdict.allCases.firstIndex(of: self) ?? 0 }
}

/// What leaves a field of a running guest to its next start.
package enum HeldBack: String, Hashable, Sendable, CaseIterable {
  /// libvirt or QEMU changes it at a start alone.
  case start
  /// `policy.disruption` or `--allow` is `none`.
  case policy
}

/// A managed field of a domain: what is asked for, what is there, and what follows.
package struct PlannedField: Hashable, Sendable {
  /// The field's name.
  package var path: FieldPath
  /// What is asked for.
  package var desired: FieldValue
  /// What is live; nil where it is not there or was not seen.
  package var live: FieldValue?
  /// What is persistent; nil where it is not there or was not seen.
  package var persistent: FieldValue?
  /// What follows.
  package var verdict: Verdict
  /// What keeps the running guest from getting it now; nil where nothing does.
  package var heldBack: HeldBack?
  /// Whether the change that a run was narrowed to asks for it; so it is of every other run.
  package var isOfThisChange: Bool
  /// Where the value stands in the manifests.
  package var source: SourcePosition?

  /// Makes a field.
  package init(
    path: FieldPath, desired: FieldValue, live: FieldValue? = nil, persistent: FieldValue? = nil,
    verdict: Verdict, heldBack: HeldBack? = nil, isOfThisChange: Bool = true,
    source: SourcePosition? = nil
  ) {
    self.path = path
    self.desired = desired
    self.live = live
    self.persistent = persistent
    self.verdict = verdict
    self.heldBack = heldBack
    self.isOfThisChange = isOfThisChange
    self.source = source
  }
}

/// Why something that was asked for is not done.
package struct Blocker: Hashable, Sendable {
  /// The rule that stops it.
  package var rule: Rule
  /// The field that it stops; nil where it stops the whole domain.
  package var field: FieldPath?
  /// What is so, in one line.
  package var summary: String
  /// Why, in whole sentences.
  package var detail: String
  /// What to do about it, in whole sentences.
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

/// What is to be done with one domain.
package struct DomainPlan: Hashable, Sendable {
  /// The domain's name in libvirt.
  package var name: String
  /// The domain's UUID; nil where it was not seen.
  package var uuid: String?
  /// The host's name; nil where the domain was not found on any.
  package var host: String?
  /// What the domain does; nil where it was not seen.
  package var state: DomainState?
  /// The worst verdict of its fields, or that of the domain as a whole.
  package var verdict: Verdict
  /// The policy that the plan was made under, the run's ceiling in it.
  package var policy: Policy
  /// The hash of what the steps rest upon; nil where there are no steps.
  package var basis: String?
  /// The hash of what the steps lead to; nil where there are no steps.
  package var outcome: String?
  /// Every managed field.
  package var fields: [PlannedField]
  /// What to do, in order.
  package var steps: [Step]
  /// What can't be done, and why.
  package var blockers: [Blocker]
  /// How far the guest can grow without a start; nil where none runs or was seen.
  package var headroom: Headroom?
  /// Where the Domain is declared.
  package var position: SourcePosition?

  /// Makes a domain's plan.
  package init(
    name: String, uuid: String? = nil, host: String? = nil, state: DomainState? = nil,
    verdict: Verdict, policy: Policy = Policy(), basis: String? = nil, outcome: String? = nil,
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
    self.outcome = outcome
    self.fields = fields
    self.steps = steps
    self.blockers = blockers
    self.headroom = headroom
    self.position = position
  }
}

/// A host as a plan records it.
package struct PlannedHost: Hashable, Sendable {
  /// What the plan was made from.
  package enum Origin: String, Hashable, Sendable, CaseIterable {
    /// The host itself.
    case connection
    /// A snapshot, `--observed`.
    case snapshot
    /// Definitions in files, `--live-xml` and `--persistent-xml`.
    case definitions
  }

  /// The Host's name; `default` where none is declared.
  package var name: String
  /// What the host says it is; nil where it was not seen or its driver has no such thing.
  package var uuid: String?
  /// The URI as it is declared, or as libvirt resolved it where none is.
  package var uri: String?
  /// Who says which URI it is.
  package var uriFrom: URIOrigin
  /// What the plan was made from; of a host that was not seen, what it should have been made from.
  package var origin: Origin
  /// When the snapshot was taken (RFC 3339); nil where the plan is of no snapshot.
  package var observedAt: String?
  /// Whether the Host is suspended, and so was not connected to.
  package var isSuspended: Bool
  /// What the manifest says of the host that libvirt does not tell.
  package var facts: HostFacts
  /// The version of libvirt; nil where the host was not seen.
  package var libvirt: LibvirtVersion?
  /// The hypervisor and its version; nil where the host was not seen.
  package var hypervisor: String?
  /// The available memory that is never planned below.
  package var reserve: MemorySize?
  /// What it has left; nil where it was not looked at, as when the plan was read from a document.
  package var memory: HostMemory?

  /// Makes a host.
  package init(
    name: String, uuid: String? = nil, uri: String? = nil, libvirt: LibvirtVersion? = nil,
    hypervisor: String? = nil, reserve: MemorySize? = nil, memory: HostMemory? = nil,
    uriFrom: URIOrigin = .default, origin: Origin = .connection, observedAt: String? = nil,
    isSuspended: Bool = false, facts: HostFacts = HostFacts()
  ) {
    self.name = name
    self.uuid = uuid
    self.uri = uri
    self.libvirt = libvirt
    self.hypervisor = hypervisor
    self.reserve = reserve
    self.memory = memory
    self.uriFrom = uriFrom
    self.origin = origin
    self.observedAt = observedAt
    self.isSuspended = isSuspended
    self.facts = facts
  }
}

/// What is to be done on one host, or on all of them: ordered steps, and apart from them what is
/// blocked and why.
package struct Plan: Hashable, Sendable {
  /// What a plan was made for.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// To be read and applied.
    case plan
    /// To tell what is not as declared; it has no steps.
    case drift
    /// To report what was done of it.
    case apply
  }

  /// What it was made for.
  package var kind: Kind
  /// The hosts in the order of their names.
  package var hosts: [PlannedHost]
  /// The domains in the order of their hosts' names and their own.
  package var domains: [DomainPlan]
  /// What else a reader should know.
  package var diagnostics: [Diagnostic]

  /// Makes a plan.
  package init(
    kind: Kind = .plan, hosts: [PlannedHost] = [], domains: [DomainPlan] = [],
    diagnostics: [Diagnostic] = []
  ) {
    self.kind = kind
    self.hosts = hosts
    self.domains = domains
    self.diagnostics = diagnostics
  }

  /// All steps of all domains.
  package var steps: [Step] { domains.flatMap(\.steps) }

  /// How many steps all domains have together.
  package var stepCount: Int {
    // By their places, here and below: a domain's plan is large, and walking over them copies each.
    domains.indices.reduce(0) { $0 + domains[$1].steps.count }
  }

  /// How many domains have each verdict.
  package var counts: [Verdict: Int] {
    domains.indices.reduce(into: [:]) { $0[domains[$1].verdict, default: 0] += 1 }
  }
}

extension Plan {
  /// Whether a plan can be applied, or what it is for.
  package enum Applicability: Hashable, Sendable {
    /// It can.
    case applicable
    /// It reports what `drift` or `apply` found.
    case report
    /// It was made from definitions in files, so for no host.
    case ofDefinitions
  }

  /// Whether the plan can be applied.
  package var applicability: Applicability {
    if hosts.contains(where: { $0.origin == .definitions }) { return .ofDefinitions }
    return kind == .plan ? .applicable : .report
  }
}
