// SPDX-License-Identifier: Apache-2.0
import LibvirtClient
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

extension LabTests {
  /// The model and the real libvirt get the same calls and must give the same results.
  @Suite struct ModelTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("the model and libvirt agree on shut-off domains")
    func shutOff() async throws {
      var random = RandomDomain()
      let comparison = try await Comparison(lab.connect())
      for number in 0..<60 {
        let guest = try Guest("shut-\(number)", random.definition(canStart: false), in: lab)
        for _ in 0..<60 {
          try await comparison.make(on: guest) { random.call(on: $0, planes: planes(8)) }
        }
      }
      comparison.report("shut off")
      #expect(comparison.callCount >= 3000)
      #expect(comparison.acceptedCount >= 1000 && comparison.refusedCount >= 500)
    }

    @Test("the model and libvirt agree on active domains")
    func active() async throws {
      var random = RandomDomain(seed: RandomDomain.seed &+ 1)
      let comparison = try await Comparison(lab.connect())
      for number in 0..<8 {
        let guest = try Guest("active-\(number)", random.definition(canStart: true), in: lab)
        try guest.startPaused()
        for _ in 0..<90 {
          try await comparison.make(on: guest) { random.call(on: $0, planes: planes(1)) }
        }
      }
      comparison.report("active")
      #expect(comparison.acceptedCount >= 200 && comparison.refusedCount >= 100)
    }

    @Test("the model and libvirt agree on redefinitions")
    func redefinitions() async throws {
      var random = RandomDomain(seed: RandomDomain.seed &+ 3)
      let comparison = try await Comparison(lab.connect())
      for number in 0..<45 {
        let guest = try Guest("redefined-\(number)", random.definition(canStart: false), in: lab)
        for _ in 0..<14 {
          try await comparison.make(on: guest) { random.redefinition(of: $0) }
        }
      }
      for number in 0..<3 {
        let guest = try Guest("running-\(number)", random.definition(canStart: true), in: lab)
        try guest.startPaused()
        for _ in 0..<20 {
          try await comparison.make(on: guest) { random.redefinition(of: $0) }
        }
      }
      comparison.report("redefined")
      #expect(comparison.callCount >= 690)
      #expect(comparison.acceptedCount >= 180 && comparison.refusedCount >= 180)
    }

    @Test("a live call has the effect in a real guest that the model predicts")
    func liveEffects() async throws {
      var random = RandomDomain(seed: RandomDomain.seed &+ 2)
      let host = try await lab.connect()
      let guest = try Guest("effect", in: lab)
      try guest.boot()
      let observedHost = try await host.observe(ObservationScope(of: []))
      for number in 0..<70 {
        let before = try await host.observe(uuid: guest.uuid, .all)
        let behaviour = GuestBehaviour(of: before, on: observedHost)
        let call = random.effectiveCall(.mebibytes(256))
        let expected = behaviour.normalised(try behaviour.result(of: call, on: before))
        try await host.perform(call, uuid: guest.uuid)
        try await eventually("call \(number), \(call), has its effect", within: .seconds(20)) {
          let after = try await host.observe(uuid: guest.uuid, .all)
          return try behaviour.normalised(after) == expected && isInForce(call, guest)
        }
      }
      print("lab: 70 live calls had their effect, seed \(RandomDomain.seed)")
    }

    @Test("every known difference exists in exactly its versions")
    func knownDifferences() async throws {
      let comparison = try await Comparison(lab.connect())
      for (number, difference) in KnownDifference.all.enumerated() {
        let guest = try Guest("known-\(number)", difference.definition, in: lab)
        if difference.call.plane == .live { try guest.startPaused() }
        let (call, answer) = try await comparison.compare(on: guest.uuid) { _ in difference.call }
        let isOne = if case .known(difference.rule) = answer { true } else { false }
        let isDisagreement = if case .disagreed = answer { true } else { false }
        #expect(
          isOne == difference.isIn(comparison.libvirt) && !isDisagreement,
          "\(difference): \(answer); \(call)")
        if isOne && difference.reason == .start {
          #expect(throws: LabError.self, "\(difference)") { try guest.startPaused() }
        }
        // One of the calls ends the daemon.
        if !lab.isAlive { try lab.restartDaemon() }
      }
      comparison.report("known")
    }

    @Test("a known difference covers each constraint that only a start enforces")
    func startConstraints() {
      let seen = KnownDifference.all.filter { $0.reason == .start }.map(\.rule)
      // The lab has no other architectures and machines; libvirt doesn't define a domain without
      // any memory.
      let elsewhere: [Rule] = [
        .numaCellsNotOnMachine, .maxMemoryNotOnMachine, .numaCellsWithoutMemory,
      ]
      for rule in Rule.ofLibvirtModel where rule.startFailure != nil {
        #expect(
          seen.contains(rule) || elsewhere.contains(rule), "\(rule.name)")
      }
    }

    /// Whether the kernel's own files hold the limits that `call` sets.
    private func isInForce(_ call: Call, _ guest: Guest) throws -> Bool {
      let files: [(FieldPath, v1: String, v2: String)] = [
        (.hardLimit, "memory.limit_in_bytes", "memory.max"),
        (.softLimit, "memory.soft_limit_in_bytes", "memory.high"),
        (.swapHardLimit, "memory.memsw.limit_in_bytes", "memory.swap.max"),
      ]
      return try files.allSatisfy { field, v1, v2 in
        guard case .size(let size)? = call.target(of: field) else { return true }
        let page = MemorySize.kibibytes(4)
        return try guest.cgroup(v1: v1, v2: v2) == size.roundedDown(toMultipleOf: page).bytes
      }
    }

    /// Both planes, with the persistent one `weight` times as likely.
    private func planes(_ weight: Int) -> [Plane] {
      [.live] + Array(repeating: .persistent, count: weight)
    }
  }
}
