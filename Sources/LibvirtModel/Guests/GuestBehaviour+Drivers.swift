// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The libvirt calls and the fields that each driver has.
///
/// The tables of QEMU's driver and the test driver were compared with the real drivers. All others
/// follow the tables of libvirt 11.3 (`virHypervisorDriver` in `lxc_driver.c`, `libxl_driver.c`,
/// `esx_driver.c`, …) and its release notes; those drivers were never run.
extension GuestBehaviour {
  /// Whether the driver has the libvirt call behind `action`, as far as this is known.
  func has(_ action: Action) -> Bool {
    let calls: [Action]
    switch driver {
    // virtmem asks an unknown driver, which reports itself what it lacks.
    case .qemu, .other: return true
    case .test: return ![.attachDevice, .detachDevice, .updateDevice].contains(action)
    case .lxc: calls = [.setMaxMemory, .setMemory, .setMemoryParameters, .redefine]
    case .xen: calls = [.setMaxMemory, .setMemory, .redefine]
    // ESX and Hyper-V define new domains only, and can't redefine an existing one.
    case .esx: calls = [.setMaxMemory, .setMemory, .setMemoryParameters]
    case .hyperv: calls = [.setMaxMemory, .setMemory]
    case .openvz: calls = [.setMemoryParameters]
    // Their only memory call is the one for the balloon target, and it sets RAM at boot.
    case .vbox, .vmware: calls = []
    // vz accepts memory calls only with the flags of both definitions at once.
    case .vz: calls = [.redefine]
    case .cloudHypervisor: calls = [.setNumaParameters, .redefine]
    case .bhyve: calls = has(.limitsBhyveGuests) ? [.setMemoryParameters, .redefine] : [.redefine]
    }
    return calls.contains(action)
  }

  /// Whether definitions of this driver have the field or group.
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
    // `minGuarantee` has a rule of its own.
    let isLimit = field == .minGuarantee || hasTuning(field)
    return !lacking.contains { field == $0 || field.isBelow($0) } && isLimit
  }

  /// Whether the driver's `virDomainSetMemoryParameters` knows the field; true outside `memtune`.
  func hasTuning(_ field: FieldName) -> Bool {
    guard field.isBelow(.memtune) else { return true }
    return switch driver {
    case .qemu, .test, .lxc: field != .minGuarantee
    case .esx: field == .minGuarantee
    case .openvz: field != .swapHardLimit
    case .bhyve: field == .hardLimit && has(.limitsBhyveGuests)
    case .xen, .vmware, .hyperv, .vbox, .vz, .cloudHypervisor: false
    case .other: true
    }
  }

  /// Whether the driver has `swapHardLimit`, which calls send together with `hardLimit`.
  package var hasSwapLimit: Bool { hasTuning(.swapHardLimit) }

  /// The unit to which the driver rounds a size up on both planes, which share one definition; nil
  /// if it does not round.
  func callAlignment(of field: FieldPath) -> MemorySize? {
    switch (driver, field.name) {
    case (.esx, .memory): .mebibytes(4)
    case (.esx, .currentMemory), (.esx, .minGuarantee): .mebibytes(1)
    case (.hyperv, .memory), (.hyperv, .currentMemory): .mebibytes(2)
    default: nil
    }
  }
}
