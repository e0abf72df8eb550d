// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Synchronization
internal import TestSupport

/// A process's connection to a host, on which faults happen and everything is recorded.
final class Link: Hypervisor {
  private let host: World.Host
  private let process: Process
  private let faults: Faults
  private let trace: Trace
  private let isDropped = Mutex(false)

  init(to host: World.Host, of process: Process, _ faults: Faults, _ trace: Trace) {
    self.host = host
    self.process = process
    self.faults = faults
    self.trace = trace
  }

  func observe(
    _ scope: ObservationScope, _ witness: @escaping DomainWitness
  ) async throws(HypervisorError) -> ObservedHost {
    let since = trace.count
    try await begin("virConnectGetAllDomainStats")
    let observed = try await host.hypervisor.observe(scope, witness)
    try await end("virConnectGetAllDomainStats")
    for domain in observed.domains {
      trace.add(.look(domain, since: since), host: host.name, uuid: domain.uuid)
    }
    return observed
  }

  func hiddenDomains(
    among names: [String]
  ) async throws(HypervisorError) -> [UnreadableDomain] {
    try await begin("virDomainLookupByName")
    return try await host.hypervisor.hiddenDomains(among: names)
  }

  func observe(
    uuid: String, _ parts: DomainParts
  ) async throws(HypervisorError) -> ObservedDomain {
    try await look(uuid) { (hypervisor) throws(HypervisorError) in
      try await hypervisor.observe(uuid: uuid, parts)
    }
  }

  func observe(
    _ parts: DomainParts, of earlier: ObservedDomain
  ) async throws(HypervisorError) -> ObservedDomain {
    try await look(earlier.uuid) { (hypervisor) throws(HypervisorError) in
      try await hypervisor.observe(parts, of: earlier)
    }
  }

  private func look(
    _ uuid: String,
    _ body: (SimulatedHypervisor) async throws(HypervisorError) -> ObservedDomain
  ) async throws(HypervisorError) -> ObservedDomain {
    let since = trace.count
    do throws(HypervisorError) {
      try await begin("virDomainGetXMLDesc")
      let domain = try await body(host.hypervisor)
      try await end("virDomainGetXMLDesc")
      trace.add(.look(domain, since: since), host: host.name, uuid: uuid)
      return domain
    } catch {
      if !process.isDead { trace.add(.lookFailed(error), host: host.name, uuid: uuid) }
      throw error
    }
  }

  func figures(besides sharing: Set<String>) async throws(HypervisorError) -> HostFigures {
    let since = trace.count
    faults.fill(host)
    try await begin("virNodeGetMemoryStats")
    let figures = try await host.hypervisor.figures(besides: sharing)
    try await end("virNodeGetMemoryStats")
    trace.add(.reading(figures, since: since), host: host.name)
    return figures
  }

  func stopReason(uuid: String) async throws(HypervisorError) -> String? {
    try await begin("virDomainGetState")
    return try await host.hypervisor.stopReason(uuid: uuid)
  }

  func perform(_ call: Call, on domain: ObservedDomain) async throws(HypervisorError) {
    guard !process.isDead else { throw Self.gone(call.api) }
    let uuid = domain.uuid
    let number = trace.add(.call(call), host: host.name, uuid: uuid)
    let result = await outcome(of: call, on: domain)
    guard !process.isDead else { throw Self.gone(call.api) }
    trace.add(.answer(of: number, result), host: host.name, uuid: uuid)
    if let result { throw result }
  }

  /// Lets a call act now, later or never; returns the error that virtmem gets.
  private func outcome(of call: Call, on domain: ObservedDomain) async -> HypervisorError? {
    do throws(HypervisorError) {
      try await begin(call.api)
    } catch {
      return error
    }
    switch faults.callFault() {
    case .refused:
      return HypervisorError(.refused, call: call.api, code: 38, message: "cannot do that")
    case .busy:
      return HypervisorError(.busy, call: call.api, code: 68, message: "another job holds it")
    case .late(let delay):
      let lands = delay.map { delay in
        faults.scheduler.after(delay) { [host, trace] in
          Task(executorPreference: self.faults.scheduler) {
            try? await host.hypervisor.perform(call, on: domain)
            trace.add(.disturbance("a late call acts"), host: host.name, uuid: domain.uuid)
          }
        }
      }
      _ = lands
      await process.sleep(.seconds(60))
      return HypervisorError(.deadline, call: call.api, message: "no answer within 60 s")
    case .lost:
      try? await host.hypervisor.perform(call, on: domain)
      await process.sleep(.seconds(60))
      return HypervisorError(.deadline, call: call.api, message: "no answer within 60 s")
    case nil: break
    }
    do throws(HypervisorError) {
      try await host.hypervisor.perform(call, on: domain)
      try await end(call.api)
      return nil
    } catch {
      return error
    }
  }

  // MARK: - The line

  /// The way there, on which things happen.
  private func begin(_ call: String) async throws(HypervisorError) {
    try checkLine(call)
    faults.disturb(host, process, drop: { self.isDropped.withLock { $0 = true } })
    await process.sleep(faults.latency())
    try checkLine(call)
    if faults.losesAnswer() {
      await process.sleep(.seconds(60))
      throw HypervisorError(.deadline, call: call, message: "no answer within 60 s")
    }
  }

  /// The way back.
  private func end(_ call: String) async throws(HypervisorError) {
    await process.sleep(faults.latency())
    try checkLine(call)
  }

  private func checkLine(_ call: String) throws(HypervisorError) {
    if process.isDead || isDropped.withLock(\.self) { throw Self.gone(call) }
  }

  private static func gone(_ call: String) -> HypervisorError {
    HypervisorError(.connection, call: call, code: 38, message: "the connection broke")
  }
}
