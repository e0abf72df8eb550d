// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Synchronization

/// A piece of blocking work, answered once: by its result or by the watchdog.
final class Job: Sendable {
  /// The job that this thread is doing.
  @TaskLocal static var current: Job?

  /// How long it may run, waiting in the queue not counted.
  private let limit: Duration
  private let begun = Mutex(MonotonicInstant.now)
  private let call = Mutex("")
  private let work: @Sendable () -> Void
  private let fail: @Sendable (HypervisorError) -> Void

  /// Makes a job whose one answer goes to `continuation`.
  init<Value: Sendable>(
    within limit: Duration,
    continuation: CheckedContinuation<Result<Value, HypervisorError>, Never>,
    _ work: @escaping @Sendable () throws(HypervisorError) -> Value
  ) {
    let reply = Reply(continuation)
    self.limit = limit
    self.work = { reply.give(Result(catching: work)) }
    self.fail = { reply.give(.failure($0)) }
  }

  /// Does the work on this thread.
  func run() {
    Job.$current.withValue(self, operation: work)
  }

  /// When it will have run for too long.
  var deadline: MonotonicInstant { begun.withLock(\.self) + limit }

  /// Gives the job its whole time again: it begins now, or has begun with another part of its work.
  func renew() {
    begun.withLock { $0 = .now }
  }

  /// Notes the C function that is about to be called, which an overrun will name.
  func willCall(_ function: String) {
    call.withLock { $0 = function }
  }

  /// Answers in place of the work, whose own answer is then dropped.
  func overrun() {
    fail(
      HypervisorError(
        .deadline, call: call.withLock(\.self), message: "no answer within \(limit.words)"))
  }

  /// Answers in place of work that is never begun.
  func refuse(_ error: HypervisorError) {
    fail(error)
  }
}

/// A continuation that takes the first answer and drops the others.
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
  /// The duration in seconds and their tenths.
  var words: String {
    let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }
}
