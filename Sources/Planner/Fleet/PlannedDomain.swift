// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A domain's plan and its warnings, made without the host's other domains.
struct PlannedDomain: Sendable {
  var plan: DomainPlan
  let warnings: [Diagnostic]
  /// The huge pages of its next start, if something of it is staged.
  let pages: StagedPages.Guest?
  /// What each step moves, in the order of the steps.
  let moves: [[MemoryMove]]

  /// The steps with what they move.
  var entries: [HostLedger.Entry] {
    get { zip(plan.steps, moves).map { HostLedger.Entry(step: $0, moves: $1) } }
    set { plan.steps = newValue.map(\.step) }
  }
}

extension [[MemoryMove]] {
  /// Whether a step takes memory.
  var takeMemory: Bool { contains { $0.contains { $0.taken > .zero } } }
  /// Whether a step gives memory back.
  var giveMemory: Bool { contains { $0.contains { $0.given > .zero || $0.origin != nil } } }
}

extension DomainPlan {
  /// The fields that differ, or that the next start brings because only the running guest differs.
  var fieldsOfNextStart: [FieldPath] {
    fields.filter { $0.verdict == .change || $0.verdict == .pendingRestart }.map(\.path)
  }
}
