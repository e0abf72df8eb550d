// SPDX-License-Identifier: Apache-2.0

internal import CGlibc

/// C's memory allocator, which Swift, libxml2 and libyaml use.
package enum Allocator {
  /// Makes the allocator keep freed memory for later allocations; `mallopt`.
  ///
  /// A run allocates large arrays one after the other: manifests, domains, plans, document. Mapping
  /// new memory for each, with a page fault for every page, would take a sixth of the time of a run
  /// on a large fleet.
  package static func keepFreedMemory() {
    // glibc accepts no larger threshold.
    _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
    _ = mallopt(M_TRIM_THRESHOLD, Int32.max)
    // glibc then asks the system for more memory at a time.
    _ = mallopt(M_TOP_PAD, 1 << 20)
  }
}
