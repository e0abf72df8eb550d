// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel
import Synchronization

extension ObservedHost {
  /// Asks libvirt for the description of the host, with all calls at the same time; also returns
  /// how long it took to answer the quickest of them.
  ///
  /// One call alone may have waited for a processor, so it does not tell how far away the host is.
  static func asking(
    _ pool: WorkerPool, _ keeper: ConnectionKeeper, within limit: Duration
  ) async throws(HypervisorError) -> (ObservedHost, roundTrip: Duration) {
    let questions = HostQuestions(pool, keeper, limit)
    // A host can be managed without these, for example without an emulator or a host name.
    async let version = questions.ask { (connection) throws(HypervisorError) in
      try whereKnown { () throws(HypervisorError) in try connection.hypervisorVersion() }
    }
    async let capabilities = questions.ask { (connection) throws(HypervisorError) in
      try whereKnown { () throws(HypervisorError) in
        try connection.capabilities()
      }.flatMap { try? HostCapabilities.read($0) }
    }
    async let hostname = questions.ask { (connection) throws(HypervisorError) in
      try whereKnown { () throws(HypervisorError) in try connection.hostname() }
    }
    async let libvirt = questions.ask { (connection) throws(HypervisorError) in
      try connection.libvirtVersion()
    }
    // The client library knows the URI, so this asks no host.
    async let uri = result { () throws(HypervisorError) in
      try await pool.run(within: limit, keeper) { (connection) throws(HypervisorError) in
        try connection.uri()
      }
    }
    async let type = questions.ask { (connection) throws(HypervisorError) in
      try connection.type()
    }
    let driver = HypervisorDriver(connectionType: try await type.get())
    let known = try await capabilities.get()
    let address = try await uri.get()
    let host = ObservedHost(
      uuid: known?.uuid, hostname: try await hostname.get(), uri: address, driver: driver,
      libvirt: try await libvirt.get(),
      hypervisor: HypervisorRelease(
        name: try await type.get(), version: try await version.get()),
      isSession: driver != .test && isSessionURI(address), nodes: known?.nodes ?? [],
      pageSizes: known?.pageSizes ?? [])
    return (host, questions.quickestAnswer)
  }
}

/// Asks a host in one call each, and notes how long the quickest answer took.
private final class HostQuestions: Sendable {
  private let pool: WorkerPool
  private let keeper: ConnectionKeeper
  private let limit: Duration
  private let quickest: Mutex<Duration>

  init(_ pool: WorkerPool, _ keeper: ConnectionKeeper, _ limit: Duration) {
    (self.pool, self.keeper, self.limit) = (pool, keeper, limit)
    quickest = Mutex(limit)
  }

  /// How long the quickest answer took; the limit if there was none.
  var quickestAnswer: Duration { quickest.withLock(\.self) }

  func ask<Value: Sendable>(
    _ question: @escaping @Sendable (borrowing Connection) throws(HypervisorError) -> Value
  ) async -> Result<Value, HypervisorError> {
    await result { () throws(HypervisorError) in
      try await pool.run(within: limit, keeper) { (connection) throws(HypervisorError) in
        let start = MonotonicInstant.now
        let value = try question(connection)
        let time = MonotonicInstant.now - start
        self.quickest.withLock { $0 = min($0, time) }
        return value
      }
    }
  }
}

/// The result of `question`; nil for an error that is not of the connection.
func whereKnown<Value>(
  _ question: () throws(HypervisorError) -> Value
) throws(HypervisorError) -> Value? {
  do throws(HypervisorError) {
    return try question()
  } catch  where error.kind != .connection {
    return nil
  }
}

/// Whether `uri` leads to an unprivileged daemon: its path ends in `/session`.
func isSessionURI(_ uri: String) -> Bool {
  uri.prefix { $0 != "?" && $0 != "#" }.hasSuffix("/session")
}

/// The result of `body` as a value.
func result<Value: Sendable>(
  _ body: () async throws(HypervisorError) -> Value
) async -> Result<Value, HypervisorError> {
  do throws(HypervisorError) {
    return .success(try await body())
  } catch {
    return .failure(error)
  }
}
