// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Learns of every step and of every write of an apply, and can refuse a write.
package protocol ApplyRecorder: Sendable {
  /// The turn of `step` has come. Nothing was looked at or written for it yet.
  func didBegin(_ step: Step, of domain: DomainPlan)

  /// `call` is about to be made for `step`.
  ///
  /// It is the step's own call, also where the call is tried again because another job held the
  /// domain, or the call that withdraws a balloon's target.
  ///
  /// - Throws: ``RecordingRefusal`` where the recorder could not record the call. The call is not
  ///   made then.
  func willWrite(_ call: Call, in step: Step, of domain: DomainPlan) throws(RecordingRefusal)

  /// `call` has been made with `result`: its effect was seen or not, or libvirt refused it.
  ///
  /// It comes once after each ``willWrite(_:in:of:)`` that did not refuse the call.
  func didWrite(_ call: Call, in step: Step, of domain: DomainPlan, _ result: StepResult)

  /// `step` was sent, virtmem has looked at the domain, and the effect has not shown yet.
  func isWaiting(for step: Step, of domain: DomainPlan, _ wait: EffectWait)

  /// `step` has ended with `result`.
  func didPerform(_ step: Step, of domain: DomainPlan, _ result: StepResult)

  /// No step of `domain` was begun.
  func didLeave(_ domain: DomainPlan, because failure: StepFailure)
}

/// How long virtmem has waited for the effect of a step, and what it saw last.
package struct EffectWait: Hashable, Sendable {
  /// The values of the step's fields as seen last; a field that is not there is left out.
  package let values: [FieldPath: FieldValue]
  /// The time since the call returned.
  package let elapsed: Duration
  /// The time since a value moved last.
  package let unchanged: Duration
  /// The time without a move after which the step fails.
  package let patience: Duration

  /// Makes a wait.
  package init(
    values: [FieldPath: FieldValue], elapsed: Duration, unchanged: Duration, patience: Duration
  ) {
    self.values = values
    self.elapsed = elapsed
    self.unchanged = unchanged
    self.patience = patience
  }
}

/// Tells whether the run was asked to stop.
///
/// The applier then lets the call under way return, and begins no other.
package protocol Interruption: Sendable {
  /// Whether the run was asked to stop.
  var isRequested: Bool { get }
}

/// A run that can't be interrupted.
package struct NoInterruption: Interruption {
  /// Makes one.
  package init() {}

  /// Is always false.
  package var isRequested: Bool { false }
}
