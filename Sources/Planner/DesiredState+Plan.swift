// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
public import MemoryModel

extension DesiredState {
  /// What a saved plan asks for, by its own fields, policies and reserves, without its manifests.
  ///
  /// Planned with it, hosts as the plan saw them give the plan again; so a look at the end tells
  /// what is left of it. The run's ceiling is in the policies already. A host that was not looked
  /// at because it was suspended stays so. A domain without a source is placed in `file`.
  public init(of plan: Plan, file: String) {
    let hosts = plan.hosts.map { host in
      let domains = plan.domains.filter { $0.host == host.name }
      let isSuspended =
        host.libvirt == nil && !domains.isEmpty
        && domains.allSatisfy { $0.verdict == .suspended }
      return DesiredHost(
        name: host.name, uri: host.uri, isSuspended: isSuspended, reserve: host.reserve,
        hugepageSize: domains.compactMap(\.leastDefaultHugepage).max())
    }
    let start = SourcePosition(file: file, line: 1, column: 1)
    self.init(hosts: hosts, domains: plan.domains.map { DesiredDomain(of: $0, start: start) })
  }
}

extension DomainPlan {
  /// The domain with its memory devices named as the plan names them.
  public func naming(_ domain: ObservedDomain, on host: ObservedHost) -> ObservedDomain {
    guard fields.contains(where: { $0.path.name.state == .deviceState }) else { return domain }
    return HypervisorBehaviour(of: host).naming(domain, as: desired.devices)
  }

  /// What the host's default huge page has at least, where blocks were too small for it; nil where
  /// none was.
  ///
  /// The Host's facts are not in a plan, and only refuse: calls and what is verified of them do not
  /// depend on them. But what they blocked is not to look like a change when all is done.
  fileprivate var leastDefaultHugepage: MemorySize? {
    let fields = blockers.filter { $0.rule == Constraint.virtioMemBlockTooSmall.name }
      .compactMap(\.field)
    guard !fields.isEmpty else { return nil }
    let desired = desired
    if case .pages? = desired.memoryBacking.hugepages { return nil }
    return fields.compactMap { field -> MemorySize? in
      let device = desired.devices.first { field.item.map($0.hasKey) ?? false }
      if device?.pageSize != nil { return nil }
      return device?.block.map { $0 + $0 } ?? .gibibytes(1)
    }.max()
  }

  /// All that the plan asks for; of a device that it takes away, also what tells it from others.
  ///
  /// The state of such a device is the one field that is managed, so its steps alone know the rest.
  fileprivate var desired: MemoryConfiguration {
    var desired = fields.reduce(into: MemoryConfiguration()) { $0[$1.path] = $1.desired }
    let leaving = Set(desired.devices.filter { $0.state == .absent }.map(\.key))
    for change in steps.flatMap(\.call.changes) where change.field.name.tellsDeviceApart {
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
