// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The rows of one field: one row for an equal change on both planes, else one for each plane.
struct FieldLines {
  private let field: PlannedField
  private let domain: DomainPlan
  private let detail: PlanReport.Detail

  init(_ field: PlannedField, of domain: DomainPlan, detail: PlanReport.Detail) {
    self.field = field
    self.domain = domain
    self.detail = detail
  }

  var lines: [DomainEntry.Line] {
    switch field.verdict {
    case .inSync: detail == .everything ? [line("=", "\(field.desired)", "in sync")] : []
    // ``BlockedLines`` shows what is blocked, cause by cause.
    case .blocked: []
    case .unobserved, .suspended: [line("?", "\(field.desired)", "not seen")]
    case .pendingRestart:
      [line("…", arrow(from: field.live, to: field.desired), "pending: \(waitsFor)")]
    case .change: changeLines
    }
  }

  private var waitsFor: ShownText {
    if domain.state == .shutOff {
      return "the saved image has the old value"
    }
    return field.heldBack == .policy
      ? "the policy leaves it to the next start" : "at the next start"
  }

  private var changeLines: [DomainEntry.Line] {
    let changes = domain.steps.flatMap { step in
      step.changes.filter { $0.field == field.path && $0.changesValue }
        .map { (change: $0, plane: step.plane) }
    }
    if changes.count == 2, changes[0].change == changes[1].change {
      return [line(changes[0].change, "live + persistent")]
    }
    let isRunning = domain.state != .shutOff && domain.state != nil
    let onlyStaged =
      isRunning && !isLiveAsDesired && changes.allSatisfy { $0.plane == .persistent }
    return changes.map { change, plane in
      line(change, onlyStaged ? "persistent: \(waitsFor)" : "\(plane.rawValue)")
    } + stepless(changes.isEmpty)
  }

  /// Whether the running guest already has the desired value, so that no change is pending.
  private var isLiveAsDesired: Bool {
    if case .sizeRange(let range) = field.desired, case .size(let size)? = field.live {
      return range.contains(size)
    }
    return field.live == field.desired
  }

  /// A row for a field without a change of its own in the steps.
  ///
  /// A suspended domain has no steps. In other domains the step for another field changes this
  /// field too.
  private func stepless(_ hasNoSteps: Bool) -> [DomainEntry.Line] {
    guard hasNoSteps else { return [] }
    if domain.verdict == .suspended {
      let seen = field.live ?? field.persistent
      return [line("~", arrow(from: seen, to: field.desired), "left as it is")]
    }
    return [line("~", arrow(from: field.persistent, to: field.desired), "comes with the others")]
  }

  private func line(_ change: Change, _ remark: ShownText) -> DomainEntry.Line {
    let symbol: Character =
      switch (change.from, change.to) {
      case (nil, _), (.absence?, _): "+"
      case (_, nil), (_, .absence?), (_, .word("absent")?): "-"
      default: "~"
      }
    return line(symbol, arrow(from: change.from, to: change.to), remark)
  }

  private func arrow(from: FieldValue?, to: FieldValue?) -> ShownText {
    "\(from?.description ?? "not set") -> \(to?.description ?? "not set")"
  }

  private func line(_ symbol: Character, _ values: ShownText, _ remark: ShownText)
    -> DomainEntry.Line
  {
    DomainEntry.Line(
      symbol: symbol, field: "\(field.path)", values: values, remark: field.remarks(remark),
      place: field.source)
  }
}

extension PlannedField {
  /// What the row of the field says besides its values: `remark`, and whether the field differs
  /// without being part of the change that a run was narrowed to.
  func remarks(_ remark: ShownText) -> ShownText {
    let origin: ShownText = isOfThisChange || verdict == .inSync ? "" : "not of this change"
    return [remark, origin].filter { !$0.isEmpty }.joined(separator: ", ")
  }
}
