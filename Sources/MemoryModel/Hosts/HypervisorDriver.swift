// SPDX-License-Identifier: Apache-2.0

/// The hypervisor driver behind a connection; `virConnectGetType`.
package enum HypervisorDriver: Hashable, Sendable {
  /// QEMU, with KVM or TCG.
  case qemu
  /// libvirt's embedded test driver.
  case test
  /// Linux containers.
  case lxc
  /// Xen through libxl.
  case xen
  /// VMware ESX and vCenter.
  case esx
  /// VMware Workstation and Player.
  case vmware
  /// Microsoft Hyper-V.
  case hyperv
  /// Oracle VirtualBox.
  case vbox
  /// Virtuozzo.
  case vz
  /// OpenVZ.
  case openvz
  /// Cloud Hypervisor.
  case cloudHypervisor
  /// FreeBSD's bhyve.
  case bhyve
  /// Any other, by the name it gives itself.
  case other(String)

  /// The drivers by the words that `virConnectGetType` has for them, in lower case, and the names
  /// that people have.
  private static let known: [(driver: HypervisorDriver, word: String, name: String)] = [
    (.qemu, "qemu", "QEMU"), (.test, "test", "the test driver"), (.lxc, "lxc", "LXC"),
    (.xen, "xen", "Xen"), (.esx, "esx", "ESX"), (.vmware, "vmware", "VMware Workstation"),
    (.hyperv, "hyper-v", "Hyper-V"), (.vbox, "vbox", "VirtualBox"), (.vz, "vz", "Virtuozzo"),
    (.openvz, "openvz", "OpenVZ"), (.cloudHypervisor, "ch", "Cloud Hypervisor"),
    (.bhyve, "bhyve", "bhyve"),
  ]

  /// The driver that `virConnectGetType` names.
  package init(connectionType: String) {
    let word = connectionType.lowercased()
    self = Self.known.first { $0.word == word }?.driver ?? .other(connectionType)
  }

  /// The driver of definitions that are of this `<domain type>`.
  ///
  /// Those of VMware are taken for ESX's, and Cloud Hypervisor's can't be told from QEMU's.
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

  /// The word that ``init(connectionType:)`` knows the driver by.
  package var word: String {
    if case .other(let name) = self { return name }
    return Self.known.first { $0.driver == self }?.word ?? ""
  }

  /// The driver's name for people.
  package var name: String {
    if case .other(let name) = self { return name }
    return Self.known.first { $0.driver == self }?.name ?? ""
  }

  /// How the driver takes the calls that change memory.
  package var callForm: CallForm {
    switch self {
    case .esx, .hyperv, .openvz: .plain
    case .qemu, .test, .lxc, .xen, .vmware, .vbox, .vz, .cloudHypervisor, .bhyve, .other: .flagged
    }
  }
}

/// How a driver takes the calls that change memory.
package enum CallForm: Hashable, Sendable {
  /// With a flag that says which definition is changed.
  case flagged
  /// Without flags, for there is one definition only.
  case plain
}
