// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel

/// What a domain does, and its balloon's figures.
struct DomainStatistics: Sendable {
  /// The domain's UUID in lower case.
  var uuid: String
  /// The number of its run; nil where it does not run.
  var id: Int?
  /// The state, `virDomainState`.
  var state: Int32
  /// Why it is in that state, in the numbers that go with the state.
  var reason: Int32
  /// The figures of its memory.
  var balloon = BalloonFigures()
}

extension DomainStatistics {
  /// The statistics of at least every active domain of a host, in one call where the driver has it.
  static func ofActive(
    on connection: borrowing Connection
  ) throws(HypervisorError) -> [DomainStatistics] {
    do throws(HypervisorError) {
      return try connection.statisticsOfActive()
    } catch  where error.kind == .unsupported {
      var statistics: [DomainStatistics] = []
      for entry in try connection.domains(VIR_CONNECT_LIST_DOMAINS_ACTIVE) {
        do throws(HypervisorError) {
          statistics.append(try DomainStatistics(ofStateOf: entry))
        } catch  where error.kind == .noDomain {
          continue
        }
      }
      return statistics
    }
  }

  /// One domain's, asked by itself.
  init(asking entry: DomainEntry) throws(HypervisorError) {
    let told = try whereKnown { () throws(HypervisorError) in
      try entry.handle.statistics().first
    }
    if let told = told ?? nil {
      self = told
    } else {
      try self.init(ofStateOf: entry)
    }
  }

  /// What a driver that has no such calls tells.
  private init(ofStateOf entry: DomainEntry) throws(HypervisorError) {
    let (state, reason) = try entry.handle.state()
    self.init(uuid: entry.uuid, id: entry.handle.id(), state: state, reason: reason)
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

  /// Puts into `domain`, whose definitions are read, what is told here.
  func put(into domain: inout ObservedDomain) {
    domain.state = DomainState(state)
    domain.job = domain.state.job(reason: reason)
    guard domain.isActive else { return }
    domain.statistics = balloon.statistics(of: domain.live, at: UInt64(max(0, time(nil))))
  }
}

/// Where libvirt puts a list of records, and how it fills it: the kinds, the flags.
typealias StatisticsCall = (
  UnsafeMutablePointer<UnsafeMutablePointer<virDomainStatsRecordPtr?>?>, UInt32, UInt32
) -> Int32

/// Makes one of libvirt's bulk calls with `flags`, where the driver can do without them without.
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
  /// Whether the driver may do the same without the flag that it was given.
  fileprivate var isRefusalOfFlag: Bool {
    [VIR_ERR_INVALID_ARG, VIR_ERR_ARGUMENT_UNSUPPORTED, VIR_ERR_OPERATION_UNSUPPORTED]
      .contains(where: has)
  }
}
