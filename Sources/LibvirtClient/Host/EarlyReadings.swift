// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Synchronization

/// Passes the domains of a host to a witness while others are still read.
final class EarlyReadings: Sendable {
  private let host: ObservedHost
  private let witness: DomainWitness?
  /// The statistics of the active domains, by UUID; nil until libvirt has answered.
  private let statistics = Mutex<[String: DomainStatistics]?>(nil)

  /// Makes the way to `witness`, if there is one, for the domains of `host`.
  init(on host: ObservedHost, _ witness: DomainWitness?) {
    self.host = host.alone
    self.witness = witness
  }

  /// Adds the statistics of the active domains.
  func put(_ statistics: [DomainStatistics]) {
    guard witness != nil else { return }
    let byUUID = Dictionary(statistics.map { ($0.uuid, $0) }) { first, _ in first }
    self.statistics.withLock { $0 = byUUID }
  }

  /// Passes on the domain in `reading`, if what was read belongs to one moment.
  func pass(_ reading: DomainReading) {
    guard let witness else { return }
    var reading = reading
    let statistics = statistics.withLock(\.self)
    guard !reading.domain.isActive || statistics != nil else { return }
    guard reading.put(statistics?[reading.domain.uuid]) else { return }
    witness(reading.domain, host)
  }
}
