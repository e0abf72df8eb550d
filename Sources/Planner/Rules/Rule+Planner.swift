// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension Rule {
  /// The rules of this module in the catalogue: what virtmem does not plan or apply, and what it
  /// does not know.
  package static let ofPlanner = ofDomains + ofPlanning + ofObservation + ofWarnings
}
