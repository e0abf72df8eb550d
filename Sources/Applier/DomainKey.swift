// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Tells the domains of a plan apart, by host and name.
///
/// A UUID does not: clones on two hosts may share one.
package struct DomainKey: Hashable, Sendable {
  private let host: String?
  private let name: String

  /// Makes the key of a domain of a plan.
  package init(_ domain: DomainPlan) {
    host = domain.host
    name = domain.name
  }
}
