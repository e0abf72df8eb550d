// SPDX-License-Identifier: Apache-2.0

/// A host's available memory, and how much of it the live steps of a plan take and give back.
///
/// The value is for people only; plan documents do not contain it.
package struct HostMemory: Hashable, Sendable {
  /// The host's available memory; nil where the driver does not report it.
  package var available: MemorySize?
  /// How much running guests take by the plan's live steps.
  package var taken: MemorySize
  /// How much running guests give back by the plan's live steps.
  package var given: MemorySize

  /// Makes a host's memory.
  package init(available: MemorySize?, taken: MemorySize = .zero, given: MemorySize = .zero) {
    self.available = available
    self.taken = taken
    self.given = given
  }
}
