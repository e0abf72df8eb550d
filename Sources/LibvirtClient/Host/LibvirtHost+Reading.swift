// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel
import Platform

/// Reads the domains of a host, even if a hung QEMU process blocks some calls.
///
/// libvirt's client before 10.0 may not send one thread's call while another thread's call gets no
/// answer. The daemon processes only a few calls of a connection at a time. So domains that miss
/// the first, shorter limit are read again over connections of their own. Since 11.0 the daemon
/// waits up to 30 s for the domain's job before it returns a definition, so both definitions are
/// then read at the same time.
extension LibvirtHost {
  /// Reads the definitions of the domains in `queue` on all threads of `link`, which listed them.
  ///
  /// One thread asks for the statistics of all active domains first, because libvirt takes long for
  /// them.
  func read(
    _ queue: ReadingQueue, _ scope: ObservationScope, from link: HostConnection,
    _ early: EarlyReadings
  ) async throws(HypervisorError) -> [DomainStatistics] {
    // On two processors, a thread would wait for the other one to wake up at each call.
    let processor = link.leavesProcessorIdle ? nil : Processor.current
    let statistics = await withTaskGroup(of: Void.self) { group in
      // Even one domain is read in parallel with the bulk call: a hung QEMU delays both.
      for _ in 0..<min(link.width - 1, queue.count) {
        group.addTask { [self] in await read(from: queue, scope, listedBy: link, processor, early) }
      }
      let statistics = queue.hasActive ? await askInBulk() : .success([])
      switch statistics {
      case .success(let statistics): early.put(statistics)
      case .failure(let error): queue.stop(error)
      }
      await read(from: queue, scope, listedBy: link, processor, early)
      return statistics
    }
    if isReopenable { await readOverdue(of: queue, scope) }
    return try statistics.get()
  }

  /// Reads a domain in one job, and over new connections where that misses its limit.
  ///
  /// False where its definitions and its state do not belong to the same moment.
  func readOnce(
    uuid: String, tuning: Bool
  ) async throws(HypervisorError) -> (ObservedDomain, isOfOneMoment: Bool) {
    let driver = origin.driver
    do throws(HypervisorError) {
      return try await look(againAfter: [.connection]) { (link, limit) throws(HypervisorError) in
        try await link.run(within: limit) { (connection) throws(HypervisorError) in
          let entry = try connection.entry(uuid: uuid)
          let current = try DomainDefinition.parse(entry.handle.xml(.live))
          let isActive = current.id != nil
          let statistics =
            isActive ? try DomainStatistics(asking: entry, on: connection) : nil
          let outline = try DomainOutline(asking: entry, isActive: isActive, on: connection)
          var reading = try outline.read(tuning: tuning, driver: driver, current: current)
          let isOfOneMoment = reading.put(statistics)
          return (reading.domain, isOfOneMoment)
        }
      }
    } catch {
      guard error.kind == .deadline, isReopenable else { throw error }
    }
    let link = try await another()
    // Keeps the link until the domain handles are freed: freeing the last one here would block.
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
    let entry = try connection.entry(uuid: uuid)
    let statistics = try DomainStatistics(asking: entry, on: connection)
    let isActive = statistics.id != nil
    return (try DomainOutline(asking: entry, isActive: isActive, on: connection), statistics)
  }

  // MARK: Bulk calls

  private func askInBulk() async -> Result<[DomainStatistics], HypervisorError> {
    do throws(HypervisorError) {
      return .success(
        try await use { (link) throws(HypervisorError) in
          try await Self.statistics(over: link, within: firstLimit)
        })
    } catch {
      guard error.kind == .deadline, isReopenable else { return .failure(error) }
    }
    do throws(HypervisorError) {
      return .success(try await Self.statistics(over: another(), within: lastLimit))
    } catch {
      return .failure(asWhole(error))
    }
  }

  private static func statistics(
    over link: HostConnection, within limit: Duration
  ) async throws(HypervisorError) -> [DomainStatistics] {
    try await link.run(within: limit) { (connection) throws(HypervisorError) in
      try DomainStatistics.ofActive(on: connection)
    }
  }

  /// Reads domains from `queue` until none is left, on `processor` if there is one.
  ///
  /// After a job misses its limit, the next one uses a new connection.
  private func read(
    from queue: ReadingQueue, _ scope: ObservationScope, listedBy first: HostConnection,
    _ processor: Processor?, _ early: EarlyReadings
  ) async {
    let driver = origin.driver
    while !queue.isExhausted {
      let claim = ReadingQueue.Claim()
      do throws(HypervisorError) {
        try await use { (link) throws(HypervisorError) in
          try await link.run(within: firstLimit) { (connection) throws(HypervisorError) in
            try Processor.run(on: processor) { () throws(HypervisorError) in
              try queue.read(in: claim) { (outline) throws(HypervisorError) in
                let here = link === first ? outline : try outline.found(on: connection)
                return try here.read(tuning: scope.readsTuning(outline.entry), driver: driver)
              } then: {
                early.pass($0)
              }
            }
          }
        }
      } catch {
        queue.giveUp(claim, error)
      }
    }
  }

  // MARK: Overdue domains

  /// Reads the domains again that missed their limit, in parallel, with two connections for each.
  ///
  /// The connections are opened one after the other, because sshd rejects many at a time.
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
    _ outline: DomainOutline, tuning: Bool, over one: HostConnection, and other: HostConnection
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

  /// `error`, with a message that names the time limit of both attempts together.
  private func asWhole(_ error: HypervisorError) -> HypervisorError {
    guard error.kind == .deadline else { return error }
    var error = error
    error.message = "no answer within \(callTimeout.words), over two connections"
    return error
  }

  /// The limit for the second attempt; both attempts together may take as long as one call.
  private var lastLimit: Duration { callTimeout - firstLimit }
}

extension ObservationScope {
  fileprivate func readsTuning(_ entry: DomainEntry) -> Bool {
    readsTuning(name: entry.name, uuid: entry.uuid)
  }
}
