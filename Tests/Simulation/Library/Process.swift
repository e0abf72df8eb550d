// SPDX-License-Identifier: Apache-2.0

internal import Applier
internal import Commands
internal import MemoryModel
internal import Synchronization

/// A process of virtmem in the simulation: its clock, its streams, its signals and its end.
///
/// A killed process sees and does nothing any more: its calls fail at once, its waits take no time,
/// and what it writes is lost. So its tasks end, and its locks with them.
final class Process: Sendable {
  private struct State {
    var isDead = false
    var ghostTime = Duration.zero
    var sleepers: Set<Int> = []
    var defersSignals = false
    var signal: Int32?
    var status: Int32?
  }

  let scheduler: Scheduler
  /// Whether a broken virtmem never learns of signals; a test checks that the laws notice.
  private let isDeaf: Bool
  private let state = Mutex(State())
  let output = Output()
  let errors = Output()

  init(on scheduler: Scheduler, isDeaf: Bool) {
    self.scheduler = scheduler
    self.isDeaf = isDeaf
  }

  var isDead: Bool { state.withLock(\.isDead) }
  var status: Int32? { state.withLock(\.status) }
  var isFinished: Bool { status != nil }

  /// Begins a command as a task of this process.
  func begin(_ command: ParsedCommand, in environment: Environment) {
    _ = Task(executorPreference: scheduler) { [self] in
      let status = await command.run(in: environment)
      state.withLock { $0.status = status }
    }
  }

  /// Ends the process at once.
  func kill() {
    let sleepers = state.withLock { state in
      state.isDead = true
      return state.sleepers.sorted()
    }
    for sleeper in sleepers { scheduler.fire(sleeper) }
  }

  /// Delivers Ctrl-C, which ends a process that has not deferred signals; returns whether it goes on.
  func interrupt() -> Bool {
    let goesOn = state.withLock { state in
      if state.defersSignals { state.signal = 2 }
      return state.defersSignals
    }
    if !goesOn { kill() }
    return goesOn
  }

  /// Suspends the task for `duration`, or until it is cancelled or the process is killed.
  func sleep(_ duration: Duration) async {
    let isGhost = state.withLock { state in
      if state.isDead { state.ghostTime += duration }
      return state.isDead
    }
    guard !isGhost else { return await Task.yield() }
    let sleeper = Sleeper()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard !Task.isCancelled else { return continuation.resume() }
        let id = scheduler.after(duration) { continuation.resume() }
        sleeper.id.withLock { $0 = id }
        state.withLock { _ = $0.sleepers.insert(id) }
      }
    } onCancel: {
      scheduler.fire(sleeper.id.withLock(\.self))
    }
    state.withLock { _ = $0.sleepers.remove(sleeper.id.withLock(\.self)) }
  }

  /// What the command uses of the process.
  func environment(
    lockFolder: String,
    connect:
      @escaping @Sendable (ConnectionRequest) async throws(HypervisorError)
      -> any Hypervisor
  ) -> Environment {
    Environment(
      connect: connect, output: output, error: errors, terminal: nil, variable: { _ in nil },
      deferSignals: { [self] in state.withLock { $0.defersSignals = true } },
      deferredSignal: { [self] in
        state.withLock { $0.isDead ? 15 : isDeaf ? nil : $0.signal }
      },
      timestamp: { "2026-11-28T12:00:00Z" }, clock: ProcessClock(process: self),
      tick: { [self] in await sleep($0) }, lockFolder: { .success(lockFolder) },
      runner: Runner(user: "alice", processID: 1, runID: "00112233445566778899aabbccddeeff"),
      libvirtVersion: { Version(9, 0, 0) }, announceWait: { _ in })
  }

  fileprivate var ghostTime: Duration { state.withLock(\.ghostTime) }
}

/// The timer of a task that waits.
private final class Sleeper: Sendable {
  let id = Mutex(0)
}

/// The clock of a process.
private struct ProcessClock: WaitingClock {
  let process: Process
  var now: Duration { process.scheduler.now + process.ghostTime }
  func sleep(_ duration: Duration) async { await process.sleep(duration) }
}

/// A stream that keeps what a command writes.
final class Output: CommandStream {
  let isTerminal = false
  let width: Int? = nil
  let failure: String? = nil
  private let bytes = Mutex<[UInt8]>([])

  var all: [UInt8] { bytes.withLock(\.self) }
  func write(_ text: ShownText) { write(document: Array(text.description.utf8)) }
  func write(document: [UInt8]) { bytes.withLock { $0 += document } }
}
