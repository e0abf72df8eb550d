// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension ApplyReport {
  /// Makes the report of `plan` from the results of the hosts and from the closing plan.
  ///
  /// A domain that `plan` did not see and the closing plan left out keeps its verdict, because
  /// applying a saved plan never plans again. A domain has failed where all its steps are done and a field that they changed is not as the
  /// plan left it.
  package init(plan: Plan, results: [ApplyResult], closing: Plan) {
    let closing = closing.keepingUnseen(of: plan)
    self.init(plan: plan, closing: closing)
    var applied: [DomainKey: ApplyResult.Domain] = [:]
    for result in results {
      steps.merge(result.steps) { _, new in new }
      applied.merge(result.domains) { first, _ in first }
    }
    let ends = Dictionary(
      closing.domains.map { (DomainKey($0), $0) }, uniquingKeysWith: { first, _ in first })
    domains = plan.domains.map { domain in
      let end = ends[DomainKey(domain)]
      let own = applied[DomainKey(domain)]
      var result = DomainResult(
        own?.status ?? .done, observed: end?.verdict ?? .unobserved, failure: own?.failure)
      if result.status == .done, !domain.steps.isEmpty, let end,
        let failure = Self.changedBack(domain, end)
      {
        result.status = .failed
        result.failure = failure
      }
      return result
    }
  }

  /// The first field that `domain`'s steps changed and that is not as it was asked for at the end.
  private static func changedBack(_ domain: DomainPlan, _ end: DomainPlan) -> StepFailure? {
    let changed = Set(domain.fields.filter { $0.verdict == .change }.map(\.path))
    let undone = end.fields.first {
      changed.contains($0.path) && $0.verdict != .inSync && $0.verdict != .pendingRestart
    }
    return undone.map { .changedBack($0.path, live: $0.live, persistent: $0.persistent) }
  }
}

extension Plan {
  /// The closing plan with the domains that `plan` did not see, and their hosts.
  fileprivate func keepingUnseen(of plan: Plan) -> Plan {
    var closing = self
    let (planned, observed) = (Set(domains.map(DomainKey.init)), Set(hosts.map(\.name)))
    closing.domains += plan.domains.filter { !$0.isSeen && !planned.contains(DomainKey($0)) }
    closing.hosts += plan.hosts.filter { !observed.contains($0.name) }
    closing.sort()
    return closing
  }
}
