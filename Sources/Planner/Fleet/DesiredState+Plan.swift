// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

extension DesiredState {
  /// Makes the desired state of a saved plan from its fields, policies and reserves, without
  /// manifests.
  ///
  /// If the hosts are as the plan saw them, planning with this state gives the same plan; so the
  /// check at the end of apply finds what is left of it. The policies already contain the run's
  /// ceiling. A host that was not observed because it was suspended stays suspended; the
  /// plan's notes keep its date and its reason. A domain
  /// without a source is placed in `file`.
  ///
  /// A domain that the plan did not see is left out: the plan does not keep all by which the
  /// manifests identify it, such as a UUID that no domain has. `ApplyReport` keeps its verdict.
  package init(of plan: Plan, file: String) {
    let hosts = plan.hosts.map { host in
      DesiredHost(
        name: host.name, uri: host.uri, suspension: host.isSuspended ? Suspension() : nil,
        reserve: host.reserve,
        facts: host.facts, uriFrom: host.uriFrom)
    }
    let start = SourcePosition(file: file, line: 1, column: 1)
    self.init(
      hosts: hosts,
      domains: plan.domains.filter(\.isSeen).map { DesiredDomain(of: $0, start: start) })
  }
}

extension DomainPlan {
  /// Returns the domain with its memory devices named as the plan names them.
  package func naming(_ domain: ObservedDomain, on host: ObservedHost) -> ObservedDomain {
    guard fields.contains(where: { $0.path.name.state == .deviceState }) else { return domain }
    return GuestBehaviour(of: domain, on: host).naming(domain, as: desired.devices)
  }

  /// All that the plan asks for; for a device that it removes, also the fields that identify it.
  ///
  /// Only the state of such a device is managed, so only the plan's steps have these fields.
  fileprivate var desired: MemoryConfiguration {
    var desired = fields.reduce(into: MemoryConfiguration()) { $0[$1.path] = $1.desired }
    let leaving = Set(desired.devices.filter { $0.state == .absent }.map(\.key))
    for change in steps.flatMap(\.changes) where change.field.name.isIdentity {
      guard let item = change.field.item, leaving.contains(item), desired[change.field] == nil
      else { continue }
      desired[change.field] = change.from
    }
    return desired
  }
}

extension DesiredDomain {
  fileprivate init(of plan: DomainPlan, start: SourcePosition) {
    self.init(
      name: plan.name, uuid: plan.uuid, host: plan.host,
      suspension: plan.verdict == .suspended ? Suspension() : nil, policy: plan.policy,
      position: plan.position ?? plan.fields.first?.source ?? start)
    configuration = plan.desired
    for field in plan.fields { sources[field.path] = field.source }
  }
}
