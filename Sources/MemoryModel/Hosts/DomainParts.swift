// SPDX-License-Identifier: Apache-2.0

/// The parts of a domain that a look reads; each costs at least one call.
package struct DomainParts: OptionSet, Hashable, Sendable {
  /// The bits of the parts.
  package let rawValue: UInt8

  /// Makes parts from their bits.
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The live definition (`virDomainGetXMLDesc`).
  package static let live = DomainParts(rawValue: 1)
  /// The persistent definition (`virDomainGetXMLDesc`).
  package static let persistent = DomainParts(rawValue: 2)
  /// The state and the balloon statistics (`virDomainListGetStats`).
  package static let statistics = DomainParts(rawValue: 4)
  /// The memory limits in force, in the place of those of the live definition
  /// (`virDomainGetMemoryParameters`).
  package static let limits = DomainParts(rawValue: 8)
  /// The job that prevents changes (`virDomainGetJobStats`).
  package static let job = DomainParts(rawValue: 16)

  /// All that a plan is made of.
  package static let observed: DomainParts = [.live, .persistent, .statistics]
  /// Every part.
  package static let all: DomainParts = [.observed, .limits, .job]
}
