// SPDX-License-Identifier: Apache-2.0

/// A version of libvirt.
package struct LibvirtVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The first number.
  package let major: Int
  /// The second number.
  package let minor: Int
  /// The third number.
  package let release: Int

  /// Makes a version of its three numbers.
  package init(_ major: Int, _ minor: Int, _ release: Int) {
    self.major = major
    self.minor = minor
    self.release = release
  }

  /// Makes a version as libvirt's calls give it: major × 1000000 + minor × 1000 + release.
  package init(encoded: UInt) {
    self.init(Int(encoded / 1_000_000), Int(encoded / 1000 % 1000), Int(encoded % 1000))
  }

  /// Makes a version of `9.0.0`; nil where the text is no such thing.
  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, let major = parts[0], let minor = parts[1], let release = parts[2],
      parts.allSatisfy({ (0..<1000).contains($0 ?? -1) })
    else { return nil }
    self.init(major, minor, release)
  }

  /// The newest libvirt whose behaviour is known here.
  package static let newestKnown = LibvirtVersion(12, 9, 0)

  /// The oldest libvirt that is tested.
  package static let oldestSupported = LibvirtVersion(9, 0, 0)

  /// The oldest QEMU that is tested.
  package static let oldestSupportedQEMU = LibvirtVersion(7, 2, 0)

  /// The older version first.
  package static func < (left: LibvirtVersion, right: LibvirtVersion) -> Bool {
    (left.major, left.minor, left.release) < (right.major, right.minor, right.release)
  }

  /// `9.0.0`.
  package var description: String { "\(major).\(minor).\(release)" }
}

/// What a domain is doing, in virsh's words; `virDomainGetState`.
package enum DomainState: String, Hashable, Sendable {
  /// The guest runs.
  case running
  /// The guest runs and waits for something.
  case idle
  /// The guest's processors are stopped.
  case paused
  /// The guest is on its way to being off.
  case inShutdown = "in shutdown"
  /// There is no guest.
  case shutOff = "shut off"
  /// The guest crashed; where its process is kept, the domain is still active.
  case crashed
  /// The guest sleeps (ACPI S3).
  case pmsuspended
  /// libvirt does not say.
  case noState = "no state"
}

/// What a guest and its hypervisor process said of their memory, and how long ago.
package struct BalloonStatistics: Hashable, Sendable {
  /// What the balloon leaves to the guest, virtio-mem not counted; `balloon.current` less that.
  package var actual: MemorySize?
  /// What the guest could use without swapping; `balloon.usable`.
  package var usable: MemorySize?
  /// The hypervisor process's resident memory; `balloon.rss`.
  package var resident: MemorySize?
  /// The age of the guest's figures in seconds when they were read; nil where it never sent any.
  package var ageSeconds: UInt64?

  /// Makes statistics.
  package init(
    actual: MemorySize? = nil, usable: MemorySize? = nil, resident: MemorySize? = nil,
    ageSeconds: UInt64? = nil
  ) {
    self.actual = actual
    self.usable = usable
    self.resident = resident
    self.ageSeconds = ageSeconds
  }
}

/// A domain as libvirt has it: what it is, what it does, and its two definitions.
package struct ObservedDomain: Hashable, Sendable {
  /// The domain's name.
  package var name: String
  /// The domain's UUID in lower case; empty for a definition in a file that has none.
  package var uuid: String
  /// What it is doing.
  package var state: DomainState
  /// Whether it has a process or a guest: `virDomainIsActive`.
  package var isActive: Bool
  /// Whether it has a definition to start from: `virDomainIsPersistent`.
  package var isPersistent: Bool
  /// Whether its next start resumes a saved image: `virDomainHasManagedSaveImage`.
  package var hasManagedSave: Bool
  /// What keeps it from being changed now, in libvirt's words (`migration`, `save`, `dump`).
  package var job: String?
  /// The definition that runs; for a shut-off domain with a saved image, the image's; else nil.
  package var live: MemoryConfiguration?
  /// The definition that the next start uses; nil for a transient domain.
  package var persistent: MemoryConfiguration?
  /// What guest and process said of their memory.
  package var statistics: BalloonStatistics?
  /// Calls that the driver said it does not have.
  package var unsupported: Set<Action>
  /// The guest's architecture, such as `x86_64`; nil where the definition does not say.
  package var architecture: String?
  /// Whether the guest's RAM counts as page cache to the host's kernel (memfd, file, shared).
  package var sharesHostMemory: Bool

  /// Makes a domain.
  package init(
    name: String, uuid: String, state: DomainState, isActive: Bool, isPersistent: Bool,
    hasManagedSave: Bool = false, job: String? = nil, live: MemoryConfiguration? = nil,
    persistent: MemoryConfiguration? = nil, statistics: BalloonStatistics? = nil,
    unsupported: Set<Action> = [], architecture: String? = nil, sharesHostMemory: Bool = false
  ) {
    self.name = name
    self.uuid = uuid
    self.state = state
    self.isActive = isActive
    self.isPersistent = isPersistent
    self.hasManagedSave = hasManagedSave
    self.job = job
    self.live = live
    self.persistent = persistent
    self.statistics = statistics
    self.unsupported = unsupported
    self.architecture = architecture
    self.sharesHostMemory = sharesHostMemory
  }

  /// The definition on `plane`.
  package subscript(_ plane: Plane) -> MemoryConfiguration? {
    get { plane == .live ? live : persistent }
    set {
      switch plane {
      case .live: live = newValue
      case .persistent: persistent = newValue
      }
    }
  }

  /// What makes this a moment in which the domain can't be changed: its state or a job; else nil.
  package var passingState: String? {
    if let job { return "being changed by a \(job)" }
    return state == .inShutdown && isActive ? "being shut down" : nil
  }
}

/// A host as a connection shows it, with the domains that were asked for.
package struct ObservedHost: Hashable, Sendable {
  /// What the host says it is; nil where its driver has no such thing.
  package var uuid: String?
  /// The host's own name; `virConnectGetHostname`.
  package var hostname: String?
  /// The URI as libvirt resolved it, `virConnectGetURI`; nil for definitions read from files.
  package var uri: String?
  /// The driver.
  package var driver: HypervisorDriver
  /// The version of libvirt at the other end.
  package var libvirt: LibvirtVersion
  /// The hypervisor and its version, such as `QEMU 7.2.22`; nil for definitions read from files.
  package var hypervisor: String?
  /// Whether the connection is to an unprivileged daemon (`…/session`).
  package var isSession: Bool
  /// The memory that could be given away; nil where the driver does not tell.
  package var availableMemory: MemorySize?
  /// The host's NUMA nodes; nil where the driver does not tell.
  package var nodes: NodeSet?
  /// The free memory of each NUMA node by its number, page cache not counted.
  ///
  /// Empty where the host has one node or does not tell. `virNodeGetCellsFreeMemory`.
  package var freeMemory: [MemorySize]
  /// The sizes of the pages that the host has, the system's first; empty where it does not tell.
  package var pageSizes: [MemorySize]
  /// The domains that were asked for and are there, in the order of their names.
  package var domains: [ObservedDomain]
  /// The domains that are there and could not be read, with the reason.
  package var unreadable: [UnreadableDomain]

  /// Makes a host.
  package init(
    uuid: String? = nil, hostname: String? = nil, uri: String?, driver: HypervisorDriver,
    libvirt: LibvirtVersion, hypervisor: String?, isSession: Bool = false,
    availableMemory: MemorySize? = nil, nodes: NodeSet? = nil,
    freeMemory: [MemorySize] = [], pageSizes: [MemorySize] = [],
    domains: [ObservedDomain] = [], unreadable: [UnreadableDomain] = []
  ) {
    self.uuid = uuid
    self.hostname = hostname
    self.uri = uri
    self.driver = driver
    self.libvirt = libvirt
    self.hypervisor = hypervisor
    self.isSession = isSession
    self.availableMemory = availableMemory
    self.nodes = nodes
    self.freeMemory = freeMemory
    self.pageSizes = pageSizes
    self.domains = domains
    self.unreadable = unreadable
  }
}

/// The result of observing a host.
package enum HostObservation: Hashable, Sendable {
  /// The host and its domains; a domain that could not be read is in ``ObservedHost/unreadable``.
  case observed(ObservedHost)
  /// Nothing, and why.
  case unobserved(HypervisorError)
}

/// A domain that is there and did not let itself be read.
package struct UnreadableDomain: Hashable, Sendable {
  /// The domain's name.
  package var name: String
  /// The domain's UUID in lower case.
  package var uuid: String
  /// Why it could not be read.
  package var error: HypervisorError

  /// Makes one.
  package init(name: String, uuid: String, error: HypervisorError) {
    self.name = name
    self.uuid = uuid
    self.error = error
  }
}
