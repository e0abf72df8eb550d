// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Renders a plan for people.
///
/// Each change is shown once. Domains with the same differences share an entry.
package struct PlanReport {
  /// How much of a plan to show.
  package enum Detail: Sendable {
    /// Only what differs.
    case differences
    /// Also fields in sync, the ordered steps, the causes of blocked changes, and the headroom.
    case everything
  }

  private let style: Style
  private let detail: Detail

  /// Makes a renderer with a style and a level of detail.
  package init(style: Style = Style(), detail: Detail = .differences) {
    self.style = style
    self.detail = detail
  }

  /// The full report: domains, the memory of hosts with ``Detail/everything``, diagnostics and
  /// summary.
  package func text(_ plan: Plan) -> ShownText {
    let shown = plan.domains.filter { detail == .everything || Self.isWorthShowing($0) }
    let groups = grouped(shown).map { DomainEntry($0, of: plan.kind, style: style, detail: detail) }
    let widths = DomainEntry.Widths(of: groups)
    var text = groups.map { $0.text(widths) }.joined()
    if !text.isEmpty { text += "\n" }
    if detail == .everything {
      let hosts = plan.hosts.compactMap { $0.memoryLine(steps: plan.kind != .drift) }
      text += hosts.map { style.paint($0, .dim) + "\n" }.joined()
      if !hosts.isEmpty { text += "\n" }
    }
    if !plan.diagnostics.isEmpty {
      text += DiagnosticReport(style: style).text(plan.diagnostics) + "\n"
    }
    return text + summary(plan) + "\n"
  }

  /// The last line of the report, which counts domains and steps.
  ///
  /// `3 domains: 1 in sync, 1 to change, 1 blocked.  5 steps: 3 none, 2 live, 0 restart.`
  package func summary(_ plan: Plan) -> ShownText {
    let line = domains(plan)
    guard plan.kind != .drift else { return line }
    let steps = plan.steps
    guard !steps.isEmpty else { return "\(line)  0 steps." }
    let disruptions = Disruption.allCases.map { disruption in
      "\(steps.count { $0.disruption == disruption }) \(disruption.rawValue)"
    }
    return "\(line)  \(counted(steps.count, "step")): \(disruptions.joined(separator: ", "))."
  }

  /// The number of domains with each verdict.
  ///
  /// `3 domains: 1 in sync, 1 to change, 1 blocked.`
  func domains(_ plan: Plan) -> ShownText {
    let verdicts: [(Verdict, String)] = [
      (.inSync, "in sync"), (.change, "to change"), (.pendingRestart, "pending restart"),
      (.blocked, "blocked"), (.unobserved, "unobserved"), (.suspended, "suspended"),
    ]
    let found = plan.counts
    let counts = verdicts.compactMap { verdict, words in found[verdict].map { "\($0) \(words)" } }
    let domains = counted(plan.domains.count, "domain")
    return counts.isEmpty ? "\(domains)." : "\(domains): \(counts.joined(separator: ", "))."
  }

  private static func isWorthShowing(_ domain: DomainPlan) -> Bool {
    domain.verdict != .inSync || !domain.steps.isEmpty
  }

  /// The domains in groups that an entry would show alike, in the order of their first members.
  private func grouped(_ domains: [DomainPlan]) -> [[DomainPlan]] {
    var order: [Likeness] = []
    var groups: [Likeness: [DomainPlan]] = [:]
    for domain in domains {
      let likeness = Likeness(domain, detail)
      if groups[likeness] == nil { order.append(likeness) }
      groups[likeness, default: []].append(domain)
    }
    return order.compactMap { groups[$0] }
  }

  private struct Likeness: Hashable {
    let state: DomainState?
    let verdict: Verdict
    let fields: [PlannedField]
    let blockers: [Blocker]
    let needs: Bool
    let operations: [Operation]
    let headroom: Headroom?

    init(_ domain: DomainPlan, _ detail: Detail) {
      headroom = detail == .everything ? domain.headroom : nil
      state = domain.state
      verdict = domain.verdict
      fields = domain.fields.filter { $0.verdict != .inSync }.map { field in
        var field = field
        field.source = nil
        return field
      }
      blockers = domain.blockers
      needs = domain.steps.contains { !$0.needs.isEmpty }
      operations = domain.steps.map(\.operation)
    }
  }
}
