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
  /// The suspension of the Host, to which virtmem then does not connect; nil without one.
  package var suspension: Suspension?
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
    suspension: Suspension? = nil,
    reserve: MemorySize? = nil, facts: DeclaredFacts = DeclaredFacts(),
    uriFrom: URIOrigin = .default, position: SourcePosition? = nil
  ) {
    self.name = name
    self.uri = uri
    self.labels = labels
    self.suspension = suspension
    self.reserve = reserve
    self.facts = facts
    self.uriFrom = uriFrom
    self.position = position
  }

  /// Whether the Host is suspended.
  package var isSuspended: Bool { suspension != nil }
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
  /// Where the host's huge pages come from.
  package var hugepages: HugepageSupply?

  /// Makes facts; nil means unknown.
  package init(
    cgroup: String? = nil, hugepageSize: MemorySize? = nil, hugepages: HugepageSupply? = nil
  ) {
    self.cgroup = cgroup
    self.hugepageSize = hugepageSize
    self.hugepages = hugepages
  }
}

/// Where a host's huge pages come from, if not from its pools alone; `facts.hugepages`.
package enum HugepageSupply: String, Hashable, Sendable, CaseIterable {
  /// The kernel makes more pages when a guest starts (`nr_overcommit_hugepages`), or a hook of
  /// libvirt does.
  case onDemand
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
  /// The suspension of the Domain, which virtmem then shows and never changes; nil without one.
  package var suspension: Suspension?
  /// The place in the manifests of `suspend`, which may be in a Profile; nil without one.
  package var suspensionSource: SourcePosition?
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
    suspension: Suspension? = nil, suspensionSource: SourcePosition? = nil,
    configuration: MemoryConfiguration = MemoryConfiguration(),
    sources: [FieldPath: SourcePosition] = [:], policy: Policy = Policy(),
    position: SourcePosition
  ) {
    self.name = name
    self.uuid = uuid
    self.host = host
    self.labels = labels
    self.suspension = suspension
    self.suspensionSource = suspensionSource
    self.configuration = configuration
    self.sources = sources
    self.policy = policy
    self.position = position
  }

  /// Whether the Domain is suspended.
  package var isSuspended: Bool { suspension != nil }

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

/// virtmem keeps its hands off a domain or a host, also past the date.
package struct Suspension: Hashable, Sendable {
  /// The last day for which the suspension is meant; nil without a date.
  package var until: Day?
  /// Why the manifest suspends; nil where it does not say.
  package var reason: String?

  /// Makes a suspension.
  package init(until: Day? = nil, reason: String? = nil) {
    self.until = until
    self.reason = reason
  }
}

/// A day of the calendar, such as `2026-12-31`.
package struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The year, the month and the day of the month, as `2026-12-31`.
  package let description: String

  /// The day that `text` spells; nil if it spells none, or one that does not exist.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    let isSpelledRight = bytes.enumerated().allSatisfy { index, byte in
      index == 4 || index == 7
        ? byte == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard bytes.count == 10, isSpelledRight,
      let year = Int(text.prefix(4)), let month = Int(text.dropFirst(5).prefix(2)),
      let day = Int(text.suffix(2)), (1...12).contains(month),
      (1...Self.length(ofMonth: month, year)).contains(day)
    else { return nil }
    description = text
  }

  /// Whether `left` is before `right`.
  package static func < (left: Day, right: Day) -> Bool { left.description < right.description }

  private static func length(ofMonth month: Int, _ year: Int) -> Int {
    let isLeap = year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
    switch month {
    case 2: return isLeap ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
  }
}
