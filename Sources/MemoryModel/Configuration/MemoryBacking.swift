// SPDX-License-Identifier: Apache-2.0

/// Where the guest's RAM comes from on the host.
///
/// The corresponding libvirt element is `<memoryBacking>`; no call but a redefinition changes it.
package struct MemoryBacking: Hashable, Sendable {
  /// Huge pages in place of the system's; `<hugepages>`.
  package var hugepages: Hugepages?
  /// Whether the host's kernel may merge equal pages (KSM); false is `<nosharepages/>`.
  package var sharePages: Bool?
  /// Whether the guest's memory is locked in host RAM; `<locked/>`.
  package var locked: Bool?
  /// What backs the RAM; `<source type>`.
  package var source: OrNone<MemorySource>?
  /// Whether other processes may map the RAM; `<access mode>`.
  package var access: OrNone<MemoryAccess>?
  /// When the RAM is allocated; `<allocation>`.
  package var allocation = MemoryAllocation()
  /// Whether the contents of a file behind the RAM are dropped at the end; `<discard/>`.
  package var discard: Bool?

  /// Makes backing of which nothing is said.
  package init() {}
}

/// What backs a guest's RAM; `<source type>`.
package enum MemorySource: String, WordLeaf {
  /// A file, in hugetlbfs where there are huge pages.
  case file
  /// Memory of the process.
  case anonymous
  /// A file without a name, since libvirt 4.10.
  case memfd
}

/// Who may map a guest's RAM; `<access mode>`, `memAccess` and a device's `access`.
package enum MemoryAccess: String, WordLeaf {
  /// Other processes too, as vhost-user and virtiofs need.
  case shared
  /// The hypervisor alone.
  case `private`
}

/// When a guest's RAM is allocated; `<allocation>`.
package struct MemoryAllocation: Hashable, Sendable {
  /// What of `<allocation>` there is at all.
  package var removal: Removal?
  /// When it is allocated; `mode`.
  package var mode: AllocationMode?
  /// How many threads do it, since libvirt 8.2; `threads`.
  package var threads: Count?

  /// Makes allocation of which nothing is said.
  package init() {}
}

/// When a guest's RAM is allocated; `<allocation mode>`.
package enum AllocationMode: String, WordLeaf {
  /// When the domain starts.
  case immediate
  /// When the guest first writes to it.
  case ondemand
}

/// Huge pages behind a guest's RAM; `<hugepages>`.
package enum Hugepages: FieldLeaf {
  /// None.
  case absent
  /// Those that are the host's default; `<hugepages/>`.
  case ofDefaultSize
  /// Those of the given sizes; `<page>`.
  case pages([Hugepage])

  /// A list of pages, `default` or `none`.
  package static var kind: FieldKind { .hugepages }

  /// The list, `default` or `none`.
  package var fieldValue: FieldValue {
    switch self {
    case .absent: .absence
    case .ofDefaultSize: .word("default")
    case .pages(let pages): .pages(pages)
    }
  }

  /// Takes a list, `default` or `none`.
  package init?(_ value: FieldValue) {
    switch value {
    case .absence: self = .absent
    case .word("default"): self = .ofDefaultSize
    // Their order means nothing, and two that mean the same are to be equal.
    case .pages(let pages): self = .pages(pages.sorted())
    default: return nil
    }
  }
}

/// Huge pages of one size, for some guest cells or for all; `<page>`.
package struct Hugepage: Hashable, Sendable {
  /// A page's size.
  package var size: MemorySize
  /// The guest cells; nil for all that no other entry names.
  package var cells: NodeSet?

  /// Makes an entry.
  package init(size: MemorySize, cells: NodeSet? = nil) {
    self.size = size
    self.cells = cells
  }
}

extension Hugepage: Comparable {
  /// Whether `left` is listed first: by the first of their cells, that for all cells at last.
  package static func < (left: Hugepage, right: Hugepage) -> Bool {
    (left.cells?.first ?? .max, left.size) < (right.cells?.first ?? .max, right.size)
  }
}
