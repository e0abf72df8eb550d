// SPDX-License-Identifier: Apache-2.0

/// How much of a NUMA node's memory, or of its huge pages of one size, is free before, during and
/// after the steps of a plan.
///
/// Only what guests that are bound to just this node take and give counts.
package struct NodeCourse: Hashable, Sendable {
  /// The node's number.
  package var node: UInt32
  /// The size of the huge pages; nil for the node's other memory.
  package var pageSize: MemorySize?
  /// What is free before the first step.
  package var free: MemorySize
  /// The least that stays free, in every order in which the steps may be performed.
  ///
  /// Page cache gives way to guests, so of memory more can be taken than is free.
  package var leastFree: MemorySize
  /// What is free after the last step.
  package var freeAfter: MemorySize

  /// Makes a course.
  package init(
    node: UInt32, pageSize: MemorySize? = nil, free: MemorySize, leastFree: MemorySize,
    freeAfter: MemorySize
  ) {
    self.node = node
    self.pageSize = pageSize
    self.free = free
    self.leastFree = leastFree
    self.freeAfter = freeAfter
  }
}
