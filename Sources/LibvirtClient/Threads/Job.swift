// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Synchronization

/// A blocking piece of work with a deadline; its result or the watchdog answers it, once.
final class Job: Sendable {
  /// The job that this thread runs.
  @TaskLocal static var current: Job?

  /// How long the job may run; the time in the queue does not count.
  private let limit: Duration
  /// The passwords that no message of the job's errors may show.
  let secrets: Secrets
  private let begun = Mutex(MonotonicInstant.now)
  private let call = Mutex("")
  private let work: @Sendable () -> Void
  private let fail: @Sendable (HypervisorError) -> Void

  /// Makes a job that resumes `continuation` exactly once.
  init<Value: Sendable>(
    within limit: Duration, hiding secrets: Secrets,
    continuation: CheckedContinuation<Result<Value, HypervisorError>, Never>,
    _ work: @escaping @Sendable () throws(HypervisorError) -> Value
  ) {
    let reply = Reply(continuation)
    self.limit = limit
    self.secrets = secrets
    self.work = { reply.give(Result(catching: work)) }
    self.fail = { reply.give(.failure($0)) }
  }

  /// Runs the work on this thread.
  func run() {
    Job.$current.withValue(self, operation: work)
  }

  /// The time at which the job has run for too long.
  var deadline: MonotonicInstant { begun.withLock(\.self) + limit }

  /// Restarts the job's time; called when the job starts, and when it starts another part of its
  /// work.
  func renew() {
    begun.withLock { $0 = .now }
  }

  /// Records the C function that is called next, for the message of a deadline.
  func willCall(_ function: String) {
    call.withLock { $0 = function }
  }

  /// Answers with a `deadline` error; the later result of the work is dropped.
  func overrun() {
    fail(
      HypervisorError(
        .deadline, call: call.withLock(\.self), message: "no answer within \(limit.words)"))
  }

  /// Answers with `error`, for a job that does not start or whose result is no longer needed.
  func refuse(_ error: HypervisorError) {
    fail(error)
  }
}

/// A continuation that resumes with the first answer and ignores later ones.
private final class Reply<Value: Sendable>: Sendable {
  typealias Answer = Result<Value, HypervisorError>
  private let continuation: Mutex<CheckedContinuation<Answer, Never>?>

  init(_ continuation: CheckedContinuation<Answer, Never>) {
    self.continuation = Mutex(continuation)
  }

  func give(_ answer: Answer) {
    continuation.withLock { $0.take() }?.resume(returning: answer)
  }
}

extension Duration {
  /// The duration for messages, in seconds with tenths.
  var words: String {
    let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }
}
