// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import DomainXML
import Glibc
import MemoryModel

/// A domain as the bulk calls show it, before its definitions are read.
struct DomainOutline: Sendable {
  /// State and balloon.
  let statistics: DomainStatistics
  /// Whether it has a process or a guest.
  let isActive: Bool
  /// Whether it has a definition to start from.
  let isPersistent: Bool
  /// Whether its next start resumes a saved image.
  let hasManagedSave: Bool

  /// The domain.
  var entry: DomainEntry { statistics.entry }

  private init(
    _ statistics: DomainStatistics, isActive: Bool, isPersistent: Bool, hasManagedSave: Bool
  ) {
    self.statistics = statistics
    self.isActive = isActive
    self.isPersistent = isPersistent
    self.hasManagedSave = hasManagedSave
  }

  /// Every domain of a host, in four calls.
  static func all(
    on connection: borrowing Connection
  ) throws(HypervisorError) -> [DomainOutline] {
    let statistics = try allStatistics(on: connection)
    let active = Set(try connection.domains(VIR_CONNECT_LIST_DOMAINS_ACTIVE).map(\.uuid))
    let transient = Set(try connection.domains(VIR_CONNECT_LIST_DOMAINS_TRANSIENT).map(\.uuid))
    let saved = Set(try connection.domains(VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE).map(\.uuid))
    return statistics.map {
      DomainOutline(
        $0, isActive: active.contains($0.entry.uuid),
        isPersistent: !transient.contains($0.entry.uuid),
        hasManagedSave: saved.contains($0.entry.uuid))
    }
  }

  private static func allStatistics(
    on connection: borrowing Connection
  ) throws(HypervisorError) -> [DomainStatistics] {
    do throws(HypervisorError) {
      return try connection.allStatistics()
    } catch  where error.kind == .unsupported {
      var statistics: [DomainStatistics] = []
      for entry in try connection.domains() {
        do throws(HypervisorError) {
          statistics.append(try DomainStatistics(asking: entry))
        } catch  where error.kind == .noDomain {
          continue
        }
      }
      return statistics
    }
  }

  /// One domain, asked by itself.
  init(asking entry: DomainEntry) throws(HypervisorError) {
    let told = try whereKnown { () throws(HypervisorError) in
      try entry.handle.statistics().first
    }
    let statistics = if let told = told ?? nil { told } else { try DomainStatistics(asking: entry) }
    self.init(
      statistics, isActive: try entry.handle.isActive(),
      isPersistent: try entry.handle.isPersistent(),
      hasManagedSave: try entry.handle.hasManagedSave())
  }

  // MARK: Definitions

  /// Reads the definitions and, if `tuning`, what the live memory limits are in truth.
  func read(tuning: Bool, driver: HypervisorDriver) throws(HypervisorError) -> ObservedDomain {
    let state = DomainState(statistics.state)
    var domain = ObservedDomain(
      name: entry.name, uuid: entry.uuid, state: state, isActive: isActive,
      isPersistent: isPersistent, hasManagedSave: hasManagedSave,
      job: state.job(reason: statistics.reason))
    let live = try liveDefinition()
    domain.live = live?.configuration
    domain.architecture = live?.architecture
    domain.sharesHostMemory = live?.sharesHostMemory ?? false
    if isPersistent {
      let persistent = try DomainDefinition.parse(try entry.handle.xml(.persistent))
      domain.persistent = persistent.configuration
      domain.architecture = domain.architecture ?? persistent.architecture
      if live == nil { domain.sharesHostMemory = persistent.sharesHostMemory }
    }
    if isActive {
      let now = UInt64(max(0, time(nil)))
      domain.statistics = statistics.balloon.statistics(of: domain.live, at: now)
      if tuning { try readTuning(into: &domain, driver: driver) }
    }
    return domain
  }

  /// The definition that runs, or that a saved image would resume; nil where there is none.
  private func liveDefinition() throws(HypervisorError) -> DomainDefinition? {
    if isActive { return try .parse(try entry.handle.xml(.live)) }
    guard hasManagedSave else { return nil }
    do throws(HypervisorError) {
      return try .parse(try entry.handle.managedSaveXML())
    } catch  where error.kind == .unsupported {
      return nil
    }
  }

  /// Puts the limits that are in force in place of those that the definition records.
  private func readTuning(
    into domain: inout ObservedDomain, driver: HypervisorDriver
  ) throws(HypervisorError) {
    let limits: [String: UInt64]
    do throws(HypervisorError) {
      limits = try entry.handle.memoryParameters(flags: Plane.live.impact(on: driver))
    } catch {
      switch error.kind {
      case .unsupported: domain.unsupported.insert(.setMemoryParameters)
      // A session daemon, or a host without the controller: what the definition says stands.
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
  }
}

extension DomainDefinition {
  /// Reads what libvirt gave; that it can't be read is told as libvirt's own failures are.
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
  /// libvirt's figure for no limit; `VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`.
  static let unlimitedKibibytes: UInt64 = 9_007_199_254_740_991

  /// The limit in force, as the definition records it where the kernel only rounded that to pages.
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
  /// The flag that keeps a call to this plane; ESX has but one definition and takes no flag.
  func impact(on driver: HypervisorDriver) -> UInt32 {
    guard driver != .esx else { return 0 }
    let flag = self == .live ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG
    return UInt32(flag.rawValue)
  }
}
