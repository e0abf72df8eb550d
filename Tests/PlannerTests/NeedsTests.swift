// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Planner
import TestSupport
import Testing

/// Which steps that give memory the steps that take it need: laws over random hosts.
///
/// The laws are checked in every state that an apply can end in: each set of steps in which a step
/// stands with those that it needs and with the earlier ones of its domain.
@Suite struct NeedsTests {
  @Test(
    "whichever steps fail, no step takes memory that the host does not have above its reserve",
    arguments: 0..<300)
  func covered(seed: Int) {
    for fleet in [RandomFleet(seed: seed, isMixed: false), RandomFleet(seed: seed, isMixed: true)] {
      let moves = fleet.moves
      #expect(!moves.canOverdraw(fleet.spare), "\(fleet)")
    }
  }

  @Test(
    "on a host with nothing to spare, without any one need memory could be taken that is not there",
    arguments: 0..<300)
  func minimal(seed: Int) {
    let fleet = RandomFleet(seed: seed, isMixed: false, isTight: true)
    let moves = fleet.moves
    for (index, move) in moves.enumerated() {
      for need in move.needs {
        var fewer = moves
        fewer[index].needs.remove(need)
        #expect(fewer.canOverdraw(fleet.spare), "\(move.id) needs \(need): \(fleet)")
      }
    }
  }

  @Test("a host has no more needs than steps that give and steps that take", arguments: 0..<40)
  func size(seed: Int) {
    for isMixed in [false, true] {
      let fleet = RandomFleet(seed: seed, isMixed: isMixed, count: 40)
      let moves = fleet.moves
      let (givers, takers) = (moves.count { $0.amount > 0 }, moves.count { $0.amount < 0 })
      // Below the reserve each step that takes also needs those that make up for what is missing.
      let repaying = fleet.spare < 0 ? givers * takers : 0
      #expect(moves.reduce(0) { $0 + $1.needs.count } <= givers + takers + repaying, "\(fleet)")
    }
  }

  @Test("the least that a plan says stays available does so in every order", arguments: 0..<300)
  func least(seed: Int) {
    for isMixed in [false, true] {
      let fleet = RandomFleet(seed: seed, isMixed: isMixed)
      let plan = fleet.plan
      let least = plan.hosts[0].memory?.leastAvailable ?? .zero
      #expect(least <= .gibibytes(UInt64([Move](plan).lowest(from: fleet.available))), "\(fleet)")
    }
  }

  @Test("the steps that a step needs can all be performed before it")
  func order() {
    var needCount = 0
    for seed in 0..<300 {
      let fleet = RandomFleet(seed: seed, isMixed: true)
      var open = fleet.moves
      needCount += open.reduce(0) { $0 + $1.needs.count }
      var done: Set<String> = []
      while let next = open.firstIndex(where: { $0.needs.union($0.earlier).isSubset(of: done) }) {
        done.insert(open.remove(at: next).id)
      }
      #expect(open.isEmpty, "\(fleet)")
    }
    #expect(needCount > 100, "the random hosts say something")
  }

  @Test("a step draws from the first that give, and from no more of them than it has to")
  func examples() {
    func needs(
      _ guests: [(name: String, has: UInt64, wants: UInt64)], available: UInt64
    ) -> [String: [String]] {
      let moves = [Move](BudgetTests.plan(guests, available: available))
      return Dictionary(
        uniqueKeysWithValues: moves.filter { $0.amount < 0 }.map {
          (String($0.id.split(separator: "/")[1]), $0.needs.sorted())
        })
    }
    // One step that gives covers two that take.
    #expect(
      needs([("a", 4, 6), ("b", 4, 6), ("c", 9, 4), ("d", 8, 4)], available: 8)
        == ["a": ["hv01/c/1"], "b": ["hv01/c/1"]])
    // What the host can spare is for the first; the second needs one step, and the third the other.
    #expect(
      needs([("a", 4, 6), ("b", 4, 8), ("c", 4, 8), ("d", 8, 4), ("e", 8, 4)], available: 10)
        == ["a": [], "b": ["hv01/d/1"], "c": ["hv01/e/1"]])
    // The rest of c would not do for b, and d does without it.
    #expect(
      needs([("a", 4, 7), ("b", 4, 8), ("c", 8, 4), ("d", 12, 4)], available: 8)
        == ["a": ["hv01/c/1"], "b": ["hv01/d/1"]])
    // Below the reserve every step waits until what is missing is there.
    #expect(
      needs([("a", 4, 5), ("b", 4, 5), ("c", 8, 4), ("d", 8, 4)], available: 4)
        == ["a": ["hv01/c/1", "hv01/d/1"], "b": ["hv01/c/1", "hv01/d/1"]])
  }
}

/// A step that moves memory between a host and a guest; amounts in GiB.
private struct Move {
  let id: String
  /// What the step gives back to the host; less than nothing where it takes.
  let amount: Int
  var needs: Set<String>
  /// The earlier steps of its domain that move memory.
  let earlier: Set<String>
}

extension [Move] {
  /// The steps of a plan that move memory.
  fileprivate init(_ plan: Plan) {
    self = plan.domains.flatMap { domain in
      var earlier: Set<String> = []
      return domain.steps.compactMap { step -> Move? in
        guard step.plane == .live, let change = step.changes.first,
          [.currentMemory, .deviceRequested].contains(change.field.name),
          case .size(let from)? = change.from, case .size(let to)? = change.to
        else { return nil }
        defer { earlier.insert(step.id) }
        return Move(
          id: step.id, amount: Int(from.bytes >> 30) - Int(to.bytes >> 30),
          needs: Set(step.needs), earlier: earlier)
      }
    }
  }

  /// The least that is left of `available` in any state.
  fileprivate func lowest(from available: UInt64) -> Int {
    let places = Dictionary(
      enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    return (0..<(1 << count)).reduce(Int(available)) { lowest, state in
      let done = indices.filter { state & (1 << $0) != 0 }
      let isReached = done.allSatisfy { index in
        self[index].needs.union(self[index].earlier).allSatisfy { id in
          places[id].map { state & (1 << $0) != 0 } ?? false
        }
      }
      guard isReached else { return lowest }
      return Swift.min(lowest, Int(available) + done.reduce(0) { $0 + self[$1].amount })
    }
  }

  /// Whether there is a state in which a step has taken memory and less than nothing is to spare.
  fileprivate func canOverdraw(_ spare: Int) -> Bool {
    let bits = Dictionary(
      enumerated().map { ($1.id, 1 << $0) }, uniquingKeysWith: { first, _ in first })
    let required = map { move in
      move.needs.union(move.earlier).reduce(0) { $0 | (bits[$1] ?? 1 << 62) }
    }
    return (0..<(1 << count)).contains { state in
      var (left, hasTaken) = (spare, false)
      for index in indices where state & (1 << index) != 0 {
        guard required[index] & ~state == 0 else { return false }
        left += self[index].amount
        if self[index].amount < 0 { hasTaken = true }
      }
      return hasTaken && left < 0
    }
  }
}

/// A host with a reserve whose guests are to grow and shrink at random; figures in GiB.
private struct RandomFleet: CustomStringConvertible {
  private struct Guest {
    var balloon: (has: UInt64, wants: UInt64)
    var elastic: (has: UInt64, wants: UInt64)?
  }

  private let guests: [Guest]
  let available: UInt64
  private let reserve: UInt64

  /// A guest of a mixed fleet has a virtio-mem device too, and may take by one and give by the
  /// other.
  init(seed: Int, isMixed: Bool, isTight: Bool = false, count: UInt64? = nil) {
    var random = SeededGenerator(seed: UInt64(seed))
    let count = count ?? (isMixed ? random.between(1, 5) : random.between(1, 9))
    guests = (0..<count).map { _ in
      Guest(
        balloon: (random.between(1, 15), random.between(1, 15)),
        elastic: isMixed
          ? (has: random.between(0, 7), wants: random.between(0, 7)) : nil)
    }
    reserve = random.between(0, 16)
    available = isTight ? reserve : random.between(0, 24)
  }

  /// What the host has above its reserve; less than nothing where it lacks some.
  var spare: Int { Int(available) - Int(reserve) }

  var description: String { "\(available) of \(reserve), \(guests)" }

  var moves: [Move] { [Move](plan) }

  var plan: Plan {
    let pairs = guests.enumerated().map { number, guest in
      let name = number < 10 ? "guest-0\(number)" : "guest-\(number)"
      return (
        desired: wanted(name) { definition in
          definition.currentMemory = .exactly(.gibibytes(guest.balloon.wants))
          guard let elastic = guest.elastic else { return }
          definition.devices = [MemoryDevice(name: "e0", requested: .gibibytes(elastic.wants))]
        }, observed: observed(name, guest)
      )
    }
    let host = host(pairs.map(\.observed), available: .gibibytes(available))
    let declared = DesiredHost(name: "hv01", reserve: .gibibytes(reserve))
    return HostPlanner(declared, observed: host).plan(pairs)
  }

  private func observed(_ name: String, _ guest: Guest) -> ObservedDomain {
    var definition = PlannerTests.guest(16, current: guest.balloon.has)
    guard let elastic = guest.elastic else { return running(name, definition) }
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(16))]
    definition.maxMemory = MaxMemory(size: .gibibytes(64), slots: 8)
    definition.devices = [
      MemoryDevice(
        model: .virtioMem, alias: "e0", size: .gibibytes(8), node: 0, block: .mebibytes(2),
        requested: .gibibytes(elastic.has))
    ]
    var domain = running(name, definition)
    domain.live?.devices[0].plugged = .gibibytes(elastic.has)
    domain.live?.currentMemory = .exactly(.gibibytes(guest.balloon.has + elastic.has))
    return domain
  }
}
