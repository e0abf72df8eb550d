// SPDX-License-Identifier: Apache-2.0
import CLibvirt
package import MemoryModel
import Synchronization

/// A host over a libvirt connection.
///
/// libvirt's calls block, so worker threads make them. After a connection breaks or a call misses
/// its deadline, the next call opens a new connection to the same URI. The test driver is an
/// exception: each of its connections has its own domains, so it is never reopened.
package final class LibvirtHost: Hypervisor {
  /// Whether the connection allows changes.
  package let access: Access
  let callTimeout: Duration
  /// The time limit for a call that writes.
  ///
  /// It is at least 45 s, because libvirt itself ends such a call: keepalive closes the connection
  /// after 20 s, and a call waits at most 30 s for the domain's job lock. With a shorter limit,
  /// virtmem would report an unknown result for a call that libvirt is about to refuse. So
  /// `--timeout` can raise this limit but not lower it.
  let writeTimeout: Duration
  private let uri: String?
  private let connectTimeout: Duration
  /// Whether virtmem may repeat a query over a new connection.
  let isReopenable: Bool
  /// What the host reported about itself on the first connection.
  let origin: ObservedHost
  private let state: Mutex<State>
  private let bulkLook = Mutex<BulkLook?>(nil)

  private enum State {
    case connected(HostConnection)
    case broken
    /// The connection broke and could not be reopened.
    case lost(HypervisorError)
  }

  private init(
    _ link: HostConnection, uri: String?, access: Access, connectTimeout: Duration,
    callTimeout: Duration
  ) {
    self.access = access
    self.uri = uri
    self.connectTimeout = connectTimeout
    self.callTimeout = callTimeout
    writeTimeout = max(callTimeout, .seconds(45))
    isReopenable = link.identity.driver != .test
    origin = link.identity
    state = Mutex(.connected(link))
  }

  /// Connects to `uri`, or for nil to libvirt's default, and describes the host;
  /// `virConnectOpenAuth`.
  ///
  /// It never asks for credentials.
  ///
  /// - Throws: ``HypervisorError``; kind `connection` where the connection can't be opened, kind
  ///   `deadline` where this takes longer than `connectTimeout`.
  package static func connect(
    uri: String?, access: Access, connectTimeout: Duration, callTimeout: Duration
  ) async throws(HypervisorError) -> LibvirtHost {
    LibvirtHost(
      try await HostConnection.open(uri, access, within: connectTimeout), uri: uri, access: access,
      connectTimeout: connectTimeout, callTimeout: callTimeout)
  }

  /// The version of libvirt's client library, with which this process runs; `virGetVersion`.
  package static var libraryVersion: Version? {
    var version: UInt = 0
    guard unsafe virGetVersion(&version, nil, nil) == 0 else { return nil }
    return Version(encoded: version)
  }

  /// The time limit for a query before it is repeated over a new connection.
  ///
  /// A hung QEMU process blocks the first call that queries it, and so its connection. libvirt then
  /// knows about that query and leaves the process out of the next one.
  var firstLimit: Duration { isReopenable ? callTimeout / 4 : callTimeout }

  /// Runs `work`, which must not write, with ``firstLimit``.
  ///
  /// After an error of `kinds` it runs `work` once more, over a new connection and with the full
  /// time limit.
  func look<Value: Sendable>(
    againAfter kinds: Set<HypervisorError.Kind> = [.connection, .deadline],
    _ work: (HostConnection, Duration) async throws(HypervisorError) -> Value
  ) async throws(HypervisorError) -> Value {
    do throws(HypervisorError) {
      return try await use { (link) throws(HypervisorError) in try await work(link, firstLimit) }
    } catch {
      guard kinds.contains(error.kind), isReopenable else { throw error }
    }
    return try await use { (link) throws(HypervisorError) in try await work(link, callTimeout) }
  }

  /// Runs `work` once over the current connection, or over a new one if that broke before.
  func use<Value: Sendable>(
    _ work: (HostConnection) async throws(HypervisorError) -> Value
  ) async throws(HypervisorError) -> Value {
    let link = try await link()
    // Keeps the link until the domain handles are freed: freeing the last one here would block.
    defer { withExtendedLifetime(link) {} }
    do throws(HypervisorError) {
      return try await work(link)
    } catch {
      if error.kind == .connection || error.kind == .deadline { retire(link) }
      throw error
    }
  }

  // MARK: Connection

  /// Stops further use of `link`; calls that run on it continue.
  func retire(_ link: HostConnection) {
    guard isReopenable else { return }
    state.withLock {
      if case .connected(let current) = $0, current === link { $0 = .broken }
    }
  }

  /// Makes the next call try to connect again, though that has failed before.
  func allowReconnect() {
    state.withLock { if case .lost = $0 { $0 = .broken } }
  }

  private func link() async throws(HypervisorError) -> HostConnection {
    switch state.withLock(\.self) {
    case .connected(let link): return link
    case .broken: return try await reopened()
    // Otherwise each domain of the host would wait for a connection in vain.
    case .lost(let error): throw error
    }
  }

  /// A new connection with one thread, beside the shared one.
  func another() async throws(HypervisorError) -> HostConnection {
    let link = try await HostConnection.open(uri, access, within: connectTimeout, threads: 1)
    try checkIsSameHost(link)
    return link
  }

  /// The statistics of a domain from a call for all domains that are looked at in this moment; nil
  /// where that call failed.
  func statisticsInBulk(of uuid: String) async -> DomainStatistics? {
    let look = bulkLook.withLock { look in
      let current =
        look
        ?? BulkLook(patience: callTimeout) { [weak self] () throws(HypervisorError) in
          guard let host = self else {
            throw HypervisorError(
              .connection, call: "virConnectOpenAuth", message: "the host is no longer used")
          }
          return try await host.another()
        }
      look = current
      return current
    }
    return await look.statistics(of: uuid)
  }

  /// A new connection in place of the broken one.
  ///
  /// It retries for the connection timeout, because a daemon that restarts refuses connections.
  private func reopened() async throws(HypervisorError) -> HostConnection {
    let start = ContinuousClock.now
    while true {
      do throws(HypervisorError) {
        let link = try await HostConnection.open(uri, access, within: connectTimeout)
        try checkIsSameHost(link)
        return adopt(link)
      } catch {
        guard error.kind == .connection, start.duration(to: .now) < connectTimeout else {
          var error = error
          error.message =
            "the connection broke and could not be opened again: \(error.message)"
          state.withLock { $0 = .lost(error) }
          throw error
        }
      }
      try? await Task.sleep(for: .milliseconds(500))
    }
  }

  /// Makes `link` the current connection, unless another thread was faster.
  private func adopt(_ link: HostConnection) -> HostConnection {
    state.withLock {
      if case .connected(let other) = $0 { return other }
      $0 = .connected(link)
      return link
    }
  }

  /// Checks that `link` leads to the same host as before, by its UUID or its name.
  ///
  /// Where the firmware has no UUID, libvirt's daemon generates a new one at each start.
  ///
  /// - Throws: ``HypervisorError`` where both differ.
  private func checkIsSameHost(_ link: HostConnection) throws(HypervisorError) {
    guard link.identity.uuid == origin.uuid || link.identity.hostname == origin.hostname else {
      throw HypervisorError(
        .refused, call: "virConnectGetCapabilities",
        message: """
          another host answers there now, \(link.identity.hostname ?? "of no name"), where \
          \(origin.hostname ?? "one of no name") was
          """)
    }
  }
}
