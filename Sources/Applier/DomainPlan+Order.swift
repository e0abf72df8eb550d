// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

extension [DomainPlan] {
  /// Sorts the domains: each comes after those whose steps it needs.
  ///
  /// Domains that need each other come last; virtmem skips a step if a step that it needs is not
  /// done.
  var inOrderOfNeeds: [DomainPlan] {
    let owners = Dictionary(
      indices.flatMap { index in self[index].steps.map { ($0.id, index) } },
      uniquingKeysWith: { first, _ in first })
    let needed = indices.map { index in
      Set(self[index].steps.flatMap(\.needs).compactMap { owners[$0] }).subtracting([index])
    }
    var dependents: [[Int]] = map { _ in [] }
    for index in indices {
      for other in needed[index] { dependents[other].append(index) }
    }
    var openCounts = needed.map(\.count)
    var order = indices.filter { openCounts[$0] == 0 }
    var next = 0
    while next < order.count {
      for index in dependents[order[next]] {
        openCounts[index] -= 1
        if openCounts[index] == 0 { order.append(index) }
      }
      next += 1
    }
    return (order + indices.filter { openCounts[$0] > 0 }).map { self[$0] }
  }
}
