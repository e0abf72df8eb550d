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
    return try await look { (link, limit) throws(HypervisorError) in
      try await self.observe(scope, over: link, within: limit)
    }
  }

  private func observe(
    _ scope: ObservationScope, over link: Link, within limit: Duration
  ) async throws(HypervisorError) -> ObservedHost {
    let (outlines, memory) = try await link.run(within: limit) {
      (connection) throws(HypervisorError) in
      (try DomainOutline.all(on: connection), try HostMemory(of: connection))
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
    try await look { (link, limit) throws(HypervisorError) in
      var domain = try await link.run(within: limit) {
        [driver = link.identity.driver] (connection) throws(HypervisorError) in
        let entry = try DomainEntry(connection.domain(uuid: uuid))
        return try DomainOutline(asking: entry).read(tuning: readingTuning, driver: driver)
      }
      if domain.isActive, domain.job == nil {
        domain.job = try await self.barringJob(uuid: uuid, over: link)
      }
      return domain
    }
  }

  /// The job that bars writing; one that does not even let the question through is one too.
  private func barringJob(uuid: String, over link: Link) async throws(HypervisorError) -> String? {
    do throws(HypervisorError) {
      return try await link.run(within: firstLimit) { (connection) throws(HypervisorError) in
        try connection.domain(uuid: uuid).barringJob()
      }
    } catch {
      guard error.kind == .deadline || error.kind == .busy else { throw error }
      if error.kind == .deadline { retire(link) }
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
