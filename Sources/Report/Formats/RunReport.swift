// SPDX-License-Identifier: Apache-2.0

package import MemoryModel
internal import Synchronization

/// A run and its result: all that the formats of reports need.
package struct RunReport: Sendable {
  /// What a run resulted in.
  package enum Result: Sendable {
    /// A plan, or the differences that `drift` found.
    case plan(Plan)
    /// What `apply` did.
    case applied(ApplyReport)
    /// The mistakes and warnings of manifests or other input; nothing was planned.
    case diagnostics([Diagnostic])
  }

  /// The command, such as `plan`.
  package var command: String
  /// The user's name of the run; nil if the run is named after its command.
  package var givenName: String?
  /// The number of the run's part of the hosts; nil for a run on all hosts.
  package var shard: Int?
  /// What the run resulted in.
  package let result: Result
  /// The exit status.
  package var status: Int32
  /// When the run ended, or when the document was made that `show` prints (RFC 3339).
  package var time: String
  /// The same time, in seconds since the start of 1970; nil if it is unknown.
  package var secondsSince1970: Int64?
  /// How long the run took; nil for a document that `show` prints, because no document says it.
  package var duration: Duration?
  /// The root to which paths are relative.
  package var root: SourceRoot
  /// How much of the plan the user wants to see.
  package var detail: PlanReport.Detail
  private let collected = Collected()

  /// Makes a report of a run.
  package init(
    of command: String, named givenName: String? = nil, shard: Int? = nil, _ result: Result,
    status: Int32,
    time: String = "", secondsSince1970: Int64? = nil, duration: Duration? = nil,
    root: SourceRoot = SourceRoot(), detail: PlanReport.Detail = .differences
  ) {
    self.command = command
    self.givenName = givenName
    self.shard = shard
    self.result = result
    self.status = status
    self.time = time
    self.secondsSince1970 = secondsSince1970
    self.duration = duration
    self.root = root
    self.detail = detail
  }

  /// The name of the run, with the number of its shard, such as `plan/2`.
  package var name: String { (givenName ?? command) + shardSuffix }

  /// What identifies the analysis for code scanning, such as `virtmem/plan/2`.
  package var analysis: String { "virtmem/\(command)" + shardSuffix }

  private var shardSuffix: String { shard.map { "/\($0)" } ?? "" }

  /// The plan; nil if the run made none.
  package var plan: Plan? {
    switch result {
    case .plan(let plan): plan
    case .applied(let report): report.plan
    case .diagnostics: nil
    }
  }

  /// What `apply` did; nil for other runs.
  var applied: ApplyReport? {
    if case .applied(let report) = result { report } else { nil }
  }

  /// The findings of the run, the worst first.
  package var findings: [Finding] {
    collected.findings.withLock { findings in
      if let findings { return findings }
      let sorted = FindingCollection(of: self).sorted
      findings = sorted
      return sorted
    }
  }

  /// The domains with their verdicts at the end of the run.
  var domains: [ReportedDomain] {
    guard let plan else { return [] }
    let results = applied?.domains ?? []
    return plan.domains.indices.map { index in
      ReportedDomain(
        plan: plan.domains[index], result: results.indices.contains(index) ? results[index] : nil)
    }
  }
}

/// What the first format that needs it computes for all formats of a run.
private final class Collected: Sendable {
  let findings = Mutex<[Finding]?>(nil)
}

/// A domain in a report.
struct ReportedDomain {
  let plan: DomainPlan
  /// What `apply` did to the domain; nil for other runs.
  let result: DomainResult?

  /// The verdict at the end of the run.
  var verdict: Verdict {
    plan.verdict == .suspended ? .suspended : result?.observed ?? plan.verdict
  }

  /// The fields that differ and that a run of virtmem could change, in the manifest's order.
  ///
  /// After an apply that did all steps of the domain there are none: its fields have the values of
  /// the time before the run.
  var differences: [PlannedField] {
    guard plan.verdict != .suspended, result.map({ $0.observed == .change }) ?? true else {
      return []
    }
    return plan.fields.filter { $0.verdict == .change || $0.heldBack == .policy }
  }

  /// The name of the host for labels; empty if it is unknown.
  var host: String { plan.host ?? "" }
}
