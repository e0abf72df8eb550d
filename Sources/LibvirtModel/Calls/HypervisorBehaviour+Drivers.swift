// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The drivers' tables: which of libvirt's calls and of its fields each of them has.
///
/// QEMU's and the test driver's were held against the real ones. All others go by the tables of
/// libvirt 11.3 (`virHypervisorDriver` in `lxc_driver.c`, `libxl_driver.c`, `esx_driver.c`, …) and
/// by its release notes, and were never run.
extension HypervisorBehaviour {
  /// Whether the driver has the call behind `action` at all, as far as is known of it.
  func has(_ action: Action) -> Bool {
    let calls: Set<Action> =
      switch driver {
      // An unknown driver is asked; what it lacks it says itself.
      case .qemu, .other: Set(Action.allCases)
      case .test: Set(Action.allCases).subtracting([.attachDevice, .detachDevice, .updateDevice])
      case .lxc: [.setMaxMemory, .setMemory, .setMemoryParameters, .redefine]
      case .xen: [.setMaxMemory, .setMemory, .redefine]
      // Define new domains alone, and edit none that is there.
      case .esx: [.setMaxMemory, .setMemory, .setMemoryParameters]
      case .hyperv: [.setMaxMemory, .setMemory]
      case .openvz: [.setMemoryParameters]
      // The one call that there is sets RAM at boot by the name of the balloon's figure.
      case .vbox, .vmware: []
      // Its calls want the flags of both definitions at once.
      case .vz: [.redefine]
      case .cloudHypervisor: [.setNumaParameters, .redefine]
      case .bhyve: hasBhyveTuning ? [.setMemoryParameters, .redefine] : [.redefine]
      }
    return calls.contains(action)
  }

  /// bhyve bounds memory by FreeBSD's rctl.
  private var hasBhyveTuning: Bool { version >= LibvirtVersion(12, 4, 0) }

  /// Whether definitions of this driver have the field, or the group, at all.
  func has(_ field: FieldName) -> Bool {
    let lacking: [FieldName] =
      switch driver {
      case .qemu, .test, .esx, .vmware, .hyperv, .vbox, .openvz, .other: []
      case .lxc: [.maxMemory, .memoryBacking, .numa, .memballoon, .devices]
      // libxl reads no <memtune>, and has no call for it.
      case .xen: [.maxMemory, .memtune, .devices]
      case .vz: [.maxMemory, .memtune, .numatune, .numa, .hugepages, .devices]
      case .cloudHypervisor: [.maxMemory, .memtune, .memballoon, .devices]
      case .bhyve: [.maxMemory, .numatune, .memballoon, .devices]
      }
    // Of the guarantee there is a rule of its own.
    let isLimit = field == .minGuarantee || hasTuning(field)
    return !lacking.contains { field == $0 || field.isBelow($0) } && isLimit
  }

  /// Whether the field is no limit, or one that the driver's `virDomainSetMemoryParameters` knows.
  func hasTuning(_ field: FieldName) -> Bool {
    guard field.isBelow(.memtune) else { return true }
    return switch driver {
    case .qemu, .test, .lxc: field != .minGuarantee
    case .esx: field == .minGuarantee
    case .openvz: field != .swapHardLimit
    case .bhyve: field == .hardLimit && hasBhyveTuning
    case .xen, .vmware, .hyperv, .vbox, .vz, .cloudHypervisor: false
    case .other: true
    }
  }

  /// Whether the driver has a limit on swap, which goes along with the one on memory.
  package var hasSwapLimit: Bool { hasTuning(.swapHardLimit) }

  /// What the driver rounds a size up to on both definitions, as they are one; nil for not at all.
  func callAlignment(of field: FieldPath) -> MemorySize? {
    switch (driver, field.name) {
    case (.esx, .memory): .mebibytes(4)
    case (.esx, .currentMemory), (.esx, .minGuarantee): .mebibytes(1)
    case (.hyperv, .memory), (.hyperv, .currentMemory): .mebibytes(2)
    default: nil
    }
  }
}
