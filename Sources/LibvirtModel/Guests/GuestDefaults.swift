// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// How libvirt and QEMU treat a guest's memory, by architecture, machine type and version.
///
/// Everything that depends on these is in this one table. Its sources are the code of libvirt 7.0,
/// 9.0 and 11.3 (the functions named below), and tests that defined and started guests of each kind
/// on libvirt 7.0 with QEMU 5.2, 9.0 with 7.2, 11.3 with 10.0, and 12.9 with 11.1. The texts for
/// `virtmem explain` say which parts were never tested.
struct GuestDefaults: Hashable, Sendable {
  /// The architecture's name in libvirt; nil if it is unknown.
  let name: String?
  let architecture: GuestArchitecture
  var machine: GuestMachine
  /// The version of libvirt.
  let version: Version
  /// The version of QEMU; nil if it is unknown.
  let hypervisor: Version?

  init(
    _ architecture: String?, machine: String? = nil, version: Version,
    hypervisor: Version? = nil
  ) {
    name = architecture
    self.architecture = GuestArchitecture(architecture)
    self.machine = GuestMachine(machine, of: self.architecture)
    self.version = version
    self.hypervisor = hypervisor
  }

  /// The first libvirt version with the newer defaults.
  ///
  /// 11.3 has the older ones and 12.9 the newer ones; no release in between documents the change.
  private static let newerDefaults = Version(12, 0, 0)

  private var hasNewerDefaults: Bool { version >= Self.newerDefaults }

  // MARK: The balloon

  /// The balloon that libvirt gives a definition without `<memballoon>`
  /// (`qemuDomainDefAddDefaultDevices`).
  var balloon: BalloonModel {
    switch architecture {
    case .aarch64, .arm, .loongarch64: .noDevice
    case .riscv: hasNewerDefaults ? .noDevice : .virtio
    case .x86: hasNewerDefaults && machine != .usual ? .noDevice : .virtio
    case .ppc64, .s390x, .otherWithBalloon: .virtio
    // libvirt up to 9.0 adds one for every architecture that it does not exclude; 11.3 lists the
    // architectures that get one.
    case .other: version <= Version(9, 0, 0) ? .virtio : .noDevice
    }
  }

  // MARK: Sizes

  /// The unit to which libvirt rounds up RAM at boot, cells and `<maxMemory>` at a start, and a
  /// device when it plugs it (`qemuDomainGetMemorySizeAlignment`).
  var bootAlignment: MemorySize { architecture == .ppc64 ? .mebibytes(256) : .mebibytes(1) }

  /// The unit to which libvirt rounds up a memory device when a domain starts
  /// (`qemuDomainGetMemoryModuleSizeAlignment`).
  var deviceAlignment: MemorySize { architecture == .ppc64 ? .mebibytes(256) : .mebibytes(2) }

  /// Whether libvirt rounds a device as soon as it is defined (`qemuDomainMemoryDefPostParse`).
  var roundsDefinedDevices: Bool { architecture == .ppc64 }

  /// The smallest block of virtio-mem: a transparent huge page of a host with system pages of
  /// `page` (`virDomainMemoryDefValidate`, `virHostMemGetTHPSize`).
  ///
  /// With system pages of 4 KiB the kernel's huge pages are 2 MiB, but 1 MiB on s390x. With larger
  /// system pages a huge page is what one page table maps: a page of eight-byte entries, each for
  /// one system page.
  func leastBlock(hostPage page: MemorySize?) -> MemorySize {
    guard let page, page > .kibibytes(4) else {
      return architecture == .s390x ? .mebibytes(1) : .mebibytes(2)
    }
    // POWER has system pages of 64 KiB, and with radix page tables huge pages of 2 MiB.
    if architecture == .ppc64 { return .mebibytes(2) }
    return MemorySize(bytes: page.bytes * (page.bytes / 8))
  }

  // MARK: NUMA cells

  /// Whether the machine can have NUMA cells; otherwise QEMU refuses `-numa` at the start.
  var takesCells: Bool {
    switch architecture {
    case .s390x, .other, .otherWithBalloon: false
    // Cells need libvirt's CPU driver, which 9.0 does not have for RISC-V.
    case .riscv: machine != .board && version > Version(9, 0, 0)
    case .x86, .aarch64, .arm, .ppc64, .loongarch64: machine != .board
    }
  }

  /// Whether libvirt requires NUMA cells in a guest with `<maxMemory>`
  /// (`qemuDomainDefValidateMemoryHotplug`).
  var ceilingNeedsCell: Bool {
    switch architecture {
    case .s390x: version < Self.insertion
    case .ppc64: version >= Self.insertion
    case .aarch64, .arm: !hasNewerDefaults
    case .x86, .riscv, .loongarch64, .other, .otherWithBalloon: true
    }
  }

  /// Whether libvirt itself inserts the cell that a guest with `<maxMemory>` needs
  /// (`qemuDomainDefNumaAutoAdd`).
  var insertsCell: Bool { ceilingNeedsCell && version >= Self.insertion }

  private static let insertion = Version(9, 6, 0)

  /// Whether the machine accepts `<maxMemory>`; else QEMU refuses `-m slots,maxmem` at the start.
  var takesCeiling: Bool { machine == .usual || machine == .microvm }

  // MARK: Memory devices

  /// Whether libvirt accepts a device of `model` and QEMU then starts the guest.
  ///
  /// libvirt checks the emulator's list of devices when it defines the domain; QEMU checks the
  /// machine at the start.
  func takes(_ model: MemoryDevice.Model) -> Bool {
    switch model {
    case .dimm: takesCeiling && hasDIMMs
    case .nvdimm: machine == .usual && hasDIMMs && architecture != .loongarch64
    case .virtioMem: machine == .usual && hasVirtioMem
    case .virtioPmem: machine == .usual && architecture == .x86
    case .sgxEpc: machine == .usual && architecture == .x86
    }
  }

  private var hasDIMMs: Bool {
    switch architecture {
    case .x86, .aarch64, .arm, .ppc64, .loongarch64: true
    case .s390x, .riscv, .other, .otherWithBalloon: false
    }
  }

  private var hasVirtioMem: Bool {
    switch architecture {
    case .x86, .aarch64, .arm: true
    // s390x has it as a CCW device, since libvirt 11.1 and QEMU 10.0.
    case .s390x:
      version >= Version(11, 1, 0)
        && hypervisor.map { $0 >= Version(10, 0, 0) } ?? true
    case .ppc64, .riscv, .loongarch64, .other, .otherWithBalloon: false
    }
  }

  /// Whether a guest learns of a device of `model` through ACPI alone, without which QEMU refuses
  /// to start it.
  func plugsByACPI(_ model: MemoryDevice.Model) -> Bool {
    guard name != nil, model == .dimm || model == .nvdimm else { return false }
    switch architecture {
    case .x86: return true
    // QEMU 5.2, 7.2 and 10.0 refused both models without ACPI; 11.1 starts a guest with an nvdimm.
    case .aarch64, .arm:
      return model == .dimm || hypervisor.map { $0 < Version(11, 0, 0) } ?? false
    default: return false
    }
  }

  // MARK: Words

  /// The guest's architecture and machine type, for messages.
  func description(of definition: MemoryConfiguration) -> String {
    let name = name ?? "a guest of an unknown architecture"
    return definition.surroundings.machine.map { "\(name) on the machine \($0)" } ?? name
  }
}
