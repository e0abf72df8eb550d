// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import DomainXML
import MemoryModel

/// A domain with the properties that decide which definitions it has; none is read yet.
struct DomainOutline: Sendable {
  /// The handle, name and UUID of the domain.
  let entry: DomainEntry
  /// Whether the domain is active.
  let isActive: Bool
  /// Whether the domain has a persistent definition.
  let isPersistent: Bool
  /// Whether the next start resumes a saved image.
  let hasManagedSave: Bool

  private init(_ entry: DomainEntry, isActive: Bool, isPersistent: Bool, hasManagedSave: Bool) {
    self.entry = entry
    self.isActive = isActive
    self.isPersistent = isPersistent
    self.hasManagedSave = hasManagedSave
  }

  /// The outlines of all domains of a host; `virConnectListAllDomains`.
  ///
  /// Only an active domain can be transient, and only an inactive one has a saved image.
  static func all(
    over link: HostConnection, within limit: Duration
  ) async throws(HypervisorError) -> [DomainOutline] {
    async let managedSaves = result { () throws(HypervisorError) in
      try await link.run(within: limit) { (connection) throws(HypervisorError) in
        try connection.uuidsOfManagedSaves()
      }
    }
    let (listed, transient) = try await link.run(within: limit) {
      (connection) throws(HypervisorError) in
      let listed = try connection.domains().map { (entry: $0, isActive: $0.handle.id() != nil) }
      guard listed.contains(where: \.isActive) else { return (listed, Set<String>()) }
      return (
        listed, Set(try connection.domains(VIR_CONNECT_LIST_DOMAINS_TRANSIENT).map(\.uuid))
      )
    }
    let saved = try await managedSaves.get()
    return listed.map { (entry, isActive) in
      DomainOutline(
        entry, isActive: isActive, isPersistent: !isActive || !transient.contains(entry.uuid),
        hasManagedSave: !isActive && saved.contains(entry.uuid))
    }
  }

  /// Reads the outline of one domain, whose statistics or definition say whether it is active.
  init(
    asking entry: DomainEntry, isActive: Bool, on connection: borrowing Connection
  ) throws(HypervisorError) {
    self.init(
      entry, isActive: isActive, isPersistent: isActive ? try entry.handle.isPersistent() : true,
      hasManagedSave: isActive
        ? false : try connection.recentManagedSaves().contains(entry.uuid))
  }

  // MARK: Definitions

  /// Reads the definitions and, with `tuning`, the memory limits that are in force.
  ///
  /// `current` is the definition that libvirt returns without flags, if it was read already: of an
  /// active domain the live one, of another the persistent one. ``DomainStatistics`` has the state
  /// and the memory statistics of an active domain.
  func read(
    tuning: Bool, driver: HypervisorDriver, current: DomainDefinition? = nil
  ) throws(HypervisorError) -> DomainReading {
    var reading = try readLive(tuning: tuning, driver: driver, current: isActive ? current : nil)
    if !isActive, let current {
      reading.put(current)
    } else if let persistent = try persistentDefinition() {
      reading.put(persistent)
    }
    return reading
  }

  /// Reads everything except the persistent definition, and except the live one if it is known.
  func readLive(
    tuning: Bool, driver: HypervisorDriver, current: DomainDefinition? = nil
  ) throws(HypervisorError) -> DomainReading {
    var domain = ObservedDomain(
      name: entry.name, uuid: entry.uuid, state: .shutOff, isActive: isActive,
      isPersistent: isPersistent, hasManagedSave: hasManagedSave)
    let live = if let current { current } else { try liveDefinition() }
    domain.live = live?.configuration
    domain.architecture = live?.architecture
    domain.sharesHostMemory = live?.sharesHostMemory ?? false
    if isActive && tuning { try entry.readLimits(into: &domain, driver: driver) }
    return DomainReading(domain: domain, id: isActive ? live?.id : nil)
  }

  /// The persistent definition; nil for a transient domain.
  func persistentDefinition() throws(HypervisorError) -> DomainDefinition? {
    isPersistent ? try .parse(try entry.handle.xml(.persistent)) : nil
  }

  /// The outline with a handle of another connection.
  func found(on connection: borrowing Connection) throws(HypervisorError) -> DomainOutline {
    DomainOutline(
      try connection.entry(uuid: entry.uuid), isActive: isActive,
      isPersistent: isPersistent, hasManagedSave: hasManagedSave)
  }

  /// The live definition, or that of the saved image; nil where there is neither.
  private func liveDefinition() throws(HypervisorError) -> DomainDefinition? {
    if isActive { return try .parse(try entry.handle.xml(.live)) }
    guard hasManagedSave else { return nil }
    do throws(HypervisorError) {
      return try .parse(try entry.handle.managedSaveXML())
    } catch  where error.kind == .unsupported {
      return nil
    }
  }
}

extension DomainEntry {
  /// Replaces the limits of the live definition with those in force.
  func readLimits(
    into domain: inout ObservedDomain, driver: HypervisorDriver
  ) throws(HypervisorError) {
    let limits: [String: UInt64]
    do throws(HypervisorError) {
      limits = try handle.memoryParameters(flags: Plane.live.impact(in: driver.callForm))
    } catch {
      switch error.kind {
      case .unsupported: domain.unsupported.insert(.setMemoryParameters)
      // A session daemon, or a host without the cgroup controller: the limits of the definition
      // stay.
      case .refused: break
      default: throw error
      }
      return
    }
    func limit(_ name: String, recorded: Limit?) -> Limit? {
      limits[name].map { Limit(kibibytesInForce: $0, recorded: recorded) }
    }
    let recorded = domain.live?.memtune
    domain.live?.memtune.hardLimit = limit(
      VIR_DOMAIN_MEMORY_HARD_LIMIT, recorded: recorded?.hardLimit)
    domain.live?.memtune.softLimit = limit(
      VIR_DOMAIN_MEMORY_SOFT_LIMIT, recorded: recorded?.softLimit)
    domain.live?.memtune.swapHardLimit = limit(
      VIR_DOMAIN_MEMORY_SWAP_HARD_LIMIT, recorded: recorded?.swapHardLimit)
    let kept = [recorded?.hardLimit, recorded?.swapHardLimit].map { $0 ?? .unlimited }
    let inForce = [domain.live?.memtune.hardLimit, domain.live?.memtune.swapHardLimit]
      .map { $0 ?? .unlimited }
    if kept != inForce { domain.live?.surroundings.recordedLimits = recorded }
  }
}

extension DomainDefinition {
  /// Parses XML from libvirt; an error is thrown as a failure of `virDomainGetXMLDesc`.
  static func parse(_ xml: String) throws(HypervisorError) -> DomainDefinition {
    do throws(DomainXMLError) {
      return try read(xml)
    } catch {
      throw HypervisorError(
        .refused, call: "virDomainGetXMLDesc",
        message: "line \(error.line), column \(error.column): \(error.message)")
    }
  }
}

extension Limit {
  /// libvirt's number for no limit; `VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`.
  static let unlimitedKibibytes: UInt64 = 9_007_199_254_740_991

  /// The limit in force.
  ///
  /// Where the kernel only rounded the limit of the definition down to pages, that limit is kept.
  fileprivate init(kibibytesInForce kibibytes: UInt64, recorded: Limit?) {
    let page = MemorySize.kibibytes(4)
    let inForce = MemorySize.kibibytes(kibibytes)
    if kibibytes >= Self.unlimitedKibibytes {
      self = .unlimited
    } else if case .size(let size)? = recorded,
      size.roundedDown(toMultipleOf: page) == inForce.roundedDown(toMultipleOf: page)
    {
      self = .size(size)
    } else {
      self = .size(inForce)
    }
  }
}

extension Plane {
  /// The flag that limits a call to this plane; 0 for a driver with one definition.
  func impact(in form: CallForm) -> UInt32 {
    guard form == .flagged else { return 0 }
    let flag = self == .live ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG
    return UInt32(flag.rawValue)
  }
}
