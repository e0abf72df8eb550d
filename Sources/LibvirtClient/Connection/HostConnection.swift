// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel
import Platform
import Synchronization

/// A libvirt connection with its worker threads and the description of its host.
///
/// When the last reference to a link goes, the connection closes in the background. A thread that
/// is stuck in libvirt keeps the connection open until its call returns or the process ends.
final class HostConnection: Sendable {
  /// What the host reported about itself at the start, without domains.
  let identity: ObservedHost
  /// How long the host's quickest answer took.
  private let roundTrip: Duration
  private let pool: WorkerPool
  private let keeper: ConnectionKeeper

  private init(
    identity: ObservedHost, roundTrip: Duration, pool: WorkerPool, keeper: ConnectionKeeper
  ) {
    self.identity = identity
    self.roundTrip = roundTrip
    self.pool = pool
    self.keeper = keeper
  }

  deinit {
    // Closing the connection calls the daemon and may block, so the pool's last thread does it.
    let isIdle = pool.close { [keeper] in keeper.close() }
    // A stuck thread never gets there, and no caller waits for its answer any more.
    if !isIdle { keeper.endProcesses() }
  }

  /// The usual number of threads, and so of calls under way.
  ///
  /// libvirt's daemon processes five calls of a connection at a time, and has twenty threads. So two
  /// connections leave half of them to other clients. The other calls of a connection are on their
  /// way meanwhile.
  private static let usualThreads = 10

  /// Opens a connection and describes its host; nil means libvirt's default URI.
  ///
  /// - Throws: ``HypervisorError``; kind `connection` where the connection can't be opened, kind
  ///   `deadline` where opening takes longer than `limit`.
  static func open(
    _ uri: String?, _ access: Access, within limit: Duration, threads: Int = usualThreads
  ) async throws(HypervisorError) -> HostConnection {
    let pool = try WorkerPool(size: threads, hiding: ConnectionURIs.secrets(of: uri))
    let keeper = ConnectionKeeper()
    do throws(HypervisorError) {
      let start = MonotonicInstant.now
      try await pool.run(within: limit) { () throws(HypervisorError) in
        try keeper.open(uri, access)
      }
      let rest = max(.zero, limit - (MonotonicInstant.now - start))
      let (identity, roundTrip) = try await ObservedHost.asking(pool, keeper, within: rest)
      return HostConnection(
        identity: identity, roundTrip: roundTrip, pool: pool, keeper: keeper)
    } catch {
      if !pool.close({ keeper.close() }) { keeper.endProcesses() }
      throw error
    }
  }

  /// Whether a processor is idle while all threads read.
  ///
  /// Over a fast link, libvirtd and the threads keep two processors busy. What is computed beside
  /// them would then only delay them.
  var leavesProcessorIdle: Bool {
    roundTrip > .milliseconds(5) || Processor.count > 3
  }

  /// The number of threads, and so of jobs that run at the same time.
  var width: Int { pool.size }

  /// Whether no thread is in a call, also none of a call that was given up.
  var isIdle: Bool { pool.isIdle }

  /// Runs `work` with the connection on one of the threads.
  ///
  /// - Throws: the error of `work`, or one of the kind `deadline` where `work` runs longer than
  ///   `limit`.
  func run<Value: Sendable>(
    within limit: Duration,
    _ work: @escaping @Sendable (borrowing Connection) throws(HypervisorError) -> Value
  ) async throws(HypervisorError) -> Value {
    try await pool.run(within: limit, keeper, work)
  }
}

extension WorkerPool {
  /// Runs `work` with the connection of `keeper` on one of the threads.
  func run<Value: Sendable>(
    within limit: Duration, _ keeper: ConnectionKeeper,
    _ work: @escaping @Sendable (borrowing Connection) throws(HypervisorError) -> Value
  ) async throws(HypervisorError) -> Value {
    try await run(within: limit) { () throws(HypervisorError) in
      let connection = try keeper.reference()
      return try work(connection)
    }
  }
}

/// Holds the first reference to a connection; each job gets its own from it.
final class ConnectionKeeper: Sendable {
  private let connection = Mutex<Connection?>(nil)
  private let processes = Mutex<Set<pid_t>>([])
  /// The thread that is opening the connection; 0 for none.
  private let opener = Atomic<pid_t>(0)

  /// Opens the connection and blocks until libvirt returns.
  func open(_ uri: String?, _ access: Access) throws(HypervisorError) {
    opener.store(gettid(), ordering: .sequentiallyConsistent)
    defer { opener.store(0, ordering: .sequentiallyConsistent) }
    var opened: Connection? = try Connection.open(uri, access)
    processes.withLock { $0 = ConnectionProcesses.note(startedBy: gettid()) }
    connection.withLock { $0 = opened.take() }
  }

  /// Ends the processes that libvirt started for the connection, which also ends calls stuck in it.
  func endProcesses() {
    let opener = opener.load(ordering: .sequentiallyConsistent)
    let started = opener == 0 ? [] : ConnectionProcesses.children(of: opener)
    ConnectionProcesses.end(processes.withLock { $0.union(started) })
  }

  func reference() throws(HypervisorError) -> Connection {
    try connection.withLock { (connection) throws(HypervisorError) in
      guard let reference = try connection?.reference() else {
        throw HypervisorError(
          .connection, call: "virConnectRef", message: "the connection is closed")
      }
      return reference
    }
  }

  func close() {
    connection.withLock {
      $0?.forgetDomains()
      $0 = nil
    }
    ConnectionProcesses.forget(processes.withLock(\.self))
  }
}
