// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner

/// A guest of `memory` GiB whose balloon leaves it `current` GiB.
func guest(_ memory: UInt64, current: UInt64? = nil) -> MemoryConfiguration {
  var configuration = MemoryConfiguration()
  configuration.memory = .gibibytes(memory)
  configuration.currentMemory = .exactly(.gibibytes(current ?? memory))
  return configuration
}

/// A running, persistent QEMU domain with the same definition on both planes.
func running(_ name: String = "web-01", _ definition: MemoryConfiguration) -> ObservedDomain {
  ObservedDomain(
    name: name, uuid: "uuid-of-\(name)", state: .running, isActive: true, isPersistent: true,
    live: definition, persistent: definition)
}

/// A QEMU host with `domains`.
func host(
  _ domains: [ObservedDomain], driver: HypervisorDriver = .qemu, available: MemorySize? = nil
) -> ObservedHost {
  ObservedHost(
    uuid: "uuid-of-host", hostname: "hv01", uri: "qemu:///system", driver: driver,
    libvirt: Version(9, 0, 0), hypervisor: HypervisorRelease("QEMU 7.2.22"),
    availableMemory: available,
    domains: domains)
}

/// A Domain in a manifest that declares what `declare` sets.
func wanted(
  _ name: String = "web-01", shrink: ShrinkPolicy = .allow, disruption: Disruption = .live,
  _ declare: (inout MemoryConfiguration) -> Void = { _ in }
) -> DesiredDomain {
  var desired = DesiredDomain(
    name: name, position: SourcePosition(file: "\(name).yaml", line: 3, column: 1))
  declare(&desired.configuration)
  desired.policy.shrink = shrink
  desired.policy.disruption = disruption
  return desired
}

/// The plan of one domain on a QEMU host.
func plan(
  _ desired: DesiredDomain, on observed: ObservedDomain, driver: HypervisorDriver = .qemu,
  ceiling: Disruption = .live
) -> DomainPlan {
  let host = host([observed], driver: driver)
  return HostPlanner(DesiredHost(name: "default"), observed: host, ceiling: ceiling)
    .plan([(desired, observed)]).domains[0]
}

extension DomainPlan {
  /// The verdict of `field`; nil if the manifest doesn't manage it.
  func verdict(of field: FieldPath) -> Verdict? {
    fields.first { $0.path == field }?.verdict
  }

  /// The rules that block the domain, in the order of the fields.
  var rules: [String] { blockers.map(\.rule.name) }

  /// Each step's plane and changed fields, in order.
  var moves: [String] {
    steps.map { step in
      let fields = step.changes.filter { $0.changesValue }.map(\.field.description)
      return "\(step.plane.rawValue) \(fields.joined(separator: " "))"
    }
  }
}
