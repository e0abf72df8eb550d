// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules of libvirt and QEMU for the memory behind a guest's RAM.
extension Rule {
  package static let hugepagesWithOnDemand = Rule(
    "hugepages-with-ondemand", .refuses, about: [.any(.hugepages), .any(.allocationMode)],
    "huge pages are allocated at the start",
    fact: "libvirt refuses huge pages together with allocation on demand.",
    remedy: "Declare `memoryBacking.allocation.mode: immediate`, or `allocation: none`.")

  package static let hugepagesWithAnonymous = Rule(
    "hugepages-with-anonymous", .refuses, about: [.any(.hugepages), .any(.source)],
    "huge pages come from a file or a memfd",
    fact: "libvirt refuses huge pages together with an anonymous memory source.",
    remedy: "Declare `memoryBacking.source: memfd`, or `none`.")

  package static let hugepagesNodesetWithoutCells = Rule(
    "hugepages-nodeset-without-cells", .refuses, about: [.any(.hugepages), .any(.numa)],
    "huge pages are for guest cells, and there are none",
    fact: """
      Without NUMA cells libvirt drops an entry of <hugepages> for cell 0 without a word, and \
      refuses one for any other.
      """,
    remedy: "Leave `nodeset` out, or declare `numa.cells`.")

  package static let hugepagesCellMissing = Rule(
    "hugepages-cell-missing", .refuses, about: [.any(.hugepages), .any(.cellState)],
    "huge pages are for a guest cell that is not there",
    fact: """
      libvirt refuses an entry of <hugepages> that names a cell which the guest does not have.
      """,
    remedy: "Name cells that the guest has in `nodeset`.")

  package static let sharedMemoryNeeded = Rule(
    "shared-memory-needed", .refuses, about: [.any(.access), .any(.cellAccess)],
    "another process works on the guest's RAM, which has to be shared",
    fact: "vhost-user and virtiofs devices need `access` shared, of all of the guest's cells.",
    remedy: "Declare `memoryBacking.access: shared`, or remove the device.")

  static let ofBacking = [
    hugepagesWithOnDemand, hugepagesWithAnonymous, hugepagesNodesetWithoutCells,
    hugepagesCellMissing, sharedMemoryNeeded,
  ]
}
