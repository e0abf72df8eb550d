// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import TestSupport
import Testing

/// What a host's pools of huge pages allow.
@Suite struct HugepageTests {
  /// A host whose node 0 has `first` pages of 2 MiB, and its node 1 `second`; `free` of each.
  static func host(
    _ domains: [ObservedDomain], _ first: UInt64 = 0, _ second: UInt64 = 1024,
    free: (UInt64, UInt64)? = nil
  ) -> ObservedHost {
    var host = PlannerTests.host(domains)
    host.pageSizes = [.kibibytes(4), .mebibytes(2)]
    host.nodes = [(0, first, free?.0), (1, second, free?.1)].map { number, total, free in
      HostNode(number, pools: [HugepagePool(size: .mebibytes(2), total: total, free: free)])
    }
    return host
  }

  /// A guest with a cell of each size in MiB, bound to the node at the same place if there is one.
  static func guest(_ cells: [UInt64], on nodes: [UInt32?]) -> MemoryConfiguration {
    var definition = MemoryConfiguration()
    definition.cells = cells.enumerated().map {
      NUMACell(id: UInt32($0.offset), memory: .mebibytes($0.element))
    }
    definition.memory = cells.map { MemorySize.mebibytes($0) }.total
    definition.currentMemory = .exactly(definition.memory ?? .zero)
    definition.memoryBacking.hugepages = .ofDefaultSize
    for (cell, node) in nodes.enumerated() {
      guard let node else { continue }
      definition.numatune.memnodes.append(
        NUMAMemnode(cell: UInt32(cell), mode: .strict, nodeset: NodeSet([node...node])))
    }
    return definition
  }

  private static func missing(_ definition: MemoryConfiguration, on host: ObservedHost) -> String? {
    GuestBehaviour(of: running("web-01", definition), on: host)
      .hugepagesMissing(for: definition)?.instance
  }

  @Test(
    "the pages of bound cells are counted on their nodes, and those of others on all nodes",
    arguments: [
      ([1024, 1024], [nil, nil], 512, 512, nil),
      ([1024, 1024], [0, 1], 512, 512, nil),
      (
        [1026, 1022], [0, 1], 512, 512,
        "the start needs 513 pages of 2 MiB on node 0, which has 512"
      ),
      ([512, 1024], [1, nil], 0, 700, "the start needs 768 pages of 2 MiB, and the host has 700"),
      ([1024, 512], [1, nil], 256, 512, nil),
      ([1023, 1], [1, 1], 0, 512, "the start needs 513 pages of 2 MiB on node 1, which has 512"),
    ] as [([UInt64], [UInt32?], UInt64, UInt64, String?)])
  func counted(
    cells: [UInt64], nodes: [UInt32?], first: UInt64, second: UInt64, expected: String?
  ) {
    let definition = Self.guest(cells, on: nodes)
    #expect(Self.missing(definition, on: Self.host([], first, second)) == expected)
  }

  @Test("a binding that is not strict binds no pages, and an unknown host refuses none")
  func soft() {
    for mode in [NUMAMode.preferred, .interleave] {
      var definition = Self.guest([1024], on: [0])
      definition.numatune.memnodes[0].mode = mode
      #expect(Self.missing(definition, on: Self.host([])) == nil)
    }
    var host = Self.host([])
    host.nodes = []
    #expect(Self.missing(Self.guest([9999], on: []), on: host) == nil)
  }

  @Test("a blocked start names the command that reserves the pages")
  func remedy() {
    let observed = running("web-01", Self.guest([1024], on: [1]))
    let desired = wanted { $0.cells = [NUMACell(id: 0, memory: .mebibytes(3072))] }
    let plan = HostPlanner(DesiredHost(name: "hv01"), observed: Self.host([observed]))
      .plan([(desired, observed)]).domains[0]
    #expect(plan.steps.isEmpty)
    #expect(Set(plan.rules) == ["hugepages-not-on-host"])
    #expect(
      plan.blockers[0].remedy.hasPrefix(
        """
        Reserve the pages on the host: `virsh allocpages --pagesize 2048 --pagecount 1536 --cellno \
        1`.
        """))
  }

  @Test(
    "memory that is declared of a guest with one cell asks for that cell's pages",
    arguments: [false, true])
  func memoryOfOneCell(declaresCell: Bool) {
    let observed = running("web-01", Self.guest([1024], on: [nil]))
    func plan(_ size: MemorySize, of pool: UInt64, free: UInt64) -> Plan {
      let desired = wanted {
        $0.memory = size
        $0.currentMemory = .exactly(size)
        if declaresCell { $0.cells = [NUMACell(id: 0, memory: size)] }
      }
      let host = Self.host([observed], 0, pool, free: (0, free))
      return HostPlanner(DesiredHost(name: "hv01"), observed: host).plan([(desired, observed)])
    }
    let blocked = plan(.mebibytes(4096), of: 1024, free: 512).domains[0]
    #expect(blocked.rules.contains("hugepages-not-on-host"))
    #expect(blocked.steps.isEmpty)
    let staged = plan(.mebibytes(4096), of: 2048, free: 1024)
    #expect(staged.domains[0].rules.isEmpty)
    #expect(staged.diagnostics.contains { $0.rule == "hugepages-not-free" })
  }

  @Test(
    "a cell that loses its own binding asks for its pages where all memory is bound",
    arguments: [false, true])
  func bindingGoes(allGo: Bool) {
    var definition = Self.guest([2048], on: [1])
    (definition.numatune.memory.mode, definition.numatune.memory.nodeset) = (
      .strict, NodeSet([0...0])
    )
    var observed = running("web-01", definition)
    (observed.isActive, observed.state, observed.live) = (false, .shutOff, nil)
    let desired = wanted {
      var memnode = NUMAMemnode(cell: 0)
      memnode.state = .absent
      if allGo {
        $0.numatune.memnodesPresence = .absent
      } else {
        $0.numatune.memnodes = [memnode]
      }
    }
    let plan = HostPlanner(DesiredHost(name: "hv01"), observed: Self.host([observed]))
      .plan([(desired, observed)]).domains[0]
    #expect(Set(plan.rules) == ["hugepages-not-on-host"])
    #expect(plan.blockers.allSatisfy { $0.summary.contains("1024 pages of 2 MiB on node 0") })
  }

  @Test("a change of one cell's binding is not blamed for the pages of another cell")
  func bindingOfAnother() {
    let definition = Self.guest([4096, 64], on: [1, 1])
    let observed = running("web-01", definition)
    let desired = wanted {
      $0.numatune.memnodes = [NUMAMemnode(cell: 1, nodeset: NodeSet([0...0]))]
    }
    let plan = HostPlanner(DesiredHost(name: "hv01"), observed: Self.host([observed], 64, 1024))
      .plan([(desired, observed)]).domains[0]
    #expect(plan.rules.isEmpty)
    #expect(!plan.steps.isEmpty)
  }

  @Test("a shortage of a cell that stays as it is hides none of the cell that changes")
  func shortageOfAnother() {
    var observed = running("web-01", Self.guest([2048, 2048], on: [0, 1]))
    (observed.isActive, observed.state, observed.live) = (false, .shutOff, nil)
    func plan(
      _ second: UInt64, free: UInt64, _ wish: (inout MemoryConfiguration) -> Void
    ) -> Plan {
      let host = Self.host([observed], 512, second, free: (0, free))
      return HostPlanner(DesiredHost(name: "hv01"), observed: host)
        .plan([(wanted("web-01", wish), observed)])
    }
    func grows(_ second: UInt64, free: UInt64) -> Plan {
      plan(second, free: free) { $0.cells = [NUMACell(id: 1, memory: .mebibytes(3072))] }
    }
    let blocked = grows(1535, free: 0).domains[0]
    #expect(blocked.steps.isEmpty)
    #expect(
      blocked.blockers.map(\.summary) == [
        "the start needs 1536 pages of 2 MiB on node 1, which has 1535"
      ])
    // The two nodes together have too few pages only because of the cell that stays.
    let fits = grows(1536, free: 1536)
    #expect(fits.domains[0].rules.isEmpty)
    #expect(!fits.diagnostics.contains { Self.arePages($0.rule) })
    let held = grows(1536, free: 100)
    let warnings = held.diagnostics.filter { Self.arePages($0.rule) }.map(\.detail)
    #expect(warnings.count == 1)
    #expect(
      warnings.first?.hasPrefix("The start needs 1536 pages of 2 MiB on node 1; 100 are free. ")
        == true)
    let moves = plan(8192, free: 8192) {
      $0.numatune.memnodes = [NUMAMemnode(cell: 1, nodeset: NodeSet([0...0]))]
    }
    #expect(Set(moves.domains[0].rules) == ["hugepages-not-on-host"])
  }

  private static func arePages(_ rule: Rule) -> Bool {
    rule == "hugepages-not-free" || rule == "hugepages-not-on-host"
  }

  @Test("the sum that is declared beside several cells is not blamed for the pages of one")
  func sumOfCells() {
    var observed = running("web-01", Self.guest([2048, 2048], on: [0, 1]))
    (observed.isActive, observed.state, observed.live) = (false, .shutOff, nil)
    let desired = wanted {
      $0.memory = .mebibytes(5120)
      $0.cells = [NUMACell(id: 1, memory: .mebibytes(3072))]
    }
    let host = Self.host([observed], 512, 8192, free: (512, 8192))
    let plan = HostPlanner(DesiredHost(name: "hv01"), observed: host).plan([(desired, observed)])
    #expect(plan.domains[0].rules.isEmpty)
    #expect(!plan.diagnostics.contains { Self.arePages($0.rule) })
  }

  @Test("pages that others hold now are warned of, and those of the guest itself come back")
  func notFree() {
    let observed = running("web-01", Self.guest([512], on: [1]))
    func warning(free: UInt64, memory: UInt64 = 1024) -> Diagnostic? {
      let there = Self.host([observed], free: (0, free))
      let desired = wanted { $0.cells = [NUMACell(id: 0, memory: .mebibytes(memory))] }
      return HostPlanner(DesiredHost(name: "hv01"), observed: there).plan([(desired, observed)])
        .diagnostics.first { $0.rule == "hugepages-not-free" }
    }
    #expect(warning(free: 256) == nil)
    #expect(
      warning(free: 255)?.detail.hasPrefix(
        """
        The start needs 512 pages of 2 MiB on node 1; 255 are free, and the guest's own stop gives \
        back 256.
        """) == true)
    // What is as declared is not spoken of.
    #expect(warning(free: 0, memory: 512) == nil)
  }

  /// The warnings of a plan that gives each guest, bound to a node, so many MiB in one cell.
  private static func warnings(
    _ guests: [(name: String, node: UInt32?, has: UInt64, wants: UInt64)], free: (UInt64, UInt64),
    facts: DeclaredFacts = DeclaredFacts()
  ) -> [Diagnostic] {
    let observed = guests.map { running($0.name, guest([$0.has], on: [$0.node])) }
    let pairs = zip(guests, observed).map { guest, observed in
      let desired = wanted(guest.name) {
        $0.cells = [NUMACell(id: 0, memory: .mebibytes(guest.wants))]
      }
      return (desired, observed)
    }
    return HostPlanner(
      DesiredHost(name: "hv01", facts: facts), observed: host(observed, 1024, 1024, free: free)
    ).plan(pairs).diagnostics.filter { $0.rule == "hugepages-not-free" }
  }

  @Test("guests that the plan changes are warned of together where each alone finds its pages")
  func together() {
    let both: [(String, UInt32?, UInt64, UInt64)] = [("a", 1, 512, 1024), ("b", 1, 512, 1024)]
    #expect(Self.warnings(both, free: (1024, 512)).isEmpty)
    let found = Self.warnings(both, free: (1024, 511))
    #expect(found.map(\.domain) == ["a", "b"])
    #expect(
      found.allSatisfy {
        $0.detail.hasPrefix(
          """
          The next starts of 2 guests with staged changes need 1024 pages of 2 MiB on node 1 \
          together; 511 are free, and the stops of all such guests give back 512.
          """)
      })
    // A guest of another node, and one that the plan leaves as it is, are no part of it.
    let apart: [(String, UInt32?, UInt64, UInt64)] = [
      ("a", 1, 512, 1024), ("b", 0, 512, 1024), ("c", 1, 512, 512),
    ]
    #expect(Self.warnings(apart, free: (256, 256)).isEmpty)
    #expect(Self.warnings(both, free: (0, 400), facts: DeclaredFacts(hugepages: .onDemand)).isEmpty)
  }

  @Test("an unbound guest shares the pages of all nodes with those that are bound")
  func togetherUnbound() {
    let guests: [(String, UInt32?, UInt64, UInt64)] = [("a", 1, 2, 1000), ("b", nil, 2, 1000)]
    #expect(Self.warnings(guests, free: (498, 500)).isEmpty)
    let found = Self.warnings(guests, free: (490, 500))
    #expect(found.map(\.domain) == ["a", "b"])
    #expect(found.allSatisfy { $0.detail.contains("1000 pages of 2 MiB together; 990 are free") })
  }
}
