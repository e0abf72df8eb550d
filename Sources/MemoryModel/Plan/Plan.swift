// SPDX-License-Identifier: Apache-2.0

/// One of the two definitions that libvirt keeps of a domain.
package enum Plane: String, Hashable, Sendable, CaseIterable {
  /// The definition of the running guest; `VIR_DOMAIN_AFFECT_LIVE`.
  case live
  /// The definition that the next start uses; `VIR_DOMAIN_AFFECT_CONFIG`.
  case persistent
}

/// How a field compares with its desired value; a domain has the worst verdict of its fields.
package enum Verdict: String, Hashable, Sendable, Comparable, CaseIterable {
  /// Both definitions have the desired value.
  case inSync
  /// The persistent definition has the desired value; the running guest gets it at the next start.
  case pendingRestart
  /// The value is not as desired, and a step changes it; a suspended domain has no steps.
  case change
  /// A rule or a policy forbids the change.
  case blocked
  /// virtmem could not observe the value.
  case unobserved
  /// virtmem never changes the domain; only domains have this verdict, and its rank means nothing.
  case suspended

  /// Orders verdicts from best to worst.
  package static func < (left: Verdict, right: Verdict) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int { Verdict.allCases.firstIndex(of: self) ?? 0 }
}

/// Why a running guest gets a value only at its next start.
package enum HeldBack: String, Hashable, Sendable, CaseIterable {
  /// libvirt or QEMU can change the value only at a start.
  case start
  /// `policy.disruption` or `--allow` is `none`.
  case policy
}

/// A managed field of a domain, with the desired value, the observed values and the verdict.
package struct PlannedField: Hashable, Sendable {
  /// The field's name.
  package var path: FieldPath
  /// The value that the manifest declares.
  package var desired: FieldValue
  /// The value in the live definition; nil where it is not present or was not observed.
  package var live: FieldValue?
  /// The value in the persistent definition; nil where it is not present or was not observed.
  package var persistent: FieldValue?
  /// How the observed values compare with the desired value.
  package var verdict: Verdict
  /// Why the running guest does not get the value now; nil where it does.
  package var heldBack: HeldBack?
  /// Whether the field is part of the change that a narrowed run plans; true for all other runs.
  package var isOfThisChange: Bool
  /// The place of the value in the manifests.
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
  /// The hash of the state that the steps lead to; nil without steps.
  package var outcome: String?
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

  /// Makes a plan for one domain.
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

/// A host, as a plan records it.
package struct PlannedHost: Hashable, Sendable {
  /// Where the observed state of a plan came from.
  package enum Origin: String, Hashable, Sendable, CaseIterable {
    /// A connection to the host.
    case connection
    /// A snapshot file; `--observed`.
    case snapshot
    /// Domain definitions in files; `--live-xml` and `--persistent-xml`.
    case definitions
  }

  /// The Host's name; `default` where the manifests declare no Host.
  package var name: String
  /// The host's UUID from its capabilities; nil where it was not observed or its driver has none.
  package var uuid: String?
  /// The URI of the Host, or the URI that libvirt resolved where the Host has none.
  package var uri: String?
  /// Which setting gave the URI.
  package var uriFrom: URIOrigin
  /// Where the observed state came from, or, for a host that was not observed, had to come from.
  package var origin: Origin
  /// The time of the snapshot (RFC 3339); nil where the plan was not made from a snapshot.
  package var observedAt: String?
  /// Whether the Host is suspended; virtmem does not connect to it.
  package var isSuspended: Bool
  /// The facts that the manifest gives about the host.
  package var facts: HostFacts
  /// The version of libvirt on the host; nil where the host was not observed.
  package var libvirt: LibvirtVersion?
  /// The hypervisor and its version; nil where the host was not observed.
  package var hypervisor: String?
  /// The plan keeps at least this much of the host's memory available.
  package var reserve: MemorySize?
  /// The host's memory; nil where it was not observed, or the plan was read from a document.
  package var memory: HostMemory?

  /// Makes a planned host.
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

/// The plan for one or more hosts: ordered steps, and apart from them the blocked changes.
package struct Plan: Hashable, Sendable {
  /// What a plan is made for.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// To be read and applied; made by `plan`.
    case plan
    /// To report differences from the desired state; made by `drift`, without steps.
    case drift
    /// To report what `apply` did.
    case apply
  }

  /// What the plan is made for.
  package var kind: Kind
  /// The hosts, sorted by name.
  package var hosts: [PlannedHost]
  /// The domains, sorted by the names of their hosts, then by their own.
  package var domains: [DomainPlan]
  /// Warnings and notes for the reader.
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

  /// The steps of all domains.
  package var steps: [Step] { domains.flatMap(\.steps) }

  /// The number of steps of all domains.
  package var stepCount: Int {
    // Loops use indices, here and below: a loop over the elements copies each large domain plan.
    domains.indices.reduce(0) { $0 + domains[$1].steps.count }
  }

  /// The number of domains with each verdict.
  package var counts: [Verdict: Int] {
    domains.indices.reduce(into: [:]) { $0[domains[$1].verdict, default: 0] += 1 }
  }
}

extension Plan {
  /// Whether `apply` accepts a plan, and why not.
  package enum Applicability: Hashable, Sendable {
    /// `apply` accepts the plan.
    case applicable
    /// The plan is the report of `drift` or `apply`.
    case report
    /// The plan was made from definitions in files, which belong to no host.
    case ofDefinitions
  }

  /// Whether `apply` accepts the plan, and why not.
  package var applicability: Applicability {
    if hosts.contains(where: { $0.origin == .definitions }) { return .ofDefinitions }
    return kind == .plan ? .applicable : .report
  }
}
