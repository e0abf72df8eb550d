// SPDX-License-Identifier: Apache-2.0

/// The plan for one or more hosts: ordered steps, and apart from them the blocked changes.
package struct Plan: Hashable, Sendable {
  /// What a plan is made for.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// To be read and applied; made by `plan`.
    case plan
    /// To report differences from the desired state; made by `drift`, without steps; see
    /// ``Plan/driftReport``.
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
  /// What the manifests no longer declare, compared with the older ones of `--changed-from`.
  package var removed: [RemovedDeclaration] = []
  /// What the user or the CI job says of the run that made the plan; nil for nothing.
  package var note: String?
  /// What did not decide the status of the run that made the plan: blocked, unobserved, or both.
  package var tolerated: [Verdict] = []

  /// Makes a plan.
  package init(
    kind: Kind = .plan, hosts: [PlannedHost] = [], domains: [DomainPlan] = [],
    diagnostics: [Diagnostic] = [], note: String? = nil
  ) {
    self.kind = kind
    self.hosts = hosts
    self.domains = domains
    self.diagnostics = diagnostics
    self.note = note
  }

  /// The plan as `drift` reports it: the differences without the steps.
  package var driftReport: Plan {
    var report = self
    report.kind = .drift
    for index in domains.indices {
      report.domains[index].steps = []
      report.domains[index].basis = nil
      report.domains[index].goalHash = nil
    }
    for index in hosts.indices {
      report.hosts[index].memory = hosts[index].memory?.withoutSteps
    }
    return report
  }

  /// Puts everything into the order of documents: the names of hosts, then those of domains.
  ///
  /// A part of a run has its elements in the same order as the whole run.
  package mutating func sort() {
    hosts.sort { $0.name < $1.name }
    domains.sort {
      $0.host == $1.host ? $0.name < $1.name : ($0.host ?? "") < ($1.host ?? "")
    }
    // The sort is stable: the diagnostics of a host keep their order.
    diagnostics.sort { ($0.host ?? "") < ($1.host ?? "") }
    removed.sort { ($0.host ?? "", $0.name) < ($1.host ?? "", $1.name) }
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
