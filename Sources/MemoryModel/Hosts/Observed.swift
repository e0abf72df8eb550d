// SPDX-License-Identifier: Apache-2.0

/// The state of a domain in virsh's words; `virDomainGetState`.
package enum DomainState: String, Hashable, Sendable {
  /// The guest runs.
  case running
  /// The guest runs but is blocked on a resource; `VIR_DOMAIN_BLOCKED`.
  case idle
  /// The guest's processors are paused.
  case paused
  /// The guest is shutting down.
  case inShutdown = "in shutdown"
  /// No guest runs.
  case shutOff = "shut off"
  /// The guest crashed; the domain is active if libvirt keeps its process.
  case crashed
  /// The guest is suspended to RAM (ACPI S3).
  case pmsuspended
  /// libvirt does not report a state.
  case noState = "no state"
}

/// Memory statistics of a guest and of its QEMU process; `virConnectGetAllDomainStats`.
package struct BalloonStatistics: Hashable, Sendable {
  /// The memory that the balloon leaves to the guest: `balloon.current` without plugged virtio-mem.
  package var actual: MemorySize?
  /// The memory that the guest could use without swapping; `balloon.usable`.
  package var usable: MemorySize?
  /// The resident memory of the QEMU process; `balloon.rss`.
  package var resident: MemorySize?
  /// The age in seconds of the guest's values when virtmem read them; nil if it never sent any.
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

/// A domain as virtmem observed it: its identity, its state and its two definitions.
package struct ObservedDomain: Hashable, Sendable {
  /// The domain's name.
  package var name: String
  /// The domain's UUID in lower case; empty for a definition file without a UUID.
  package var uuid: String
  /// The domain's state.
  package var state: DomainState
  /// Whether the domain is active, so that it has a guest or its process; `virDomainIsActive`.
  package var isActive: Bool
  /// Whether libvirt keeps a persistent definition; `virDomainIsPersistent`.
  package var isPersistent: Bool
  /// Whether the next start resumes a saved image; `virDomainHasManagedSaveImage`.
  package var hasManagedSave: Bool
  /// The job that prevents changes now (`migration`, `save`, `dump`); nil without one.
  package var job: String?
  /// The live definition; for a shut-off domain that of its saved image; nil if there is neither.
  package var live: MemoryConfiguration?
  /// The persistent definition, which the next start uses; nil for a transient domain.
  package var persistent: MemoryConfiguration?
  /// The memory statistics; nil if the driver has none.
  package var statistics: BalloonStatistics?
  /// The calls that the driver reported as unsupported.
  package var unsupported: Set<Action>
  /// The guest's architecture, such as `x86_64`; nil if the definition has none.
  package var architecture: String?
  /// Whether the host's kernel counts the guest's RAM as page cache (memfd, file or shared memory).
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

  /// The domain's definition on `plane`.
  package subscript(_ plane: Plane) -> MemoryConfiguration? {
    get { plane == .live ? live : persistent }
    set {
      switch plane {
      case .live: live = newValue
      case .persistent: persistent = newValue
      }
    }
  }

  /// The state or the job that prevents changes at the moment; nil without one.
  package var transientState: String? {
    if let job { return "being changed by a \(job)" }
    return state == .inShutdown && isActive ? "being shut down" : nil
  }
}

/// A host as virtmem observed it over a connection, with the domains in scope.
package struct ObservedHost: Hashable, Sendable {
  /// The host's UUID from its capabilities; nil if the driver does not report one.
  package var uuid: String?
  /// The host's name; `virConnectGetHostname`.
  package var hostname: String?
  /// The URI that libvirt resolved (`virConnectGetURI`); nil for definitions from files.
  package var uri: String?
  /// The libvirt driver.
  package var driver: HypervisorDriver
  /// The version of libvirt on the host; `virConnectGetLibVersion`.
  package var libvirt: Version
  /// The hypervisor and its version; nil for definitions from files.
  package var hypervisor: HypervisorRelease?
  /// Whether the connection leads to an unprivileged daemon (`…/session`).
  package var isSession: Bool
  /// The host's available memory; nil if the driver does not report it.
  package var availableMemory: MemorySize?
  /// The host's whole memory; nil if the driver does not report it.
  package var totalMemory: MemorySize?
  /// The resident memory of the hypervisor's processes of all domains, also of those out of scope;
  /// nil if the driver does not report it.
  ///
  /// Huge pages are not in it.
  package var guestMemory: MemorySize?
  /// The host's NUMA nodes; empty if the driver does not report them.
  package var nodes: [HostNode]
  /// The page sizes of the host, the smallest first; empty if the driver does not report them.
  package var pageSizes: [MemorySize]
  /// The domains in scope that libvirt has, sorted by name.
  package var domains: [ObservedDomain]
  /// The domains in scope that could not be read, with the errors.
  package var unreadable: [UnreadableDomain]
  /// The names of all domains that libvirt lists, also of those out of scope; nil if unknown.
  ///
  /// Messages about a domain that is not there use them. A snapshot has only the domains.
  package var domainNames: [String]?

  /// Makes an observed host.
  package init(
    uuid: String? = nil, hostname: String? = nil, uri: String?, driver: HypervisorDriver,
    libvirt: Version, hypervisor: HypervisorRelease?, isSession: Bool = false,
    availableMemory: MemorySize? = nil, totalMemory: MemorySize? = nil,
    guestMemory: MemorySize? = nil, nodes: [HostNode] = [], pageSizes: [MemorySize] = [],
    domains: [ObservedDomain] = [], unreadable: [UnreadableDomain] = [],
    domainNames: [String]? = nil
  ) {
    self.uuid = uuid
    self.hostname = hostname
    self.uri = uri
    self.driver = driver
    self.libvirt = libvirt
    self.hypervisor = hypervisor
    self.isSession = isSession
    self.availableMemory = availableMemory
    self.totalMemory = totalMemory
    self.guestMemory = guestMemory
    self.nodes = nodes
    self.pageSizes = pageSizes
    self.domains = domains
    self.unreadable = unreadable
    self.domainNames = domainNames
  }

  /// The host without its domains, and without the memory that depends on them.
  package var alone: ObservedHost {
    var host = self
    (host.domains, host.unreadable, host.domainNames) = ([], [], nil)
    (host.guestMemory, host.availableMemory) = (nil, nil)
    return host
  }
}

/// The result of observing a host.
package enum HostObservation: Hashable, Sendable {
  /// virtmem observed the host; domains that it could not read are in ``ObservedHost/unreadable``.
  case observed(ObservedHost)
  /// virtmem could not observe the host because of this error.
  case unobserved(HypervisorError)
}

/// A domain that libvirt has but virtmem could not read.
package struct UnreadableDomain: Hashable, Sendable {
  /// The domain's name.
  package var name: String
  /// The domain's UUID in lower case.
  package var uuid: String
  /// Why virtmem could not read the domain.
  package var error: HypervisorError

  /// Makes an unreadable domain.
  package init(name: String, uuid: String, error: HypervisorError) {
    self.name = name
    self.uuid = uuid
    self.error = error
  }
}
