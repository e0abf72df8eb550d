// SPDX-License-Identifier: Apache-2.0

import Platform
import LibvirtClient
import MemoryModel
import Planner

/// The connections of a run: one a host, for all of the run, because the test driver gives every
/// connection a state of its own.
struct FleetSession {
  /// How many hosts are connected to at once; each may cost a process (ssh) and a socket.
  private static let hostsAtOnce = 64

  let fleet: Fleet
  private let connections: [String: LibvirtHost]
  private let failures: [String: HypervisorError]
  private let patience: Duration

  /// Connects to every host that the fleet needs; one that can't be reached holds up no other.
  static func open(
    _ fleet: Fleet, _ access: Access, _ options: ConnectionOptions
  ) async -> FleetSession {
    let hosts = fleet.hostsToObserve
    let results = await concurrently(hosts) { host -> Result<LibvirtHost, HypervisorError> in
      do throws(HypervisorError) {
        return .success(
          try await LibvirtHost.connect(
            uri: host.uri, access: access, connectTimeout: options.connectTimeout.duration,
            callTimeout: options.timeout.duration))
      } catch {
        return .failure(error)
      }
    }
    var connections: [String: LibvirtHost] = [:]
    var failures: [String: HypervisorError] = [:]
    for (host, result) in zip(hosts, results) {
      switch result {
      case .success(let connection): connections[host.name] = connection
      case .failure(let error): failures[host.name] = error
      }
    }
    return FleetSession(
      fleet: fleet, connections: connections, failures: failures,
      patience: options.timeout.duration)
  }

  /// The connection to the host named `name`; nil where there is none.
  func connection(to name: String) -> LibvirtHost? {
    connections[name]
  }

  /// Looks at every host, all at once.
  ///
  /// `isPatient`: a domain that is being shut down, saved or migrated is waited for.
  func observe(isPatient: Bool = true) async -> [String: HostSight] {
    let hosts = fleet.hostsToObserve
    let sights = await Self.concurrently(hosts) { await observe($0, isPatient: isPatient) }
    return Dictionary(zip(hosts.map(\.name), sights)) { first, _ in first }
  }

  private func observe(_ host: DesiredHost, isPatient: Bool) async -> HostSight {
    guard let connection = connections[host.name] else {
      let unreachable = HypervisorError(
        .connection, call: "virConnectOpen", message: "no connection")
      return .unobserved(failures[host.name] ?? unreachable)
    }
    let domains = fleet.domains(on: host)
    do throws(HypervisorError) {
      var observed = try await connection.observe(
        ObservationScope(of: domains, readsAll: host.reserve != nil))
      if isPatient { try await waitForPassingStates(of: domains, in: &observed, connection) }
      return .observed(observed)
    } catch {
      return .unobserved(error)
    }
  }

  /// A domain that is being shut down, saved or migrated is looked at again for as long as a call
  /// may take, in the hope that it ends; not at the end of a run that was interrupted.
  private func waitForPassingStates(
    of domains: [DesiredDomain], in host: inout ObservedHost, _ connection: LibvirtHost
  ) async throws(HypervisorError) {
    let managed = Set(domains.filter { !$0.isSuspended }.map(\.name))
    let start = ContinuousClock.now
    while start.duration(to: .now) < patience && TerminationSignals.deferred == nil {
      let passing = host.domains.indices.filter {
        host.domains[$0].transientState != nil && managed.contains(host.domains[$0].name)
      }
      guard !passing.isEmpty else { return }
      try? await Task.sleep(for: min(.milliseconds(500), patience / 4))
      for index in passing.reversed() {
        do throws(HypervisorError) {
          host.domains[index] = try await connection.observe(
            uuid: host.domains[index].uuid, readingTuning: true)
        } catch  where error.kind == .noDomain {
          host.domains.remove(at: index)
        }
      }
    }
  }

  /// What `body` makes of each element, in their order, a bounded number at once.
  static func concurrently<Element: Sendable, Value: Sendable>(
    _ elements: [Element], _ body: @escaping @Sendable (Element) async -> Value
  ) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
      var values: [Int: Value] = [:]
      for (index, element) in elements.enumerated() {
        if index >= hostsAtOnce, let (done, value) = await group.next() { values[done] = value }
        group.addTask { (index, await body(element)) }
      }
      for await (index, value) in group { values[index] = value }
      return elements.indices.compactMap { values[$0] }
    }
  }
}
