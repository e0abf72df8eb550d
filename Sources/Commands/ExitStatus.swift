// SPDX-License-Identifier: Apache-2.0

import LibvirtModel
import MemoryModel

/// The statuses of the process; each has one meaning.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case failed = 1
  case differences = 2
  case blocked = 3
  case stale = 4
  case unobserved = 5
  case usage = 64
  case invalid = 65
  case internalError = 70
  case interrupted = 130
  case terminated = 143

  /// The order of the statuses: if several apply, the process ends with the first of them.
  ///
  /// A status that reports a fact comes before the one that reports an unknown.
  private static let precedence: [ExitStatus] = [
    .internalError, .interrupted, .terminated, .usage, .invalid, .failed, .stale, .blocked,
    .differences, .unobserved,
  ]

  /// The status of a run to which all of `statuses` apply; done if there are none.
  static func of(_ statuses: Set<ExitStatus>) -> ExitStatus {
    precedence.first(where: statuses.contains) ?? .done
  }

  /// The statuses for a plan alone: whether a field is blocked, and whether one is unobserved.
  static func of(_ plan: Plan) -> Set<ExitStatus> {
    var statuses: Set<ExitStatus> = []
    // An unobserved host counts even if every domain was found on another host.
    if plan.diagnostics.contains(where: { $0.rule.meaning == .hostUnobserved }) {
      statuses.insert(.unobserved)
    }
    for index in plan.domains.indices where plan.domains[index].verdict != .suspended {
      if plan.domains[index].has(.blocked) { statuses.insert(.blocked) }
      if plan.domains[index].has(.unobserved) { statuses.insert(.unobserved) }
    }
    return statuses
  }
}

extension ExitStatus {
  /// The statuses for what an apply did to its domains: whether one failed, whether one was stale,
  /// and whether one was left because its host could not be observed before the first step.
  static func of(_ results: [DomainResult]) -> Set<ExitStatus> {
    Set(
      results.compactMap { result in
        switch result.status {
        case .done: nil
        case .skipped where result.failure?.rule.meaning == .braked: .failed
        // The closing plan may have seen the host again, and the domain is still not as planned.
        case .skipped: result.failure?.isOfObservation == true ? .unobserved : nil
        case .failed: .failed
        case .stale: .stale
        }
      })
  }
}

extension DomainPlan {
  /// Whether the domain, or a field of it, has this verdict.
  fileprivate func has(_ verdict: Verdict) -> Bool {
    self.verdict == verdict || fields.contains { $0.verdict == verdict }
  }
}

extension Plan {
  /// Whether a field of a domain that is not suspended meets `condition`.
  private func decides(_ condition: (PlannedField) -> Bool) -> Bool {
    domains.contains { $0.verdict != .suspended && $0.fields.contains(where: condition) }
  }

  /// Whether a field waits for the domain's next start.
  var hasPendingRestart: Bool { decides { $0.verdict == .pendingRestart } }

  /// Whether a field differs from its manifest and virtmem could change it.
  var hasDrift: Bool { decides { $0.verdict == .change || $0.heldBack == .policy } }
}

extension StepFailure {
  /// Whether a domain was left because of an error of libvirt, which only an observation gives.
  fileprivate var isOfObservation: Bool {
    ![.interrupted, .needNotMet].contains(rule)
  }
}
