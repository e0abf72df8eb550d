// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report
import TestSupport
import Testing

/// How the report of `drift` shows a field.
@Suite struct DriftLineTests {
  /// The row of `currentMemory`, declared as 6 GiB, in the report of drift.
  private func row(
    live: UInt64?, persistent: UInt64?, verdict: Verdict = .change, heldBack: HeldBack? = nil,
    state: DomainState = .running, others: [PlannedField] = []
  ) -> String {
    let field = PlannedField(
      path: .currentMemory, desired: .size(.gibibytes(6)),
      live: live.map { .size(.gibibytes($0)) },
      persistent: persistent.map { .size(.gibibytes($0)) },
      verdict: verdict, heldBack: heldBack)
    let domain = DomainPlan(
      name: "web", host: "default", state: state, verdict: verdict, fields: [field] + others)
    let text = PlanReport().text(Plan(kind: .drift, domains: [domain])).description
    let row = text.split(separator: "\n").first { $0.contains("declared") } ?? ""
    return row.replacing(/\s+/, with: " ").trimmingPrefix(" ").description
  }

  @Test(
    "a row gives the declared value and what each plane has",
    arguments: [
      (4, 4, "4 GiB live + persistent"), (4, 5, "4 GiB live, 5 GiB persistent"),
      (4, 6, "4 GiB live, 6 GiB persistent"), (nil, 4, "not set live, 4 GiB persistent"),
      // A domain with no persistent value at all is taken for a transient one.
      (4, nil, "4 GiB live"), (6, nil, "6 GiB live, not set persistent"),
      (nil, nil, "not set live + persistent"),
    ] as [(UInt64?, UInt64?, String)])
  func planes(live: UInt64?, persistent: UInt64?, found: String) {
    #expect(
      row(live: live, persistent: persistent)
        == "~ currentMemory declared 6 GiB, is \(found)")
  }

  @Test("a field that is not set is named where the domain's other fields show the plane")
  func otherFields() {
    let other = PlannedField(
      path: .memory, desired: .size(.gibibytes(8)), live: .size(.gibibytes(8)),
      persistent: .size(.gibibytes(8)), verdict: .inSync)
    #expect(
      row(live: 4, persistent: nil, others: [other]).hasSuffix("4 GiB live, not set persistent"))
  }

  @Test("a shut-off domain has its persistent value, and that of its saved image")
  func shutOff() {
    #expect(
      row(live: nil, persistent: 4, state: .shutOff).hasSuffix("is 4 GiB persistent"))
    #expect(
      row(live: 4, persistent: 6, verdict: .pendingRestart, state: .shutOff)
        .hasSuffix(
          "is 4 GiB in the saved image, 6 GiB persistent the saved image has the old value"))
  }

  @Test("a value that waits says for what")
  func waits() {
    #expect(
      row(live: 4, persistent: 6, verdict: .pendingRestart, heldBack: .start)
        == "… currentMemory declared 6 GiB, is 4 GiB live, 6 GiB persistent until the next start")
    #expect(
      row(live: 4, persistent: 6, verdict: .pendingRestart, heldBack: .policy)
        .hasSuffix("until the next start, by policy"))
  }
}
