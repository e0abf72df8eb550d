// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension Rule {
  /// The rules of this module in the catalogue: those of manifests, saved plans and snapshots.
  package static let ofDocuments = ofManifests + ofPlans + ofSnapshots
}
