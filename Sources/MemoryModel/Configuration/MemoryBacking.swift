// SPDX-License-Identifier: Apache-2.0

/// How the host provides the guest's RAM; `<memoryBacking>`.
///
/// Only a redefinition of the domain changes it (`virDomainDefineXMLFlags`).
package struct MemoryBacking: Hashable, Sendable {
  /// Huge pages in place of the host's default pages; `<hugepages>`.
  package var hugepages: Hugepages?
  /// Whether the host's kernel may merge identical pages (KSM); false is `<nosharepages/>`.
  package var sharePages: Bool?
  /// Whether the guest's memory is locked in host RAM; `<locked/>`.
  package var locked: Bool?
  /// What backs the RAM; `<source type>`.
  package var source: OrNone<MemorySource>?
  /// Whether other processes may map the RAM; `<access mode>`.
  package var access: OrNone<MemoryAccess>?
  /// When and how QEMU allocates the RAM; `<allocation>`.
  package var allocation = MemoryAllocation()
  /// Whether QEMU discards the contents of the RAM's file when it exits; `<discard/>`.
  package var discard: Bool?

  /// Makes memory backing without any value.
  package init() {}
}

/// What backs a guest's RAM; `<source type>`.
package enum MemorySource: String, WordLeaf {
  /// A file, on hugetlbfs if there are huge pages.
  case file
  /// Anonymous memory of the QEMU process.
  case anonymous
  /// An anonymous file (`memfd_create`), since libvirt 4.10.
  case memfd
}

/// Which processes may map a guest's RAM; `<access mode>`, `memAccess` and a device's `access`.
package enum MemoryAccess: String, WordLeaf {
  /// Also other processes, as vhost-user and virtiofs need.
  case shared
  /// Only the QEMU process.
  case `private`
}

/// When and how QEMU allocates a guest's RAM; `<allocation>`.
package struct MemoryAllocation: Hashable, Sendable {
  /// Whether `<allocation>` is present; the desired value ``Presence/absent`` removes it.
  package var presence: Presence?
  /// When QEMU allocates the RAM; `mode`.
  package var mode: AllocationMode?
  /// How many threads allocate the RAM, since libvirt 8.2; `threads`.
  package var threads: Count?

  /// Makes an allocation without any value.
  package init() {}
}

/// When QEMU allocates a guest's RAM; `<allocation mode>`.
package enum AllocationMode: String, WordLeaf {
  /// When the domain starts.
  case immediate
  /// When the guest first writes to it.
  case ondemand
}

/// Which huge pages provide a guest's RAM; `<hugepages>`.
package enum Hugepages: FieldLeaf {
  /// No huge pages.
  case absent
  /// Huge pages of the host's default size; `<hugepages/>`.
  case ofDefaultSize
  /// Huge pages of the given sizes; `<page>`.
  case pages([Hugepage])

  /// Manifests spell a list of pages, `default` or `none`.
  package static var kind: FieldKind { .hugepages }

  /// ``FieldValue/pages(_:)``, the word `default`, or ``FieldValue/absence``.
  package var fieldValue: FieldValue {
    switch self {
    case .absent: .absence
    case .ofDefaultSize: .word("default")
    case .pages(let pages): .pages(pages)
    }
  }

  /// Makes the value from a list of pages, `default` or `none`; nil for any other value.
  package init?(_ value: FieldValue) {
    switch value {
    case .absence: self = .absent
    case .word("default"): self = .ofDefaultSize
    // The order has no meaning, so lists that differ only in order must be equal.
    case .pages(let pages): self = .pages(pages.sorted())
    default: return nil
    }
  }
}

/// Huge pages of one size, for all or some guest cells; `<page>`.
package struct Hugepage: Hashable, Sendable {
  /// The size of a page.
  package var size: MemorySize
  /// The guest cells; nil for all cells without an entry of their own.
  package var cells: NodeSet?

  /// Makes an entry of `<hugepages>`.
  package init(size: MemorySize, cells: NodeSet? = nil) {
    self.size = size
    self.cells = cells
  }
}

extension Hugepage: Comparable {
  /// Orders entries by their first cell, then by size; the entry for all cells comes last.
  package static func < (left: Hugepage, right: Hugepage) -> Bool {
    (left.cells?.first ?? .max, left.size) < (right.cells?.first ?? .max, right.size)
  }
}
