// SPDX-License-Identifier: Apache-2.0

/// The rules that more than one module uses.
extension Rule {
  package static let hugepagesOverlap = Rule(
    "hugepages-overlap", .refuses, about: [FieldPath(.hugepages)],
    "the same memory would have huge pages of two sizes",
    fact: """
      libvirt accepts one entry of <hugepages> without a nodeset, and entries whose nodesets do \
      not overlap.
      """,
    remedy: """
      Declare each cell in the `nodeset` of only one entry, and leave `nodeset` out of at most one \
      entry.
      """,
    mistake: "two entries of huge pages are for the same guest cell")

  package static let refusedURI = Rule(
    "refused-uri", mistake: "a URI that runs programs, weakens checks or contains a password")

  /// The rules of this module in the catalogue.
  package static let ofMemoryModel = [hugepagesOverlap, refusedURI] + ofSteps + ofReports
}
