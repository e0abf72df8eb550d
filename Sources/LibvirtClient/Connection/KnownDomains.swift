// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Synchronization

/// The domains that a connection has listed or looked up, by UUID.
///
/// A handle stays valid while its domain is started, stopped or renamed. For a domain that is gone,
/// each call with the handle fails with the kind `noDomain`, as a lookup does.
final class KnownDomains: Sendable {
  private let entries = Mutex<[String: DomainEntry]>([:])
  private let saves = Mutex<(uuids: Set<String>, since: MonotonicInstant)?>(nil)

  /// The domain with this UUID in lower case; nil if the connection has not seen it.
  subscript(uuid: String) -> DomainEntry? {
    get { entries.withLock { $0[uuid] } }
    set { entries.withLock { $0[uuid] = newValue } }
  }

  /// Adds domains that were listed.
  func add(_ listed: [DomainEntry]) {
    entries.withLock { entries in
      entries.reserveCapacity(entries.count + listed.count)
      for entry in listed { entries[entry.uuid] = entry }
    }
  }

  /// The UUIDs of the domains with a saved image: what `list` returned at most 250 ms ago, or
  /// returns now.
  ///
  /// One thread asks, and the others wait for its answer.
  func managedSaves(
    _ list: () throws(HypervisorError) -> Set<String>
  ) throws(HypervisorError) -> Set<String> {
    try saves.withLock { (saves) throws(HypervisorError) in
      let now = MonotonicInstant.now
      if let saves, now < saves.since + .milliseconds(250) { return saves.uuids }
      let uuids = try list()
      saves = (uuids, now)
      return uuids
    }
  }

  /// Releases all handles.
  func forgetAll() {
    let released = entries.withLock { entries in
      defer { entries = [:] }
      return entries
    }
    withExtendedLifetime(released) {}
  }
}
