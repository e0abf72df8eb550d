// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LibvirtModel
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
    if plan.diagnostics.contains(where: { $0.rule == Constraint.hostUnobserved.name }) {
      statuses.insert(.unobserved)
    }
    for domain in plan.domains where domain.verdict != .suspended {
      let verdicts = Set(domain.fields.map(\.verdict) + [domain.verdict])
      if verdicts.contains(.blocked) { statuses.insert(.blocked) }
      if verdicts.contains(.unobserved) { statuses.insert(.unobserved) }
    }
    return statuses
  }
}

extension Plan {
  /// The fields that decide a status: those of all domains but the suspended.
  private var decidingFields: [PlannedField] {
    domains.filter { $0.verdict != .suspended }.flatMap(\.fields)
  }

  /// Whether something waits for a start.
  var hasPendingRestart: Bool { decidingFields.contains { $0.verdict == .pendingRestart } }

  /// Whether something is not as declared that this tool could have put right.
  var hasDrift: Bool {
    decidingFields.contains { $0.verdict == .change || $0.isHeldBackByPolicy }
  }
}
