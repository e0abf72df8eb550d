// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import DomainXML
import Glibc
import MemoryModel
import Synchronization

/// One connection with the threads that use it and what the host at its other end said it is.
///
/// It closes when nobody holds it any more, and waits for nobody then: a thread that is stuck in
/// libvirt keeps the connection until it comes back, or until the process ends.
final class Link: Sendable {
  /// What the host said of itself, with no domains yet.
  let identity: ObservedHost
  private let pool: WorkerPool
  private let keeper: ConnectionKeeper

  private init(identity: ObservedHost, pool: WorkerPool, keeper: ConnectionKeeper) {
    self.identity = identity
    self.pool = pool
    self.keeper = keeper
  }

  deinit {
    // Closing asks the daemon, and so is left to the pool's last thread.
    let isIdle = pool.close { [keeper] in keeper.close() }
    // A thread that is stuck never comes to it, and its answer is not waited for any more.
    if !isIdle { keeper.endProcesses() }
  }

  /// libvirt's daemon answers five questions of a client at a time; the sixth is there when one of
  /// them is answered.
  private static let usualThreads = 6

  /// Connects and asks what the host is; libvirt's own default where `uri` is nil.
  ///
  /// - Throws: ``HypervisorError``; kind `connection` where there is none to be had, kind
  ///   `deadline` where all that takes longer than `limit`.
  static func open(
    _ uri: String?, _ access: Access, within limit: Duration, threads: Int = usualThreads
  ) async throws(HypervisorError) -> Link {
    let pool = try WorkerPool(size: threads)
    let keeper = ConnectionKeeper()
    do throws(HypervisorError) {
      let identity = try await pool.run(within: limit) { () throws(HypervisorError) in
        try keeper.open(uri, access)
        return try ObservedHost(asking: keeper.reference())
      }
      return Link(identity: identity, pool: pool, keeper: keeper)
    } catch {
      if !pool.close({ keeper.close() }) { keeper.endProcesses() }
      throw error
    }
  }

  /// How many jobs run at a time.
  var width: Int { pool.size }

  /// Does `work` with the connection on one of the threads.
  ///
  /// - Throws: what `work` throws; kind `deadline` where it ran for longer than `limit`.
  func run<Value: Sendable>(
    within limit: Duration,
    _ work: @escaping @Sendable (borrowing Connection) throws(HypervisorError) -> Value
  ) async throws(HypervisorError) -> Value {
    try await pool.run(within: limit) { [keeper] () throws(HypervisorError) in
      let connection = try keeper.reference()
      return try work(connection)
    }
  }
}

/// The first reference to a connection, from which jobs take theirs.
private final class ConnectionKeeper: Sendable {
  private let connection = Mutex<Connection?>(nil)
  private let processes = Mutex<Set<pid_t>>([])
  /// The thread that is opening the connection; 0 where none is.
  private let opener = Atomic<pid_t>(0)

  /// Opens the connection, which may take as long as it likes.
  func open(_ uri: String?, _ access: Access) throws(HypervisorError) {
    opener.store(gettid(), ordering: .sequentiallyConsistent)
    defer { opener.store(0, ordering: .sequentiallyConsistent) }
    var opened: Connection? = try Connection.open(uri, access)
    processes.withLock { $0 = ConnectionProcesses.note(startedBy: gettid()) }
    connection.withLock { $0 = opened.take() }
  }

  /// Ends what libvirt has started for the connection, and with it every call that is stuck in it.
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
    connection.withLock { $0 = nil }
    ConnectionProcesses.forget(processes.withLock(\.self))
  }
}

extension ObservedHost {
  /// Asks the host at the other end what it is.
  fileprivate init(asking connection: borrowing Connection) throws(HypervisorError) {
    let type = try connection.type()
    let driver = HypervisorDriver(connectionType: type)
    let uri = try connection.uri()
    // A host may have no emulator, name or capabilities to tell of, and be managed all the same.
    let version = try whereKnown { () throws(HypervisorError) in
      try connection.hypervisorVersion()
    }
    let capabilities = try whereKnown { () throws(HypervisorError) in
      try connection.capabilities()
    }.flatMap { try? HostCapabilities.read($0) }
    self.init(
      uuid: capabilities?.uuid,
      hostname: try whereKnown { () throws(HypervisorError) in try connection.hostname() },
      uri: uri, driver: driver, libvirt: try connection.libvirtVersion(),
      hypervisor: version.map { "\(type) \($0)" } ?? type,
      isSession: driver != .test && isSessionURI(uri), nodes: capabilities?.nodes,
      pageSizes: capabilities?.pageSizes ?? [])
  }
}

/// The answer to `question`; nil where libvirt has none, though the connection is sound.
func whereKnown<Value>(
  _ question: () throws(HypervisorError) -> Value
) throws(HypervisorError) -> Value? {
  do throws(HypervisorError) {
    return try question()
  } catch  where error.kind != .connection {
    return nil
  }
}

/// Whether `uri` is one of an unprivileged daemon: its path ends in `/session`.
func isSessionURI(_ uri: String) -> Bool {
  uri.prefix { $0 != "?" && $0 != "#" }.hasSuffix("/session")
}
