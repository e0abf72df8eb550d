// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Synchronization

/// Reads the statistics of all guests that virtmem waits for in one call; `virDomainListGetStats`.
///
/// A hung QEMU process holds the first such call for as long as it hangs, and the next call passes
/// over it. So these calls have a connection of their own. A call that takes longer than a tick is
/// left, with its connection, and virtmem asks again over a new one. While one call is left, no
/// other one is.
final class BulkLook: Sendable {
  private typealias Answer = CheckedContinuation<DomainStatistics?, Never>

  private struct State {
    var waiting: [String: [Answer]] = [:]
    var isAsking = false
    var link: HostConnection?
    /// The connection of the call that was left.
    var left: HostConnection?
  }

  /// How long virtmem waits for others that look at the same moment.
  private static let gathering = Duration.milliseconds(20)
  /// How long a call may take before it is left.
  private static let tick = Duration.seconds(1)

  private let patience: Duration
  private let open: @Sendable () async throws(HypervisorError) -> HostConnection
  private let state = Mutex(State())

  /// Makes a bulk look whose calls may take `patience`, over connections that `open` opens.
  init(
    patience: Duration, open: @escaping @Sendable () async throws(HypervisorError) -> HostConnection
  ) {
    self.patience = patience
    self.open = open
  }

  /// The statistics of a domain; nil where the call failed or left the domain out.
  func statistics(of uuid: String) async -> DomainStatistics? {
    await withCheckedContinuation { answer in
      let isFirst = state.withLock { state in
        state.waiting[uuid, default: []].append(answer)
        defer { state.isAsking = true }
        return !state.isAsking
      }
      if isFirst { Task { await askUntilAnswered() } }
    }
  }

  /// Asks for all domains that are waited for, until none is.
  private func askUntilAnswered() async {
    while true {
      try? await Task.sleep(for: Self.gathering)
      let waiting = state.withLock { state in
        defer { state.waiting = [:] }
        state.isAsking = !state.waiting.isEmpty
        return state.waiting
      }
      guard !waiting.isEmpty else { return }
      let found = (try? await ask(for: Array(waiting.keys))) ?? []
      let statistics = Dictionary(found.map { ($0.uuid, $0) }) { first, _ in first }
      for (uuid, answers) in waiting {
        for answer in answers { answer.resume(returning: statistics[uuid]) }
      }
    }
  }

  private func ask(
    for uuids: [String]
  ) async throws(HypervisorError) -> [DomainStatistics] {
    let link = try await link()
    let mayLeave = state.withLock { state in
      if state.left?.isIdle == true { state.left = nil }
      return state.left == nil
    }
    do throws(HypervisorError) {
      return try await Self.ask(link, for: uuids, within: mayLeave ? Self.tick : patience)
    } catch {
      guard error.kind == .connection || (error.kind == .deadline && mayLeave) else { throw error }
      state.withLock { state in
        if error.kind == .deadline { state.left = link }
        state.link = nil
      }
    }
    return try await Self.ask(self.link(), for: uuids, within: patience)
  }

  private static func ask(
    _ link: HostConnection, for uuids: [String], within limit: Duration
  ) async throws(HypervisorError) -> [DomainStatistics] {
    try await link.run(within: limit) { (connection) throws(HypervisorError) in
      var entries: [DomainEntry] = []
      for uuid in uuids {
        do throws(HypervisorError) {
          entries.append(try connection.entry(uuid: uuid))
        } catch  where error.kind == .noDomain {
          continue
        }
      }
      return try DomainHandle.statistics(of: entries)
    }
  }

  private func link() async throws(HypervisorError) -> HostConnection {
    if let link = state.withLock(\.link) { return link }
    let link = try await open()
    state.withLock { $0.link = link }
    return link
  }
}
