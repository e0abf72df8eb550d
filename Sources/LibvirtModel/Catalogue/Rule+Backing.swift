// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules of libvirt and QEMU for the memory behind a guest's RAM.
extension Rule {
  package static let hugepagesWithOnDemand = Rule(
    "hugepages-with-ondemand", .refuses, about: [.any(.hugepages), .any(.allocationMode)],
    "huge pages cannot be allocated on demand",
    fact: "libvirt refuses huge pages together with allocation on demand.",
    remedy: """
      Declare `memoryBacking.allocation.mode: immediate`, or `memoryBacking.allocation: none`.
      """)

  package static let hugepagesWithAnonymous = Rule(
    "hugepages-with-anonymous", .refuses, about: [.any(.hugepages), .any(.source)],
    "huge pages need a file or a memfd as memory source",
    fact: "libvirt refuses huge pages together with an anonymous memory source.",
    remedy: "Declare `memoryBacking.source: memfd`, or `memoryBacking.source: none`.")

  package static let hugepagesNodesetWithoutCells = Rule(
    "hugepages-nodeset-without-cells", .refuses, about: [.any(.hugepages), .any(.numa)],
    "huge pages have a nodeset, but the guest has no NUMA cells",
    fact: """
      If a guest has no NUMA cells, libvirt silently drops an entry of <hugepages> for cell 0, and \
      refuses an entry for any other cell.
      """,
    remedy: """
      Remove `nodeset` from the entries of `memoryBacking.hugepages`, or declare `numa.cells`.
      """)

  package static let hugepagesCellMissing = Rule(
    "hugepages-cell-missing", .refuses, about: [.any(.hugepages), .any(.cellState)],
    "huge pages name a NUMA cell that the guest does not have",
    fact: """
      libvirt refuses an entry of <hugepages> that names a cell which the guest does not have.
      """,
    remedy: "In `memoryBacking.hugepages`, declare a `nodeset` of cells that the guest has.")

  package static let sharedMemoryNeeded = Rule(
    "shared-memory-needed", .refuses, about: [.any(.access), .any(.cellAccess)],
    "a vhost-user or virtiofs device of the domain needs shared guest memory",
    fact: """
      Another process maps the guest's RAM for a vhost-user or virtiofs device. libvirt refuses \
      such a device unless the RAM of every cell has shared access.
      """,
    remedy: """
      Declare `memoryBacking.access: shared`, and `access: shared` for each NUMA cell with private \
      access. Or remove the device with `virsh edit DOMAIN`.
      """)

  static let ofBacking = [
    hugepagesWithOnDemand, hugepagesWithAnonymous, hugepagesNodesetWithoutCells,
    hugepagesCellMissing, sharedMemoryNeeded,
  ]
}
