// SPDX-License-Identifier: Apache-2.0

internal import Basics
package import MemoryModel

/// The observed state of hosts and their domains at one time, for planning without a connection.
///
/// The document consists of JSON lines: a head with format and time, a line for each host, a line
/// for each domain, and an end with their counts and the SHA-256 hash of all lines before it. Keys
/// are sorted; members that are nil, false or empty are omitted. The same snapshot always gives the
/// same bytes.
package struct Snapshot: Hashable, Sendable {
  /// A host, whether virtmem could observe it or not.
  package struct Host: Hashable, Sendable {
    /// The Host's name; `default` if the manifests declare no Host.
    package var name: String
    /// The URI that virtmem connected to; nil for libvirt's default.
    package var uri: String?
    /// Whether virtmem observed only some of the host's domains, so that others may exist.
    package var isPartial: Bool
    /// The result of the observation.
    package var observation: HostObservation

    /// Makes a host.
    package init(name: String, uri: String?, isPartial: Bool = false, observation: HostObservation)
    {
      self.name = name
      self.uri = uri
      self.isPartial = isPartial
      self.observation = observation
    }
  }

  /// The time at which the snapshot was taken (RFC 3339).
  package var created: String
  /// The hosts, in the order of the document.
  package var hosts: [Host]

  /// Makes a snapshot.
  package init(created: String, hosts: [Host]) {
    self.created = created
    self.hosts = hosts
  }

  /// The format that virtmem writes and reads.
  static let format = "virtmem/snapshot/v1alpha1"

  /// The snapshot as a document of JSON lines.
  package var bytes: [UInt8] {
    var lines: [UInt8] = []
    var head = JSONWriter()
    head.object {
      $0.member("created", created)
      $0.member("format", Self.format)
    }
    lines += head.finished()
    var domainCount = 0
    var unreadableCount = 0
    for host in hosts { lines += Self.line("host") { $0.host(host) } }
    for host in hosts {
      guard case .observed(let observed) = host.observation else { continue }
      domainCount += observed.domains.count
      unreadableCount += observed.unreadable.count
      let parts = observed.domains.concurrentParts { domains in
        domains.flatMap { domain in Self.line("domain") { $0.domain(domain, on: host.name) } }
      }
      for part in parts { lines += part }
      for domain in observed.unreadable {
        lines += Self.line("unreadable") { $0.unreadable(domain, on: host.name) }
      }
    }
    let hash = SHA256.hexadecimal(of: lines)
    lines += Self.line("end") { json in
      json.object {
        $0.member("domains", domainCount)
        $0.member("hosts", hosts.count)
        $0.member("sha256", hash)
        $0.member("unreadable", unreadableCount)
      }
    }
    return lines
  }

  private static func line(_ kind: String, _ value: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter(capacity: 1024)
    json.object {
      $0.key(kind)
      value(&$0)
    }
    return json.finished()
  }
}

extension JSONWriter {
  /// Writes a member unless its value is nil.
  private mutating func optional(_ key: String, _ value: String?) {
    if let value { member(key, value) }
  }

  private mutating func optional(_ key: String, _ size: MemorySize?) {
    if let size { member(key, size.bytes) }
  }

  private mutating func optional(_ key: String, _ flag: Bool) {
    guard flag else { return }
    self.key(key)
    boolean(true)
  }

  fileprivate mutating func host(_ host: Snapshot.Host) {
    object {
      switch host.observation {
      case .unobserved(let error):
        $0.error(error)
        $0.member("name", host.name)
      case .observed(let observed):
        $0.optional("availableMemory", observed.availableMemory)
        $0.member("driver", observed.driver.word)
        $0.optional("guestMemory", observed.guestMemory)
        $0.optional("hostname", observed.hostname)
        $0.optional("hypervisor", observed.hypervisor?.description)
        $0.member("libvirt", observed.libvirt.description)
        $0.member("name", host.name)
        if !observed.nodes.isEmpty {
          $0.key("nodes")
          $0.array(observed.nodes) { $0.node($1) }
        }
        if !observed.pageSizes.isEmpty {
          $0.key("pageSizes")
          $0.array(observed.pageSizes) { $0.integer($1.bytes) }
        }
        $0.optional("partial", host.isPartial)
        $0.optional("resolvedURI", observed.uri?.publishedURI)
        $0.optional("session", observed.isSession)
        $0.optional("totalMemory", observed.totalMemory)
      }
      $0.optional("uri", host.uri?.publishedURI)
      if case .observed(let observed) = host.observation { $0.optional("uuid", observed.uuid) }
    }
  }

  private mutating func node(_ node: HostNode) {
    object {
      $0.optional("free", node.free)
      $0.member("number", node.number)
      if !node.pools.isEmpty {
        $0.key("pools")
        $0.array(node.pools) { json, pool in
          json.object {
            if let free = pool.free { $0.member("free", free) }
            $0.member("size", pool.size.bytes)
            $0.member("total", pool.total)
          }
        }
      }
      $0.optional("total", node.total)
    }
  }

  private mutating func error(_ error: HypervisorError) {
    key("error")
    object {
      $0.member("call", error.call)
      $0.member("code", error.code)
      $0.member("domain", error.domain)
      $0.member("kind", error.kind.rawValue)
      $0.member("message", error.message)
    }
  }

  fileprivate mutating func unreadable(_ domain: UnreadableDomain, on host: String) {
    object {
      $0.error(domain.error)
      $0.member("host", host)
      $0.member("name", domain.name)
      $0.member("uuid", domain.uuid)
    }
  }

  fileprivate mutating func domain(_ domain: ObservedDomain, on host: String) {
    object {
      $0.optional("active", domain.isActive)
      $0.optional("architecture", domain.architecture)
      $0.member("host", host)
      $0.optional("job", domain.job)
      $0.definition("live", domain.live)
      $0.optional("managedSave", domain.hasManagedSave)
      $0.member("name", domain.name)
      $0.definition("persistent", domain.persistent)
      $0.optional("sharesHostMemory", domain.sharesHostMemory)
      $0.member("state", domain.state.rawValue)
      if let statistics = domain.statistics { $0.statistics(statistics) }
      $0.optional("transient", !domain.isPersistent)
      if !domain.unsupported.isEmpty {
        $0.key("unsupported")
        $0.array(domain.unsupported.map(\.rawValue).sorted())
      }
      $0.member("uuid", domain.uuid)
    }
  }

  private mutating func statistics(_ statistics: BalloonStatistics) {
    key("statistics")
    object {
      $0.optional("actual", statistics.actual)
      if let age = statistics.ageSeconds { $0.member("age", age) }
      $0.optional("resident", statistics.resident)
      $0.optional("usable", statistics.usable)
    }
  }

  private mutating func definition(_ key: String, _ definition: MemoryConfiguration?) {
    guard let definition else { return }
    self.key(key)
    object { json in
      for (key, member) in SnapshotMember.ofDefinitions {
        json.member(key, member, of: definition)
      }
    }
  }

  private mutating func member(
    _ key: String, _ member: SnapshotMember, of definition: MemoryConfiguration
  ) {
    switch member {
    case .field(let field):
      if let value = field.value(in: definition) { self.member(key, value) }
    case .items(let items):
      let list = items.values(of: definition)
      guard !list.isEmpty else { return }
      self.key(key)
      array(list) { json, values in
        json.object {
          for (key, value) in values { $0.member(key, value) }
        }
      }
    case .surroundings:
      let surroundings = definition.surroundings
      guard surroundings != Surroundings() else { return }
      self.key(key)
      object {
        if let slots = surroundings.freePCISlots { $0.member("freePCISlots", slots) }
        $0.optional("lacksACPI", surroundings.lacksACPI)
        $0.optional("launchSecurity", surroundings.launchSecurity)
        $0.optional("machine", surroundings.machine)
        $0.optional("memoryArguments", surroundings.memoryArguments)
        if surroundings.hasHostDevices { $0.member("pinnings", surroundings.pinnings) }
        $0.optional("placesVCPUsByItself", surroundings.placesVCPUsByItself)
        if let limits = surroundings.recordedLimits {
          $0.member("recordedHardLimit", limits.hardLimit?.fieldValue ?? .unlimited)
          $0.member("recordedSwapHardLimit", limits.swapHardLimit?.fieldValue ?? .unlimited)
        }
        $0.optional("sharedMemoryUser", surroundings.sharedMemoryUser?.rawValue)
        if let vcpus = surroundings.vcpus { $0.member("vcpus", vcpus) }
      }
    }
  }
}
