// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

extension LibvirtHost {
  /// Looks at the host and the domains in `scope`.
  ///
  /// Which domains there are comes in bulk; then each costs one call a definition, while states and
  /// balloons come in bulk too.
  ///
  /// - Throws: ``HypervisorError`` where the bulk calls fail, where the connection breaks, or
  ///   where twice as many domains overrun the deadline as there are threads.
  package func observe(
    _ scope: ObservationScope
  ) async throws(HypervisorError) -> ObservedHost {
    allowReconnect()
    do throws(HypervisorError) {
      return try await observeOnce(scope)
    } catch {
      guard error.kind == .connection, isReopenable else { throw error }
    }
    return try await observeOnce(scope)
  }

  private func observeOnce(
    _ scope: ObservationScope
  ) async throws(HypervisorError) -> ObservedHost {
    let (link, outlines) = try await look { (link, limit) throws(HypervisorError) in
      let outlines = try await link.run(within: limit) { (connection) throws(HypervisorError) in
        try DomainOutline.all(on: connection)
      }
      return (link, outlines)
    }
    // To free a connection's last handle closes it, which blocks: never on this thread.
    defer { withExtendedLifetime(link) {} }
    let inScope = outlines.filter { scope.contains(name: $0.entry.name, uuid: $0.entry.uuid) }
      .sorted { $0.entry.name < $1.entry.name }
    let queue = ReadingQueue(inScope, deadlines: 2 * link.width)
    let bulk = try await read(queue, scope, from: link)
    let statistics = Dictionary(bulk.statistics.map { ($0.uuid, $0) }) { first, _ in first }
    var host = link.identity
    host.domains.reserveCapacity(inScope.count)
    for (outline, reading) in zip(inScope, try queue.results()) {
      switch reading {
      case .success(var reading)? where reading.put(statistics[outline.entry.uuid]):
        host.domains.append(reading.domain)
      case .success?:
        try await lookAgain(outline.entry, scope, into: &host)
      case nil: continue
      case .failure(let error)? where error.kind == .noDomain: continue
      case .failure(let error)?:
        host.unreadable.append(
          UnreadableDomain(name: outline.entry.name, uuid: outline.entry.uuid, error: error))
      }
    }
    host.freeMemory = bulk.freeMemory
    host.availableMemory = bulk.memory?.available(besides: scope.readsAll ? host.domains : [])
    return host
  }

  /// Looks at one domain again; also at the jobs that would hold up a call that writes.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where it is gone.
  package func observe(
    uuid: String, readingTuning: Bool
  ) async throws(HypervisorError) -> ObservedDomain {
    var domain = try await read(uuid: uuid, tuning: readingTuning)
    if domain.isActive, domain.job == nil {
      domain.job = try await barringJob(uuid: uuid)
    }
    return domain
  }

  /// Why a domain that does not run was stopped, in virsh's word; nil where libvirt does not tell.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where it is gone.
  package func stopReason(uuid: String) async throws(HypervisorError) -> String? {
    try await look { (link, limit) throws(HypervisorError) in
      try await link.run(within: limit) { (connection) throws(HypervisorError) in
        let (state, reason) = try connection.domain(uuid: uuid).state()
        return DomainState(state).stop(reason: reason)
      }
    }
  }

  /// Looks at a domain that has changed while the host was looked at, and that may be gone.
  private func lookAgain(
    _ entry: DomainEntry, _ scope: ObservationScope, into host: inout ObservedHost
  ) async throws(HypervisorError) {
    do throws(HypervisorError) {
      host.domains.append(
        try await read(
          uuid: entry.uuid, tuning: scope.readsTuning(name: entry.name, uuid: entry.uuid)))
    } catch {
      switch error.kind {
      case .noDomain: break
      case .connection: throw error
      default:
        host.unreadable.append(
          UnreadableDomain(name: entry.name, uuid: entry.uuid, error: error))
      }
    }
  }

  /// Reads a domain by itself, again where it is started or stopped meanwhile.
  private func read(uuid: String, tuning: Bool) async throws(HypervisorError) -> ObservedDomain {
    var attempts = 10
    while true {
      let (domain, isOfOneMoment) = try await readOnce(uuid: uuid, tuning: tuning)
      attempts -= 1
      if isOfOneMoment || attempts == 0 { return domain }
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  /// The job that bars writing; one that does not even let the question through is one too.
  private func barringJob(uuid: String) async throws(HypervisorError) -> String? {
    do throws(HypervisorError) {
      return try await use { (link) throws(HypervisorError) in
        try await link.run(within: firstLimit) { (connection) throws(HypervisorError) in
          try connection.domain(uuid: uuid).barringJob()
        }
      }
    } catch {
      guard error.kind == .deadline || error.kind == .busy else { throw error }
      return "job that does not let libvirt look at it"
    }
  }
}
