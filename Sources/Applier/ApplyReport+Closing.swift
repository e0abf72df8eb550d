// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension ApplyReport {
  /// The report of `plan`, from what became of it on each host and what the closing look found.
  ///
  /// Accepted is not achieved: a domain whose steps are all done and whose fields are not as the
  /// plan left them has failed.
  package init(plan: Plan, outcomes: [HostApplier.Outcome], closing: Plan) {
    self.init(plan: plan, closing: closing)
    for outcome in outcomes { steps.merge(outcome.steps) { _, new in new } }
    let ends = Dictionary(
      closing.domains.map { (DomainKey($0), $0) }, uniquingKeysWith: { first, _ in first })
    domains = plan.domains.map { domain in
      let end = ends[DomainKey(domain)]
      let applied = outcomes.lazy.compactMap { $0.domains[DomainKey(domain)] }.first
      var result = DomainResult(
        applied?.status ?? .done, observed: end?.verdict ?? .unobserved, error: applied?.error)
      if result.status == .done, !domain.steps.isEmpty {
        result = Self.closed(result, domain, end)
      }
      return result
    }
  }

  private static func closed(
    _ result: DomainResult, _ domain: DomainPlan, _ end: DomainPlan?
  ) -> DomainResult {
    let changed = Set(domain.fields.filter { $0.verdict == .change }.map(\.path))
    let undone = end?.fields.first {
      changed.contains($0.path) && $0.verdict != .inSync && $0.verdict != .pendingRestart
    }
    guard let first = undone else { return result }
    var result = result
    result.status = .failed
    result.error = HypervisorError(
      .noEffect, call: "",
      message: """
        \(first.path) was changed and is not as asked any more: live \
        \(first.live?.description ?? "not set"), persistent \
        \(first.persistent?.description ?? "not set").
        """)
    return result
  }
}
