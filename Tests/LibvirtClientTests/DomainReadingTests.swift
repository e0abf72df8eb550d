// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel
import Testing

@testable import LibvirtClient

@Suite(.timeLimit(.minutes(1))) struct DomainReadingTests {
  private static let (running, shutdown, off) = (
    Int32(VIR_DOMAIN_RUNNING.rawValue), Int32(VIR_DOMAIN_SHUTDOWN.rawValue),
    Int32(VIR_DOMAIN_SHUTOFF.rawValue)
  )

  @Test(
    "definitions and what a domain does are put together where both are of one run",
    arguments: [
      // The definition's run, the statistics' run and state, whether these go together.
      (3, 3, running, true), (nil, nil, off, true), (3, 3, shutdown, true),
      // It was started again, was started, was stopped, and is being stopped.
      (3, 4, running, false), (nil, 4, running, false), (3, nil, off, false),
      (nil, nil, shutdown, false),
    ] as [(Int?, Int?, Int32, Bool)])
  func moment(read: Int?, told: Int?, state: Int32, isOfOneMoment: Bool) {
    var reading = DomainReading(
      domain: ObservedDomain(
        name: "web", uuid: "u", state: .shutOff, isActive: read != nil, isPersistent: true),
      id: read)
    let statistics = DomainStatistics(uuid: "u", id: told, state: state, reason: 0)
    let goTogether = reading.put(statistics)
    #expect(goTogether == isOfOneMoment)
  }

  @Test func ofAnActiveDomainThatIsNotToldOfNothingIsKnown() {
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

  @Test func whoGivesAHostUpWaitsForNoneOfItsDomains() async throws {
    let host = try await TestNode(TestDomain("web")).connect(.readOnly)
    let outlines = try await host.use { (link) throws(HypervisorError) in
      try await link.run(within: .seconds(50)) { (connection) throws(HypervisorError) in
        try DomainOutline.all(on: connection)
      }
    }
    let pool = try WorkerPool(size: 1)
    let queue = ReadingQueue(outlines, deadlines: 2)
    let (isReading, gate) = (Semaphore(), Semaphore())
    let silence = HypervisorError(
      .deadline, call: "virConnectGetAllDomainStats", message: "no answer")
    async let answer = failure { () throws(HypervisorError) in
      try await pool.run(within: .seconds(50)) {
        queue.read(in: ReadingQueue.Hand()) { (outline) throws(HypervisorError) in
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
}
