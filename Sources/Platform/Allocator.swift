// SPDX-License-Identifier: Apache-2.0

internal import CMalloc

/// C's allocator, which Swift, libxml2 and libyaml all take their memory from.
package enum Allocator {
  /// Keeps memory that is freed for what is allocated next, in place of giving it back; `mallopt`.
  ///
  /// A run makes large arrays one after the other, manifests, domains, plans, document. Each would
  /// be mapped anew, and having its pages zeroed one fault after the other would cost a sixth of
  /// the time that a large fleet takes.
  package static func keepFreedMemory() {
    // No larger threshold is taken.
    _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
    _ = mallopt(M_TRIM_THRESHOLD, Int32.max)
  }
}
