// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The run whose writes an audit records.
package struct AuditedRun: Hashable, Sendable {
  /// A text that no other run has.
  package var id: String
  /// The note of the run; nil if it has none.
  package var note: String?
  /// The name of the user who runs it.
  package var user: String
  /// The identifier of the plan that is applied: `sha256:` and a hash.
  package var plan: String

  /// Makes a run.
  package init(id: String, note: String?, user: String, plan: String) {
    self.id = id
    self.note = note
    self.user = user
    self.plan = plan
  }
}

/// A line of an audit: a call that is about to be made, or that was made with a result.
package struct AuditLine: Sendable {
  /// The run that makes the call.
  package var run: AuditedRun
  /// The time at which the line was written (RFC 3339).
  package var time: String
  /// The call, with the fields that it changes.
  package var call: Call
  /// The step that the call belongs to.
  package var step: Step
  /// The domain that the call changes.
  package var domain: DomainPlan
  /// What came of the call; nil before it is made.
  package var result: StepResult?

  /// Makes a line.
  package init(
    run: AuditedRun, time: String, call: Call, step: Step, domain: DomainPlan,
    result: StepResult? = nil
  ) {
    self.run = run
    self.time = time
    self.call = call
    self.step = step
    self.domain = domain
    self.result = result
  }

  /// The line as JSON, with a newline at its end.
  package var bytes: [UInt8] {
    var json = JSONWriter(capacity: 1024)
    json.object {
      $0.member("action", Operation.call(call).name)
      $0.member("api", call.api)
      $0.key("changes")
      $0.changes(call.changes)
      $0.member("domain", domain.name)
      $0.member("format", "virtmem/audit/v1alpha1")
      $0.member("host", domain.host)
      $0.member("note", run.note)
      $0.member("phase", result == nil ? "before" : "after")
      $0.member("plan", run.plan)
      $0.member("plane", call.plane.rawValue)
      $0.key("result")
      if let result { $0.result(result) } else { $0.null() }
      $0.member("run", run.id)
      $0.member("step", step.id)
      $0.member("time", time)
      $0.member("user", run.user)
      $0.member("uuid", domain.uuid)
    }
    return json.finished()
  }
}
