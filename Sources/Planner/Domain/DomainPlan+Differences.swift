// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

extension DomainPlan {
  /// What of `domain` is not as the plan saw it; empty where the plan's fields don't show it.
  ///
  /// The live balloon's amount is left out, because it moves by itself.
  package func differences(
    from domain: ObservedDomain, on host: ObservedHost
  ) -> [DomainDifference] {
    var differences: [DomainDifference] = []
    if let state, state != domain.state {
      differences.append(.state(planned: state, seen: domain.state))
    }
    let normalised = GuestBehaviour(of: domain, on: host).normalised(naming(domain, on: host))
    for field in fields {
      for plane in Plane.allCases where plane == .persistent || field.path != .currentMemory {
        let planned = plane == .live ? field.live : field.persistent
        let seen = normalised[plane].flatMap { $0.observedValue(of: field.path) }
        guard (planned ?? .absence) != (seen ?? .absence) else { continue }
        differences.append(.field(field.path, plane, planned: planned, seen: seen))
      }
    }
    return differences
  }
}
