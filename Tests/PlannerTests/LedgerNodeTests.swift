// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

@testable import Planner

/// How the ledger tells the accounts of a host's nodes apart.
@Suite struct LedgerNodeTests {
  private static func node(_ number: UInt32) -> NodeSet { NodeSet([number...number]) }

  @Test("each of very many sets of nodes is held against what its nodes have")
  func manyNodes() {
    let pairs = (0..<16).map { number in
      let name = number < 10 ? "g0\(number)" : "g\(number)"
      return (
        desired: LedgerTests.plugs(name, 4),
        observed: LedgerTests.guest(name, on: Self.node(UInt32(number)))
      )
    }
    let plan = LedgerTests.plan(pairs, free: Array(repeating: 1, count: 16))
    #expect(plan.domains.allSatisfy { Set($0.rules) == ["host-node-full"] })
  }

  @Test("a step needs no step that the one which another account needs makes superfluous")
  func superfluous() {
    let pairs = [
      (LedgerTests.unplugs("a1"), LedgerTests.guest("a1", on: Self.node(1), dimm: 4)),
      (LedgerTests.unplugs("a2"), LedgerTests.guest("a2", on: Self.node(0), dimm: 4)),
      (LedgerTests.plugs("t1", 3), LedgerTests.guest("t1", on: NodeSet([0...1]))),
      (LedgerTests.plugs("t2", 3), LedgerTests.guest("t2", on: NodeSet([0...0, 2...2]))),
      (LedgerTests.plugs("t3", 2), LedgerTests.guest("t3", on: Self.node(0))),
    ]
    let plan = LedgerTests.plan(pairs, free: [2, 2, 2, 10])
    #expect(plan.domains.dropFirst(2).map { $0.steps[0].needs } == [[], [], ["hv01/a2/1"]])
  }

  @Test("a node that is full blocks only what comes from it")
  func otherNode() {
    var guest = LedgerTests.guest("a", on: nil)
    for plane in [Plane.live, .persistent] {
      guest[plane]?.cells = [
        NUMACell(id: 0, memory: .gibibytes(2)), NUMACell(id: 1, memory: .gibibytes(2)),
      ]
      guest[plane]?.numatune.memnodes = (0...1).map {
        NUMAMemnode(cell: $0, mode: .strict, nodeset: Self.node($0))
      }
    }
    let asked = wanted("a") {
      $0.devices = ([0, 1] as [UInt32]).map { number in
        MemoryDevice(
          model: .dimm, name: "d\(number)", alias: "d\(number)", size: .gibibytes(4),
          node: number)
      }
    }
    let plan = LedgerTests.plan([(asked, guest)], free: [10, 1])
    let blocked = plan.domains[0].blockers
    #expect(blocked.allSatisfy { $0.field?.item == "d1" })
    #expect(
      blocked.first?.summary
        == "4 GiB would be taken on node 1, and at most 1 GiB can be free there")
    #expect(
      plan.steps.contains { step in
        step.plane == .live && step.changes.contains { $0.field.item == "d0" }
      })
  }

  @Test("a node's course counts what a step takes only after the steps that it needs have given")
  func course() {
    func balloon(_ name: String, has: UInt64, wants: UInt64) -> (DesiredDomain, ObservedDomain) {
      var definition = PlannerTests.guest(8, current: has)
      (definition.numatune.memory.mode, definition.numatune.memory.nodeset) =
        (.strict, Self.node(1))
      return (
        wanted(name) { $0.currentMemory = .exactly(.gibibytes(wants)) }, running(name, definition)
      )
    }
    let pairs = [balloon("a", has: 4, wants: 8), balloon("b", has: 8, wants: 4)]
    // Because of the reserve, a waits for b.
    for (reserve, least) in [(11, 2), (0, 0)] as [(UInt64, UInt64)] {
      let plan = LedgerTests.plan(pairs, free: [10, 2], pageCache: 2, reserve: reserve)
      #expect(
        plan.hosts[0].memory?.courses == [
          NodeCourse(
            node: 1, free: .gibibytes(2), leastFree: .gibibytes(least), freeAfter: .gibibytes(2))
        ])
    }
  }

  @Test("the headroom tells what the host has only where all of the growth comes from it")
  func supply() {
    func headroom(_ guest: ObservedDomain) -> Headroom? {
      LedgerTests.plan([(wanted("a"), guest)], free: [9, 3], pages: [9, 2]).domains[0].headroom
    }
    // A balloon over huge pages, or over pinned memory, takes nothing.
    var huge = PlannerTests.guest(8, current: 4)
    huge.memoryBacking.hugepages = .ofDefaultSize
    var pinned = PlannerTests.guest(8, current: 4)
    pinned.surroundings.pinnings = 1
    for definition in [huge, pinned] {
      #expect(
        headroom(running("a", definition))
          == Headroom(balloon: .gibibytes(4), missing: [.maxMemory]))
    }
    // A virtio-mem device takes pages of its own cell; a new device could take others.
    var cells = PlannerTests.guest(4)
    cells.cells = (0...1).map { NUMACell(id: $0, memory: .gibibytes(2)) }
    cells.numatune.memnodes = (0...1).map {
      NUMAMemnode(cell: $0, mode: .strict, nodeset: Self.node($0))
    }
    cells.memoryBacking.hugepages = .pages([
      Hugepage(size: .mebibytes(2), cells: Self.node(1))
    ])
    cells.devices = [
      MemoryDevice(
        model: .virtioMem, alias: "e", size: .gibibytes(8), node: 1, block: .mebibytes(2),
        requested: .zero, plugged: .zero)
    ]
    cells.maxMemory = MaxMemory(size: .gibibytes(12), slots: 8)
    #expect(
      headroom(running("a", cells))?.host
        == Headroom.Supply(
          memory: .gibibytes(2), nodes: Self.node(1), pageSize: .mebibytes(2)))
    cells.maxMemory.size = .gibibytes(64)
    let mixed = headroom(running("a", cells))
    #expect(mixed?.hotplug == .gibibytes(52) && mixed?.host == nil)
  }

  @Test("the order in which the ledger hears of moves makes no difference", arguments: 0..<100)
  func order(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let moves = (0..<random.between(2, 12)).map { _ in
      let nodes = NodeSet(
        (0..<random.between(1, 3)).map { _ in
          let node = UInt32(random.between(0, 3))
          return node...node
        })
      let size = MemorySize.gibibytes(random.between(1, 4))
      let gives = random.oneIn(2)
      return MemoryMove(
        resource: random.oneIn(3) ? .hugepages(.mebibytes(2)) : .memory, nodes: nodes,
        taken: gives ? .zero : size, given: gives ? size : .zero)
    }
    let host = LedgerTests.host([], free: [2, 3, 1, 2], pages: [1, 2, 3, 1], pageCache: 1)
    func needs(hearing heard: [MemoryMove]) -> [[String]] {
      var ledger = HostLedger(of: host, reserve: .gibibytes(1), facts: DeclaredFacts(), for: heard)
      let entries = moves.enumerated().map { number, move in
        HostLedger.Entry(
          step: Step(
            id: "s\(number)",
            operation: .call(Call(.setMemory, on: .live, changes: [])), disruption: .live,
            reason: ""), moves: [move])
      }
      for entry in entries where entry.moves[0].given > .zero { ledger.give([entry]) }
      return entries.filter { $0.moves[0].taken > .zero }.map { entry in
        var taking = [entry]
        return ledger.admit(&taking) == nil ? taking[0].step.needs : ["refused"]
      }
    }
    let expected = needs(hearing: moves)
    for _ in 0..<8 { #expect(needs(hearing: moves.shuffled(using: &random)) == expected) }
  }

  @Test("the same host has the same plan, in whatever order its domains come", arguments: 0..<50)
  func samePlan(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pairs = (0..<10).map { number in
      let nodes = NodeSet(
        (0..<random.between(1, 3)).map { _ in
          let node = UInt32(random.between(0, 3))
          return node...node
        })
      let (name, size) = ("g\(number)", random.between(1, 4))
      return random.oneIn(2)
        ? (desired: LedgerTests.plugs(name, size), observed: LedgerTests.guest(name, on: nodes))
        : (
          desired: LedgerTests.unplugs(name),
          observed: LedgerTests.guest(name, on: nodes, dimm: size)
        )
    }
    let plan = LedgerTests.plan(pairs, free: [2, 3, 1, 2], reserve: 1)
    for _ in 0..<4 {
      let other = LedgerTests.plan(
        pairs.shuffled(using: &random), free: [2, 3, 1, 2], reserve: 1)
      #expect(other.domains == plan.domains && other.hosts == plan.hosts)
    }
  }
}
