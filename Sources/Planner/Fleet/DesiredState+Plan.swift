// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

extension DesiredState {
  /// What a saved plan asks for, by its own fields, policies and reserves, without its manifests.
  ///
  /// Planned with it, hosts as the plan saw them give the plan again; so a look at the end tells
  /// what is left of it. The run's ceiling is in the policies already. A host that was not looked
  /// at because it was suspended stays so. A domain without a source is placed in `file`.
  package init(of plan: Plan, file: String) {
    let hosts = plan.hosts.map { host in
      DesiredHost(
        name: host.name, uri: host.uri, isSuspended: host.isSuspended, reserve: host.reserve,
        facts: host.facts, uriFrom: host.uriFrom)
    }
    let start = SourcePosition(file: file, line: 1, column: 1)
    self.init(hosts: hosts, domains: plan.domains.map { DesiredDomain(of: $0, start: start) })
  }
}

extension DomainPlan {
  /// The domain with its memory devices named as the plan names them.
  package func naming(_ domain: ObservedDomain, on host: ObservedHost) -> ObservedDomain {
    guard fields.contains(where: { $0.path.name.state == .deviceState }) else { return domain }
    return HypervisorBehaviour(of: host).naming(domain, as: desired.devices)
  }

  /// All that the plan asks for; of a device that it takes away, also what tells it from others.
  ///
  /// The state of such a device is the one field that is managed, so its steps alone know the rest.
  fileprivate var desired: MemoryConfiguration {
    var desired = fields.reduce(into: MemoryConfiguration()) { $0[$1.path] = $1.desired }
    let leaving = Set(desired.devices.filter { $0.state == .absent }.map(\.key))
    for change in steps.flatMap(\.changes) where change.field.name.tellsDeviceApart {
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
      name: plan.name, uuid: plan.uuid, host: plan.host, isSuspended: plan.verdict == .suspended,
      policy: plan.policy, position: plan.position ?? plan.fields.first?.source ?? start)
    configuration = plan.desired
    for field in plan.fields { sources[field.path] = field.source }
  }
}
