// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel

/// A domain as its definitions describe it, with the id of the run that they belong to.
struct DomainReading: Sendable {
  /// The domain; state and statistics are added from ``DomainStatistics``.
  var domain: ObservedDomain
  /// The domain's id in the live definition, new in each run; nil for an inactive domain.
  let id: Int?

  /// Adds the persistent definition.
  mutating func put(_ persistent: DomainDefinition) {
    domain.persistent = persistent.configuration
    domain.architecture = domain.architecture ?? persistent.architecture
    if domain.live == nil { domain.sharesHostMemory = persistent.sharesHostMemory }
  }

  /// Adds the state and the statistics; nil means that libvirt had none.
  ///
  /// False where they do not belong to the same moment as the definitions, because the domain was
  /// started or stopped in between.
  mutating func put(_ statistics: DomainStatistics?) -> Bool {
    statistics?.put(into: &domain)
    guard id == statistics?.id else { return false }
    // A domain that is shutting down loses its id before its state becomes shut off.
    return switch domain.state {
    case .shutOff: !domain.isActive
    case .crashed, .noState: true
    case .running, .idle, .paused, .inShutdown, .pmsuspended: domain.isActive
    }
  }
}
