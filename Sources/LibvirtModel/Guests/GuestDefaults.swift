// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// How libvirt and QEMU treat a guest's memory, by architecture, machine type and version.
///
/// Everything that depends on the architecture or the machine type is in this one table; it asks
/// for the versions by a ``Feature``. Its sources are the code of libvirt 7.0, 9.0 and 11.3 (the
/// functions named below), and tests that defined and started guests of each kind on libvirt 7.0
/// with QEMU 5.2, 9.0 with 7.2, 11.3 with 10.0, and 12.9 with 11.1. The texts for `virtmem explain`
/// say which parts were never tested.
struct GuestDefaults: Sendable {
  /// The architecture's name in libvirt; nil if it is unknown.
  let name: String?
  let architecture: GuestArchitecture
  var machine: GuestMachine
  /// The version of libvirt.
  let libvirt: Version
  /// The version of QEMU; nil if it is unknown.
  let hypervisor: Version?

  init(_ architecture: String?, libvirt: Version, hypervisor: Version?) {
    name = architecture
    self.architecture = GuestArchitecture(architecture)
    machine = .usual
    self.libvirt = libvirt
    self.hypervisor = hypervisor
  }

  /// Whether these versions have `feature`.
  func has(_ feature: Feature) -> Bool {
    feature.isIn(libvirt: libvirt, qemu: hypervisor)
  }

  // MARK: The balloon

  /// The balloon that libvirt gives a definition without `<memballoon>`
  /// (`qemuDomainDefAddDefaultDevices`).
  var balloon: BalloonModel {
    switch architecture {
    case .aarch64, .arm, .loongarch64: .noDevice
    case .riscv: has(.addsFewerBalloons) ? .noDevice : .virtio
    case .x86: has(.addsFewerBalloons) && machine != .usual ? .noDevice : .virtio
    case .ppc64, .s390x, .otherWithBalloon: .virtio
    case .other: has(.listsBalloonArchitectures) ? .noDevice : .virtio
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
    case .riscv: machine != .board && has(.takesCellsOnRISCV)
    case .x86, .aarch64, .arm, .ppc64, .loongarch64: machine != .board
    }
  }

  /// Whether libvirt requires NUMA cells in a guest with `<maxMemory>`
  /// (`qemuDomainDefValidateMemoryHotplug`).
  var ceilingNeedsCell: Bool {
    switch architecture {
    case .s390x: !has(.insertsCells)
    case .ppc64: has(.insertsCells)
    case .aarch64, .arm: !has(.maxMemoryNeedsNoCellOnArm)
    case .x86, .riscv, .loongarch64, .other, .otherWithBalloon: true
    }
  }

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
    case .s390x: has(.takesVirtioMemOnS390X)
    case .ppc64, .riscv, .loongarch64, .other, .otherWithBalloon: false
    }
  }

  /// Whether a guest learns of a device of `model` through ACPI alone, without which QEMU refuses
  /// to start it.
  func plugsByACPI(_ model: MemoryDevice.Model) -> Bool {
    guard name != nil, model == .dimm || model == .nvdimm else { return false }
    switch architecture {
    case .x86: return true
    case .aarch64, .arm: return model == .dimm || !has(.nvdimmNeedsNoACPIOnArm)
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
