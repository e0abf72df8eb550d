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
    case .blocked: [line("!", "", "blocked")]
    case .unobserved, .suspended: [line("?", "\(field.desired)", "not seen")]
    case .pendingRestart: [line("…", values, reasonToWait)]
    case .change: [line("~", values, domain.verdict == .suspended ? "left as it is" : "")]
    }
  }

  /// The values, such as `declared 6 GiB, is 4 GiB live + persistent`.
  private var values: ShownText {
    let isRunning = domain.state != .shutOff
    let live = text(field.live) + (isRunning ? " live" : " in the saved image")
    let persistent = text(field.persistent) + " persistent"
    let found: ShownText =
      switch (has(\.live, or: isRunning), has(\.persistent, or: field.live == field.desired)) {
      case (true, true) where field.live == field.persistent:
        text(field.live) + (isRunning ? " live + persistent" : " in the saved image + persistent")
      case (true, true): "\(live), \(persistent)"
      case (true, false): live
      case (false, _): persistent
      }
    return "declared \(field.desired), is \(found)"
  }

  /// Whether the domain has a definition on a plane: one of its fields has a value there.
  ///
  /// A field that both planes lack tells nothing of them, so `assumed` decides for a domain without
  /// any value on the plane.
  private func has(_ plane: KeyPath<PlannedField, FieldValue?>, or assumed: Bool) -> Bool {
    assumed || domain.fields.contains { $0[keyPath: plane] != nil }
  }

  private func text(_ value: FieldValue?) -> ShownText { "\(value?.description ?? "not set")" }

  private var reasonToWait: ShownText {
    if domain.state == .shutOff { return "the saved image has the old value" }
    return field.heldBack == .policy
      ? "until the next start, by policy" : "until the next start"
  }

  private func line(
    _ symbol: Character, _ values: ShownText, _ remark: ShownText
  ) -> DomainEntry.Line {
    let place: ShownText = field.source.map { "\($0.file):\($0.line)" } ?? ""
    return DomainEntry.Line(
      symbol: symbol, field: "\(field.path)", values: values, remark: remark, place: place)
  }
}
