// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

extension DomainPlan {
  /// How the domain differs from what the plan saw, a clause for each value; empty if it does not.
  ///
  /// The live balloon target is left out, because it changes by itself.
  package func changes(in domain: ObservedDomain, on host: ObservedHost) -> [String] {
    var changes: [String] = []
    if let state, state != domain.state {
      changes.append("it was \(state.rawValue) and is \(domain.state.rawValue)")
    }
    let behaviour = HypervisorBehaviour(of: host).of(domain)
    let normalised = behaviour.normalised(naming(domain, on: host))
    for field in fields {
      for plane in Plane.allCases where plane == .persistent || field.path != .currentMemory {
        let seen = plane == .live ? field.live : field.persistent
        let now = normalised[plane].flatMap { behaviour.observedValue(field.path, in: $0) }
        guard (seen ?? .absence) != (now ?? .absence) else { continue }
        changes.append(
          "\(plane.rawValue) \(field.path) was \(seen?.description ?? "not set") "
            + "and is \(now?.description ?? "not set")")
      }
    }
    return changes
  }
}
