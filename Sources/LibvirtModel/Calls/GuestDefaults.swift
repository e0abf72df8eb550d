// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What libvirt and QEMU make of a guest's memory by its architecture, machine type and their
/// versions: the one table of all that differs by these.
///
/// Its sources are libvirt 7.0, 9.0 and 11.3, the functions that are named here, and what libvirt
/// 7.0 with QEMU 5.2, 9.0 with 7.2, 11.3 with 10.0, and 12.9 with 11.1 did when guests of each
/// kind were defined and started. What was never tried says so where `explain` tells of it.
struct GuestDefaults: Hashable, Sendable {
  /// The architecture as libvirt calls it; nil where it is unknown.
  let name: String?
  let architecture: GuestArchitecture
  var machine: GuestMachine
  /// Of libvirt.
  let version: LibvirtVersion
  /// Of QEMU; nil where it is unknown.
  let hypervisor: LibvirtVersion?

  init(
    _ architecture: String?, machine: String? = nil, version: LibvirtVersion,
    hypervisor: LibvirtVersion? = nil
  ) {
    name = architecture
    self.architecture = GuestArchitecture(architecture)
    self.machine = GuestMachine(machine, of: self.architecture)
    self.version = version
    self.hypervisor = hypervisor
  }

  /// The first version with the newer defaults: 11.3 has the older ones, 12.9 the newer, and no
  /// release in between says when it changed.
  private static let newerDefaults = LibvirtVersion(12, 0, 0)

  private var hasNewerDefaults: Bool { version >= Self.newerDefaults }

  // MARK: The balloon

  /// The balloon of a definition without `<memballoon>`; `qemuDomainDefAddDefaultDevices`.
  var balloon: BalloonModel {
    switch architecture {
    case .aarch64, .arm, .loongarch64: .noDevice
    case .riscv: hasNewerDefaults ? .noDevice : .virtio
    case .x86: hasNewerDefaults && machine != .usual ? .noDevice : .virtio
    case .ppc64, .s390x, .otherWithBalloon: .virtio
    // Up to 9.0 each that is not named; 11.3 names those that get one.
    case .other: version <= LibvirtVersion(9, 0, 0) ? .virtio : .noDevice
    }
  }

  // MARK: Sizes

  /// What RAM at boot, a cell and the ceiling are rounded up to when a domain starts, and a device
  /// when it is plugged; `qemuDomainGetMemorySizeAlignment`.
  var bootAlignment: MemorySize { architecture == .ppc64 ? .mebibytes(256) : .mebibytes(1) }

  /// What a memory device is rounded up to when a domain starts;
  /// `qemuDomainGetMemoryModuleSizeAlignment`.
  var deviceAlignment: MemorySize { architecture == .ppc64 ? .mebibytes(256) : .mebibytes(2) }

  /// Whether a device is rounded as soon as it is defined; `qemuDomainMemoryDefPostParse`.
  var roundsDefinedDevices: Bool { architecture == .ppc64 }

  /// The smallest block of virtio-mem: a transparent huge page of the host, whose system pages are
  /// of `page`; `virDomainMemoryDefValidate`, `virHostMemGetTHPSize`.
  ///
  /// The kernel has pages of 2 MiB where its own are of 4 KiB, but on s390x; a page of eight-byte
  /// entries each for a page, else.
  func leastBlock(hostPage page: MemorySize?) -> MemorySize {
    guard let page, page > .kibibytes(4) else {
      return architecture == .s390x ? .mebibytes(1) : .mebibytes(2)
    }
    // POWER has pages of 64 KiB, and huge ones of 2 MiB with the radix tables of today.
    if architecture == .ppc64 { return .mebibytes(2) }
    return MemorySize(bytes: page.bytes * (page.bytes / 8))
  }

  // MARK: NUMA cells

  /// Whether the machine can have NUMA cells; QEMU's `-numa`, which refuses at the start.
  var takesCells: Bool {
    switch architecture {
    case .s390x, .other, .otherWithBalloon: false
    // Before, libvirt had no processor driver for it, which cells need.
    case .riscv: machine != .board && version > LibvirtVersion(9, 0, 0)
    case .x86, .aarch64, .arm, .ppc64, .loongarch64: machine != .board
    }
  }

  /// Whether a guest with a ceiling needs cells; `qemuDomainDefValidateMemoryHotplug`.
  var ceilingNeedsCell: Bool {
    switch architecture {
    case .s390x: version < Self.insertion
    case .ppc64: version >= Self.insertion
    case .aarch64, .arm: !hasNewerDefaults
    case .x86, .riscv, .loongarch64, .other, .otherWithBalloon: true
    }
  }

  /// Whether libvirt gives a guest with a ceiling the cell that it needs;
  /// `qemuDomainDefNumaAutoAdd`.
  var insertsCell: Bool { ceilingNeedsCell && version >= Self.insertion }

  private static let insertion = LibvirtVersion(9, 6, 0)

  /// Whether the machine takes a ceiling at all; QEMU's `-m slots,maxmem`, at the start.
  var takesCeiling: Bool { machine == .usual || machine == .microvm }

  // MARK: Memory devices

  /// Whether libvirt lets a guest have a device of `model`, and QEMU then starts it: the emulator's
  /// own list of devices at the definition, the machine at the start.
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
    // As a CCW device, since 11.1 and QEMU 10.0.
    case .s390x:
      version >= LibvirtVersion(11, 1, 0)
        && hypervisor.map { $0 >= LibvirtVersion(10, 0, 0) } ?? true
    case .ppc64, .riscv, .loongarch64, .other, .otherWithBalloon: false
    }
  }

  /// Whether a guest is told of a device of `model` by ACPI alone, without which QEMU refuses to
  /// start it.
  func plugsByACPI(_ model: MemoryDevice.Model) -> Bool {
    guard name != nil, model == .dimm || model == .nvdimm else { return false }
    switch architecture {
    case .x86: return true
    // Seen on QEMU 5.2, 7.2 and 10.0; 11.1 starts one with an nvdimm.
    case .aarch64, .arm:
      return model == .dimm || hypervisor.map { $0 < LibvirtVersion(11, 0, 0) } ?? false
    default: return false
    }
  }

  // MARK: Words

  /// The guest with `definition`, for people.
  func description(of definition: MemoryConfiguration) -> String {
    let name = name ?? "a guest of an unknown architecture"
    return definition.surroundings.machine.map { "\(name) on the machine \($0)" } ?? name
  }
}
