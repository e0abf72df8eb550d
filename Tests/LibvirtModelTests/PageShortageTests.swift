// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// The figures and the remedies where a host has too few huge pages.
@Suite struct PageShortageTests {
  private static func node(
    _ number: UInt32, _ total: UInt64?, small: UInt64, large: UInt64
  ) -> HostNode {
    HostNode(
      number, total: total.map { .gibibytes($0) },
      pools: [
        HugepagePool(size: .mebibytes(2), total: small, free: small),
        HugepagePool(size: .gibibytes(1), total: large, free: large),
      ])
  }

  private static func host(_ nodes: [HostNode]) -> ObservedHost {
    var host = ObservedHost(pageSizes: [.kibibytes(4), .mebibytes(2), .gibibytes(1)])
    host.nodes = nodes
    return host
  }

  private static func missing(
    on nodes: [HostNode], _ edit: @escaping (inout MemoryConfiguration) -> Void
  ) throws -> HugepageShortage? {
    let definition = try #require(domain(edit).persistent)
    return GuestBehaviour(of: domain(), on: host(nodes)).hugepagesMissing(for: definition)
  }

  private static func large(_ memory: UInt64) -> (inout MemoryConfiguration) -> Void {
    {
      $0.memory = .gibibytes(memory)
      $0.memoryBacking.hugepages = .pages([Hugepage(size: .gibibytes(1))])
    }
  }

  @Test("where the default size is unknown, pages are surely missing if no size has enough")
  func unknownDefault() throws {
    func found(_ small: UInt64, _ large: UInt64) throws -> HugepageShortage? {
      try Self.missing(on: [Self.node(0, nil, small: small, large: large)]) {
        $0.memory = .gibibytes(1)
        $0.memoryBacking.hugepages = .ofDefaultSize
      }
    }
    #expect(
      try found(100, 0)?.instance == """
        the start needs 512 pages of 2 MiB, and the host has 100, and there are too few of every \
        other size that the default may be
        """)
    #expect(try found(100, 0)?.isCertain == true)
    #expect(try found(100, 1)?.isCertain == false)
    #expect(try found(512, 0) == nil && found(512, 1) == nil)
  }

  @Test("a page of an explicit size is missing whatever the default size is")
  func explicitSize() throws {
    let found = try Self.missing(on: [Self.node(0, nil, small: 8192, large: 0)]) {
      DeviceTests.room(&$0)
      $0.memoryBacking.hugepages = .ofDefaultSize
      var device = HotplugTests.device(.dimm)
      (device.size, device.pageSize) = (.gibibytes(1), .gibibytes(1))
      $0.devices = [device]
    }
    #expect(found?.instance == "the start needs 1 page of 1 GiB, and the host has 0")
    #expect(found?.isCertain == true)
  }

  @Test("the remedy adds pages where there is memory for them, and names the kernel's parameters")
  func remedy() throws {
    let nodes = [Self.node(0, 16, small: 0, large: 4), Self.node(1, 64, small: 0, large: 2)]
    #expect(
      try Self.missing(on: nodes, Self.large(60))?.remedy == """
        Reserve the pages on the host: `virsh allocpages --pagesize 1048576 --pagecount 56 \
        --cellno 1`, or, if the running kernel finds no room for them, `hugepagesz=1G \
        hugepages=60` on its command line. Or let the guest need fewer pages, or bind it to other \
        nodes.
        """)
    #expect(
      try Self.missing(on: nodes, Self.large(76))?.remedy?.contains(
        """
        `virsh allocpages --pagesize 1048576 --pagecount 12 --cellno 0`, `virsh allocpages \
        --pagesize 1048576 --pagecount 64 --cellno 1`
        """) == true)
    #expect(
      try Self.missing(on: nodes, Self.large(100))?.remedy
        == "Let the guest need fewer pages: the host has no memory for so many pages.")
    let bound = try Self.missing(on: nodes) {
      Self.large(8)(&$0)
      ($0.numatune.memory.mode, $0.numatune.memory.nodeset) = (.strict, NodeSet([1...1]))
    }
    #expect(bound?.remedy?.contains("`hugepagesz=1G hugepages=0:4,1:8`") == true)
    let full = try Self.missing(on: nodes) {
      Self.large(100)(&$0)
      ($0.numatune.memory.mode, $0.numatune.memory.nodeset) = (.strict, NodeSet([1...1]))
    }
    #expect(
      full?.remedy == """
        Let the guest need fewer pages, or bind it to other nodes: node 1 has no memory for so \
        many pages.
        """)
    #expect(
      full?.remedyOfFree == """
        Stop another guest that holds such pages: node 1 has no memory for more pages. `virsh \
        freepages --all` shows what is free.
        """)
  }

  @Test("a device with pages of a size that the host lacks is not plugged into a running guest")
  func sizeOfDevice() {
    let guest = domain { DeviceTests.room(&$0) }
    func refusal(_ size: MemorySize, facts: DeclaredFacts = DeclaredFacts()) -> Refusal? {
      var host = Self.host([Self.node(0, nil, small: 8192, large: 0)])
      host.pageSizes = [.kibibytes(4), .mebibytes(2)]
      var device = MemoryDevice(model: .dimm, name: "a", alias: "a", size: .gibibytes(1), node: 0)
      device.pageSize = size
      let call = HotplugTests.call(.attachDevice, device)
      do throws(Refusal) {
        _ = try GuestBehaviour(of: guest, on: host, facts: facts).result(of: call, on: guest)
        return nil
      } catch {
        return error
      }
    }
    #expect(refusal(.mebibytes(2)) == nil)
    #expect(refusal(.gibibytes(1))?.rule == .hugepagesNotOnHost)
    #expect(
      refusal(.gibibytes(1))?.instance == "the host has pages of 4 KiB, 2 MiB, and none of 1 GiB")
    #expect(refusal(.gibibytes(1), facts: .ofAnyPages) == nil)
  }

  @Test("a shortage that is not blamed is passed over, also where other nodes are added to its own")
  func passedOver() {
    func found(_ pools: [UInt64], _ blamed: FieldPath) -> String? {
      let guest = domain {
        $0.cells = (0...2).map { NUMACell(id: $0, memory: .gibibytes(4)) }
        $0.memoryBacking.hugepages = .pages([Hugepage(size: .gibibytes(1))])
        $0.numatune.memnodes = (0...2).map {
          NUMAMemnode(cell: $0, mode: .strict, nodeset: NodeSet([$0...$0]))
        }
      }
      let nodes = pools.enumerated().map {
        Self.node(UInt32($0.offset), nil, small: 0, large: $0.element)
      }
      return GuestBehaviour(of: guest, on: Self.host(nodes))
        .hugepagesMissing(for: guest.live!) { $0.field(in: [blamed]) != nil }?.instance
    }
    let cell = { FieldPath(.cellMemory, $0) }
    #expect(
      found([1, 4, 3], cell("2")) == "the start needs 4 pages of 1 GiB on node 2, which has 3")
    #expect(found([1, 4, 3], cell("1")) == nil)
    #expect(found([1, 9, 4], cell("2")) == nil)
    #expect(found([1, 4, 3], FieldPath(.hugepages))?.hasSuffix("on node 0, which has 1") == true)
  }

  private static func named(
    _ name: String, _ memory: UInt64, _ pages: Hugepages = .ofDefaultSize
  ) -> ObservedDomain {
    var guest = domain {
      $0.memory = .gibibytes(memory)
      $0.memoryBacking.hugepages = pages
    }
    (guest.name, guest.uuid) = (name, name)
    return guest
  }

  @Test("a default size of which a running guest could not have its pages is not called missing")
  func disprovedByItself() throws {
    let running = Self.named("a", 8)
    let next = try #require(Self.named("a", 4).persistent)
    func found(_ guest: ObservedDomain, small: UInt64) -> HugepageShortage? {
      GuestBehaviour(of: guest, on: Self.host([Self.node(0, nil, small: small, large: 64)]))
        .hugepagesMissing(for: next)
    }
    #expect(found(running, small: 0) == nil && found(running, small: 2047) == nil)
    var off = running
    (off.isActive, off.state, off.live) = (false, .shutOff, nil)
    #expect(found(off, small: 0)?.size == .mebibytes(2))
    let larger = GuestBehaviour(of: running, on: Self.host([Self.node(0, nil, small: 0, large: 9)]))
      .hugepagesMissing(for: try #require(Self.named("a", 10).persistent))
    #expect(larger?.instance == "the start needs 10 pages of 1 GiB, and the host has 9")
    #expect(larger?.isCertain == true)
  }

  @Test("a host's running guests together disprove a default size, if the figures allow a size")
  func disprovedByHost() {
    func disproved(
      _ guests: [ObservedDomain], small: UInt64, facts: DeclaredFacts = DeclaredFacts()
    ) -> Set<MemorySize> {
      var host = Self.host([Self.node(0, nil, small: small, large: 8)])
      host.domains = guests
      return GuestBehaviour.disprovedDefaults(on: host, facts: facts)
    }
    let explicit = Self.named("c", 8, .pages([Hugepage(size: .gibibytes(1))]))
    let guests = [Self.named("a", 4), explicit]
    #expect(disproved(guests, small: 8192) == [.gibibytes(1)])
    #expect(disproved([Self.named("a", 4), Self.named("b", 5)], small: 8192) == [.gibibytes(1)])
    #expect(disproved([Self.named("a", 4), Self.named("b", 4)], small: 4095) == [.mebibytes(2)])
    // No size fits, no guest has the default size, or the manifest tells it.
    #expect(disproved(guests, small: 100).isEmpty)
    #expect(disproved([explicit], small: 0).isEmpty)
    #expect(
      disproved(guests, small: 8192, facts: DeclaredFacts(hugepageSize: .mebibytes(2))).isEmpty)
  }
}
