// SPDX-License-Identifier: Apache-2.0

import Applier
import MemoryModel

/// Shows the progress of an apply and records its writes.
struct RunRecorder: ApplyRecorder {
  let progress: Progress
  /// The audit; nil if the user asked for none.
  let audit: AuditLog?

  func didBegin(_ step: Step, of domain: DomainPlan) {
    progress.didBegin(step, of: domain)
  }

  func willWrite(_ call: Call, in step: Step, of domain: DomainPlan) throws(RecordingRefusal) {
    try audit?.willWrite(call, in: step, of: domain)
  }

  func didWrite(_ call: Call, in step: Step, of domain: DomainPlan, _ result: StepResult) {
    audit?.didWrite(call, in: step, of: domain, result)
  }

  func isWaiting(for step: Step, of domain: DomainPlan, _ wait: EffectWait) {
    progress.isWaiting(for: step, of: domain, wait)
  }

  func didPerform(_ step: Step, of domain: DomainPlan, _ result: StepResult) {
    progress.didPerform(step, of: domain, result)
  }

  func didLeave(_ domain: DomainPlan, because failure: StepFailure) {
    progress.didLeave(domain, because: failure)
  }
}
