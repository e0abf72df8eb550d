// SPDX-License-Identifier: Apache-2.0

/// Which domains to observe, and for which to read the live limits as well.
package struct ObservationScope: Hashable, Sendable {
  /// The names of the domains to read.
  package var names: Set<String>
  /// The UUIDs of the domains to read, in lower case.
  package var uuids: Set<String>
  /// The names of the domains whose live limits `virDomainGetMemoryParameters` reads.
  package var tunedNames: Set<String>
  /// The UUIDs, in lower case, of the domains whose live limits that call reads.
  package var tunedUUIDs: Set<String>
  /// Whether to read all domains, which the memory budget of a host needs.
  package var readsAll: Bool
  /// Whether to read the live limits of every domain that is read.
  package var readsAllTuning = false

  /// Makes a scope that reads all of the domains in `names`; nil means every domain.
  package init(everythingOf names: Set<String>?) {
    self.init(of: [], readsAll: names == nil)
    self.names = names ?? []
    readsAllTuning = true
  }

  /// Makes the scope that a plan for `domains` needs.
  package init(of domains: [DesiredDomain], readsAll: Bool = false) {
    self.readsAll = readsAll
    names = Set(domains.map(\.name))
    uuids = Set(domains.compactMap(\.uuid))
    let tuned = domains.filter(\.managesTuning)
    tunedNames = Set(tuned.map(\.name))
    tunedUUIDs = Set(tuned.compactMap(\.uuid))
  }

  /// Whether to read the domain with this name or this UUID.
  package func contains(name: String, uuid: String) -> Bool {
    readsAll || names.contains(name) || uuids.contains(uuid)
  }

  /// Whether to read the domain's live limits by `virDomainGetMemoryParameters`.
  package func readsTuning(name: String, uuid: String) -> Bool {
    readsAllTuning || tunedNames.contains(name) || tunedUUIDs.contains(uuid)
  }
}

/// Whether virtmem may change anything over a connection.
package enum Access: Hashable, Sendable {
  /// virtmem may only read; `VIR_CONNECT_RO`.
  case readOnly
  /// virtmem may read and write.
  case readWrite
}

/// Gets a domain while others of its host are still read, on the thread that read it.
///
/// The host is as the result will have it, but without its domains and what depends on them.
package typealias DomainWitness = @Sendable (ObservedDomain, _ host: ObservedHost) -> Void

/// A connection to a hypervisor, which observes and changes domains.
///
/// LibvirtClient and SimulatedHypervisor implement it.
package protocol Hypervisor: Sendable {
  /// Observes the host and the domains in `scope`, and passes domains to `witness` as they are read.
  ///
  /// The witness may get a domain twice, or none of them. Only the result says what is there.
  ///
  /// - Throws: ``HypervisorError`` where the host could not be observed. A single domain that could
  ///   not be read is in ``ObservedHost/unreadable`` instead.
  func observe(
    _ scope: ObservationScope, _ witness: @escaping DomainWitness
  ) async throws(HypervisorError) -> ObservedHost

  /// What the host has free now.
  ///
  /// `sharing` has the UUIDs of the domains whose RAM the host's kernel counts as page cache.
  ///
  /// - Throws: ``HypervisorError`` where the host could not be asked.
  func figures(besides sharing: Set<String>) async throws(HypervisorError) -> HostFigures

  /// The domains among `names` that libvirt has and leaves out of its lists, because the user of
  /// the connection may not see them.
  ///
  /// - Throws: ``HypervisorError`` where the host could not be asked.
  func hiddenDomains(among names: [String]) async throws(HypervisorError) -> [UnreadableDomain]

  /// Observes one domain; `parts` has at least ``DomainParts/observed``.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where libvirt no longer has the domain.
  func observe(uuid: String, _ parts: DomainParts) async throws(HypervisorError) -> ObservedDomain

  /// Reads `parts` of a domain again; everything else is as in `earlier`.
  ///
  /// A domain that was started or stopped since is read whole.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where libvirt no longer has the domain.
  func observe(
    _ parts: DomainParts, of earlier: ObservedDomain
  ) async throws(HypervisorError) -> ObservedDomain

  /// Why a domain stopped, in virsh's words (`virDomainGetState`); nil where libvirt does not say.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where libvirt no longer has the domain.
  func stopReason(uuid: String) async throws(HypervisorError) -> String?

  /// Makes a call once; a return means that libvirt accepted it, not that its effect is there.
  ///
  /// Callers check the effect. The call is never repeated. `domain` is the domain as it was seen
  /// last: a redefinition is not made if the persistent definition differs from it.
  ///
  /// - Throws: ``HypervisorError``; kind `deadline` or `connection` means that libvirt may have
  ///   made the change or may still make it; kind `busy` that nothing was changed, because another
  ///   job holds the domain or because another writer was faster.
  func perform(_ call: Call, on domain: ObservedDomain) async throws(HypervisorError)
}

extension Hypervisor {
  /// Observes the host and the domains in `scope`.
  ///
  /// - Throws: ``HypervisorError`` where the host could not be observed.
  package func observe(_ scope: ObservationScope) async throws(HypervisorError) -> ObservedHost {
    try await observe(scope) { _, _ in }
  }
}
