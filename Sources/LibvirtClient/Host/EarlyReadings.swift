// SPDX-License-Identifier: Apache-2.0
import Glibc
import MemoryModel
import Synchronization

/// Passes the domains of a host to a witness while others are still read.
final class EarlyReadings: Sendable {
  private let host: ObservedHost
  /// Nil where no processor would be free for it.
  private let witness: DomainWitness?
  /// The statistics of the active domains, by UUID; nil until libvirt has answered.
  private let statistics = Mutex<[String: DomainStatistics]?>(nil)

  /// Makes the way to `witness` for the domains of `host`, which answers over `link`.
  ///
  /// Over a fast link, libvirtd and the reading threads keep two processors busy. What a witness
  /// computes would then only delay them.
  init(on host: ObservedHost, over link: HostConnection, _ witness: @escaping DomainWitness) {
    self.host = host.alone
    let hasIdleProcessor = link.isFar || sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 3
    self.witness = hasIdleProcessor ? witness : nil
  }

  /// Adds the statistics of the active domains.
  func put(_ statistics: [DomainStatistics]) {
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
