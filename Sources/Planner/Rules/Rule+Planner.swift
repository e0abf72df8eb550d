// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension Rule {
  /// The contribution of this module to the catalogue: what virtmem itself does not plan or apply,
  /// and what it does not know.
  package static let ofPlanner = ofDomains + ofPlanning + ofObservation
}
