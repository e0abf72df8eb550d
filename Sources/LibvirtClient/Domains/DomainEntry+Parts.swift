// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel

extension DomainEntry {
  /// Reads `parts` of the domain, except its job; everything else is as in `earlier`.
  ///
  /// Nil if the domain was started or stopped since, so that all of it may differ.
  func read(
    _ parts: DomainParts, of earlier: ObservedDomain, _ driver: HypervisorDriver,
    _ connection: borrowing Connection
  ) throws(HypervisorError) -> ObservedDomain? {
    var domain = earlier
    domain.job = nil
    if parts.contains(.persistent) {
      guard earlier.isPersistent else { return nil }
      domain.persistent = try DomainDefinition.parse(handle.xml(.persistent)).configuration
    }
    guard !parts.isDisjoint(with: [.live, .statistics, .limits]) else { return domain }
    guard earlier.isActive else { return nil }
    let statistics =
      parts.contains(.statistics) ? try DomainStatistics(asking: self, on: connection) : nil
    if let statistics, statistics.id == nil { return nil }
    // The limits in force replace those of the definition, so the definition is read with them.
    if !parts.isDisjoint(with: [.live, .limits]) {
      let live = try DomainDefinition.parse(handle.xml(.live))
      guard let id = live.id, statistics.map({ $0.id == id }) ?? true else { return nil }
      domain.live = live.configuration
      if parts.contains(.limits) { try readLimits(into: &domain, driver: driver) }
    }
    statistics?.put(into: &domain)
    return domain
  }
}
