// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import TestSupport
import Testing

@testable import Planner

/// Plans of single domains that are made while others are still read.
@Suite struct EarlyPlanTests {
  private typealias Domains = [(host: String, on: ObservedHost, domain: ObservedDomain)]

  /// The observed domains of a fleet, in a random order.
  private static func domains(
    of observations: [String: HostObservation], seed: UInt64
  ) -> Domains {
    var generator = SeededGenerator(seed: seed)
    return observations.sorted { $0.key < $1.key }.flatMap { name, observation -> Domains in
      guard case .observed(let host) = observation else { return [] }
      return host.domains.map { (name, host.alone, $0) }
    }.shuffled(using: &generator)
  }

  @Test("plans that were made early change nothing of the whole plan", arguments: [1, 3])
  func samePlan(batchSize: Int) {
    for seed in UInt64(0)..<400 {
      let scene = ShardTests.RandomFleet(seed: seed)
      let fleet = Fleet(scene.state)
      let hosts = Dictionary(uniqueKeysWithValues: scene.state.hosts.map { ($0.name, $0) })
      let early = EarlyPlans(for: fleet, inBatchesOf: batchSize)
      for (name, host, domain) in Self.domains(of: scene.observations, seed: seed) {
        early.add(domain, on: host, of: hosts[name]!)
      }
      let (plan, expected) = (
        fleet.plan(scene.observations, early: early), fleet.plan(scene.observations)
      )
      let differing = zip(plan.domains, expected.domains).filter { $0 != $1 }.map(\.0.name)
      #expect(differing.isEmpty, "seed \(seed)")
      #expect(
        plan.hosts == expected.hosts && plan.diagnostics == expected.diagnostics
          && plan.domains.count == expected.domains.count, "seed \(seed)")
    }
  }

  private static let hv01 = DesiredHost(name: "hv01")
  private static let fleet = Fleet(
    DesiredState(
      hosts: [DesiredHost(name: "hv01")],
      domains: [
        wanted("web-01") { $0.memory = .gibibytes(4) },
        wanted("web-02") { $0.memory = .gibibytes(4) },
      ]))

  private static func observed(_ memory: UInt64) -> ObservedHost {
    host([running("web-01", guest(memory)), running("web-02", guest(memory))])
  }

  @Test("a plan that was made early is used")
  func used() throws {
    let early = EarlyPlans(for: Self.fleet, inBatchesOf: 2)
    let observed = Self.observed(2)
    for domain in observed.domains { early.add(domain, on: observed.alone, of: Self.hv01) }
    #expect(early.plans(named: "hv01", on: observed).keys.sorted() == observed.domains.map(\.uuid))
  }

  @Test("a domain or a host that is not as it was is planned anew")
  func changed() {
    let (before, now) = (Self.observed(4), Self.observed(2))
    var moved = before
    moved.nodes = [HostNode(0)]
    for seen in [now, moved] {
      let early = EarlyPlans(for: Self.fleet, inBatchesOf: 1)
      for domain in before.domains { early.add(domain, on: before.alone, of: Self.hv01) }
      let plan = Self.fleet.plan(["hv01": .observed(seen)], early: early)
      #expect(plan == Self.fleet.plan(["hv01": .observed(seen)]))
    }
    let early = EarlyPlans(for: Self.fleet, inBatchesOf: 1)
    early.add(before.domains[0], on: before.alone, of: Self.hv01)
    #expect(early.plans(named: "hv01", on: moved).isEmpty)
  }

  @Test("a plan that was made before another guest disproved a default size is made again")
  func disproved() {
    func domain(_ name: String, _ memory: UInt64) -> ObservedDomain {
      var definition = guest(memory)
      definition.memoryBacking.hugepages = .ofDefaultSize
      return running(name, definition)
    }
    var off = domain("web-01", 2)
    (off.isActive, off.state, off.live) = (false, .shutOff, nil)
    var host = host([off, domain("web-02", 4)])
    host.pageSizes = [.kibibytes(4), .mebibytes(2), .gibibytes(1)]
    host.nodes = [
      HostNode(
        0,
        pools: [
          HugepagePool(size: .mebibytes(2), total: 0), HugepagePool(size: .gibibytes(1), total: 64),
        ])
    ]
    let early = EarlyPlans(for: Self.fleet, inBatchesOf: 1)
    for domain in host.domains { early.add(domain, on: host.alone, of: Self.hv01) }
    let plan = Self.fleet.plan(["hv01": .observed(host)], early: early)
    #expect(plan == Self.fleet.plan(["hv01": .observed(host)]))
    #expect(!plan.diagnostics.contains { $0.rule == "hugepages-not-on-host" })
  }

  @Test("a host that is observed once more begins anew")
  func begunAnew() {
    var again = Self.observed(2)
    again.libvirt = Version(11, 0, 0)
    let early = EarlyPlans(for: Self.fleet, inBatchesOf: 1)
    early.add(Self.observed(2).domains[0], on: Self.observed(2).alone, of: Self.hv01)
    early.add(again.domains[1], on: again.alone, of: Self.hv01)
    #expect(early.plans(named: "hv01", on: again).keys.sorted() == ["uuid-of-web-02"])
  }

  @Test("a domain that the manifests leave out, or want twice, is not planned early")
  func notPlanned() {
    var twice = wanted("web-01")
    twice.uuid = "uuid-of-web-01"
    let fleet = Fleet(
      DesiredState(hosts: [DesiredHost(name: "hv01")], domains: [wanted("web-01"), twice]))
    let early = EarlyPlans(for: fleet, inBatchesOf: 1)
    let observed = Self.observed(2)
    for domain in observed.domains { early.add(domain, on: observed.alone, of: Self.hv01) }
    #expect(early.plans(named: "hv01", on: observed).isEmpty)
  }
}
