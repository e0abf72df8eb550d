// SPDX-License-Identifier: Apache-2.0

/// A host's available memory, now and while the live steps of a plan are performed.
///
/// The figures are of the moment at which virtmem observed the host. So the plan's `id` does not
/// cover them.
package struct HostMemory: Hashable, Sendable {
  /// What is available on the host before the first step.
  package var available: MemorySize
  /// The least that stays available, in every order in which the steps may be performed.
  package var leastAvailable: MemorySize
  /// What is available after the last step.
  package var availableAfter: MemorySize

  /// Makes a host's memory that no step changes.
  package init(available: MemorySize) {
    self.available = available
    leastAvailable = available
    availableAfter = available
  }

  /// Makes a host's memory from its figures.
  package init(
    available: MemorySize, leastAvailable: MemorySize, availableAfter: MemorySize
  ) {
    self.available = available
    self.leastAvailable = leastAvailable
    self.availableAfter = availableAfter
  }
}
