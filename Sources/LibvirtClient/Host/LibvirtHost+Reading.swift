// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel

/// How domains are read past one that gives no answer.
///
/// It is about a hypervisor process that hangs. libvirt's client before 10.0 can leave a call of
/// one thread unsent behind another's that is never answered, and the daemon answers only so many
/// calls of a connection at a time. So what missed the first, shorter limit is read again over
/// connections of its own. The daemon since 11.0 waits up to 30 s for the domain's job before it
/// shows a definition, either of them; both are asked for at once then.
extension LibvirtHost {
  /// What libvirt tells of all domains, and of the host, in one call each.
  struct Bulk: Sendable {
    let statistics: [DomainStatistics]
    let memory: HostMemory?
    /// The free memory of each NUMA node; empty where there is one node.
    let freeMemory: [MemorySize]
  }

  /// Reads the definitions of the domains in `queue`, which `link` has listed, as many at a time as
  /// there are threads; one of these asks for what comes in bulk before that, for which libvirt
  /// takes its time.
  func read(
    _ queue: ReadingQueue, _ scope: ObservationScope, from link: Link
  ) async throws(HypervisorError) -> Bulk {
    let bulk = await withTaskGroup(of: Void.self) { group in
      // One domain alone is read at the same time too: where its QEMU hangs, both calls wait for it.
      for _ in 0..<min(link.width - 1, queue.count) {
        group.addTask { [self] in await read(from: queue, scope, listedBy: link) }
      }
      let bulk = await askInBulk()
      if case .failure(let error) = bulk { queue.stop(error) }
      await read(from: queue, scope, listedBy: link)
      return bulk
    }
    if isReopenable { await readOverdue(of: queue, scope) }
    return try bulk.get()
  }

  /// Reads a domain in one job; where that overran its limit, over connections of its own.
  ///
  /// False where definitions and state are of two moments.
  func readOnce(
    uuid: String, tuning: Bool
  ) async throws(HypervisorError) -> (ObservedDomain, isOfOneMoment: Bool) {
    let driver = origin.driver
    do throws(HypervisorError) {
      return try await look(againAfter: [.connection]) { (link, limit) throws(HypervisorError) in
        try await link.run(within: limit) { (connection) throws(HypervisorError) in
          let (outline, statistics) = try Self.ask(uuid: uuid, connection)
          var reading = try outline.read(tuning: tuning, driver: driver)
          let isOfOneMoment = reading.put(statistics)
          return (reading.domain, isOfOneMoment)
        }
      }
    } catch {
      guard error.kind == .deadline, isReopenable else { throw error }
    }
    let link = try await another()
    // To free a connection's last handle closes it, which blocks: never on this thread.
    defer { withExtendedLifetime(link) {} }
    let (outline, statistics) = try await link.run(within: lastLimit) {
      (connection) throws(HypervisorError) in try Self.ask(uuid: uuid, connection)
    }
    var reading = try await read(outline, tuning: tuning, over: link, and: another()).get()
    let isOfOneMoment = reading.put(statistics)
    return (reading.domain, isOfOneMoment)
  }

  private static func ask(
    uuid: String, _ connection: borrowing Connection
  ) throws(HypervisorError) -> (DomainOutline, DomainStatistics) {
    let entry = try DomainEntry(connection.domain(uuid: uuid))
    let statistics = try DomainStatistics(asking: entry)
    return (try DomainOutline(asking: entry), statistics)
  }

  // MARK: In bulk

  private func askInBulk() async -> Result<Bulk, HypervisorError> {
    do throws(HypervisorError) {
      return .success(
        try await use { (link) throws(HypervisorError) in
          try await Self.bulk(over: link, within: firstLimit)
        })
    } catch {
      guard error.kind == .deadline, isReopenable else { return .failure(error) }
    }
    do throws(HypervisorError) {
      return .success(try await Self.bulk(over: another(), within: lastLimit))
    } catch {
      return .failure(asWhole(error))
    }
  }

  private static func bulk(
    over link: Link, within limit: Duration
  ) async throws(HypervisorError) -> Bulk {
    let lastNode = link.identity.nodes?.last ?? 0
    return try await link.run(within: limit) { (connection) throws(HypervisorError) in
      Bulk(
        statistics: try DomainStatistics.ofActive(on: connection),
        memory: try HostMemory(of: connection),
        freeMemory: lastNode == 0
          ? []
          : try whereKnown { () throws(HypervisorError) in
            try connection.freeMemory(ofNodesUpTo: lastNode)
          } ?? [])
    }
  }

  /// Reads what is in `queue` until nothing is left, over a new connection after one on which a
  /// job overran.
  private func read(
    from queue: ReadingQueue, _ scope: ObservationScope, listedBy first: Link
  ) async {
    let driver = origin.driver
    while !queue.isExhausted {
      let hand = ReadingQueue.Hand()
      do throws(HypervisorError) {
        try await use { (link) throws(HypervisorError) in
          try await link.run(within: firstLimit) { (connection) throws(HypervisorError) in
            try queue.read(in: hand) { (outline) throws(HypervisorError) in
              let here = link === first ? outline : try outline.found(on: connection)
              return try here.read(tuning: scope.readsTuning(outline.entry), driver: driver)
            }
          }
        }
      } catch {
        queue.giveUp(hand, error)
      }
    }
  }

  // MARK: Alone

  /// Reads again what missed its limit, all at once, over two connections each.
  ///
  /// They are opened one after the other: sshd turns away many that come at a time.
  private func readOverdue(of queue: ReadingQueue, _ scope: ObservationScope) async {
    await withTaskGroup(of: Void.self) { group in
      for (number, outline) in queue.overdue {
        do throws(HypervisorError) {
          let (one, other) = (try await another(), try await another())
          group.addTask { [self] in
            let reading = await read(
              outline, tuning: scope.readsTuning(outline.entry), over: one, and: other)
            queue.replace(number, with: reading)
          }
        } catch {
          queue.replace(number, with: .failure(error))
        }
      }
    }
  }

  private func read(
    _ outline: DomainOutline, tuning: Bool, over one: Link, and other: Link
  ) async -> ReadingQueue.Reading {
    let driver = origin.driver
    async let persistent = result { () throws(HypervisorError) in
      try await other.run(within: lastLimit) { (connection) throws(HypervisorError) in
        try outline.found(on: connection).persistentDefinition()
      }
    }
    let live = await result { () throws(HypervisorError) in
      try await one.run(within: lastLimit) { (connection) throws(HypervisorError) in
        try outline.found(on: connection).readLive(tuning: tuning, driver: driver)
      }
    }
    let definition = await persistent
    do throws(HypervisorError) {
      var reading = try live.get()
      if let definition = try definition.get() { reading.put(definition) }
      return .success(reading)
    } catch {
      return .failure(asWhole(error))
    }
  }

  /// `error`, with the time that was given to both looks.
  private func asWhole(_ error: HypervisorError) -> HypervisorError {
    guard error.kind == .deadline else { return error }
    var error = error
    error.message = "no answer within \(callTimeout.words), over two connections"
    return error
  }

  /// How long a second look may take: both together take as long as one call may.
  private var lastLimit: Duration { callTimeout - firstLimit }
}

extension ObservationScope {
  fileprivate func readsTuning(_ entry: DomainEntry) -> Bool {
    readsTuning(name: entry.name, uuid: entry.uuid)
  }
}

/// What `body` ends with.
private func result<Value: Sendable>(
  _ body: () async throws(HypervisorError) -> Value
) async -> Result<Value, HypervisorError> {
  do throws(HypervisorError) {
    return .success(try await body())
  } catch {
    return .failure(error)
  }
}
