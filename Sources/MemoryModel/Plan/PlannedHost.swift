// SPDX-License-Identifier: Apache-2.0

/// A host, as a plan records it.
package struct PlannedHost: Hashable, Sendable {
  /// Where the observed state of a plan came from.
  package enum Origin: String, Hashable, Sendable, CaseIterable {
    /// A connection to the host.
    case connection
    /// A snapshot file; `--observed`.
    case snapshot
    /// Domain definitions in files; `--live-xml` and `--persistent-xml`.
    case definitions
  }

  /// The Host's name; `default` where the manifests declare no Host.
  package var name: String
  /// The host's UUID from its capabilities; nil where it was not observed or its driver has none.
  package var uuid: String?
  /// The URI of the Host, or the URI that libvirt resolved where the Host has none.
  package var uri: String?
  /// Which setting gave the URI.
  package var uriFrom: URIOrigin
  /// Where the observed state came from, or, for a host that was not observed, had to come from.
  package var origin: Origin
  /// The time of the snapshot (RFC 3339); nil where the plan was not made from a snapshot.
  package var observedAt: String?
  /// Whether the Host is suspended; virtmem does not connect to it.
  package var isSuspended: Bool
  /// The facts that the manifest gives about the host.
  package var facts: DeclaredFacts
  /// The version of libvirt on the host; nil where the host was not observed.
  package var libvirt: Version?
  /// The hypervisor and its version; nil where the host was not observed.
  package var hypervisor: HypervisorRelease?
  /// The plan keeps at least this much of the host's memory available.
  package var reserve: MemorySize?
  /// The host's available memory; nil where it was not observed or the driver does not report it.
  package var memory: HostMemory?

  /// Makes a planned host.
  package init(
    name: String, uuid: String? = nil, uri: String? = nil, libvirt: Version? = nil,
    hypervisor: HypervisorRelease? = nil, reserve: MemorySize? = nil, memory: HostMemory? = nil,
    uriFrom: URIOrigin = .default, origin: Origin = .connection, observedAt: String? = nil,
    isSuspended: Bool = false, facts: DeclaredFacts = DeclaredFacts()
  ) {
    self.name = name
    self.uuid = uuid
    self.uri = uri
    self.libvirt = libvirt
    self.hypervisor = hypervisor
    self.reserve = reserve
    self.memory = memory
    self.uriFrom = uriFrom
    self.origin = origin
    self.observedAt = observedAt
    self.isSuspended = isSuspended
    self.facts = facts
  }
}
