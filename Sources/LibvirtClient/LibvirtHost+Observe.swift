// SPDX-License-Identifier: Apache-2.0
import DomainXML
import Glibc
package import MemoryModel
import Synchronization

extension LibvirtHost {
  /// Looks at the host and the domains in `scope`.
  ///
  /// State, managed save and balloon come in bulk; then each domain costs one call a definition.
  ///
  /// - Throws: ``HypervisorError`` where the bulk calls fail, where the connection breaks, or
  ///   where as many domains overrun the deadline as there are threads.
  package func observe(
    _ scope: ObservationScope
  ) async throws(HypervisorError) -> ObservedHost {
    forgetLoss()
    return try await look { (link) throws(HypervisorError) in
      try await self.observe(scope, over: link)
    }
  }

  private func observe(
    _ scope: ObservationScope, over link: Link
  ) async throws(HypervisorError) -> ObservedHost {
    let statistics = try await allStatistics(over: link)
    let (outlines, memory) = try await link.run(within: callTimeout) {
      (connection) throws(HypervisorError) in
      (try DomainOutline.all(on: connection, statistics), try HostMemory(of: connection))
    }
    var host = link.identity
    let inScope = outlines.filter { scope.contains(name: $0.entry.name, uuid: $0.entry.uuid) }
    for (outline, reading) in try await read(inScope, scope, over: link) {
      switch reading {
      case .success(let domain): host.domains.append(domain)
      case .failure(let error) where error.kind == .noDomain: continue
      case .failure(let error):
        host.unreadable.append(
          UnreadableDomain(name: outline.entry.name, uuid: outline.entry.uuid, error: error))
      }
    }
    host.domains.sort { $0.name < $1.name }
    host.unreadable.sort { $0.name < $1.name }
    host.availableMemory = memory?.available(besides: scope.readsAll ? host.domains : [])
    return host
  }

  /// Looks at one domain again; also at the jobs that would hold up a call that writes.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where it is gone.
  package func observe(
    uuid: String, readingTuning: Bool
  ) async throws(HypervisorError) -> ObservedDomain {
    try await look { (link) throws(HypervisorError) in
      let entry = try await link.run(within: callTimeout) { (connection) throws(HypervisorError) in
        try DomainEntry(connection.domain(uuid: uuid))
      }
      let statistics = try await self.statistics(of: entry, over: link)
      var domain = try await link.runAlone(within: callTimeout) {
        [driver = link.identity.driver] () throws(HypervisorError) in
        try DomainOutline(asking: entry, statistics).read(tuning: readingTuning, driver: driver)
      }
      if domain.isActive, domain.job == nil {
        domain.job = try await barringJob(of: entry, over: link)
      }
      return domain
    }
  }

  // MARK: What a hypervisor process that hangs would hold up

  /// How long is waited for what such a process may never answer, with the rest done without it.
  private var partTimeout: Duration { callTimeout / 4 }

  /// State and balloon of all domains; of a host with a process that hangs, their state alone.
  private func allStatistics(over link: Link) async throws(HypervisorError) -> [DomainStatistics] {
    do throws(HypervisorError) {
      return try await link.run(within: partTimeout) { (connection) throws(HypervisorError) in
        try DomainOutline.allStatistics(on: connection, .stateAndBalloon)
      }
    } catch  where error.kind == .deadline {
      return try await link.run(within: callTimeout - partTimeout) {
        (connection) throws(HypervisorError) in
        try DomainOutline.allStatistics(on: connection, .state)
      }
    }
  }

  /// State and balloon of a domain; its state alone where its process hangs.
  private func statistics(
    of entry: DomainEntry, over link: Link
  ) async throws(HypervisorError) -> DomainStatistics {
    do throws(HypervisorError) {
      return try await link.runAlone(within: partTimeout) { () throws(HypervisorError) in
        let told = try whereKnown { () throws(HypervisorError) in
          try entry.handle.statistics().first
        }
        return if let told = told ?? nil { told } else { try DomainStatistics(asking: entry) }
      }
    } catch  where error.kind == .deadline {
      return try await link.runAlone(within: callTimeout - partTimeout) {
        () throws(HypervisorError) in try DomainStatistics(asking: entry)
      }
    }
  }

  /// The job that bars writing; one that does not even let the question through is one too.
  private func barringJob(
    of entry: DomainEntry, over link: Link
  ) async throws(HypervisorError) -> String? {
    do throws(HypervisorError) {
      return try await link.runAlone(within: partTimeout) { () throws(HypervisorError) in
        try entry.handle.barringJob()
      }
    } catch  where error.kind == .deadline || error.kind == .busy {
      return "job that does not let libvirt look at it"
    }
  }

  private typealias Reading = (DomainOutline, Result<ObservedDomain, HypervisorError>)

  /// Reads the domains' definitions, as many at a time as there are threads.
  private func read(
    _ outlines: [DomainOutline], _ scope: ObservationScope, over link: Link
  ) async throws(HypervisorError) -> [Reading] {
    // A host that has stopped answering would cost a deadline for every few of its domains.
    let failure = Breaker(afterDeadlines: link.width)
    let readings = await withTaskGroup(of: Reading.self) { group in
      for outline in outlines {
        group.addTask { [self] in (outline, await read(outline, scope, failure, over: link)) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    try failure.check()
    return readings
  }

  private func read(
    _ outline: DomainOutline, _ scope: ObservationScope, _ failure: Breaker, over link: Link
  ) async -> Result<ObservedDomain, HypervisorError> {
    let tuning = scope.readsTuning(name: outline.entry.name, uuid: outline.entry.uuid)
    let driver = link.identity.driver
    do throws(HypervisorError) {
      return .success(
        try await link.runAlone(within: callTimeout) { () throws(HypervisorError) in
          try failure.check()
          return try outline.read(tuning: tuning, driver: driver)
        })
    } catch {
      failure.note(error)
      return .failure(error)
    }
  }
}

/// Keeps the error that says that a host as a whole has stopped answering.
private final class Breaker: Sendable {
  private let state: Mutex<(deadlinesLeft: Int, error: HypervisorError?)>

  init(afterDeadlines count: Int) {
    state = Mutex((count, nil))
  }

  func note(_ error: HypervisorError) {
    state.withLock {
      if error.kind == .deadline { $0.deadlinesLeft -= 1 }
      if error.kind == .connection || $0.deadlinesLeft == 0 { $0.error = $0.error ?? error }
    }
  }

  func check() throws(HypervisorError) {
    if let error = state.withLock(\.error) { throw error }
  }
}
