// SPDX-License-Identifier: Apache-2.0
import LibvirtClient
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// Makes calls on the model and on libvirt, and compares the results.
final class Comparison {
  private let host: LibvirtHost
  private let observedHost: ObservedHost
  private(set) var acceptedCount = 0
  private(set) var refusedCount = 0
  private var refusals: [String: Int] = [:]
  private var exceptions: [String: Int] = [:]

  var callCount: Int { acceptedCount + refusedCount + exceptions.values.reduce(0, +) }

  init(_ host: LibvirtHost) async throws {
    self.host = host
    observedHost = try await host.observe(ObservationScope(of: []))
  }

  /// The version of the lab's libvirt.
  var libvirt: Version { observedHost.libvirt }

  /// What libvirt does with the memory of `domain`'s guest.
  func behaviour(of domain: ObservedDomain) -> GuestBehaviour {
    // The default of Linux on x86, unless its command line changes it. A redefinition does not look
    // at the host's pools.
    GuestBehaviour(
      of: domain, on: observedHost,
      facts: DeclaredFacts(hugepageSize: .mebibytes(2), hugepages: .onDemand))
  }

  /// Makes one call on `guest`'s persistent definition, chosen by its normalised content.
  func redefine(_ guest: Guest, _ choose: (MemoryConfiguration) -> Call) async throws {
    try await make(on: guest) { choose(self.definition($0)) }
  }

  /// The persistent definition, normalised.
  func definition(_ domain: ObservedDomain) -> MemoryConfiguration {
    behaviour(of: domain).normalised(domain)[.persistent] ?? MemoryConfiguration()
  }

  /// Makes one call on `guest` in its current state, and records a disagreement as an issue.
  func make(on guest: Guest, _ choose: (ObservedDomain) -> Call) async throws {
    let (call, answer) = try await compare(on: guest.uuid, choose)
    if case .disagreed(let how) = answer {
      Issue.record("\(how); seed \(RandomDomain.seed), call \(callCount): \(call)")
    }
  }

  /// How the model's and libvirt's results of a call compare.
  enum Answer {
    /// Both agree, or the call must not be tried.
    case agreed
    /// libvirt accepts a call that the model refuses, as is known.
    case known(Rule)
    /// Both give different results.
    case disagreed(String)
  }

  /// Makes one call on the domain in its current state.
  func compare(
    on uuid: String, _ choose: (ObservedDomain) -> Call
  ) async throws -> (call: Call, answer: Answer) {
    let before = try await look(at: uuid)
    let call = completed(choose(before), before)
    let expected = Result { () throws(Refusal) in
      try behaviour(of: before).result(of: call, on: before)
    }
    if case .failure(let refusal) = expected, call.makesDomainVanish(refusal, libvirt) {
      exceptions[refusal.rule.name, default: 0] += 1
      return (call, .agreed)
    }
    let error = await failure(call, uuid)
    let after = try await look(at: uuid)
    let answer = compared(call, before, expected, error, after)
    if case .disagreed(let how) = answer {
      return (call, .disagreed("\(how); \(call.text) on \(before.text)"))
    }
    return (call, answer)
  }

  private func compared(
    _ call: Call, _ before: ObservedDomain, _ expected: Result<ObservedDomain, Refusal>,
    _ error: HypervisorError?, _ after: ObservedDomain
  ) -> Answer {
    switch (expected, error) {
    case (.success(let domain), nil):
      acceptedCount += 1
      let differences = differences(domain, after)
      return differences.isEmpty ? .agreed : .disagreed("differs from the model: \(differences)")
    case (.failure(let refusal), let error?) where differences(before, after).isEmpty:
      refusedCount += 1
      refusals[refusal.rule.name, default: 0] += 1
      return error.kind == .refused ? .agreed : .disagreed("was not answered: \(error)")
    case (.failure(let refusal), _):
      // An error here is the client's own: libvirt changed more than requested.
      exceptions[refusal.rule.name, default: 0] += 1
      let isKnown = KnownDifference.all.contains {
        $0.covers(refusal.rule, of: call.action, libvirt)
      }
      return isKnown
        ? .known(refusal.rule)
        : .disagreed("libvirt accepts what the model refuses as \(refusal.rule.name)")
    case (.success, let error?):
      return .disagreed("libvirt refuses what the model accepts: \(error)")
    }
  }

  /// The domain, with a name for every memory device.
  func look(at uuid: String) async throws -> ObservedDomain {
    var domain = try await host.observe(uuid: uuid, .all)
    for plane in Plane.allCases {
      guard let devices = domain[plane]?.devices else { continue }
      domain[plane]?.devices = devices.enumerated().map { number, device in
        var device = device
        device.name = device.alias ?? "anonymous-\(number)"
        device.isOneOfSeveral = device.alias == nil && devices.count { $0 == device.unnamed } > 1
        return device
      }
    }
    return domain
  }

  /// The call with each field's current value, as a plan would have it.
  private func completed(_ call: Call, _ domain: ObservedDomain) -> Call {
    guard let definition = behaviour(of: domain).normalised(domain)[call.plane] else { return call }
    let changes = call.changes.map { change in
      Change(
        field: change.field,
        from: change.from ?? definition.observedValue(of: change.field), to: change.to)
    }
    return Call(call.action, on: call.plane, changes: changes)
  }

  /// The fields in which libvirt differs from the model.
  private func differences(_ expected: ObservedDomain, _ actual: ObservedDomain) -> [String] {
    let behaviour = behaviour(of: actual)
    let (expected, actual) = (behaviour.normalised(expected), behaviour.normalised(actual))
    return Plane.allCases.flatMap { plane -> [String] in
      guard let model = expected[plane]?.comparable, let real = actual[plane]?.comparable else {
        return expected[plane] == nil && actual[plane] == nil ? [] : ["no \(plane.rawValue)"]
      }
      return Set(model.declaredFields + real.declaredFields).sorted().compactMap { field in
        let values = [model, real].map { $0.observedValue(of: field) }
        guard values[0] != values[1] else { return nil }
        let words = values.map { $0?.description ?? "nothing" }
        return "\(plane.rawValue) \(field) is not \(words[0]) but \(words[1])"
      }
    }
  }

  private func failure(_ call: Call, _ uuid: String) async -> HypervisorError? {
    do throws(HypervisorError) {
      try await host.perform(call, uuid: uuid)
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

extension MemoryDevice {
  /// The device as libvirt knows it.
  fileprivate var unnamed: MemoryDevice {
    var device = self
    device.name = nil
    device.isOneOfSeveral = false
    return device
  }
}

extension MemoryConfiguration {
  /// The definition without names that libvirt doesn't know: those of devices without an alias.
  fileprivate var comparable: MemoryConfiguration {
    var result = self
    for index in result.devices.indices {
      result.devices[index] = result.devices[index].unnamed
      result.devices[index].name = result.devices[index].alias ?? "anonymous-\(index)"
    }
    return result
  }
}

extension Call {
  /// The call in one line.
  fileprivate var text: String {
    let values = changes.map { change in
      let from = change.from == change.to ? "=" : ""
      return "\(change.field)\(from)=\(change.to?.description ?? "nothing")"
    }
    return "\(action.rawValue) \(plane.rawValue) \(values.joined(separator: ", "))"
  }
}

extension ObservedDomain {
  /// The values that the calls are about, in one line.
  fileprivate var text: String {
    Plane.allCases.map { plane in
      guard let definition = self[plane] else { return "no \(plane.rawValue)" }
      let fields = definition.declaredFields.map { field in
        "\(field)=\(definition[field]?.description ?? "")"
      }
      return "\(plane.rawValue): \(fields.joined(separator: " "))"
    }.joined(separator: "; ")
  }
}
