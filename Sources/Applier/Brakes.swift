// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Synchronization

/// What keeps a run from beginning more: `--max-failures`, `--deadline`, and a signal.
///
/// All hosts of a run share one. What was begun goes on.
package final class Brakes: Sendable {
  private let failuresAllowed: Int?
  private let deadline: Duration?
  private let clock: any WaitingClock
  private let start: Duration
  private let interruption: any Interruption
  private let failures = Mutex(0)

  /// Makes the brakes of a run that begins now.
  ///
  /// `failuresAllowed` is how many domains may fail before virtmem begins no other, nil for any
  /// number. `deadline` is the time from now on after which virtmem begins no step.
  package init(
    failuresAllowed: Int? = nil, deadline: Duration? = nil,
    interruption: any Interruption = NoInterruption(), clock: any WaitingClock = RealClock()
  ) {
    self.failuresAllowed = failuresAllowed
    self.deadline = deadline
    self.interruption = interruption
    self.clock = clock
    start = clock.now
  }

  /// Whether the run was asked to stop by a signal.
  var isInterrupted: Bool { interruption.isRequested }

  /// Why the run begins no further domain; nil if it may.
  var reasonNotToBeginDomain: StepFailure? {
    if isInterrupted { return .interrupted(.beforeDomain) }
    if let passed = passedDeadline { return passed }
    let failures = failures.withLock(\.self)
    guard let failuresAllowed, failures > failuresAllowed else { return nil }
    return .tooManyFailures(failures, allowed: failuresAllowed)
  }

  /// Why the run begins no further step of a domain that it has begun; nil if it may.
  var reasonNotToBeginStep: StepFailure? {
    isInterrupted ? .interrupted(.beforeStep) : passedDeadline
  }

  private var passedDeadline: StepFailure? {
    guard let deadline, clock.now - start >= deadline else { return nil }
    return .deadlinePassed(deadline)
  }

  /// Counts a domain that has ended with `result`.
  func count(_ result: ApplyResult.Domain) {
    switch result.status {
    case .failed, .stale: failures.withLock { $0 += 1 }
    case .done, .skipped: break
    }
  }
}
