// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report
import Testing

@Suite struct ApplyTextTests {
  private let step = Step(
    id: "default/web-01/1",
    operation: .call(
      Call(
        .setMemory, on: .live,
        changes: [
          Change(field: .currentMemory, from: .size(.gibibytes(8)), to: .size(.gibibytes(6)))
        ])), disruption: .live, reason: "because")

  private var plan: Plan {
    Plan(
      domains: [
        DomainPlan(
          name: "web-01", uuid: "u", host: "default", state: .running, verdict: .change,
          steps: [step])
      ])
  }

  @Test("a step's line shows its number, domain, change and result")
  func progress() {
    let line = ApplyText().progress(step, of: plan.domains[0], number: 2, total: 5)
    #expect(line == "[2/5] web-01: currentMemory 8 GiB -> 6 GiB (live)")
    #expect(ApplyText().result(StepResult(.done, seconds: 1.26)) == "done, 1.3 s")
    #expect(ApplyText().result(StepResult(.unknown)).description.contains("outcome unknown"))
  }

  @Test("a failure's text names the domain, the call and the unfinished step")
  func failure() {
    let error = HypervisorError(
      .refused, call: "virDomainSetMemoryFlags", code: 55, message: "not valid")
    let report = ApplyReport(
      plan: plan, steps: [step.id: StepResult(.failed, failure: .call(error))],
      domains: [DomainResult(.failed, observed: .change, failure: .call(error))], closing: plan)
    #expect(
      ApplyText().text(report) == """
        web-01: failed: virDomainSetMemoryFlags: not valid (call-refused)
          currentMemory 8 GiB -> 6 GiB (live): failed
        0 of 1 step done and verified.
        After the run: 1 domain: 1 to change.

        """)
  }

  @Test("stale, skipped and unknown have different texts")
  func kinds() {
    func text(_ status: DomainResult.Status, _ step: StepResult.Status) -> String {
      ApplyText().text(
        ApplyReport(
          plan: plan, steps: [self.step.id: StepResult(step)],
          domains: [DomainResult(status, observed: .change)], closing: plan)
      ).description
    }
    #expect(text(.stale, .skipped).contains("web-01: stale, left untouched"))
    #expect(text(.skipped, .skipped).contains("web-01: not begun"))
    #expect(text(.failed, .unknown).contains("(live): unknown"))
  }
}
