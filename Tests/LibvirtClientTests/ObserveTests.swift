// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

@testable import LibvirtClient

@Suite(.timeLimit(.minutes(1))) struct ObserveTests {
  @Test(
    "each state is read with the definitions that it has",
    arguments: [
      (1, DomainState.running, true), (2, .idle, true), (3, .paused, true),
      (4, .inShutdown, true), (5, .shutOff, false), (6, .crashed, true), (7, .pmsuspended, true),
    ])
  func state(number: Int, state: DomainState, isActive: Bool) async throws {
    let node = try TestNode(TestDomain("web", state: number))
    let host = try await node.connect(.readOnly)
    let domain = try #require(try await host.observe(.everything).domains.first)
    #expect(domain.state == state)
    #expect(domain.isActive == isActive)
    #expect(domain.isPersistent)
    #expect(!domain.hasManagedSave)
    #expect(domain.job == nil)
    #expect((domain.live != nil) == isActive)
    #expect(domain.persistent?.memory == .gibibytes(1))
    #expect(domain.persistent?.currentMemory == .exactly(.mebibytes(512)))
    #expect(try await host.observe(uuid: domain.uuid, .observed) == domain)
  }

  @Test("a transient domain has no persistent definition")
  func transient() async throws {
    let node = try TestNode(TestDomain("web", isTransient: true))
    let host = try await node.connect(.readOnly)
    let domain = try #require(try await host.observe(.everything).domains.first)
    #expect(!domain.isPersistent)
    #expect(domain.live?.memory == .gibibytes(1))
    #expect(domain.persistent == nil)
    #expect(try await host.observe(uuid: domain.uuid, .observed) == domain)
  }

  @Test("a saved image that the driver can't show leaves the live definition nil")
  func unreadableImage() async throws {
    let node = try TestNode(TestDomain("web", state: 5, hasManagedSave: true))
    let host = try await node.connect(.readOnly)
    let domain = try #require(try await host.observe(.everything).domains.first)
    #expect(domain.hasManagedSave)
    #expect(domain.live == nil)
    #expect(domain.persistent != nil)
    #expect(try await host.observe(uuid: domain.uuid, .observed) == domain)
  }

  @Test("the client reads only domains in scope, sorted by name")
  func domainsInScope() async throws {
    let node = try TestNode(TestDomain("web", 1), TestDomain("db", 2), TestDomain("cache", 3))
    let host = try await node.connect(.readOnly)
    var scope = ObservationScope(of: [])
    #expect(try await host.observe(scope).domains.isEmpty)
    scope.names = ["web"]
    scope.uuids = [TestDomain("db", 2).uuid]
    #expect(try await host.observe(scope).domains.map(\.name) == ["db", "web"])
    #expect(try await host.observe(.everything).domains.map(\.name) == ["cache", "db", "web"])
  }

  @Test("a domain that can be looked up, and one that is not there, are not hidden")
  func notHidden() async throws {
    let host = try await TestNode(TestDomain("web")).connect(.readOnly)
    #expect(try await host.hiddenDomains(among: ["web", "db"]).isEmpty)
  }

  @Test("the client reads live tuning with its own call, and only on request")
  func tuning() async throws {
    let limit = "<memtune><hard_limit>2097152</hard_limit></memtune>"
    let host = try await TestNode(TestDomain("web", more: limit)).connect(.readOnly)
    let plain = try await host.onlyDomain()
    #expect(plain.live?.memtune.hardLimit == .size(.gibibytes(2)))
    let tuned = try await host.onlyDomain(.all)
    #expect(tuned.live?.memtune.hardLimit == .size(.gibibytes(2)))
    #expect(tuned.live?.memtune.softLimit == .unlimited)
    #expect(tuned.live?.memtune.swapHardLimit == .unlimited)
    #expect(tuned.unsupported.isEmpty)
  }

  @Test("the client reads all of a thousand domains")
  func manyDomains() async throws {
    let node = try TestNode((0..<1000).map { TestDomain("web-\($0)", $0) })
    let host = try await node.connect(.readOnly)
    let observed = try await host.observe(.everything)
    #expect(observed.domains.count == 1000)
    #expect(observed.unreadable.isEmpty)
  }

  @Test(
    "a look at one plane reads that plane and leaves the rest as it was seen",
    arguments: Plane.allCases)
  func parts(plane: Plane) async throws {
    let host = try await TestNode(TestDomain("web", more: PerformTests.balloon)).connect()
    let earlier = try await host.onlyDomain()
    for plane in Plane.allCases {
      let change = Change(field: .currentMemory, from: nil, to: .size(.mebibytes(600)))
      try await host.perform(Call(.setMemory, on: plane, changes: [change]), on: earlier)
    }
    let again = try await host.observe(plane == .live ? .live : .persistent, of: earlier)
    var expected = earlier
    expected[plane]?.currentMemory = .exactly(.mebibytes(600))
    #expect(again == expected)
  }

  @Test("a missing domain is an error of kind noDomain")
  func missingDomain() async throws {
    let host = try await TestNode().connect(.readOnly)
    let error = await failure { () throws(HypervisorError) in
      _ = try await host.observe(uuid: TestDomain("web").uuid, .observed)
    }
    #expect(error?.kind == .noDomain)
    #expect(error?.call == "virDomainLookupByUUIDString")
    #expect(error?.code == 42)
  }
}
