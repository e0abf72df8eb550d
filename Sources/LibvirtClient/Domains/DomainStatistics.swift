// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel

/// The state of a domain and its memory statistics.
struct DomainStatistics: Sendable {
  /// The domain's UUID in lower case.
  var uuid: String
  /// The domain's id, new in each run; nil for an inactive domain.
  var id: Int?
  /// The state as a `virDomainState`.
  var state: Int32
  /// The reason for the state; the meaning of the number depends on the state.
  var reason: Int32
  /// The memory statistics.
  var balloon = BalloonFigures()
}

extension DomainStatistics {
  /// The statistics of all active domains, perhaps of others too.
  ///
  /// Uses one bulk call, or one call for each domain where the driver has no bulk call.
  static func ofActive(
    on connection: borrowing Connection
  ) throws(HypervisorError) -> [DomainStatistics] {
    do throws(HypervisorError) {
      return try connection.statisticsOfActive()
    } catch  where error.kind == .unsupported {
      var statistics: [DomainStatistics] = []
      for entry in try connection.domains(VIR_CONNECT_LIST_DOMAINS_ACTIVE) {
        do throws(HypervisorError) {
          statistics.append(try DomainStatistics(ofStateOf: entry.handle, uuid: entry.uuid))
        } catch  where error.kind == .noDomain {
          continue
        }
      }
      return statistics
    }
  }

  /// Reads the statistics of one domain.
  init(
    asking entry: DomainEntry, on connection: borrowing Connection
  ) throws(HypervisorError) {
    let told = try whereKnown { () throws(HypervisorError) in
      try DomainHandle.statistics(of: [entry]).first
    }
    if let told = told ?? nil {
      self = told
    } else {
      // A handle has the id of the time of its lookup.
      try self.init(ofStateOf: try connection.domain(uuid: entry.uuid), uuid: entry.uuid)
    }
  }

  /// Reads only the state, for a driver without statistics calls.
  private init(
    ofStateOf handle: borrowing DomainHandle, uuid: String
  ) throws(HypervisorError) {
    let (state, reason) = try handle.state()
    self.init(uuid: uuid, id: handle.id(), state: state, reason: reason)
  }

  /// Reads a record of `virConnectGetAllDomainStats`.
  fileprivate init(_ record: virDomainStatsRecord) throws(HypervisorError) {
    let values = unsafe TypedParameters(record.params, count: record.nparams)
    self.init(
      uuid: try unsafe uuidString(of: record.dom),
      id: unsafe runNumber(of: record.dom),
      state: values.integer("state.state") ?? Int32(VIR_DOMAIN_NOSTATE.rawValue),
      reason: values.integer("state.reason") ?? 0,
      balloon: BalloonFigures(
        current: values.unsigned("balloon.current"),
        usable: values.unsigned("balloon.usable"),
        resident: values.unsigned("balloon.rss"),
        lastUpdate: values.unsigned("balloon.last-update")))
  }

  /// Adds state, job and statistics to `domain`, which must have its definitions already.
  func put(into domain: inout ObservedDomain) {
    domain.state = DomainState(state)
    domain.job = domain.state.job(reason: reason)
    guard domain.isActive else { return }
    domain.statistics = balloon.statistics(of: domain.live, at: UInt64(max(0, time(nil))))
  }
}

/// A bulk call: a pointer to its result, the kinds of statistics, and the flags.
typealias StatisticsCall = (
  UnsafeMutablePointer<UnsafeMutablePointer<virDomainStatsRecordPtr?>?>, UInt32, UInt32
) -> Int32

/// Makes a bulk call with `flags`, and again without them where the driver refuses them.
func statistics(
  _ name: String, flags: UInt32, _ call: StatisticsCall
) throws(HypervisorError) -> [DomainStatistics] {
  let kinds = UInt32(VIR_DOMAIN_STATS_STATE.rawValue | VIR_DOMAIN_STATS_BALLOON.rawValue)
  var records: UnsafeMutablePointer<virDomainStatsRecordPtr?>?
  let count: Int32
  do throws(HypervisorError) {
    count = try libvirt(name) { unsafe call(&records, kinds, flags) }
  } catch  where error.isRefusalOfFlag {
    count = try libvirt(name) { unsafe call(&records, kinds, 0) }
  }
  defer { unsafe virDomainStatsRecordListFree(records) }
  return try unsafe UnsafeBufferPointer(start: records, count: Int(count))
    .compactMap { unsafe $0?.pointee }
    .map { (record) throws(HypervisorError) in unsafe try DomainStatistics(record) }
}

extension HypervisorError {
  /// Whether the driver may have refused the call because of its flags.
  fileprivate var isRefusalOfFlag: Bool {
    [VIR_ERR_INVALID_ARG, VIR_ERR_ARGUMENT_UNSUPPORTED, VIR_ERR_OPERATION_UNSUPPORTED]
      .contains(where: has)
  }
}
