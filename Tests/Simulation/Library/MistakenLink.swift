// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel
internal import Synchronization
internal import TestSupport

/// A connection through which a mutant of virtmem sees what is not there.
///
/// It stands between virtmem and the recorded connection, so it makes virtmem act as if virtmem had
/// a fault.
final class MistakenLink: Hypervisor {
  private let link: any Hypervisor
  private let mutant: Mutant
  private let host: ObservedHost
  private let seen = Mutex<[String: ObservedDomain]>([:])

  init(_ link: any Hypervisor, _ mutant: Mutant, on host: ObservedHost) {
    self.link = link
    self.mutant = mutant
    self.host = host
  }

  func observe(
    _ scope: ObservationScope, _ witness: @escaping DomainWitness
  ) async throws(HypervisorError) -> ObservedHost {
    try await link.observe(scope, witness)
  }

  func hiddenDomains(
    among names: [String]
  ) async throws(HypervisorError) -> [UnreadableDomain] {
    try await link.hiddenDomains(among: names)
  }

  func observe(
    uuid: String, _ parts: DomainParts
  ) async throws(HypervisorError) -> ObservedDomain {
    if let domain = seen.withLock({ $0[uuid] }), mutant == .credulous { return domain }
    let domain = try await link.observe(uuid: uuid, parts)
    seen.withLock { $0[uuid] = domain }
    return domain
  }

  func observe(
    _ parts: DomainParts, of earlier: ObservedDomain
  ) async throws(HypervisorError) -> ObservedDomain {
    try await observe(uuid: earlier.uuid, parts)
  }

  func figures(besides sharing: Set<String>) async throws(HypervisorError) -> HostFigures {
    var figures = try await link.figures(besides: sharing)
    if mutant == .spendthrift { figures.available = .gibibytes(1 << 20) }
    return figures
  }

  func stopReason(uuid: String) async throws(HypervisorError) -> String? {
    try await link.stopReason(uuid: uuid)
  }

  func perform(_ call: Call, on domain: ObservedDomain) async throws(HypervisorError) {
    let uuid = domain.uuid
    try await link.perform(call, on: domain)
    seen.withLock { seen in
      guard let domain = seen[uuid] else { return }
      let named = GuestBehaviour(of: domain, on: host).naming(domain, as: call.devicesMeant)
      seen[uuid] = try? host.result(of: call, on: named)
    }
  }
}
