// SPDX-License-Identifier: Apache-2.0
import LibvirtClient
import LibvirtModel
import MemoryModel
import Testing

extension LabTests {
  /// The pure model and the real libvirt are asked the same, and have to give the same answer.
  @Suite struct ModelTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test func theModelAndLibvirtAgreeOnShutOffDomains() async throws {
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

    @Test func theModelAndLibvirtAgreeOnActiveDomains() async throws {
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

    @Test func whatTheModelSaysOfALiveCallComesAboutInARealGuest() async throws {
      var random = RandomDomain(seed: RandomDomain.seed &+ 2)
      let host = try await lab.connect()
      let guest = try Guest("effect", in: lab)
      try guest.boot()
      let behaviour = HypervisorBehaviour(of: try await host.observe(ObservationScope(of: [])))
      for number in 0..<120 {
        let before = try await host.observe(uuid: guest.uuid, readingTuning: true)
        let call = random.effectiveCall(.mebibytes(256))
        let expected = behaviour.normalised(try behaviour.outcome(of: call, on: before))
        try await host.perform(call, uuid: guest.uuid)
        try await eventually("call \(number), \(call), has its effect", within: .seconds(20)) {
          let after = try await host.observe(uuid: guest.uuid, readingTuning: true)
          return try behaviour.normalised(after) == expected && isInForce(call, guest)
        }
      }
      print("lab: 120 live calls had their effect, seed \(RandomDomain.seed)")
    }

    /// Whether the limits that `call` sets stand in the kernel's own files.
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

    /// Both planes, the persistent one `weight` times as likely.
    private func planes(_ weight: Int) -> [Plane] {
      [.live] + Array(repeating: .persistent, count: weight)
    }
  }
}

/// Makes calls on the model and on libvirt, and holds the answers against each other.
private final class Comparison {
  private let host: LibvirtHost
  private let behaviour: HypervisorBehaviour
  private(set) var acceptedCount = 0
  private(set) var refusedCount = 0
  private var refusals: [String: Int] = [:]
  private var exceptions: [String: Int] = [:]

  /// What libvirt accepts and the model refuses all the same, because it would have no effect.
  private static let known: Set<Constraint> = [.noBalloonDevice, .guestNotRunning]

  var callCount: Int { acceptedCount + refusedCount + exceptions.values.reduce(0, +) }

  init(_ host: LibvirtHost) async throws {
    self.host = host
    behaviour = HypervisorBehaviour(of: try await host.observe(ObservationScope(of: [])))
  }

  /// Makes one call on `guest` as it is now.
  func make(on guest: Guest, _ choose: (ObservedDomain) -> Call) async throws {
    let before = try await host.observe(uuid: guest.uuid, readingTuning: true)
    let call = choose(before)
    let expected = Result { () throws(Refusal) in try behaviour.outcome(of: call, on: before) }
    let error = await failure(call, guest)
    let after = try await host.observe(uuid: guest.uuid, readingTuning: true)
    let context = "seed \(RandomDomain.seed), call \(callCount): \(call.text) on \(before.text)"
    switch (expected, error) {
    case (.success(let domain), nil):
      acceptedCount += 1
      let isSame = behaviour.normalised(after) == behaviour.normalised(domain)
      #expect(isSame, "\(context) gave \(after.text), the model \(domain.text)")
    case (.failure(let refusal), let error?):
      refusedCount += 1
      refusals[refusal.constraint.name, default: 0] += 1
      let isSame = behaviour.normalised(after) == behaviour.normalised(before)
      #expect(isSame && error.kind == .refused, "\(context) was refused: \(error)")
    case (.failure(let refusal), nil):
      exceptions[refusal.constraint.name, default: 0] += 1
      #expect(
        Self.known.contains(refusal.constraint),
        "libvirt accepts what the model refuses as \(refusal.constraint.name); \(context)")
    case (.success, let error?):
      Issue.record("libvirt refuses what the model accepts: \(error); \(context)")
    }
  }

  private func failure(_ call: Call, _ guest: Guest) async -> HypervisorError? {
    do throws(HypervisorError) {
      try await host.perform(call, uuid: guest.uuid)
      return nil
    } catch {
      return error
    }
  }

  func report(_ what: String) {
    print(
      """
      lab: \(callCount) calls on \(what) domains, seed \(RandomDomain.seed): \(acceptedCount) \
      accepted by both, \(refusedCount) refused by both \(refusals), \
      accepted by libvirt alone \(exceptions)
      """)
  }
}

extension Call {
  /// The call in one line.
  fileprivate var text: String {
    let values = changes.map { "\($0.field)=\($0.to?.description ?? "nothing")" }
    return "\(action.rawValue) \(plane.rawValue) \(values.joined(separator: " "))"
  }
}

extension ObservedDomain {
  /// What the calls are about, in one line.
  fileprivate var text: String {
    Plane.allCases.map { plane in
      guard let definition = self[plane] else { return "no \(plane.rawValue)" }
      let fields = Field.all.compactMap { field in
        field.value(in: definition).map { "\(field.path)=\($0)" }
      }
      let rest = "\(definition.cells.count) cells \(definition.devices.map(\.model.rawValue))"
      return "\(plane.rawValue): \(fields.joined(separator: " ")) \(rest)"
    }.joined(separator: "; ")
  }
}
