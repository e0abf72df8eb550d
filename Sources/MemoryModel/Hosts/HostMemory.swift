// SPDX-License-Identifier: Apache-2.0

/// What a host has left for its guests, and what the live steps of a plan make of that.
///
/// It is of the moment and for people: the plan's document does not have it.
package struct HostMemory: Hashable, Sendable {
  /// What is available; nil where the host does not tell.
  package var available: MemorySize?
  /// What running guests take.
  package var taken: MemorySize
  /// What running guests give back.
  package var given: MemorySize

  /// Makes a host's memory.
  package init(available: MemorySize?, taken: MemorySize = .zero, given: MemorySize = .zero) {
    self.available = available
    self.taken = taken
    self.given = given
  }
}
