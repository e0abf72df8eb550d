// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel

/// What the bulk calls tell of a domain: what it does, and its balloon's figures.
struct DomainStatistics: Sendable {
  /// The domain.
  var entry: DomainEntry
  /// The state, `virDomainState`.
  var state: Int32
  /// Why it is in that state, in the numbers that go with the state.
  var reason: Int32
  /// The figures of its memory.
  var balloon = BalloonFigures()
}

extension DomainStatistics {
  /// Asks the domain itself, where the driver has no bulk calls.
  init(asking entry: DomainEntry) throws(HypervisorError) {
    let (state, reason) = try entry.handle.state()
    self.init(entry: entry, state: state, reason: reason)
  }

  /// Reads a record of `virConnectGetAllDomainStats`.
  fileprivate init(_ record: virDomainStatsRecord) throws(HypervisorError) {
    let domain = unsafe record.dom
    let handle = unsafe try libvirt("virDomainRef") {
      unsafe virDomainRef(domain) == 0 ? domain : nil
    }
    let entry = unsafe try DomainEntry(DomainHandle(adopting: handle))
    let values = unsafe TypedParameters(record.params, count: record.nparams)
    self.init(
      entry: entry,
      state: values.integer("state.state") ?? Int32(VIR_DOMAIN_NOSTATE.rawValue),
      reason: values.integer("state.reason") ?? 0,
      balloon: BalloonFigures(
        current: values.unsigned("balloon.current"),
        usable: values.unsigned("balloon.usable"),
        resident: values.unsigned("balloon.rss"),
        lastUpdate: values.unsigned("balloon.last-update")))
  }
}

/// Where libvirt puts a list of records, and how it fills it: the kinds, the flags.
typealias StatisticsCall = (
  UnsafeMutablePointer<UnsafeMutablePointer<virDomainStatsRecordPtr?>?>, UInt32, UInt32
) -> Int32

/// Makes one of libvirt's bulk calls, not waiting for jobs where the driver can do without.
func statistics(
  _ name: String, _ call: StatisticsCall
) throws(HypervisorError) -> [DomainStatistics] {
  let kinds = UInt32(VIR_DOMAIN_STATS_STATE.rawValue | VIR_DOMAIN_STATS_BALLOON.rawValue)
  let noWait = UInt32(VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT.rawValue)
  var records: UnsafeMutablePointer<virDomainStatsRecordPtr?>?
  let count: Int32
  do throws(HypervisorError) {
    count = try libvirt(name) { unsafe call(&records, kinds, noWait) }
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
