// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

extension LibvirtHost {
  /// Observes the host and the domains in `scope`, and passes domains to `witness` as they are read.
  ///
  /// Bulk calls list the domains and read states and statistics. Each domain costs one call for each
  /// definition. The witness gets an active domain only if its statistics were there before its
  /// definitions.
  ///
  /// - Throws: ``HypervisorError`` where a bulk call fails, where the connection breaks, or where
  ///   twice as many domains miss their deadline as there are threads.
  package func observe(
    _ scope: ObservationScope, _ witness: @escaping DomainWitness
  ) async throws(HypervisorError) -> ObservedHost {
    allowReconnect()
    do throws(HypervisorError) {
      return try await observeOnce(scope, witness)
    } catch {
      guard error.kind == .connection, isReopenable else { throw error }
    }
    return try await observeOnce(scope, witness)
  }

  private func observeOnce(
    _ scope: ObservationScope, _ witness: @escaping DomainWitness
  ) async throws(HypervisorError) -> ObservedHost {
    let (link, outlines, memory, alone) = try await look { (link, limit) throws(HypervisorError) in
      async let outlines = result { () throws(HypervisorError) in
        try await DomainOutline.all(over: link, within: limit)
      }
      let (memory, nodes) = try await link.memory(within: limit)
      var host = link.identity
      (host.totalMemory, host.nodes) = (memory?.total, nodes)
      return (link, try await outlines.get(), memory, host)
    }
    // Keeps the link until the domain handles are freed: freeing the last one here would block.
    defer { withExtendedLifetime(link) {} }
    let inScope = outlines.filter { scope.contains(name: $0.entry.name, uuid: $0.entry.uuid) }
      .sorted { $0.entry.name < $1.entry.name }
    let queue = ReadingQueue(inScope, deadlines: 2 * link.width)
    let early = EarlyReadings(on: alone, link.leavesProcessorIdle ? witness : nil)
    let bulk = try await read(queue, scope, from: link, early)
    let statistics = Dictionary(bulk.map { ($0.uuid, $0) }) { first, _ in first }
    var host = alone
    host.domainNames = outlines.map(\.entry.name).sorted()
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
    host.guestMemory = bulk.residentMemory
    host.availableMemory = memory?.available(besides: scope.readsAll ? host.domains : [])
    return host
  }

  /// The domains among `names` that libvirt has and leaves out of its lists, because its ACLs hide
  /// them from this user; each name costs a call.
  ///
  /// - Throws: ``HypervisorError`` where the host could not be asked.
  package func hiddenDomains(
    among names: [String]
  ) async throws(HypervisorError) -> [UnreadableDomain] {
    guard !names.isEmpty else { return [] }
    return try await look { (link, limit) throws(HypervisorError) in
      try await link.run(within: limit) { (connection) throws(HypervisorError) in
        var hidden: [UnreadableDomain] = []
        for name in names {
          Job.current?.renew()
          do throws(HypervisorError) {
            // A domain that can be found has been defined since the list was made.
            _ = try connection.domain(name: name)
          } catch {
            switch error.kind {
            case .noDomain: continue
            case .connection, .deadline: throw error
            case .denied, .refused, .busy, .unsupported, .notInSnapshot:
              hidden.append(UnreadableDomain(name: name, uuid: "", error: error))
            }
          }
        }
        return hidden
      }
    }
  }

  /// Observes one domain; `parts` has at least ``DomainParts/observed``.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where libvirt no longer has the domain.
  package func observe(
    uuid: String, _ parts: DomainParts
  ) async throws(HypervisorError) -> ObservedDomain {
    var domain = try await read(uuid: uuid, tuning: parts.contains(.limits))
    try await readJob(if: parts, of: &domain)
    return domain
  }

  /// Reads `parts` of a domain again; everything else is as in `earlier`.
  ///
  /// A domain that was started or stopped since is read whole. One call reads the statistics of all
  /// domains for which only these are asked at the same moment.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where libvirt no longer has the domain.
  package func observe(
    _ parts: DomainParts, of earlier: ObservedDomain
  ) async throws(HypervisorError) -> ObservedDomain {
    if parts == .statistics, isReopenable,
      let statistics = await statisticsInBulk(of: earlier.uuid), statistics.id != nil
    {
      var domain = earlier
      statistics.put(into: &domain)
      return domain
    }
    let driver = origin.driver
    let again = try await look { (link, limit) throws(HypervisorError) in
      try await link.run(within: limit) { (connection) throws(HypervisorError) in
        let entry = try connection.entry(uuid: earlier.uuid)
        return try entry.read(parts, of: earlier, driver, connection)
      }
    }
    guard var domain = again else {
      return try await observe(uuid: earlier.uuid, parts.union(.observed))
    }
    try await readJob(if: parts, of: &domain)
    return domain
  }

  /// Reads the job that prevents changes, where `parts` has it and the state does not tell it.
  private func readJob(
    if parts: DomainParts, of domain: inout ObservedDomain
  ) async throws(HypervisorError) {
    guard parts.contains(.job), domain.isActive, domain.job == nil else { return }
    domain.job = try await barringJob(uuid: domain.uuid)
  }

  /// Why a domain stopped, in virsh's words; nil where libvirt does not say.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where libvirt no longer has the domain.
  package func stopReason(uuid: String) async throws(HypervisorError) -> String? {
    try await look { (link, limit) throws(HypervisorError) in
      try await link.run(within: limit) { (connection) throws(HypervisorError) in
        let (state, reason) = try connection.entry(uuid: uuid).handle.state()
        return DomainState(state).stop(reason: reason)
      }
    }
  }

  /// Reads a domain again that was started or stopped while the host was observed.
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

  /// Reads one domain; tries again if it is started or stopped meanwhile.
  private func read(uuid: String, tuning: Bool) async throws(HypervisorError) -> ObservedDomain {
    var attempts = 10
    while true {
      let (domain, isOfOneMoment) = try await readOnce(uuid: uuid, tuning: tuning)
      attempts -= 1
      if isOfOneMoment || attempts == 0 { return domain }
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  /// The job that prevents changes; a domain that does not answer this query counts as one with a
  /// job.
  private func barringJob(uuid: String) async throws(HypervisorError) -> String? {
    do throws(HypervisorError) {
      return try await use { (link) throws(HypervisorError) in
        try await link.run(within: firstLimit) { (connection) throws(HypervisorError) in
          try connection.entry(uuid: uuid).handle.barringJob()
        }
      }
    } catch {
      guard error.kind == .deadline || error.kind == .busy else { throw error }
      return "hung QEMU, or a job that `virsh domjobinfo` shows"
    }
  }
}
