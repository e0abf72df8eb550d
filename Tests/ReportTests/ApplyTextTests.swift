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

  @Test("a step's line names a device that joins or leaves once, and a changed one by its field")
  func device() {
    func line(_ from: [FieldValue?], _ to: [FieldValue?]) -> ShownText {
      let fields = [FieldName.deviceModel, .deviceSize]
      let changes = zip(fields, zip(from, to)).map { name, values in
        Change(field: FieldPath(name, "stick0"), from: values.0, to: values.1)
      }
      var step = step
      step.operation = .call(Call(.redefine, on: .persistent, changes: changes))
      return ApplyText().progress(step, of: plan.domains[0], number: 1, total: 1)
    }
    let values: [FieldValue?] = [.word("dimm"), .size(.gibibytes(1))]
    #expect(line([nil, nil], values) == "[1/1] web-01: devices.stick0 added (persistent)")
    #expect(line(values, [nil, nil]) == "[1/1] web-01: devices.stick0 removed (persistent)")
    #expect(
      line(values, [.word("dimm"), .size(.gibibytes(2))])
        == "[1/1] web-01: devices.stick0.size 1 GiB -> 2 GiB (persistent)")
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
        After the run, 1 domain: 1 to change.

        """)
  }

  @Test("an interrupted step is not called failed, and what was not begun says so")
  func interrupted() {
    let failure = StepFailure.interrupted(.whileWaiting(unanswered: nil))
    let text = ApplyText().text(
      ApplyReport(
        plan: plan, steps: [step.id: StepResult(.failed, failure: failure)],
        domains: [DomainResult(.failed, observed: .change, failure: failure)], closing: plan)
    ).description
    #expect(text.hasPrefix("web-01: interrupted: "))
    #expect(text.contains("(live): interrupted"))
    #expect(!text.contains("failed"))
    #expect(ApplyText().result(StepResult(.failed, failure: failure)) == "interrupted, 0.0 s")
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
