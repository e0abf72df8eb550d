// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import TestSupport

/// Runs all tasks of a simulation on one thread, in an order that a seed decides.
///
/// Whatever waits does so on this clock. Its time moves only when no task can go on, so a run is a
/// function of its seed and takes no real time.
final class Scheduler: TaskExecutor {
  private struct Timer {
    let id: Int
    let time: Duration
    let fire: @Sendable () -> Void
  }

  private struct State {
    var generator: SeededGenerator
    var now = Duration.zero
    var jobs: [UnownedJob] = []
    var timers: [Timer] = []
    var nextID = 0
  }

  private let state: Mutex<State>

  init(seed: UInt64) {
    state = Mutex(State(generator: SeededGenerator(seed: seed)))
  }

  var now: Duration { state.withLock(\.now) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
  }

  /// Calls `fire` after `delay`; the number cancels it, or calls it early.
  @discardableResult func after(_ delay: Duration, _ fire: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.nextID += 1
      state.timers.append(Timer(id: state.nextID, time: state.now + delay, fire: fire))
      return state.nextID
    }
  }

  /// Calls a timer now, if it still waits.
  func fire(_ id: Int) {
    let timer = state.withLock { state in
      state.timers.firstIndex { $0.id == id }.map { state.timers.remove(at: $0) }
    }
    timer?.fire()
  }

  /// How a simulation's run on the scheduler ended.
  enum End {
    case finished
    case stuck
    case endless
  }

  /// Runs tasks and timers until `isFinished`, at most until `limit` on the clock.
  func run(until limit: Duration, isFinished: () -> Bool) -> End {
    for _ in 0..<2_000_000 {
      if isFinished() { return .finished }
      guard runOneJob() || fireNextTimers() else { return .stuck }
      if now > limit { return .endless }
    }
    return .endless
  }

  /// Lets every timer fire that is left, such as calls that act late.
  func settle() {
    while runOneJob() || fireNextTimers() {}
  }

  private func runOneJob() -> Bool {
    let job = state.withLock { state -> UnownedJob? in
      guard !state.jobs.isEmpty else { return nil }
      return state.jobs.remove(at: Int(state.generator.next() % UInt64(state.jobs.count)))
    }
    guard let job else { return false }
    unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    return true
  }

  /// Moves the time to the next timers, and fires all that are due then.
  private func fireNextTimers() -> Bool {
    let due = state.withLock { state -> [Timer] in
      guard let time = state.timers.map(\.time).min() else { return [] }
      state.now = max(state.now, time)
      let due = state.timers.filter { $0.time == time }
      state.timers.removeAll { $0.time == time }
      return due
    }
    for timer in due { timer.fire() }
    return !due.isEmpty
  }
}
