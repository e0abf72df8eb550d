// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Synchronization

/// What a host reports before its domains are read: which it has, and its memory.
struct HostLists: Sendable {
  /// The connection of the domains' handles.
  let link: HostConnection
  /// All domains of the host.
  let outlines: [DomainOutline]
  /// The host's memory; nil where the driver does not report it.
  let memory: HostMemoryStatistics?
  /// The host, without its domains and what depends on them.
  let alone: ObservedHost

  /// Asks for everything at the same time.
  init(over link: HostConnection, within limit: Duration) async throws(HypervisorError) {
    async let outlines = result { () throws(HypervisorError) in
      try await DomainOutline.all(over: link, within: limit)
    }
    let (memory, nodes) = try await link.memory(within: limit)
    var host = link.identity
    (host.totalMemory, host.nodes) = (memory?.total, nodes)
    (self.link, self.memory, alone) = (link, memory, host)
    self.outlines = try await outlines.get()
  }
}

extension LibvirtHost {
  /// Lists the host's domains now, for an observation that follows within 250 ms.
  package func prepareToObserve() async {
    let lists = await result { () throws(HypervisorError) in try await askForLists() }
    prepared.withLock { $0 = (lists, .now) }
  }

  /// What the host lists, from ``prepareToObserve()`` if that is at most `age` old.
  ///
  /// An error of that call is thrown here, so that a host that does not answer is not waited for
  /// twice.
  func lists(
    noOlderThan age: Duration = .milliseconds(250)
  ) async throws(HypervisorError) -> HostLists {
    let prepared = prepared.withLock { prepared in
      defer { prepared = nil }
      return prepared
    }
    switch prepared?.lists {
    case .failure(let error)?: throw error
    case .success(let lists)? where MonotonicInstant.now - (prepared?.at ?? .now) <= age:
      return lists
    case .success?, nil: return try await askForLists()
    }
  }

  private func askForLists() async throws(HypervisorError) -> HostLists {
    try await look { (link, limit) throws(HypervisorError) in
      try await HostLists(over: link, within: limit)
    }
  }
}
