// SPDX-License-Identifier: Apache-2.0

/// A host as a manifest declares it, or the one that the connection leads to.
package struct DesiredHost: Hashable, Sendable {
  /// The Host's name; `default` where no Host is declared.
  package var name: String
  /// The URI to connect to; nil for libvirt's own default.
  package var uri: String?
  /// Who says which URI it is.
  package var uriFrom: URIOrigin
  /// Labels, which the host's domains have too.
  package var labels: [String: String]
  /// Hands off: not even connected to.
  package var isSuspended: Bool
  /// The host's available memory is never planned below this.
  package var reserve: MemorySize?
  /// What libvirt does not tell of the host, where the manifest does.
  package var facts: HostFacts
  /// Where it is declared.
  package var position: SourcePosition?

  /// Makes a host.
  package init(
    name: String, uri: String? = nil, labels: [String: String] = [:], isSuspended: Bool = false,
    reserve: MemorySize? = nil, facts: HostFacts = HostFacts(),
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

/// Who says to which URI a host is connected.
package enum URIOrigin: String, Hashable, Sendable, CaseIterable {
  /// The Host in a manifest.
  case manifest
  /// `--connect`.
  case option
  /// `LIBVIRT_DEFAULT_URI` in the environment.
  case environment
  /// libvirt, as its configuration has it.
  case `default`
}

/// What libvirt does not tell of a host, and a manifest may: `facts`.
package struct HostFacts: Hashable, Sendable {
  /// The cgroup version: `v1` or `v2`.
  package var cgroup: String?
  /// The size of a default huge page.
  package var hugepageSize: MemorySize?

  /// Makes facts; what is nil is unknown.
  package init(cgroup: String? = nil, hugepageSize: MemorySize? = nil) {
    self.cgroup = cgroup
    self.hugepageSize = hugepageSize
  }
}

/// A domain as the manifests want it, all profiles merged.
package struct DesiredDomain: Hashable, Sendable {
  /// The domain's name in libvirt.
  package var name: String
  /// The domain's UUID in lower case, where the manifest gives it.
  package var uuid: String?
  /// The Host's name; nil means whichever declared Host has the domain.
  package var host: String?
  /// The Domain's labels, without the host's.
  package var labels: [String: String]
  /// Hands off: shown, never written.
  package var isSuspended: Bool
  /// What is managed; a leaf that is nil is not.
  package var configuration: MemoryConfiguration
  /// Where each managed value that won stands.
  package var sources: [FieldPath: SourcePosition]
  /// What a plan may do to the domain.
  package var policy: Policy
  /// Where the Domain is declared.
  package var position: SourcePosition

  /// Makes a domain.
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

  /// Whether any of libvirt's memory tuning is managed, which has to be read by a call of its own.
  package var managesTuning: Bool { configuration.memtune != MemoryTuning() }
}

/// All that a set of manifests asks for.
package struct DesiredState: Hashable, Sendable {
  /// The declared Hosts in the order of their names; empty where everything is on the connection.
  package var hosts: [DesiredHost]
  /// The Domains in the order of the files.
  package var domains: [DesiredDomain]
  /// How many Profiles went into them.
  package var profileCount: Int

  /// Makes a desired state.
  package init(hosts: [DesiredHost] = [], domains: [DesiredDomain] = [], profileCount: Int = 0) {
    self.hosts = hosts
    self.domains = domains
    self.profileCount = profileCount
  }
}
