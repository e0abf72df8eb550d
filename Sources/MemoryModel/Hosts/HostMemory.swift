// SPDX-License-Identifier: Apache-2.0

/// A host's memory: what is available, now and while the live steps of a plan are performed, and
/// what each NUMA node has.
///
/// The figures are of the moment at which virtmem observed the host. So the plan's `id` does not
/// cover them.
package struct HostMemory: Hashable, Sendable {
  /// The host's whole memory, huge pages included; nil where the driver does not report it.
  package var total: MemorySize?
  /// The resident memory of all guests, without huge pages; nil where the driver does not report
  /// it.
  package var guests: MemorySize?
  /// What is available on the host before the first step.
  package var available: MemorySize
  /// The least that stays available, in every order in which the steps may be performed.
  package var leastAvailable: MemorySize
  /// What is available after the last step.
  package var availableAfter: MemorySize
  /// The host's NUMA nodes; empty where the driver does not report them.
  package var nodes: [HostNode]
  /// What the steps move on single nodes; nothing of a node that no step touches.
  package var courses: [NodeCourse]

  /// Makes a host's memory from its figures; no step changes it if only `available` is given.
  package init(
    total: MemorySize? = nil, guests: MemorySize? = nil, available: MemorySize,
    leastAvailable: MemorySize? = nil, availableAfter: MemorySize? = nil, nodes: [HostNode] = [],
    courses: [NodeCourse] = []
  ) {
    self.total = total
    self.guests = guests
    self.available = available
    self.leastAvailable = leastAvailable ?? available
    self.availableAfter = availableAfter ?? available
    self.nodes = nodes
    self.courses = courses
  }

  /// The same memory without any step.
  package var withoutSteps: HostMemory {
    HostMemory(total: total, guests: guests, available: available, nodes: nodes)
  }
}
