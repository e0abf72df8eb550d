// SPDX-License-Identifier: Apache-2.0

/// The libvirt driver behind a connection; `virConnectGetType`.
package enum HypervisorDriver: Hashable, Sendable {
  /// The QEMU driver, with KVM or TCG.
  case qemu
  /// libvirt's test driver, which runs inside the client.
  case test
  /// The driver for Linux containers.
  case lxc
  /// The Xen driver, libxl.
  case xen
  /// The driver for VMware ESX and vCenter.
  case esx
  /// The driver for VMware Workstation and Player.
  case vmware
  /// The driver for Microsoft Hyper-V.
  case hyperv
  /// The driver for Oracle VirtualBox.
  case vbox
  /// The driver for Virtuozzo.
  case vz
  /// The driver for OpenVZ.
  case openvz
  /// The driver for Cloud Hypervisor.
  case cloudHypervisor
  /// The driver for FreeBSD's bhyve.
  case bhyve
  /// Any other driver, by the name that libvirt reports.
  case other(String)

  /// The drivers with their names from `virConnectGetType` in lower case, and their names for
  /// people.
  private static let known: [(driver: HypervisorDriver, word: String, name: String)] = [
    (.qemu, "qemu", "QEMU"), (.test, "test", "the test driver"), (.lxc, "lxc", "LXC"),
    (.xen, "xen", "Xen"), (.esx, "esx", "ESX"), (.vmware, "vmware", "VMware Workstation"),
    (.hyperv, "hyper-v", "Hyper-V"), (.vbox, "vbox", "VirtualBox"), (.vz, "vz", "Virtuozzo"),
    (.openvz, "openvz", "OpenVZ"), (.cloudHypervisor, "ch", "Cloud Hypervisor"),
    (.bhyve, "bhyve", "bhyve"),
  ]

  /// Makes the driver from the result of `virConnectGetType`.
  package init(connectionType: String) {
    let word = connectionType.lowercased()
    self = Self.known.first { $0.word == word }?.driver ?? .other(connectionType)
  }

  /// Makes the driver from the `<domain type>` of a definition.
  ///
  /// The type `vmware` becomes ``esx``. Cloud Hypervisor uses the same types as QEMU and becomes
  /// ``qemu``.
  package init(domainType: String) {
    switch domainType {
    case "qemu", "kvm", "hvf", "xlnx": self = .qemu
    case "test": self = .test
    case "lxc": self = .lxc
    case "xen": self = .xen
    case "vmware": self = .esx
    case "hyperv": self = .hyperv
    case "vbox": self = .vbox
    case "vz", "parallels": self = .vz
    case "openvz": self = .openvz
    case "bhyve": self = .bhyve
    default: self = .other(domainType)
    }
  }

  /// The name that ``init(connectionType:)`` accepts.
  package var word: String {
    if case .other(let name) = self { return name }
    return Self.known.first { $0.driver == self }?.word ?? ""
  }

  /// The driver's name for people.
  package var name: String {
    if case .other(let name) = self { return name }
    return Self.known.first { $0.driver == self }?.name ?? ""
  }

  /// How the driver accepts calls that change memory.
  package var callForm: CallForm {
    switch self {
    case .esx, .hyperv, .openvz: .plain
    case .qemu, .test, .lxc, .xen, .vmware, .vbox, .vz, .cloudHypervisor, .bhyve, .other: .flagged
    }
  }
}

/// How a driver accepts calls that change memory.
package enum CallForm: Hashable, Sendable {
  /// With a flag that selects the live or the persistent definition.
  case flagged
  /// Without flags; the driver has only one definition.
  case plain
}
