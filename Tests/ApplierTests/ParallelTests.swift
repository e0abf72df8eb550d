// SPDX-License-Identifier: Apache-2.0

import Applier
import LibvirtModel
import MemoryModel
import Planner
import Synchronization
import TestSupport
import Testing

/// Several domains of a host at the same time, and the brakes.
@Suite struct ParallelTests {
  private static let names = (1...6).map { "web-\($0)" }

  private static func run(
    width: Int, reserve: MemorySize? = nil, failuresAllowed: Int? = nil,
    faults: SimulatedHypervisor.Faults = .init()
  ) -> Run {
    var observed = host()
    observed.domains = names.map { domain($0) }
    return Run(
      names.map { declared($0, current: 4) }, on: observed, reserve: reserve, faults: faults,
      width: width, failuresAllowed: failuresAllowed)
  }

  @Test(
    "as many domains as allowed are under way at the same time, and never more", arguments: 1...6)
  func width(count: Int) async throws {
    let run = Self.run(width: count)
    let meeting = Meeting(run.hypervisor, of: count)
    let applier = HostApplier(
      host: run.observed, hypervisor: meeting, effectTimeout: .seconds(20), width: count,
      recorder: run, brakes: Brakes())
    let result = await applier.apply(run.plan.domains)
    #expect(result.steps.values.allSatisfy { $0.status == .done })
    #expect(result.steps.count == 12 && result.domains.count == 6)
    #expect(meeting.mostAtOnce == count)
  }

  @Test(
    "a domain is looked at before its first step, after each, and where the next is on the other plane"
  )
  func looks() async throws {
    // Of several domains, one's look would make another's call, which may look once more meanwhile.
    let run = Self.run(width: 1)
    let meeting = Meeting(run.hypervisor, of: 1)
    let applier = HostApplier(
      host: run.observed, hypervisor: meeting, effectTimeout: .seconds(20), width: 1,
      recorder: run, brakes: Brakes())
    _ = await applier.apply(run.plan.domains)
    #expect(run.plan.stepCount == 12)
    // Each domain has a live step and a persistent one.
    #expect(meeting.lookCount == 6 + 12 + 6)
  }

  @Test("past the failures that are allowed no domain is begun", arguments: [0, 1, 2])
  func failures(allowed: Int) async {
    var faults = SimulatedHypervisor.Faults()
    faults.unresponsiveGuests = Set(Self.names.prefix(5).map { "uuid-of-\($0)" })
    let run = Self.run(width: 1, failuresAllowed: allowed, faults: faults)
    let report = await run.report()
    let statuses = report.domains.map(\.status)
    #expect(statuses.prefix(allowed + 1).allSatisfy { $0 == .failed })
    #expect(statuses.dropFirst(allowed + 1).allSatisfy { $0 == .skipped })
    #expect(report.domains.last?.failure == .tooManyFailures(allowed + 1, allowed: allowed))
    #expect(run.events.contains { $0.hasPrefix("left web-6") })
  }

  @Test("a stale domain counts as one that failed")
  func stale() async {
    var observed = host()
    observed.domains = Self.names.map { domain($0) }
    let run = Run(
      Self.names.map { declared($0, current: 4) }, on: observed, failuresAllowed: 0
    ) { $0.domains[0].persistent?.currentMemory = .exactly(.gibibytes(1)) }
    let report = await run.report()
    #expect(report.domains.map(\.status) == [.stale] + Array(repeating: .skipped, count: 5))
  }

  @Test("after the deadline no step is begun, and the step that was begun goes on to its end")
  func deadline() async {
    let clock = TestClock()
    var faults = SimulatedHypervisor.Faults()
    faults.slowGuests["uuid-of-web-1"] = .mebibytes(256)
    let run = Self.run(width: 1, faults: faults)
    let applier = HostApplier(
      host: run.observed, hypervisor: run.hypervisor, effectTimeout: .seconds(20), width: 1,
      recorder: run, brakes: Brakes(deadline: .seconds(1), clock: clock), clock: clock)
    let result = await applier.apply(run.plan.domains)
    let first = run.plan.domains[0].steps
    #expect(result.steps[first[0].id]?.status == .done)
    #expect(result.steps[first[1].id]?.failure == .deadlinePassed(.seconds(1)))
    #expect(result.domains.values.allSatisfy { $0.status == .skipped })
    #expect(run.hypervisor.trace.count == 1)
  }

  @Test("domains that need each other do not wait for ever", arguments: [1, 2, 16])
  func cycle(width: Int) async {
    let run = Self.run(width: width)
    var domains = Array(run.plan.domains.prefix(2))
    domains[0].steps[0].needs = [domains[1].steps[1].id]
    domains[1].steps[0].needs = [domains[0].steps[1].id]
    let applier = HostApplier(
      host: run.observed, hypervisor: run.hypervisor, effectTimeout: .seconds(20), width: width,
      recorder: run, brakes: Brakes())
    let result = await applier.apply(domains)
    #expect(result.steps.count == 4)
    #expect(result.steps.values.contains { $0.failure?.rule == .needNotMet })
  }

  @Test(
    "with random needs every step comes after those that it needs, at any width",
    arguments: 0..<200)
  func needs(seed: UInt64) async {
    var random = SeededGenerator(seed: seed)
    let run = Self.run(width: 1)
    var domains = run.plan.domains
    // A domain may need any step of those before it in a random order.
    let order = domains.indices.shuffled(using: &random)
    for (place, index) in order.enumerated() {
      for step in domains[index].steps.indices where random.oneIn(2) && place > 0 {
        let other = domains[order[Int(random.between(0, UInt64(place - 1)))]]
        domains[index].steps[step].needs = [other.steps[random.oneIn(2) ? 0 : 1].id]
      }
    }
    let applier = HostApplier(
      host: run.observed, hypervisor: run.hypervisor, effectTimeout: .seconds(20),
      width: Int(random.between(1, 7)), recorder: run, brakes: Brakes())
    let result = await applier.apply(domains)
    #expect(result.steps.values.allSatisfy { $0.status == .done })
    let events = run.events
    for step in domains.flatMap(\.steps) {
      let begin = events.firstIndex(of: "will \(step.id)") ?? 0
      for need in step.needs {
        #expect(events.prefix(begin).contains("did \(need) done"), "\(step.id) needs \(need)")
      }
    }
  }
}

/// A hypervisor whose guests follow a call only when so many of them have been asked, and which
/// counts the domains that are under way.
private final class Meeting: Hypervisor {
  private struct State {
    var asked: [(call: Call, domain: ObservedDomain)] = []
    /// The calls that each domain still gets.
    var left: [String: Int] = [:]
    var underWay: Set<String> = []
    var mostAtOnce = 0
    var lookCount = 0
    var hasMet = false
  }

  private let base: SimulatedHypervisor
  private let count: Int
  private let state = Mutex(State())

  init(_ base: SimulatedHypervisor, of count: Int) {
    self.base = base
    self.count = count
  }

  var mostAtOnce: Int { state.withLock(\.mostAtOnce) }
  var lookCount: Int { state.withLock(\.lookCount) }

  func observe(
    _ scope: ObservationScope, _ witness: @escaping DomainWitness
  ) async throws(HypervisorError) -> ObservedHost {
    try await base.observe(scope, witness)
  }

  func figures(besides sharing: Set<String>) async throws(HypervisorError) -> HostFigures {
    try await base.figures(besides: sharing)
  }

  func hiddenDomains(
    among names: [String]
  ) async throws(HypervisorError) -> [UnreadableDomain] { [] }

  func stopReason(uuid: String) async throws(HypervisorError) -> String? { nil }

  func observe(
    _ parts: DomainParts, of earlier: ObservedDomain
  ) async throws(HypervisorError) -> ObservedDomain {
    try await observe(uuid: earlier.uuid, parts)
  }

  func observe(
    uuid: String, _ parts: DomainParts
  ) async throws(HypervisorError) -> ObservedDomain {
    let due = state.withLock { state in
      state.lookCount += 1
      // Two calls and the look after the second one end a domain.
      if state.left[uuid, default: 2] > 0 { state.underWay.insert(uuid) }
      state.mostAtOnce = max(state.mostAtOnce, state.underWay.count)
      if state.asked.count >= count { state.hasMet = true }
      guard state.hasMet else { return [(call: Call, domain: ObservedDomain)]() }
      defer { state.asked = [] }
      return state.asked
    }
    for (call, domain) in due { try await base.perform(call, on: domain) }
    let domain = try await base.observe(uuid: uuid, parts)
    state.withLock { state in
      if state.left[uuid] == 0 { state.underWay.remove(uuid) }
    }
    return domain
  }

  func perform(_ call: Call, on domain: ObservedDomain) async throws(HypervisorError) {
    let hasMet = state.withLock { state in
      state.left[domain.uuid, default: 2] -= 1
      if !state.hasMet { state.asked.append((call, domain)) }
      return state.hasMet
    }
    if hasMet { try await base.perform(call, on: domain) }
  }
}
