// SPDX-License-Identifier: Apache-2.0
import Glibc
import MemoryModel
import Synchronization

/// Threads for blocking calls, with a deadline for each job.
///
/// When a job misses its deadline, the pool fails the job, abandons its thread and starts another
/// one; the late result is dropped. One watchdog thread serves all jobs. The owner must close the
/// pool.
final class WorkerPool: Sendable {
  /// The number of threads that serve the queue.
  let size: Int
  private let secrets: Secrets
  private let state = Mutex(State())
  private let arrivals = Semaphore()
  private let alarm = Semaphore()

  private struct State {
    var queue = Queue()
    /// The running jobs by the number of their thread, without those of abandoned threads.
    var running: [Int: Job] = [:]
    /// The number of threads that serve the queue.
    var serving = 0
    /// The number of threads that have not returned, with the abandoned ones.
    var alive = 0
    var lastNumber = 0
    /// The time of the watchdog's next check; nil while no job runs.
    var nextLook: MonotonicInstant?
    var isClosed = false
    var farewell: (@Sendable () -> Void)?

    var isIdle: Bool { running.isEmpty && alive == serving }
  }

  /// Whether no thread runs a job; an abandoned thread counts as running until it returns.
  var isIdle: Bool { state.withLock(\.isIdle) }

  /// Starts `size` threads and the watchdog; libvirt's errors on these threads don't show `secrets`.
  ///
  /// - Throws: ``HypervisorError`` where the system can't start a thread.
  init(size: Int, hiding secrets: Secrets = .none) throws(HypervisorError) {
    self.size = size
    self.secrets = secrets
    do throws(HypervisorError) {
      for _ in 0..<size { try addWorker() }
      try startThread { [self] in watch() }
    } catch {
      close {}
      throw error
    }
  }

  /// Runs `work` on one of the threads; the caller waits without blocking its thread.
  ///
  /// - Throws: the error of `work`, or one of the kind `deadline` where `work` runs longer than
  ///   `limit`.
  func run<Value: Sendable>(
    within limit: Duration, _ work: @escaping @Sendable () throws(HypervisorError) -> Value
  ) async throws(HypervisorError) -> Value {
    let result: Result<Value, HypervisorError> = await withCheckedContinuation { continuation in
      submit(Job(within: limit, hiding: secrets, continuation: continuation, work))
    }
    return try result.get()
  }

  /// Ends all threads once the queue is empty; the last one to return calls `farewell`.
  ///
  /// It does not wait: a stuck thread returns when its call does, or never. The result is
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
      // A new thread of a closed pool would never be told to end.
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

  /// Waits for a job; nil means that the thread must end.
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
    // A job that starts later usually has a later deadline, so the watchdog is rarely woken.
    if isFirstToLapse { alarm.signal() }
    return job
  }

  // MARK: Watchdog

  private func watch() {
    while true {
      let (isClosed, nextLook) = state.withLock { ($0.isClosed, $0.nextLook) }
      // No caller waits for the jobs of a closed pool.
      if isClosed { return }
      alarm.wait(until: nextLook)
      for job in abandonOverdue() {
        job.overrun()
        // If the system can't start a thread, the pool continues with the others.
        try? addWorker()
      }
    }
  }

  private func abandonOverdue() -> [Job] {
    let now = MonotonicInstant.now
    return state.withLock { state in
      // A job that renewed its time since is not overdue.
      let overdue = state.running.filter { $0.value.deadline <= now }
      for number in overdue.keys { state.running[number] = nil }
      state.serving -= overdue.count
      state.nextLook = state.running.values.map(\.deadline).min()
      return Array(overdue.values)
    }
  }
}

/// Jobs in the order in which they were added.
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
