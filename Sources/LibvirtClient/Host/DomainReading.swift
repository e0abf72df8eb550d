// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel

/// A domain as its definitions say, and what run of it these are of.
struct DomainReading: Sendable {
  /// The domain, with what ``DomainStatistics`` says of it where that is put in.
  var domain: ObservedDomain
  /// The number of the run that the live definition is of; nil where the domain did not run.
  let id: Int?

  /// Puts in the definition to start from.
  mutating func put(_ persistent: DomainDefinition) {
    domain.persistent = persistent.configuration
    domain.architecture = domain.architecture ?? persistent.architecture
    if domain.live == nil { domain.sharesHostMemory = persistent.sharesHostMemory }
  }

  /// Puts in what the domain does, as `statistics` tell it, or as the lack of any does.
  ///
  /// False where these are of another moment: the domain was started, stopped, or both, since.
  mutating func put(_ statistics: DomainStatistics?) -> Bool {
    statistics?.put(into: &domain)
    guard id == statistics?.id else { return false }
    // A domain that is being stopped has lost its number, and says so only when it is stopped.
    return switch domain.state {
    case .shutOff: !domain.isActive
    case .crashed, .noState: true
    case .running, .idle, .paused, .inShutdown, .pmsuspended: domain.isActive
    }
  }
}
