// SPDX-License-Identifier: Apache-2.0

public import MemoryModel
import Synchronization

/// A hypervisor in memory that behaves as the model says: the tests' fake, and a place to try a plan.
public final class SimulatedHypervisor: Hypervisor {
  /// What goes wrong, where something should.
  public struct Faults: Sendable {
    /// Calls that fail with an error, by their number from 1.
    public var failing: [Int: HypervisorError] = [:]
    /// Domains, by UUID, whose guests accept a balloon target and never move.
    public var deafGuests: Set<String> = []
    /// Domains, by UUID, whose guests come nearer to their target by so much at each look.
    public var slowGuests: [String: MemorySize] = [:]
    /// Looks at a domain that fail with an error, by their number from 1.
    public var failingLooks: [Int: HypervisorError] = [:]
    /// What somebody else does right before the look at a domain with this number, from 1.
    public var interferenceAtLooks: [Int: @Sendable (inout ObservedHost) -> Void] = [:]
    /// What somebody else does right before the call with this number, from 1.
    public var interference: [Int: @Sendable (inout ObservedHost) -> Void] = [:]

    /// Makes a hypervisor that does everything right.
    public init() {}
  }

  private struct State {
    var host: ObservedHost
    var trace: [Call] = []
    var lookCount = 0
    /// What slow guests were told to hold, by UUID.
    var targets: [String: MemorySize] = [:]
  }

  private let behaviour: HypervisorBehaviour
  private let faults: Faults
  private let state: Mutex<State>

  /// Makes a hypervisor that has `host`'s domains.
  public init(_ host: ObservedHost, faults: Faults = Faults()) {
    behaviour = HypervisorBehaviour(of: host)
    self.faults = faults
    state = Mutex(State(host: host))
  }

  /// The calls that were made, in order, those that failed too.
  public var trace: [Call] { state.withLock(\.trace) }

  /// The host as it is now.
  public var host: ObservedHost { state.withLock(\.host) }

  /// Shows the domains in `scope`.
  public func observe(_ scope: ObservationScope) async throws(HypervisorError) -> ObservedHost {
    var host = host
    host.domains.removeAll { !scope.contains(name: $0.name, uuid: $0.uuid) }
    return host
  }

  /// Shows one domain.
  ///
  /// - Throws: ``HypervisorError`` of kind `noDomain` where there is none with this UUID.
  public func observe(
    uuid: String, readingTuning: Bool
  ) async throws(HypervisorError) -> ObservedDomain {
    let error = state.withLock { state -> HypervisorError? in
      state.lookCount += 1
      faults.interferenceAtLooks[state.lookCount]?(&state.host)
      moveSlowGuests(&state)
      return faults.failingLooks[state.lookCount]
    }
    if let error { throw error }
    guard let domain = host.domains.first(where: { $0.uuid == uuid }) else {
      throw HypervisorError(
        .noDomain, call: "virDomainLookupByUUIDString", code: 42, domain: 10,
        message: "Domain not found")
    }
    return domain
  }

  /// Does what libvirt would.
  ///
  /// - Throws: ``HypervisorError`` where a fault says so, or the model refuses the call.
  public func perform(_ call: Call, uuid: String) async throws(HypervisorError) {
    let result = state.withLock { state -> Result<Void, HypervisorError> in
      state.trace.append(call)
      let number = state.trace.count
      faults.interference[number]?(&state.host)
      if let error = faults.failing[number] { return .failure(error) }
      guard let index = state.host.domains.firstIndex(where: { $0.uuid == uuid }) else {
        return .failure(
          HypervisorError(.noDomain, call: call.action.api, code: 42, message: "Domain not found"))
      }
      if call.action == .setMemory && call.plane == .live && faults.deafGuests.contains(uuid) {
        return .success(())
      }
      if call.action == .setMemory && call.plane == .live && faults.slowGuests[uuid] != nil,
        case .size(let target) = call.target(of: .currentMemory)
      {
        state.targets[uuid] = target
        return .success(())
      }
      do throws(Refusal) {
        state.host.domains[index] = try behaviour.outcome(of: call, on: state.host.domains[index])
        return .success(())
      } catch {
        return .failure(
          HypervisorError(.refused, call: call.action.api, code: 55, message: error.summary))
      }
    }
    try result.get()
  }

  private func moveSlowGuests(_ state: inout State) {
    for index in state.host.domains.indices {
      let uuid = state.host.domains[index].uuid
      guard let pace = faults.slowGuests[uuid], let target = state.targets[uuid],
        case .exactly(let held)? = state.host.domains[index].live?.currentMemory
      else { continue }
      let next = held < target ? min(held + pace, target) : max(held - pace, target)
      state.host.domains[index].live?.currentMemory = .exactly(next)
    }
  }
}
