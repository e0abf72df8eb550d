// SPDX-License-Identifier: Apache-2.0
package import MemoryModel
import Synchronization

/// A host behind a libvirt connection, which lasts as long as this does.
///
/// libvirt's calls block, and so are made on threads of our own, a few a connection. A connection
/// that broke, or on which a call overran its deadline, is not used again: what is asked next
/// opens another to the same URI. The test driver's is the exception, because each of its
/// connections has a state of its own: it is never opened again.
package final class LibvirtHost: Hypervisor {
  /// Whether the connection may change anything.
  package let access: Access
  let callTimeout: Duration
  /// How long a call that writes may take.
  ///
  /// Longer than what ends such a call by itself: keepalive, which takes 20 s to close the
  /// connection, and libvirt's own wait of 30 s for a domain's job lock. A shorter limit would
  /// make an unknown outcome of what is only about to be refused, and so a shorter `--timeout`
  /// bounds how long a user waits for an effect, and not this. A longer one bounds it.
  let writeTimeout: Duration
  private let uri: String?
  private let connectTimeout: Duration
  /// Whether what is not answered can be asked again over another connection.
  let isReopenable: Bool
  /// What the host said of itself when it was connected to.
  let origin: ObservedHost
  private let state: Mutex<State>

  private enum State {
    case connected(Link)
    case broken
    /// It broke and could not be opened again.
    case lost(HypervisorError)
  }

  private init(
    _ link: Link, uri: String?, access: Access, connectTimeout: Duration, callTimeout: Duration
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

  /// Connects and asks what the host is; libvirt's own default where `uri` is nil.
  ///
  /// `virConnectOpenAuth`, which never asks for credentials.
  ///
  /// - Throws: ``HypervisorError``; kind `connection` where there is none to be had, kind
  ///   `deadline` where all that takes longer than `connectTimeout`.
  package static func connect(
    uri: String?, access: Access, connectTimeout: Duration, callTimeout: Duration
  ) async throws(HypervisorError) -> LibvirtHost {
    LibvirtHost(
      try await Link.open(uri, access, within: connectTimeout), uri: uri, access: access,
      connectTimeout: connectTimeout, callTimeout: callTimeout)
  }

  /// How long a look may take before it is tried over another connection.
  ///
  /// A hypervisor process that hangs holds up the first call that asks it for something, and with
  /// it that connection. libvirt then knows that it is being asked, and leaves it out of the next.
  var firstLimit: Duration { isReopenable ? callTimeout / 4 : callTimeout }

  /// Does `work`, which must not write, and once more over a new connection where the first broke
  /// or gave no answer within the limit that `work` is given; only after errors of `kinds`.
  func look<Value: Sendable>(
    againAfter kinds: Set<HypervisorError.Kind> = [.connection, .deadline],
    _ work: (Link, Duration) async throws(HypervisorError) -> Value
  ) async throws(HypervisorError) -> Value {
    do throws(HypervisorError) {
      return try await use { (link) throws(HypervisorError) in try await work(link, firstLimit) }
    } catch {
      guard kinds.contains(error.kind), isReopenable else { throw error }
    }
    return try await use { (link) throws(HypervisorError) in try await work(link, callTimeout) }
  }

  /// Does `work` once over the connection there is, or over a new one where that broke before.
  func use<Value: Sendable>(
    _ work: (Link) async throws(HypervisorError) -> Value
  ) async throws(HypervisorError) -> Value {
    let link = try await link()
    // Whoever frees a connection's last handle closes it, which blocks: never on this thread.
    defer { withExtendedLifetime(link) {} }
    do throws(HypervisorError) {
      return try await work(link)
    } catch {
      if error.kind == .connection || error.kind == .deadline { retire(link) }
      throw error
    }
  }

  // MARK: The connection

  /// Sees to it that `link` is not used again; the calls under way on it are let be.
  func retire(_ link: Link) {
    guard isReopenable else { return }
    state.withLock {
      if case .connected(let current) = $0, current === link { $0 = .broken }
    }
  }

  /// Makes the next call try to connect again, though that has failed before.
  func allowReconnect() {
    state.withLock { if case .lost = $0 { $0 = .broken } }
  }

  private func link() async throws(HypervisorError) -> Link {
    switch state.withLock(\.self) {
    case .connected(let link): return link
    case .broken: return try await reopened()
    // Each of a host's domains would wait for it in vain.
    case .lost(let error): throw error
    }
  }

  /// A connection of one thread beside the one that all others use.
  func another() async throws(HypervisorError) -> Link {
    let link = try await Link.open(uri, access, within: connectTimeout, threads: 1)
    try checkIsSameHost(link)
    return link
  }

  /// A new connection in place of the one that broke.
  ///
  /// A daemon that is being restarted refuses for a while, and gets the time of a first answer.
  private func reopened() async throws(HypervisorError) -> Link {
    let start = ContinuousClock.now
    while true {
      do throws(HypervisorError) {
        let link = try await Link.open(uri, access, within: connectTimeout)
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

  /// Makes `link` the connection, unless somebody else was faster.
  private func adopt(_ link: Link) -> Link {
    state.withLock {
      if case .connected(let other) = $0 { return other }
      $0 = .connected(link)
      return link
    }
  }

  /// Refuses a host that is neither by its UUID nor by its name the one that was connected to.
  ///
  /// Where the firmware has no UUID, libvirt's daemon makes one up anew each time it starts.
  private func checkIsSameHost(_ link: Link) throws(HypervisorError) {
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
