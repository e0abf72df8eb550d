// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension Rule {
  /// The contribution of this module to the catalogue: what manifests, saved plans and snapshots
  /// have to be.
  package static let ofDocuments = ofManifests + ofPlans + ofSnapshots
}
