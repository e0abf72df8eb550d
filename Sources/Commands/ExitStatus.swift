// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel

/// What the process says when it ends: one meaning each.
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

  /// When several hold, the first of these that does: what is known comes before what is not.
  private static let precedence: [ExitStatus] = [
    .internalError, .interrupted, .terminated, .usage, .invalid, .failed, .stale, .blocked,
    .differences, .unobserved,
  ]

  /// The status of a run in which all of `statuses` hold.
  static func of(_ statuses: Set<ExitStatus>) -> ExitStatus {
    precedence.first(where: statuses.contains) ?? .done
  }

  /// Ends the command with this status.
  var error: ExitCode { ExitCode(rawValue) }

  /// What a plan as such has to say: something is blocked, or could not be seen.
  static func of(_ plan: Plan) -> Set<ExitStatus> {
    var statuses: Set<ExitStatus> = []
    // A host that was looked for and not seen is unknown, even where every domain was found elsewhere.
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

extension DomainPlan {
  /// Whether the domain, or a field of it, has this verdict.
  fileprivate func has(_ verdict: Verdict) -> Bool {
    self.verdict == verdict || fields.contains { $0.verdict == verdict }
  }
}

extension Plan {
  /// Whether a field meets `condition`, of all domains but the suspended.
  private func decides(_ condition: (PlannedField) -> Bool) -> Bool {
    domains.contains { $0.verdict != .suspended && $0.fields.contains(where: condition) }
  }

  /// Whether something waits for a start.
  var hasPendingRestart: Bool { decides { $0.verdict == .pendingRestart } }

  /// Whether something is not as declared that this tool could have put right.
  var hasDrift: Bool { decides { $0.verdict == .change || $0.heldBack == .policy } }
}
