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
    if domain.steps.contains(where: { $0.isWait(for: field.path) }), let change = changes.first {
      return [line(change.change, "waits for the guest")]
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
    "\(field.text(from)) -> \(field.text(to))"
  }

  private func line(_ symbol: Character, _ values: ShownText, _ remark: ShownText)
    -> DomainEntry.Line
  {
    DomainEntry.Line(
      symbol: symbol, field: "\(field.path)", values: values, remark: field.remarks(remark),
      place: field.source)
  }
}

extension Step {
  /// Whether the step makes no call and waits until the guest has the value of `field`.
  fileprivate func isWait(for field: FieldPath) -> Bool {
    guard case .wait(let changes) = operation else { return false }
    return changes.contains { $0.field == field }
  }
}

extension [Change] {
  /// The changes as text; an item that joins or leaves is named once, such as `devices.stick0
  /// added`.
  var text: ShownText {
    var parts: [ShownText] = []
    var items: Set<FieldPath> = []
    for change in self {
      guard let item = change.field.ofItem, let moved = movement(of: item) else {
        parts.append(change.text)
        continue
      }
      if items.insert(item).inserted { parts.append("\(item) \(moved)") }
    }
    return parts.joined(separator: ", ")
  }

  /// `added` or `removed`, if the changes are about a whole item with several fields; else nil.
  private func movement(of item: FieldPath) -> String? {
    let changes = filter { $0.field.ofItem == item }
    guard changes.count > 1 else { return nil }
    if changes.allSatisfy({ $0.from == nil || $0.field.name.isState }) { return "added" }
    return changes.allSatisfy { $0.to == nil || $0.field.name.isState } ? "removed" : nil
  }
}

extension PlannedField {
  /// A value of the field; an element as a whole is not there, where a value is not set.
  func text(_ value: FieldValue?) -> ShownText {
    "\(value?.description ?? (path == .maxMemory ? "none" : "not set"))"
  }

  /// What the row of the field says besides its values: `remark`, and whether the field differs
  /// without being part of the change that a run was narrowed to.
  func remarks(_ remark: ShownText) -> ShownText {
    let origin: ShownText = isOfThisChange || verdict == .inSync ? "" : "not of this change"
    return [remark, origin].filter { !$0.isEmpty }.joined(separator: ", ")
  }
}

extension DomainPlan {
  /// The domain with `maxMemory.size` and `maxMemory.slots` as one field, `maxMemory`, where both
  /// have one verdict, so that a report shows one element in one row.
  var withCeilingAsOne: DomainPlan {
    guard let index = fields.firstIndex(where: { $0.path == .maxMemorySize }),
      let slots = fields.first(where: { $0.path == .maxMemorySlots }),
      fields[index].verdict == slots.verdict, fields[index].heldBack == slots.heldBack,
      slots.verdict != .inSync, let blockers = blockersOfOne
    else { return self }
    var domain = self
    domain.blockers = blockers
    let size = fields[index]
    domain.fields[index].path = .maxMemory
    domain.fields[index].desired = Self.one(size.desired, slots.desired) ?? size.desired
    domain.fields[index].live = Self.one(size.live, slots.live)
    domain.fields[index].persistent = Self.one(size.persistent, slots.persistent)
    domain.fields.removeAll { $0.path == .maxMemorySlots }
    domain.steps = steps.map { step in
      var step = step
      if case .call(var call) = step.operation {
        call.changes = Self.asOne(call.changes)
        step.operation = .call(call)
      }
      return step
    }
    return domain
  }

  /// The blockers with those of both fields as one; nil if the two have other causes.
  private var blockersOfOne: [Blocker]? {
    let parts = blockers.filter { $0.field == .maxMemorySize || $0.field == .maxMemorySlots }
    guard let first = parts.first else { return blockers }
    guard parts.allSatisfy({ $0.rule == first.rule && $0.summary == first.summary }) else {
      return nil
    }
    return blockers.compactMap { blocker in
      guard parts.contains(blocker) else { return blocker }
      guard blocker == first else { return nil }
      var one = blocker
      one.field = .maxMemory
      return one
    }
  }

  private static func asOne(_ changes: [Change]) -> [Change] {
    guard let size = changes.first(where: { $0.field == .maxMemorySize }),
      let slots = changes.first(where: { $0.field == .maxMemorySlots })
    else { return changes }
    return changes.compactMap { change in
      if change.field == .maxMemorySlots { return nil }
      guard change.field == .maxMemorySize else { return change }
      return Change(
        field: .maxMemory, from: one(size.from, slots.from) ?? .absence, to: one(size.to, slots.to))
    }
  }

  /// Such as `32 GiB, 8 slots`; nil where the definition has neither.
  private static func one(_ size: FieldValue?, _ slots: FieldValue?) -> FieldValue? {
    guard let size, size != .absence else { return nil }
    return slots.map { .word("\(size), \($0) slots") } ?? size
  }
}

extension Change {
  /// The change as text, such as `currentMemory 8 GiB -> 6 GiB`.
  var text: ShownText {
    let (from, to) = (from?.description ?? "not set", to?.description ?? "not set")
    return from == to ? "\(field) \(to)" : "\(field) \(from) -> \(to)"
  }
}
