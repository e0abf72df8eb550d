// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Who is told of every step: before it is sent, and of what became of it.
package protocol ApplyRecorder: Sendable {
  /// A step is about to be looked at and sent.
  func willPerform(_ step: Step, of domain: DomainPlan)
  /// A step has been performed, or not.
  func didPerform(_ step: Step, of domain: DomainPlan, _ result: StepResult)
  /// A domain was not begun, or could not be gone on with.
  func didLeave(_ domain: DomainPlan, because error: HypervisorError)
}

/// Whether the run was asked to stop; the call under way is let return, the rest is left.
package protocol Interruption: Sendable {
  /// Whether it was.
  var isRequested: Bool { get }
}

/// A run that nobody interrupts.
package struct NoInterruption: Interruption {
  /// Makes one.
  package init() {}

  /// Never.
  package var isRequested: Bool { false }
}
