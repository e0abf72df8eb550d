// SPDX-License-Identifier: Apache-2.0

/// A host that a manifest declares, or the host of the one connection where none is declared.
package struct DesiredHost: Hashable, Sendable {
  /// The Host's name; `default` where the manifests declare no Host.
  package var name: String
  /// The URI to connect to; nil where libvirt chooses its default URI.
  package var uri: String?
  /// Which setting gave the URI.
  package var uriFrom: URIOrigin
  /// The Host's labels; its domains have them too.
  package var labels: [String: String]
  /// Whether the Host is suspended: virtmem does not connect to it.
  package var isSuspended: Bool
  /// Plans keep at least this much of the host's memory available.
  package var reserve: MemorySize?
  /// Facts about the host that libvirt does not report and the manifest gives.
  package var facts: DeclaredFacts
  /// The place in the manifests that declares the Host; nil without a Host.
  package var position: SourcePosition?

  /// The name of the host of the connection where the manifests declare no Host.
  ///
  /// The manifest reader refuses a Host of this name.
  package static let implicitName = "default"

  /// Makes a desired host.
  package init(
    name: String = implicitName, uri: String? = nil, labels: [String: String] = [:],
    isSuspended: Bool = false,
    reserve: MemorySize? = nil, facts: DeclaredFacts = DeclaredFacts(),
    uriFrom: URIOrigin = .default, position: SourcePosition? = nil
  ) {
    self.name = name
    self.uri = uri
    self.labels = labels
    self.isSuspended = isSuspended
    self.reserve = reserve
    self.facts = facts
    self.uriFrom = uriFrom
    self.position = position
  }
}

/// Which setting gave the URI of a host.
package enum URIOrigin: String, Hashable, Sendable, CaseIterable {
  /// The Host's URI in a manifest.
  case manifest
  /// The option `--connect`.
  case option
  /// The environment variable `LIBVIRT_DEFAULT_URI`.
  case environment
  /// libvirt's own default, from libvirt.conf or by probing.
  case `default`
}

/// Facts about a host that libvirt does not report; a Host declares them in `facts`.
package struct DeclaredFacts: Hashable, Sendable {
  /// The host's cgroup version: `v1` or `v2`.
  package var cgroup: String?
  /// The host's default huge page size.
  package var hugepageSize: MemorySize?

  /// Makes facts; nil means unknown.
  package init(cgroup: String? = nil, hugepageSize: MemorySize? = nil) {
    self.cgroup = cgroup
    self.hugepageSize = hugepageSize
  }
}

/// The desired state of a domain, with all profiles merged.
package struct DesiredDomain: Hashable, Sendable {
  /// The domain's name in libvirt.
  package var name: String
  /// The domain's UUID in lower case; nil where the manifest has none.
  package var uuid: String?
  /// The Host's name; nil means the declared Host on which the domain is found.
  package var host: String?
  /// The Domain's labels, without those of its Host.
  package var labels: [String: String]
  /// Whether the Domain is suspended: virtmem shows it and never changes it.
  package var isSuspended: Bool
  /// The desired values; a value that is nil is not managed.
  package var configuration: MemoryConfiguration
  /// The place in the manifests of each managed value, after merging.
  package var sources: [FieldPath: SourcePosition]
  /// The limits on what a plan may do to the domain.
  package var policy: Policy
  /// The place in the manifests that declares the Domain.
  package var position: SourcePosition

  /// Makes a desired domain.
  package init(
    name: String, uuid: String? = nil, host: String? = nil, labels: [String: String] = [:],
    isSuspended: Bool = false, configuration: MemoryConfiguration = MemoryConfiguration(),
    sources: [FieldPath: SourcePosition] = [:], policy: Policy = Policy(),
    position: SourcePosition
  ) {
    self.name = name
    self.uuid = uuid
    self.host = host
    self.labels = labels
    self.isSuspended = isSuspended
    self.configuration = configuration
    self.sources = sources
    self.policy = policy
    self.position = position
  }

  /// Whether the domain manages `memtune`, which virtmem reads by `virDomainGetMemoryParameters`.
  package var managesTuning: Bool { configuration.memtune != MemoryTuning() }
}

/// The desired state that a set of manifests declares.
package struct DesiredState: Hashable, Sendable {
  /// The declared Hosts, sorted by name; empty where the manifests declare no Host.
  package var hosts: [DesiredHost]
  /// The Domains in the order of the files.
  package var domains: [DesiredDomain]
  /// The number of Profiles in the manifests.
  package var profileCount: Int

  /// Makes a desired state.
  package init(hosts: [DesiredHost] = [], domains: [DesiredDomain] = [], profileCount: Int = 0) {
    self.hosts = hosts
    self.domains = domains
    self.profileCount = profileCount
  }
}
