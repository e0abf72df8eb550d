// SPDX-License-Identifier: Apache-2.0
import LibvirtClient
import LibvirtModel
import MemoryModel
import Testing

/// Makes calls on the model and on libvirt, and holds the answers against each other.
final class Comparison {
  private let host: LibvirtHost
  private let behaviour: HypervisorBehaviour
  private(set) var acceptedCount = 0
  private(set) var refusedCount = 0
  private var refusals: [String: Int] = [:]
  private var exceptions: [String: Int] = [:]

  /// What libvirt accepts and the model refuses all the same.
  ///
  /// The calls would have no effect. A redefinition would be clamped (`currentMemory`), start no
  /// more (slots), or leave limits that no call takes any more (the swap limit).
  private static func known(_ action: Action) -> Set<Constraint> {
    action != .redefine
      ? [.noBalloonDevice, .guestNotRunning]
      : [
        .noBalloonDevice, .currentMemoryAboveReach, .tooManySlots, .hardLimitAboveSwap,
      ]
  }

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
        Self.known(call.action).contains(refusal.constraint),
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
        field.path.flatMap { path in definition[path].map { "\(path)=\($0)" } }
      }
      let rest =
        "\(definition.cells.count) cells \(definition.devices.compactMap(\.model?.rawValue))"
      return "\(plane.rawValue): \(fields.joined(separator: " ")) \(rest)"
    }.joined(separator: "; ")
  }
}
