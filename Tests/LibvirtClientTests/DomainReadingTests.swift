// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel
import Synchronization
import Testing

@testable import LibvirtClient

@Suite(.timeLimit(.minutes(1))) struct DomainReadingTests {
  private static let (running, shutdown, off) = (
    Int32(VIR_DOMAIN_RUNNING.rawValue), Int32(VIR_DOMAIN_SHUTDOWN.rawValue),
    Int32(VIR_DOMAIN_SHUTOFF.rawValue)
  )

  @Test(
    "a reading combines definitions and state only if they belong to one run",
    arguments: [
      // The definition's run, the statistics' run and state, and whether they belong together.
      (3, 3, running, true), (nil, nil, off, true), (3, 3, shutdown, true),
      // The domain was started again, started, stopped, or is being stopped.
      (3, 4, running, false), (nil, 4, running, false), (3, nil, off, false),
      (nil, nil, shutdown, false),
    ] as [(Int?, Int?, Int32, Bool)])
  func sameRun(read: Int?, told: Int?, state: Int32, isOfOneMoment: Bool) {
    var reading = DomainReading(
      domain: ObservedDomain(
        name: "web", uuid: "u", state: .shutOff, isActive: read != nil, isPersistent: true),
      id: read)
    let statistics = DomainStatistics(uuid: "u", id: told, state: state, reason: 0)
    let goTogether = reading.put(statistics)
    #expect(goTogether == isOfOneMoment)
  }

  @Test("the state of an active domain without statistics is unknown")
  func missingStatistics() {
    var domain = ObservedDomain(
      name: "web", uuid: "u", state: .shutOff, isActive: true, isPersistent: true)
    var reading = DomainReading(domain: domain, id: 3)
    var goTogether = reading.put(nil)
    #expect(!goTogether)
    domain.isActive = false
    reading = DomainReading(domain: domain, id: nil)
    goTogether = reading.put(nil)
    #expect(goTogether)
  }

  @Test("a domain is passed on early if all that was read of it is there and belongs together")
  func passedOnEarly() {
    func reading(_ uuid: String, _ id: Int?) -> DomainReading {
      DomainReading(
        domain: ObservedDomain(
          name: uuid, uuid: uuid, state: .shutOff, isActive: id != nil, isPersistent: true),
        id: id)
    }
    let passed = Mutex([ObservedDomain]())
    let host = ObservedHost(
      uri: nil, driver: .qemu, libvirt: Version(9, 0, 0), hypervisor: nil,
      availableMemory: .gibibytes(1))
    let early = EarlyReadings(on: host) { domain, seen in
      #expect(seen == host.alone)
      passed.withLock { $0.append(domain) }
    }
    early.pass(reading("off", nil))
    early.pass(reading("without statistics", 1))
    early.put([
      DomainStatistics(uuid: "on", id: 2, state: Self.running, reason: 0),
      DomainStatistics(uuid: "restarted", id: 4, state: Self.running, reason: 0),
    ])
    early.pass(reading("on", 2))
    early.pass(reading("restarted", 3))
    #expect(passed.withLock { $0.map(\.name) } == ["off", "on"])
    #expect(passed.withLock { $0.map(\.state) } == [.shutOff, .running])
  }

  @Test("only a domain that missed its deadline can be read again")
  func readAgain() async throws {
    let queue = ReadingQueue(
      try await Self.outlines(TestDomain("cache", 1), TestDomain("db", 2), TestDomain("web", 3)),
      deadlines: 2)
    try queue.read(in: ReadingQueue.Claim()) { (outline) throws(HypervisorError) in
      if outline.entry.name == "db" {
        throw HypervisorError(.deadline, call: "virDomainGetXMLDesc", message: "no answer")
      }
      if outline.entry.name == "web" {
        throw HypervisorError(.refused, call: "virDomainGetXMLDesc", message: "no")
      }
      return try outline.read(tuning: false, driver: .test)
    }
    let overdue = queue.overdue
    #expect(overdue.map(\.number) == [1] && overdue.map(\.outline.entry.name) == ["db"])
    queue.replace(1, with: .success(try overdue[0].outline.read(tuning: false, driver: .test)))
    #expect(queue.overdue.isEmpty)
    let names = try queue.results().map { try? $0?.get().domain.name }
    #expect(names == ["cache", "db", nil])
  }

  @Test("the client doesn't read a host again that it gave up")
  func exhausted() async throws {
    let queue = ReadingQueue(
      try await Self.outlines(TestDomain("db", 1), TestDomain("web", 2)), deadlines: 1)
    try queue.read(in: ReadingQueue.Claim()) { (_) throws(HypervisorError) in
      throw HypervisorError(.deadline, call: "virDomainGetXMLDesc", message: "no answer")
    }
    #expect(queue.overdue.isEmpty && queue.isExhausted)
    let error = await failure { () throws(HypervisorError) in _ = try queue.results() }
    #expect(error?.kind == .deadline)
  }

  @Test("a broken connection ends the job that reads over it")
  func brokenConnection() async throws {
    let queue = ReadingQueue(try await Self.outlines(TestDomain("web")), deadlines: 2)
    let broken = HypervisorError(.connection, call: "virDomainGetXMLDesc", message: "broken")
    let error = await failure { () throws(HypervisorError) in
      try queue.read(in: ReadingQueue.Claim()) { (_) throws(HypervisorError) in throw broken }
    }
    #expect(error == broken)
  }

  @Test("giving up a host doesn't wait for any of its domains")
  func givingUp() async throws {
    let outlines = try await Self.outlines(TestDomain("web"))
    let pool = try WorkerPool(size: 1)
    let queue = ReadingQueue(outlines, deadlines: 2)
    let (isReading, gate) = (Semaphore(), Semaphore())
    let silence = HypervisorError(
      .deadline, call: "virConnectGetAllDomainStats", message: "no answer")
    async let answer = failure { () throws(HypervisorError) in
      try await pool.run(within: .seconds(50)) { () throws(HypervisorError) in
        try queue.read(in: ReadingQueue.Claim()) { (outline) throws(HypervisorError) in
          isReading.signal()
          gate.wait()
          return try outline.read(tuning: false, driver: .test)
        }
      }
    }
    isReading.wait()
    queue.stop(silence)
    #expect(await answer == silence)
    gate.signal()
    pool.close {}
  }

  /// The domains as a connection lists them, sorted by name.
  private static func outlines(_ domains: TestDomain...) async throws -> [DomainOutline] {
    let host = try await TestNode(domains).connect(.readOnly)
    return try await host.use { (link) throws(HypervisorError) in
      try await DomainOutline.all(over: link, within: .seconds(50))
    }.sorted { $0.entry.name < $1.entry.name }
  }
}
