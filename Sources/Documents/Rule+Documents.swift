// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension Rule {
  /// The rule of input that no other rule names.
  package static let invalidInput = Rule(
    "invalid-input",
    mistake: """
      a file that virtmem cannot use for this command, such as XML that is no domain definition, \
      or a plan of another host
      """)

  /// The rules of this module in the catalogue: those of manifests, saved plans and snapshots.
  package static let ofDocuments = [invalidInput] + ofManifests + ofPlans + ofSnapshots
}
