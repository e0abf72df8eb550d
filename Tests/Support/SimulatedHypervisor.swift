// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel
import Synchronization

/// A hypervisor in memory that behaves like the model, for tests.
package final class SimulatedHypervisor: Hypervisor {
  /// The faults that a test can cause; none by default.
  package struct Faults: Sendable {
    /// The errors of failing calls, by the calls' numbers from 1.
    package var failing: [Int: HypervisorError] = [:]
    /// The UUIDs of domains whose guests accept a request and never follow it.
    package var unresponsiveGuests: Set<String> = []
    /// How far a slow guest follows a request at each observation, by the domain's UUID.
    ///
    /// A slow guest releases a device at the first observation.
    package var slowGuests: [String: MemorySize] = [:]
    /// The errors of failing observations of a domain, by their numbers from 1.
    package var failingLooks: [Int: HypervisorError] = [:]
    /// Another writer's change right before the observation with this number, from 1.
    package var interferenceAtLooks: [Int: @Sendable (inout ObservedHost) -> Void] = [:]
    /// Another writer's change right before virtmem reads for the time with this number, from 1,
    /// what the host has free.
    package var interferenceAtReadings: [Int: @Sendable (inout ObservedHost) -> Void] = [:]
    /// The errors of failing readings of what the host has free, by their numbers from 1.
    package var failingReadings: [Int: HypervisorError] = [:]
    /// Another writer's change right before the call with this number, from 1.
    package var interference: [Int: @Sendable (inout ObservedHost) -> Void] = [:]

    /// The names of domains that the user of the connection may not see.
    package var hidden: Set<String> = []
    /// The reasons why domains stopped, by UUID.
    package var stopReasons: [String: String] = [:]

    /// Makes a hypervisor without faults.
    package init() {}
  }

  private struct State {
    var host: ObservedHost
    var faults: Faults
    var trace: [Call] = []
    var lookCount = 0
    var partsSeen: [DomainParts] = []
    var readingCount = 0
    /// The definitions that slow guests finally reach, by UUID.
    var goals: [String: MemoryConfiguration] = [:]
  }

  private let state: Mutex<State>

  /// Makes a hypervisor with `host`'s domains.
  package init(_ host: ObservedHost, faults: Faults = Faults()) {
    state = Mutex(State(host: host, faults: faults))
  }

  /// The faults from now on.
  package var faults: Faults {
    get { state.withLock(\.faults) }
    set { state.withLock { $0.faults = newValue } }
  }

  /// Changes the host as another writer or the guests do.
  ///
  /// A slow guest then follows what its definition asks, and not an earlier call.
  package func change(_ body: (inout ObservedHost) -> Void) {
    state.withLock { state in
      let before = state.host.domains
      body(&state.host)
      for (old, new) in zip(before, state.host.domains) where old.live != new.live {
        state.goals[new.uuid] = nil
      }
    }
  }

  /// The calls in order, including those that failed.
  package var trace: [Call] { state.withLock(\.trace) }

  /// The parts that repeated looks asked for, in order.
  package var partsSeen: [DomainParts] { state.withLock(\.partsSeen) }

  /// The host as it is now.
  package var host: ObservedHost { state.withLock(\.host) }

  /// Returns the host with the domains in `scope`, and passes each of them to `witness`.
  package func observe(
    _ scope: ObservationScope, _ witness: @escaping DomainWitness
  ) async throws(HypervisorError) -> ObservedHost {
    var host = host
    host.domainNames = host.domains.map(\.name).filter { !faults.hidden.contains($0) }
    host.domains.removeAll {
      !scope.contains(name: $0.name, uuid: $0.uuid) || faults.hidden.contains($0.name)
    }
    for index in host.domains.indices { host.domains[index].measureBalloon() }
    for domain in host.domains { witness(domain, host.alone) }
    return host
  }

  /// Returns what the host has free now.
  package func figures(
    besides sharing: Set<String>
  ) async throws(HypervisorError) -> HostFigures {
    let (host, error) = state.withLock { state in
      state.readingCount += 1
      state.faults.interferenceAtReadings[state.readingCount]?(&state.host)
      return (state.host, state.faults.failingReadings[state.readingCount])
    }
    if let error { throw error }
    return HostFigures(available: host.availableMemory, nodes: host.nodes)
  }

  /// How often virtmem has read what the host has free.
  package var readingCount: Int { state.withLock(\.readingCount) }

  /// Returns the domains that the faults hide.
  package func hiddenDomains(
    among names: [String]
  ) async throws(HypervisorError) -> [UnreadableDomain] {
    host.domains.map(\.name).filter { names.contains($0) && faults.hidden.contains($0) }.map {
      UnreadableDomain(
        name: $0, uuid: "",
        error: HypervisorError(
          .denied, call: "virDomainLookupByName", code: 88, domain: 10, message: "access denied"))
    }
  }

  /// Returns one domain.
  ///
  /// - Throws: ``HypervisorError`` of kind `noDomain` if no domain has this UUID.
  package func observe(
    uuid: String, _ parts: DomainParts
  ) async throws(HypervisorError) -> ObservedDomain {
    let error = state.withLock { state -> HypervisorError? in
      state.lookCount += 1
      let faults = state.faults
      faults.interferenceAtLooks[state.lookCount]?(&state.host)
      moveSlowGuests(&state)
      return faults.failingLooks[state.lookCount]
    }
    if let error { throw error }
    guard var domain = host.domains.first(where: { $0.uuid == uuid }) else {
      throw HypervisorError(
        .noDomain, call: "virDomainLookupByUUIDString", code: 42, domain: 10,
        message: "Domain not found")
    }
    domain.measureBalloon()
    return domain
  }

  /// Returns `earlier` with the parts of the domain as it is now.
  ///
  /// - Throws: ``HypervisorError`` of kind `noDomain` if the domain is gone.
  package func observe(
    _ parts: DomainParts, of earlier: ObservedDomain
  ) async throws(HypervisorError) -> ObservedDomain {
    state.withLock { $0.partsSeen.append(parts) }
    let now = try await observe(uuid: earlier.uuid, parts)
    let readsLive = !parts.isDisjoint(with: [.live, .statistics, .limits])
    // A look at one plane does not see the other one, nor the state with the persistent plane.
    guard !readsLive || (now.isActive && earlier.isActive) else { return now }
    var domain = earlier
    if parts.contains(.persistent) { domain.persistent = now.persistent }
    if !parts.isDisjoint(with: [.live, .limits]) { domain.live = now.live }
    if parts.contains(.statistics) {
      domain.statistics = now.statistics
      domain.state = now.state
    }
    domain.job = readsLive ? now.job : nil
    return domain
  }

  /// Returns the reason that the faults give for the domain.
  package func stopReason(uuid: String) async throws(HypervisorError) -> String? {
    faults.stopReasons[uuid]
  }

  /// Performs `call` as libvirt would.
  ///
  /// - Throws: ``HypervisorError`` if a fault says so, or if the model refuses the call.
  package func perform(
    _ call: Call, on domain: ObservedDomain
  ) async throws(HypervisorError) {
    let (uuid, seen) = (domain.uuid, domain.persistent)
    let result = state.withLock { state -> Result<Void, HypervisorError> in
      state.trace.append(call)
      let number = state.trace.count
      let faults = state.faults
      faults.interference[number]?(&state.host)
      if let error = faults.failing[number] { return .failure(error) }
      guard let index = state.host.domains.firstIndex(where: { $0.uuid == uuid }) else {
        return .failure(
          HypervisorError(.noDomain, call: call.api, code: 42, message: "Domain not found"))
      }
      if call.action == .redefine, state.host.domains[index].persistent != seen {
        return .failure(
          HypervisorError(.busy, call: call.api, message: "another writer was faster"))
      }
      do throws(Refusal) {
        // libvirt finds a device without an alias by the call's values, and gives it no name.
        let behaviour = GuestBehaviour(
          of: state.host.domains[index], on: state.host, facts: .ofAnyPages)
        let before = state.host.domains[index]
        let domain = behaviour.naming(before, as: call.devicesMeant)
        let done = try behaviour.result(of: call, on: domain)
        state.host.domains[index] = accepted(call, of: domain, done, &state)
        state.host.settle(before, state.host.domains[index])
        state.host.domains[index].live?.forgetNames()
        state.host.domains[index].persistent?.forgetNames()
        state.goals[uuid]?.forgetNames()
        return .success(())
      } catch {
        return .failure(
          HypervisorError(.refused, call: call.api, code: 55, message: error.instance))
      }
    }
    try result.get()
  }

  /// The domain right after `call`; `done` is the domain after its guest has followed the call.
  ///
  /// An unresponsive or slow guest has not yet done its part.
  private func accepted(
    _ call: Call, of domain: ObservedDomain, _ done: ObservedDomain, _ state: inout State
  ) -> ObservedDomain {
    let faults = state.faults
    let isSlow = faults.slowGuests[domain.uuid] != nil
    guard call.plane == .live, isSlow || faults.unresponsiveGuests.contains(domain.uuid),
      let before = domain.live, let goal = done.live
    else { return done }
    let movesGuest =
      switch call.action {
      case .setMemory, .updateDevice, .attachDevice, .detachDevice: true
      case .setMaxMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters,
        .redefine:
        false
      }
    // What the guest was asked for before, it still does.
    if isSlow && movesGuest { state.goals[domain.uuid] = goal.asAsked }
    var domain = domain
    switch call.action {
    case .setMemory, .detachDevice: break
    case .updateDevice: domain.live?.ask(for: call.changes)
    case .attachDevice:
      guard let device = goal.devices.last, device.model == .virtioMem else { return done }
      domain.live = goal
      domain.live?.devices[goal.devices.count - 1].plugged = .zero
      domain.live?.currentMemory = before.currentMemory
    case .setMaxMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters, .redefine:
      return done
    }
    return domain
  }

  /// Lets the slow guests move once, as an observation of a domain does.
  package func moveSlowGuests() {
    state.withLock { moveSlowGuests(&$0) }
  }

  private func moveSlowGuests(_ state: inout State) {
    let faults = state.faults
    for index in state.host.domains.indices {
      let uuid = state.host.domains[index].uuid
      guard let pace = faults.slowGuests[uuid], let live = state.host.domains[index].live else {
        continue
      }
      let (before, goal) = (state.host.domains[index], state.goals[uuid] ?? live.asAsked)
      state.host.domains[index].live?.move(to: goal, pace: pace)
      state.host.settle(before, state.host.domains[index])
    }
  }
}

extension ObservedDomain {
  /// Lets the statistics, where there are any, say what the guest holds.
  fileprivate mutating func measureBalloon() {
    if statistics?.actual != nil, case .exactly(let held)? = live?.currentMemory {
      statistics?.actual = held
    }
  }
}

extension Call {
  /// The devices that the call changes or removes, with their values before the call.
  package var devicesMeant: [MemoryDevice] {
    var found = MemoryConfiguration()
    for change in changes where change.field.name.state == .deviceState {
      if !change.field.name.isState { found[change.field] = change.from }
    }
    return found.devices
  }
}

extension MemoryConfiguration {
  /// Leaves devices only the users' aliases, because libvirt knows no other names.
  fileprivate mutating func forgetNames() {
    for index in devices.indices {
      devices[index].name = nil
      devices[index].isOneOfSeveral = false
    }
  }

  /// Writes the requested values, which the guest does not follow yet.
  fileprivate mutating func ask(for changes: [Change]) {
    for change in changes { self[change.field] = change.to }
  }

  /// The definition that a slow guest finally reaches: virtio-mem has plugged what was requested.
  fileprivate var asAsked: MemoryConfiguration {
    var goal = self
    for index in devices.indices {
      guard case .exactly(let requested)? = devices[index].requested,
        let plugged = devices[index].plugged, case .exactly(let balloonTarget)? = goal.currentMemory
      else { continue }
      goal.devices[index].plugged = requested
      goal.currentMemory = .exactly(balloonTarget + requested - plugged)
    }
    return goal
  }

  /// Moves each value toward `goal` by at most `pace`; a device to be detached disappears at once.
  fileprivate mutating func move(to goal: MemoryConfiguration, pace: MemorySize) {
    devices.removeAll { device in !goal.devices.contains { $0.key == device.key } }
    for index in devices.indices {
      // Devices without an alias are the same by their places.
      let isSamePlace = goal.devices.count == devices.count
      let target =
        isSamePlace
        ? goal.devices[index].plugged
        : goal.devices.first { $0.key == devices[index].key }?.plugged
      if let held = devices[index].plugged, let target {
        devices[index].plugged = held.nearer(to: target, by: pace)
      }
    }
    guard case .exactly(let held)? = currentMemory, case .exactly(let target)? = goal.currentMemory
    else { return }
    currentMemory = .exactly(held.nearer(to: target, by: pace))
  }
}

extension MemorySize {
  fileprivate func nearer(to target: MemorySize, by pace: MemorySize) -> MemorySize {
    self < target ? min(self + pace, target) : max(self - pace, target)
  }
}
