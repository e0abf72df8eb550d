// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

@testable import Planner

/// How the memory and the huge pages of a host's nodes limit what running guests take.
@Suite struct LedgerTests {
  /// A guest of 4 GiB in one cell that can plug DIMMs.
  static func guest(
    _ name: String, on nodes: NodeSet?, isHuge: Bool = false, dimm: UInt64? = nil
  ) -> ObservedDomain {
    var definition = PlannerTests.guest(4)
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(4))]
    definition.maxMemory = MaxMemory(size: .gibibytes(64), slots: 8)
    if isHuge { definition.memoryBacking.hugepages = .ofDefaultSize }
    if let nodes {
      (definition.numatune.memory.mode, definition.numatune.memory.nodeset) = (.strict, nodes)
    }
    if let dimm { definition.devices = [stick(dimm)] }
    return running(name, definition)
  }

  static func stick(_ size: UInt64) -> MemoryDevice {
    MemoryDevice(model: .dimm, name: "d0", alias: "d0", size: .gibibytes(size), node: 0)
  }

  static func plugs(_ name: String, _ size: UInt64) -> DesiredDomain {
    wanted(name) { $0.devices = [stick(size)] }
  }

  static func unplugs(_ name: String) -> DesiredDomain {
    var gone = MemoryDevice(name: "d0")
    gone.state = .absent
    return wanted(name) { $0.devices = [gone] }
  }

  /// A host whose nodes have so many GiB free, in ordinary memory and in pages of 2 MiB.
  static func host(
    _ domains: [ObservedDomain], free: [UInt64], pages: [UInt64] = [], pageCache: UInt64 = 0
  ) -> ObservedHost {
    let available = free.reduce(pageCache, +)
    var host = PlannerTests.host(domains, available: .gibibytes(available))
    host.pageSizes = [.kibibytes(4), .mebibytes(2)]
    host.nodes = free.enumerated().map { number, free in
      let count = number < pages.count ? pages[number] * 512 : 0
      return HostNode(
        UInt32(number), total: .gibibytes(128), free: .gibibytes(free),
        pools: [HugepagePool(size: .mebibytes(2), total: 512 * 64, free: count)])
    }
    return host
  }

  static func plan(
    _ pairs: [(desired: DesiredDomain, observed: ObservedDomain)], free: [UInt64],
    pages: [UInt64] = [], pageCache: UInt64 = 0, reserve: UInt64? = nil
  ) -> Plan {
    let host = host(pairs.map(\.observed), free: free, pages: pages, pageCache: pageCache)
    return HostPlanner(
      DesiredHost(name: "hv01", reserve: reserve.map { .gibibytes($0) }), observed: host
    ).plan(pairs)
  }

  @Test("a bound guest gets no more than its nodes can have, page cache included")
  func bound() {
    let guest = Self.guest("a", on: NodeSet([1...1]))
    for (pageCache, rules) in [(0, ["host-node-full"]), (1, [])] as [(UInt64, [String])] {
      let plan = Self.plan(
        [(Self.plugs("a", 2), guest)], free: [9, 1], pageCache: pageCache)
      #expect(Set(plan.domains[0].rules) == Set(rules))
    }
    let unbound = Self.plan([(Self.plugs("a", 2), Self.guest("a", on: nil))], free: [1, 1])
    #expect(unbound.domains[0].verdict == .change)
  }

  @Test("huge pages come from the pools, and not from the host's available memory")
  func hugepages() {
    let guest = Self.guest("a", on: NodeSet([1...1]), isHuge: true)
    let fits = Self.plan(
      [(Self.plugs("a", 2), guest)], free: [0, 0], pages: [0, 2], reserve: 8)
    #expect(fits.domains[0].verdict == .change)
    #expect(fits.hosts[0].memory?.leastAvailable == fits.hosts[0].memory?.available)
    let short = Self.plan(
      [(Self.plugs("a", 2), guest)], free: [9, 9], pages: [9, 1], reserve: 8)
    #expect(Set(short.domains[0].rules) == ["hugepages-not-free"])
    #expect(
      short.domains[0].blockers[0].summary
        == "1024 pages of 2 MiB would be taken on node 1, and 512 are free")
  }

  @Test("a step waits for the steps that free its own nodes")
  func waits() {
    let pairs = [
      (Self.plugs("a", 2), Self.guest("a", on: NodeSet([1...1]), isHuge: true)),
      (Self.unplugs("b"), Self.guest("b", on: NodeSet([0...0]), isHuge: true, dimm: 4)),
      (Self.unplugs("c"), Self.guest("c", on: NodeSet([1...1]), isHuge: true, dimm: 4)),
    ]
    let plan = Self.plan(pairs, free: [0, 0], pages: [0, 0])
    #expect(plan.domains[0].steps.first?.needs == ["hv01/c/1"])
    // What an unbound guest frees may be on any node.
    let unbound = [pairs[0], (Self.unplugs("b"), Self.guest("b", on: nil, isHuge: true, dimm: 4))]
    #expect(Set(Self.plan(unbound, free: [0, 0]).domains[0].rules) == ["hugepages-not-free"])
  }

  @Test("guests that move to a node share what it has, and give room on the node that they leave")
  func moves() {
    func moving(_ name: String, from: UInt32, to: UInt32) -> (DesiredDomain, ObservedDomain) {
      var guest = Self.guest(name, on: NodeSet([from...from]))
      guest.live?.numatune.memory.mode = .restrictive
      guest.persistent?.numatune.memory.mode = .restrictive
      guest.statistics = BalloonStatistics(resident: .gibibytes(3))
      return (wanted(name) { $0.numatune.memory.nodeset = NodeSet([to...to]) }, guest)
    }
    let both = Self.plan(
      [moving("a", from: 0, to: 1), moving("b", from: 0, to: 1)], free: [0, 4])
    #expect(both.domains.map(\.verdict) == [.change, .blocked])
    #expect(Set(both.domains[1].rules) == ["host-node-full"])
    #expect(both.hosts[0].memory?.leastAvailable == .gibibytes(4))
    let third = (Self.plugs("c", 2), Self.guest("c", on: NodeSet([0...0])))
    let room = Self.plan([moving("a", from: 0, to: 1), third], free: [0, 4])
    #expect(room.domains[1].steps.first?.needs == ["hv01/a/1"])
  }

  @Test("the plan tells what is free on each node that its steps touch")
  func courses() {
    let pairs = [
      (Self.plugs("a", 2), Self.guest("a", on: NodeSet([1...1]))),
      (Self.unplugs("b"), Self.guest("b", on: NodeSet([1...1]), dimm: 1)),
      (Self.plugs("c", 3), Self.guest("c", on: NodeSet([0...0]), isHuge: true)),
      (Self.plugs("d", 1), Self.guest("d", on: nil)),
    ]
    let plan = Self.plan(pairs, free: [5, 5], pages: [4, 4])
    #expect(
      plan.hosts[0].memory?.courses == [
        NodeCourse(
          node: 0, pageSize: .mebibytes(2), free: .gibibytes(4), leastFree: .gibibytes(1),
          freeAfter: .gibibytes(1)),
        NodeCourse(
          node: 1, free: .gibibytes(5), leastFree: .gibibytes(3), freeAfter: .gibibytes(4)),
      ])
  }

  @Test("a balloon over huge pages takes and gives no memory of the host")
  func balloon() {
    var guest = PlannerTests.guest(16, current: 4)
    guest.memoryBacking.hugepages = .ofDefaultSize
    let grows = wanted("a") { $0.currentMemory = .exactly(.gibibytes(16)) }
    let plan = Self.plan([(grows, running("a", guest))], free: [8], reserve: 8)
    #expect(plan.domains[0].blockers.isEmpty)
    #expect(plan.hosts[0].memory?.availableAfter == .gibibytes(8))
  }

  @Test("the headroom tells what the host has for a guest to grow, and what a start allows")
  func headroom() {
    var bound = Self.guest("a", on: NodeSet([1...1]))
    bound.persistent?.maxMemory.size = .gibibytes(80)
    let plan = Self.plan([(wanted("a"), bound)], free: [9, 3], pages: [], reserve: 2)
    #expect(
      plan.domains[0].headroom
        == Headroom(
          hotplug: .gibibytes(60), afterStart: .gibibytes(16),
          host: Headroom.Supply(memory: .gibibytes(3), nodes: NodeSet([1...1]))))
    let huge = Self.guest("a", on: nil, isHuge: true)
    #expect(
      Self.plan([(wanted("a"), huge)], free: [9, 3], pages: [1, 2]).domains[0].headroom?.host
        == Headroom.Supply(memory: .gibibytes(3), pageSize: .mebibytes(2)))
  }

  @Test("right before a step, what the host has now decides")
  func anew() throws {
    let pair = (Self.plugs("a", 2), Self.guest("a", on: NodeSet([1...1])))
    let plan = Self.plan([pair], free: [0, 4], reserve: 2)
    let domain = plan.domains[0]
    let step = try #require(domain.steps.first)
    func demand(of step: Step) -> StepDemand? {
      StepDemand(
        of: step, in: domain, pair.1, on: Self.host([pair.1], free: [0, 4]),
        reserve: .gibibytes(2), facts: DeclaredFacts())
    }
    let own = try #require(demand(of: step))
    func shortage(_ free: [UInt64], besides others: [StepDemand] = []) -> String? {
      own.shortage(
        on: Self.host([pair.1], free: free), besides: others, reserve: .gibibytes(2),
        facts: DeclaredFacts())?.sentences
    }
    #expect(shortage([0, 4]) == nil)
    #expect(
      shortage([0, 3]) == """
        The step would take 2 GiB. The host has 3 GiB available now, and its reserve is 2 GiB.
        """)
    #expect(
      shortage([5, 1]) == "2 GiB would be taken on node 1, and at most 1 GiB can be free there.")
    // What another step that was sent may still take counts too, on the node first.
    #expect(shortage([2, 4], besides: [own]) == nil)
    #expect(
      shortage([0, 4], besides: [own]) == """
        The step would take 2 GiB. The host has 4 GiB available now, and its reserve is 2 GiB. \
        Steps that were sent and whose results are unknown may still take 2 GiB.
        """)
    #expect(domain.steps.filter { $0.plane == .persistent }.allSatisfy { demand(of: $0) == nil })
  }
}

/// Laws of the ledger over random hosts of three nodes, whose guests plug and unplug DIMMs.
@Suite struct LedgerPropertyTests {
  /// A step that takes (less than nothing: gives) so many GiB on some nodes.
  private struct Move {
    let id: String
    let taken: Int
    let nodes: Set<UInt32>?
    let needs: Set<String>
  }

  private struct RandomHost {
    var free: [UInt64] = []
    var isHuge = false
    var guests: [(nodes: Set<UInt32>?, taken: Int)] = []

    init(seed: UInt64) {
      var random = SeededGenerator(seed: seed)
      free = (0..<3).map { _ in random.between(0, 6) }
      isHuge = random.oneIn(2)
      guests = (0..<random.between(1, 7)).map { _ in
        let nodes: [Set<UInt32>?] = [nil, [0], [1], [2], [0, 1], [1, 2], [0, 2]]
        let size = Int(random.between(1, 5))
        return (nodes[Int(random.between(0, 6))], random.oneIn(2) ? size : -size)
      }
    }

    var plan: Plan {
      let pairs = guests.enumerated().map { number, guest in
        let name = "g\(number)"
        let nodes = guest.nodes.map { NodeSet($0.map { $0...$0 }) }
        let size = UInt64(abs(guest.taken))
        return guest.taken > 0
          ? (LedgerTests.plugs(name, size), LedgerTests.guest(name, on: nodes, isHuge: isHuge))
          : (
            LedgerTests.unplugs(name),
            LedgerTests.guest(name, on: nodes, isHuge: isHuge, dimm: size)
          )
      }
      return LedgerTests.plan(
        pairs, free: isHuge ? [50, 50, 50] : free, pages: isHuge ? free : [], reserve: 0)
    }

    func moves(of plan: Plan) -> [Move] {
      zip(guests, plan.domains).compactMap { guest, domain in
        domain.steps.first { $0.plane == .live }.map {
          Move(id: $0.id, taken: guest.taken, nodes: guest.nodes, needs: Set($0.needs))
        }
      }
    }
  }

  private static let groups: [Set<UInt32>] = [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]]

  /// What `moves` take of `group`; what an unbound guest moves counts on the whole host only.
  private static func taken(_ moves: [Move], of group: Set<UInt32>) -> Int {
    moves.filter { $0.nodes?.isSubset(of: group) ?? (group.count == 3) }.map(\.taken)
      .reduce(0, +)
  }

  @Test("in every order that the needs allow, no nodes give more than they have", arguments: 0..<10)
  func covered(tens: UInt64) {
    for seed in (tens * 100)..<(tens * 100 + 100) {
      let host = RandomHost(seed: seed)
      let moves = host.moves(of: host.plan)
      for state in 0..<(1 << moves.count) {
        let done = moves.indices.filter { state & (1 << $0) != 0 }.map { moves[$0] }
        let ids = Set(done.map(\.id))
        guard done.allSatisfy({ $0.needs.isSubset(of: ids) }) else { continue }
        for group in Self.groups {
          let free = group.map { Int(host.free[Int($0)]) }.reduce(0, +)
          #expect(Self.taken(done, of: group) <= free, "\(seed): \(group) \(done)")
        }
      }
    }
  }

  @Test("nothing that fits beside what is planned is refused", arguments: 0..<10)
  func complete(tens: UInt64) {
    var refused = 0
    for seed in (tens * 100)..<(tens * 100 + 100) {
      let host = RandomHost(seed: seed)
      let plan = host.plan
      let moves = host.moves(of: plan)
      for (guest, domain) in zip(host.guests, plan.domains) where domain.verdict == .blocked {
        refused += 1
        let own = Move(id: domain.name, taken: guest.taken, nodes: guest.nodes, needs: [])
        let fits = Self.groups.allSatisfy { group in
          Self.taken(moves + [own], of: group)
            <= group.map { Int(host.free[Int($0)]) }.reduce(0, +)
        }
        #expect(!fits, "\(seed): \(domain.name) \(domain.rules) of \(host)")
      }
    }
    #expect(refused > 20, "the random hosts say something")
  }
}
