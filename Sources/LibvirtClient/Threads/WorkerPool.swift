// SPDX-License-Identifier: Apache-2.0
import Glibc
import MemoryModel
import Synchronization

/// Threads for calls that block, with a deadline for each job.
///
/// A job that overruns its deadline is failed and its thread abandoned: another takes the
/// thread's place, and what the job still returns is dropped. One watchdog serves all jobs.
/// Whoever makes a pool closes it.
final class WorkerPool: Sendable {
  /// How many threads serve the queue.
  let size: Int
  private let state = Mutex(State())
  private let arrivals = Semaphore()
  private let alarm = Semaphore()

  private struct State {
    var queue = Queue()
    /// The jobs in hand by the number of their thread; an abandoned thread is not among them.
    var running: [Int: Job] = [:]
    /// The threads that serve the queue.
    var serving = 0
    /// The threads that have not returned, abandoned ones too.
    var alive = 0
    var lastNumber = 0
    /// When the watchdog looks next; nil while nothing runs.
    var nextLook: MonotonicInstant?
    var isClosed = false
    var farewell: (@Sendable () -> Void)?

    var isIdle: Bool { running.isEmpty && alive == serving }
  }

  /// Whether no thread is at work, stuck or not.
  var isIdle: Bool { state.withLock(\.isIdle) }

  /// Starts `size` threads and the watchdog.
  ///
  /// - Throws: ``HypervisorError`` where the system has no thread to give.
  init(size: Int) throws(HypervisorError) {
    self.size = size
    do throws(HypervisorError) {
      for _ in 0..<size { try addWorker() }
      try startThread { [self] in watch() }
    } catch {
      close {}
      throw error
    }
  }

  /// Does `work` on one of the threads and waits for it without blocking.
  ///
  /// - Throws: what `work` throws; kind `deadline` where it ran for longer than `limit`.
  func run<Value: Sendable>(
    within limit: Duration, _ work: @escaping @Sendable () throws(HypervisorError) -> Value
  ) async throws(HypervisorError) -> Value {
    let result: Result<Value, HypervisorError> = await withCheckedContinuation { continuation in
      submit(Job(within: limit, continuation: continuation, work))
    }
    return try result.get()
  }

  /// Lets every thread go when the queue is empty; the last to return calls `farewell`.
  ///
  /// Does not wait: a stuck thread says farewell when it comes back, or never. Answers with
  /// ``isIdle``.
  @discardableResult
  func close(_ farewell: @escaping @Sendable () -> Void) -> Bool {
    let (serving, isLast, isIdle) = state.withLock {
      $0.isClosed = true
      $0.farewell = farewell
      return ($0.serving, $0.alive == 0, $0.isIdle)
    }
    for _ in 0..<serving { arrivals.signal() }
    alarm.signal()
    if isLast { farewell() }
    return isIdle
  }

  private func submit(_ job: Job) {
    let isServed = state.withLock {
      guard $0.serving > 0 else { return false }
      $0.queue.append(job)
      return true
    }
    isServed ? arrivals.signal() : job.refuse(.noThread(code: EAGAIN))
  }

  // MARK: Workers

  private func addWorker() throws(HypervisorError) {
    let added = state.withLock { state -> Int? in
      // Nobody would ever tell a thread of a closed pool to go.
      guard !state.isClosed else { return nil }
      state.lastNumber += 1
      state.serving += 1
      state.alive += 1
      return state.lastNumber
    }
    guard let number = added else { return }
    do throws(HypervisorError) {
      try startThread { [self] in serve(number) }
    } catch {
      let stranded = state.withLock {
        $0.serving -= 1
        $0.alive -= 1
        return $0.serving == 0 ? $0.queue.takeAll() : []
      }
      for job in stranded { job.refuse(error) }
      throw error
    }
  }

  private func serve(_ number: Int) {
    while let job = next(for: number) {
      job.run()
      let wasAbandoned = state.withLock { $0.running.removeValue(forKey: number) == nil }
      if wasAbandoned { break }
    }
    let farewell = state.withLock {
      $0.alive -= 1
      return $0.alive == 0 ? $0.farewell : nil
    }
    farewell?()
  }

  /// Waits for a job; nil where the thread is to go.
  private func next(for number: Int) -> Job? {
    arrivals.wait()
    let (job, isFirstToLapse) = state.withLock {
      guard let job = $0.queue.popFirst() else { return (Job?.none, false) }
      job.renew()
      let deadline = job.deadline
      $0.running[number] = job
      if let look = $0.nextLook, look <= deadline { return (job, false) }
      $0.nextLook = deadline
      return (job, true)
    }
    // Jobs begun later mostly lapse later: the watchdog is woken about once a deadline, not a job.
    if isFirstToLapse { alarm.signal() }
    return job
  }

  // MARK: Watchdog

  private func watch() {
    while true {
      let (isClosed, nextLook) = state.withLock { ($0.isClosed, $0.nextLook) }
      // Nobody waits for the jobs of a closed pool.
      if isClosed { return }
      alarm.wait(until: nextLook)
      for job in abandonOverdue() {
        job.overrun()
        // With no thread to be had the pool goes on with those it has.
        try? addWorker()
      }
    }
  }

  private func abandonOverdue() -> [Job] {
    let now = MonotonicInstant.now
    return state.withLock { state in
      // A job that went on to another part of its work since has its time again.
      let overdue = state.running.filter { $0.value.deadline <= now }
      for number in overdue.keys { state.running[number] = nil }
      state.serving -= overdue.count
      state.nextLook = state.running.values.map(\.deadline).min()
      return Array(overdue.values)
    }
  }
}

/// Jobs in the order in which they came.
private struct Queue {
  private var jobs: [Job] = []
  private var head = 0

  mutating func append(_ job: Job) {
    jobs.append(job)
  }

  mutating func popFirst() -> Job? {
    guard head < jobs.count else { return nil }
    defer { if head == jobs.count { self = Queue() } }
    head += 1
    return jobs[head - 1]
  }

  mutating func takeAll() -> [Job] {
    defer { self = Queue() }
    return Array(jobs[head...])
  }
}
