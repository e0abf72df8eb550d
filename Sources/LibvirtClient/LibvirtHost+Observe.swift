// SPDX-License-Identifier: Apache-2.0
import DomainXML
import Glibc
package import MemoryModel

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
      .sorted { $0.entry.name < $1.entry.name }
    host.domains.reserveCapacity(inScope.count)
    for (outline, reading) in zip(inScope, try await read(inScope, scope, over: link)) {
      switch reading {
      case .success(let domain)?: host.domains.append(domain)
      case nil: continue
      case .failure(let error)? where error.kind == .noDomain: continue
      case .failure(let error)?:
        host.unreadable.append(
          UnreadableDomain(name: outline.entry.name, uuid: outline.entry.uuid, error: error))
      }
    }
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

  /// Reads the domains' definitions, as many at a time as there are threads.
  private func read(
    _ outlines: [DomainOutline], _ scope: ObservationScope, over link: Link
  ) async throws(HypervisorError) -> [ReadingQueue.Reading?] {
    let queue = ReadingQueue(outlines, deadlines: link.width)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<min(link.width, outlines.count) {
        group.addTask { [self] in await read(from: queue, scope, over: link) }
      }
    }
    return try queue.results()
  }

  /// Reads what is in `queue` until nothing is left, with a new job after one that overran.
  private func read(
    from queue: ReadingQueue, _ scope: ObservationScope, over link: Link
  ) async {
    let driver = link.identity.driver
    while !queue.isExhausted {
      let hand = ReadingQueue.Hand()
      do throws(HypervisorError) {
        try await link.runAlone(within: callTimeout) {
          queue.read(in: hand) { (outline) throws(HypervisorError) in
            let (name, uuid) = (outline.entry.name, outline.entry.uuid)
            return try outline.read(
              tuning: scope.readsTuning(name: name, uuid: uuid), driver: driver)
          }
        }
      } catch {
        queue.giveUp(hand, error)
      }
    }
  }
}
