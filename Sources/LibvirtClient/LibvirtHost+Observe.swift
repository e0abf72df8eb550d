// SPDX-License-Identifier: Apache-2.0
import DomainXML
import Glibc
package import MemoryModel

extension LibvirtHost {
  /// Looks at the host and the domains in `scope`.
  ///
  /// Which domains there are comes in bulk; then each costs one call a definition, while states and
  /// balloons come in bulk too.
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
    let outlines = try await link.run(within: limit) { (connection) throws(HypervisorError) in
      try DomainOutline.all(on: connection)
    }
    let inScope = outlines.filter { scope.contains(name: $0.entry.name, uuid: $0.entry.uuid) }
      .sorted { $0.entry.name < $1.entry.name }
    let queue = ReadingQueue(inScope, deadlines: link.width)
    let bulk = try await read(queue, scope, over: link, within: limit)
    let statistics = Dictionary(bulk.statistics.map { ($0.uuid, $0) }) { first, _ in first }
    var host = link.identity
    host.domains.reserveCapacity(inScope.count)
    for (outline, reading) in zip(inScope, try queue.results()) {
      switch reading {
      case .success(var reading)? where reading.put(statistics[outline.entry.uuid]):
        host.domains.append(reading.domain)
      case .success?:
        try await lookAgain(outline.entry, scope, over: link, into: &host)
      case nil: continue
      case .failure(let error)? where error.kind == .noDomain: continue
      case .failure(let error)?:
        host.unreadable.append(
          UnreadableDomain(name: outline.entry.name, uuid: outline.entry.uuid, error: error))
      }
    }
    host.availableMemory = bulk.memory?.available(besides: scope.readsAll ? host.domains : [])
    return host
  }

  /// Looks at one domain again; also at the jobs that would hold up a call that writes.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where it is gone.
  package func observe(
    uuid: String, readingTuning: Bool
  ) async throws(HypervisorError) -> ObservedDomain {
    try await look { (link, limit) throws(HypervisorError) in
      var domain = try await self.read(
        uuid: uuid, tuning: readingTuning, over: link, within: limit)
      if domain.isActive, domain.job == nil {
        domain.job = try await self.barringJob(uuid: uuid, over: link)
      }
      return domain
    }
  }

  /// Reads a domain by itself, again where it is started or stopped meanwhile.
  private func read(
    uuid: String, tuning: Bool, over link: Link, within limit: Duration
  ) async throws(HypervisorError) -> ObservedDomain {
    var attempts = 10
    while true {
      let (domain, isOfOneMoment) = try await link.run(within: limit) {
        [driver = link.identity.driver] (connection) throws(HypervisorError) in
        let entry = try DomainEntry(connection.domain(uuid: uuid))
        let statistics = try DomainStatistics(asking: entry)
        var reading = try DomainOutline(asking: entry).read(tuning: tuning, driver: driver)
        let isOfOneMoment = reading.put(statistics)
        return (reading.domain, isOfOneMoment)
      }
      attempts -= 1
      if isOfOneMoment || attempts == 0 { return domain }
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Looks at a domain that has changed while the host was looked at, and that may be gone.
  private func lookAgain(
    _ entry: DomainEntry, _ scope: ObservationScope, over link: Link, into host: inout ObservedHost
  ) async throws(HypervisorError) {
    do throws(HypervisorError) {
      host.domains.append(
        try await read(
          uuid: entry.uuid, tuning: scope.readsTuning(name: entry.name, uuid: entry.uuid),
          over: link, within: callTimeout))
    } catch {
      switch error.kind {
      case .noDomain: break
      case .connection, .deadline: throw error
      default:
        host.unreadable.append(
          UnreadableDomain(name: entry.name, uuid: entry.uuid, error: error))
      }
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

  /// What libvirt tells of all domains, and of the host, in one call each.
  private struct Bulk: Sendable {
    let statistics: [DomainStatistics]
    let memory: HostMemory?
  }

  /// Reads the domains' definitions, as many at a time as there are threads; one of these asks for
  /// what comes in bulk before that, for which libvirt takes its time.
  private func read(
    _ queue: ReadingQueue, _ scope: ObservationScope, over link: Link, within limit: Duration
  ) async throws(HypervisorError) -> Bulk {
    let bulk = await withTaskGroup(of: Void.self) { group in
      for _ in 1..<max(1, min(link.width, queue.count)) {
        group.addTask { [self] in await read(from: queue, scope, over: link) }
      }
      let bulk = await askInBulk(over: link, within: limit)
      if case .failure(let error) = bulk { queue.stop(error) }
      await read(from: queue, scope, over: link)
      return bulk
    }
    return try bulk.get()
  }

  private func askInBulk(
    over link: Link, within limit: Duration
  ) async -> Result<Bulk, HypervisorError> {
    do throws(HypervisorError) {
      return .success(
        try await link.run(within: limit) { (connection) throws(HypervisorError) in
          Bulk(
            statistics: try DomainStatistics.ofActive(on: connection),
            memory: try HostMemory(of: connection))
        })
    } catch {
      return .failure(error)
    }
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
