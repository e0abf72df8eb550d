// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The row of one field in the report of `drift`: the declared value, and what each plane has.
///
/// The row gives the value of both planes even if only one differs, and does not say which one. A
/// value that libvirt rounded would look like a difference here, and only the planner knows that it
/// is none.
struct DriftLine {
  private let field: PlannedField
  private let domain: DomainPlan
  private let detail: PlanReport.Detail

  init(_ field: PlannedField, of domain: DomainPlan, detail: PlanReport.Detail) {
    self.field = field
    self.domain = domain
    self.detail = detail
  }

  /// The row; none for a field in sync, except in the detailed report.
  var lines: [DomainEntry.Line] {
    switch field.verdict {
    case .inSync: detail == .everything ? [line("=", "\(field.desired)", "in sync")] : []
    // ``BlockedLines`` shows what is blocked, cause by cause.
    case .blocked: []
    case .unobserved, .suspended: [line("?", "\(field.desired)", "not seen")]
    case .pendingRestart: [line("…", values, reasonToWait)]
    case .change: [line("~", values, domain.verdict == .suspended ? "left as it is" : "")]
    }
  }

  /// The values, such as `declared 6 GiB, is 4 GiB live + persistent`.
  var values: ShownText {
    let isRunning = domain.state != .shutOff
    let live = text(field.live) + (isRunning ? " live" : " in the saved image")
    let persistent = text(field.persistent) + " persistent"
    let found: ShownText =
      switch (isRunning || has(\.live), has(\.persistent) || !isTransient) {
      case (true, true) where field.live == field.persistent:
        text(field.live) + (isRunning ? " live + persistent" : " in the saved image + persistent")
      case (true, true): "\(live), \(persistent)"
      case (true, false): live
      case (false, _): persistent
      }
    return "declared \(field.desired), is \(found)"
  }

  /// Whether a field of the domain has a value on a plane.
  private func has(_ plane: KeyPath<PlannedField, FieldValue?>) -> Bool {
    domain.fields.contains { $0[keyPath: plane] != nil }
  }

  /// Whether the domain seems to be transient: its fields have values, and all are live ones.
  ///
  /// The document does not tell it. A field that is live as declared differs on the persistent
  /// plane, so its domain is no transient one.
  private var isTransient: Bool {
    has(\.live) && !has(\.persistent) && field.live != field.desired
  }

  private func text(_ value: FieldValue?) -> ShownText { field.text(value) }

  private var reasonToWait: ShownText {
    if domain.state == .shutOff { return "the saved image has the old value" }
    return field.heldBack == .policy
      ? "until the next start, by policy" : "until the next start"
  }

  private func line(
    _ symbol: Character, _ values: ShownText, _ remark: ShownText
  ) -> DomainEntry.Line {
    DomainEntry.Line(
      symbol: symbol, field: "\(field.path)", values: values,
      remark: field.remarks(remark),
      place: field.source)
  }
}
