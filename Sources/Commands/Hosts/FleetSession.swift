// SPDX-License-Identifier: Apache-2.0

import Applier
import MemoryModel
import Planner

/// The connections of a run: one for each host, open until the run ends.
///
/// A run opens no second connection to a host, because libvirt's test driver gives every connection
/// its own state.
struct FleetSession {
  /// The most hosts to observe at the same time; each can need a process (ssh) and a socket.
  static let hostsAtOnce = 64

  let fleet: Fleet
  private let connections: [String: any Hypervisor]
  private let failures: [String: HypervisorError]
  private let patience: Duration
  /// Whether standard error does not say for which hosts the run waits.
  private let isQuiet: Bool
  private let environment: Environment

  /// Connects to every host of the fleet at the same time; a host that does not answer delays no
  /// other.
  static func open(
    _ fleet: Fleet, _ access: Access, _ options: ConnectionOptions, isQuiet: Bool,
    in environment: Environment
  ) async -> FleetSession {
    let hosts = fleet.hostsToObserve
    let limit = " of \(options.connectTimeout.seconds) s"
    let results = await HostWait.forEach(
      hosts, limit: limit, isQuiet: isQuiet, in: environment
    ) { host -> Result<any Hypervisor, HypervisorError> in
      do throws(HypervisorError) {
        return .success(try await environment.connect(options.request(to: host.uri, access)))
      } catch {
        return .failure(error)
      }
    }
    var connections: [String: any Hypervisor] = [:]
    var failures: [String: HypervisorError] = [:]
    for (host, result) in zip(hosts, results) {
      switch result {
      case .success(let connection): connections[host.name] = connection
      case .failure(let error): failures[host.name] = error
      }
    }
    return FleetSession(
      fleet: fleet, connections: connections, failures: failures,
      patience: options.timeout.duration, isQuiet: isQuiet, environment: environment)
  }

  /// The connection to the host named `name`; nil if there is none.
  func connection(to name: String) -> (any Hypervisor)? {
    connections[name]
  }

  /// Observes every host at the same time.
  ///
  /// With `isPatient`, it waits for a domain that is being shut down, saved or migrated. It plans
  /// each domain that was read in `early`, while the others are read.
  func observe(
    isPatient: Bool = true, planning early: EarlyPlans? = nil
  ) async -> [String: HostObservation] {
    let hosts = fleet.hostsToObserve
    let limit = "; a call may take \(patience.components.seconds) s"
    let observations = await HostWait.forEach(
      hosts, limit: limit, isQuiet: isQuiet, in: environment
    ) { await observe($0, isPatient: isPatient, early) }
    let seen = Dictionary(zip(hosts.map(\.name), observations)) { first, _ in first }
    return await addingHiddenDomains(to: seen)
  }

  /// Asks the hosts for the domains that none of them listed, because libvirt's ACLs hide domains.
  private func addingHiddenDomains(
    to observations: [String: HostObservation]
  ) async -> [String: HostObservation] {
    let unlisted = Array(fleet.unlisted(in: observations))
    let answers = await Self.concurrently(unlisted) { host, names -> HostObservation? in
      guard case .observed(var observed)? = observations[host] else { return nil }
      do throws(HypervisorError) {
        observed.unreadable += try await connections[host]?.hiddenDomains(among: names) ?? []
        return .observed(observed)
      } catch {
        return .unobserved(error)
      }
    }
    return zip(unlisted.map(\.key), answers).reduce(into: observations) { $0[$1.0] = $1.1 }
  }

  private func observe(
    _ host: DesiredHost, isPatient: Bool, _ early: EarlyPlans?
  ) async -> HostObservation {
    guard let connection = connections[host.name] else {
      let unreachable = HypervisorError(
        .connection, call: "virConnectOpen", message: "no connection")
      return .unobserved(failures[host.name] ?? unreachable)
    }
    let domains = fleet.domains(on: host)
    do throws(HypervisorError) {
      var observed = try await connection.observe(
        ObservationScope(of: domains, readsAll: host.reserve != nil)
      ) { early?.add($0, on: $1, of: host) }
      if isPatient { try await waitForTransientStates(of: domains, in: &observed, connection) }
      return .observed(observed)
    } catch {
      return .unobserved(error)
    }
  }

  /// Observes a domain that is being shut down, saved or migrated again until that ends.
  ///
  /// It waits as long as one call may take, and not in a run that a signal interrupted.
  private func waitForTransientStates(
    of domains: [DesiredDomain], in host: inout ObservedHost, _ connection: any Hypervisor
  ) async throws(HypervisorError) {
    guard host.domains.contains(where: { $0.transientState != nil }) else { return }
    let managed = Set(domains.filter { !$0.isSuspended }.map(\.name))
    let clock = environment.clock
    let start = clock.now
    while clock.now - start < patience && environment.deferredSignal() == nil {
      let passing = host.domains.indices.filter {
        host.domains[$0].transientState != nil && managed.contains(host.domains[$0].name)
      }
      guard !passing.isEmpty else { return }
      await clock.sleep(min(.milliseconds(500), patience / 4))
      for index in passing.reversed() {
        do throws(HypervisorError) {
          host.domains[index] = try await connection.observe(
            uuid: host.domains[index].uuid, .all)
        } catch  where error.kind == .noDomain {
          host.domains.remove(at: index)
        }
      }
    }
  }

  /// The results of `body` for each element, in their order; it works on at most `limit` at the
  /// same time.
  static func concurrently<Element: Sendable, Value: Sendable>(
    _ elements: [Element], atOnce limit: Int = hostsAtOnce,
    _ body: @escaping @Sendable (Element) async -> Value
  ) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
      var values: [Int: Value] = [:]
      for (index, element) in elements.enumerated() {
        if index >= limit, let (done, value) = await group.next() { values[done] = value }
        group.addTask { (index, await body(element)) }
      }
      for await (index, value) in group { values[index] = value }
      return elements.indices.compactMap { values[$0] }
    }
  }
}
