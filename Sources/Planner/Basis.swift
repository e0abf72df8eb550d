// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
public import MemoryModel

/// What a domain's steps rest upon, as one hash: `basis` before them, `outcome` after.
///
/// It covers the host, the domain, its state, and the memory facts of both definitions that steps
/// and rules read. It leaves out what moves by itself: the live balloon figure, what virtio-mem has
/// plugged, and what a range leaves open.
public enum Basis {
  /// The hash of `domain` on `host`, for steps that manage `fields`.
  public static func fingerprint(
    of domain: ObservedDomain, on host: ObservedHost, fields: [PlannedField]
  ) -> String {
    let behaviour = HypervisorBehaviour(of: host)
    var lines = [
      "host \(host.uuid ?? host.hostname ?? "")",
      "domain \(domain.uuid) \(domain.name)",
      "driver \(host.driver.name) \(host.libvirt) \(host.hypervisor ?? "")",
      "persistent \(domain.isPersistent) state \(domain.state.rawValue)",
      "image \(domain.hasManagedSave)",
    ]
    for plane in Plane.allCases {
      guard let definition = domain[plane] else { continue }
      lines += facts(of: behaviour.normalised(definition, on: plane), plane, fields)
    }
    return "sha256:\(SHA256.hexadecimal(of: lines.joined(separator: "\n").utf8))"
  }

  private static func facts(
    of definition: MemoryConfiguration, _ plane: Plane, _ fields: [PlannedField]
  ) -> [String] {
    let managed = Set(fields.map(\.path))
    var paths: Set<FieldPath> = managed.subtracting([.currentMemory])
    var lines: [String] = []
    if managed.contains(.hardLimit) || managed.contains(.swapHardLimit) {
      paths.formUnion([.hardLimit, .swapHardLimit])
    }
    let ceiling: Set<FieldPath> = [.maxMemory, .maxMemorySize, .maxMemorySlots]
    let sizes: Set<FieldPath> = [.memory, .currentMemory]
    if !managed.isDisjoint(with: ceiling) {
      paths.formUnion(ceiling)
    }
    if !managed.isDisjoint(with: sizes.union(ceiling)) {
      paths.insert(.memory)
      let isOpen = fields.contains {
        if case .sizeRange = $0.desired { $0.path == .currentMemory } else { false }
      }
      if plane == .persistent && !isOpen { paths.insert(.currentMemory) }
      lines.append("maxMemory \(definition.maxMemory.size?.bytes ?? 0)")
      lines += definition.cells.map { "cell \($0.id) \($0.memory.bytes)" }
      lines += definition.devices.map { "device \($0.model.rawValue) \($0.size.bytes)" }
    }
    if managed.contains(.currentMemory) || managed.contains(.statsPeriod) {
      lines.append("balloon \(definition.memballoon.model ?? "")")
    }
    lines += paths.sorted().map { "\($0) \(definition[$0]?.description ?? "")" }
    return lines.map { "\(plane.rawValue) \($0)" }
  }
}
