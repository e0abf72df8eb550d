// SPDX-License-Identifier: Apache-2.0

/// The rules that more than one module uses.
extension Rule {
  package static let hugepagesOverlap = Rule(
    "hugepages-overlap", .refuses, about: [FieldPath(.hugepages)],
    "two sizes of huge pages are for the same memory",
    fact: """
      libvirt takes one entry of <hugepages> without a nodeset, and entries whose nodesets do not \
      overlap.
      """,
    remedy: "Give each entry cells of its own.",
    mistake: "huge pages of two sizes for one guest cell")

  package static let refusedURI = Rule(
    "refused-uri",
    mistake: """
      a URI that runs programs, weakens checks or holds a password: a document is data, and \
      libvirt.conf's uri_aliases are the operator's
      """)

  /// The rules of this module in the catalogue.
  package static let ofMemoryModel = [hugepagesOverlap, refusedURI] + ofSteps
}
