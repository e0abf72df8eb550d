// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// What tells the domains of a plan apart: the host and the name.
///
/// The UUID does not: clones on two hosts may share it.
package struct DomainKey: Hashable, Sendable {
  private let host: String?
  private let name: String

  /// Makes the key of a domain of a plan.
  package init(_ domain: DomainPlan) {
    host = domain.host
    name = domain.name
  }
}
