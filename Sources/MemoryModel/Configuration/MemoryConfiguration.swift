// SPDX-License-Identifier: Apache-2.0

/// The memory of a domain: the desired values, or those of the live or persistent definition.
///
/// A value that is nil is not managed (desired) or not present (observed). The values are large and
/// copied more often than changed, so copies share their storage.
package struct MemoryConfiguration: Hashable, Sendable {
  /// An array with one element, because Swift copies an array only when it changes.
  private var values = Values.none

  /// Makes a configuration without any value.
  package init() {}

  /// The maximum for boot RAM plus memory devices; `<maxMemory>`.
  package var maxMemory: MaxMemory {
    _read { yield values[0].maxMemory }
    _modify { yield &values[0].maxMemory }
  }
  /// RAM at boot: `<memory>` less the memory devices, or the sum of the cells.
  package var memory: MemorySize? {
    _read { yield values[0].memory }
    _modify { yield &values[0].memory }
  }
  /// The balloon target: what the guest has of boot RAM and DIMMs; `<currentMemory>`.
  ///
  /// Live, libvirt adds what virtio-mem devices have plugged; the normalised configuration does
  /// not.
  package var currentMemory: MemoryTarget? {
    _read { yield values[0].currentMemory }
    _modify { yield &values[0].currentMemory }
  }
  /// Whether a core dump of QEMU includes the guest's memory; `<memory dumpCore>`.
  package var dumpCore: Bool? {
    _read { yield values[0].dumpCore }
    _modify { yield &values[0].dumpCore }
  }
  /// The limits on the domain's host memory; `<memtune>`.
  package var memtune: MemoryTuning {
    _read { yield values[0].memtune }
    _modify { yield &values[0].memtune }
  }
  /// How the host provides the RAM; `<memoryBacking>`.
  package var memoryBacking: MemoryBacking {
    _read { yield values[0].memoryBacking }
    _modify { yield &values[0].memoryBacking }
  }
  /// The host nodes that provide the RAM; `<numatune>`.
  package var numatune: NUMATuning {
    _read { yield values[0].numatune }
    _modify { yield &values[0].numatune }
  }
  /// Whether `<cpu><numa>` is present; the desired value ``Presence/absent`` removes it.
  package var numa: Presence? {
    _read { yield values[0].numa }
    _modify { yield &values[0].numa }
  }
  /// The guest's NUMA cells, sorted by number; `<cpu><numa>`.
  package var cells: [NUMACell] {
    _read { yield values[0].cells }
    _modify { yield &values[0].cells }
  }
  /// The balloon device; `<memballoon>`.
  package var memballoon: MemoryBalloon {
    _read { yield values[0].memballoon }
    _modify { yield &values[0].memballoon }
  }
  /// The memory devices in the order of the definition; `<devices><memory>`.
  package var devices: [MemoryDevice] {
    _read { yield values[0].devices }
    _modify { yield &values[0].devices }
  }
  /// Other parts of the definition that limit its memory; observed only.
  package var surroundings: Surroundings {
    _read { yield values[0].surroundings }
    _modify { yield &values[0].surroundings }
  }

  /// The sum of the full sizes of all memory devices; `<memory>` includes it, ``memory`` does not.
  package var deviceTotal: MemorySize {
    devices.isEmpty ? .zero : devices.map(\.fullSize).total
  }

  /// Boot RAM plus DIMMs, the maximum for the balloon; nil where boot RAM is not known.
  package var reach: MemorySize? {
    guard !devices.isEmpty else { return memory }
    return memory.map { $0 + devices.filter { $0.model == .dimm }.map(\.fullSize).total }
  }

  /// The sum of what all virtio-mem devices have plugged; live only.
  package var pluggedTotal: MemorySize {
    devices.isEmpty ? .zero : devices.compactMap(\.plugged).total
  }

  private struct Values: Hashable, Sendable {
    static let none = [Values()]
    var maxMemory = MaxMemory()
    var memory: MemorySize?
    var currentMemory: MemoryTarget?
    var dumpCore: Bool?
    var memtune = MemoryTuning()
    var memoryBacking = MemoryBacking()
    var numatune = NUMATuning()
    var numa: Presence?
    var cells: [NUMACell] = []
    var memballoon = MemoryBalloon()
    var devices: [MemoryDevice] = []
    var surroundings = Surroundings()
  }
}

/// Parts of a definition, other than its memory, that limit its memory.
package struct Surroundings: Hashable, Sendable {
  /// The maximum number of the guest's processors; `<vcpu>`.
  package var vcpus: UInt32?
  /// Whether numad places the processors; `<vcpu placement='auto'>`.
  package var placesVCPUsByItself = false
  /// A device that accesses the guest's RAM from another process; nil where there is none.
  package var sharedMemoryUser: SharedMemoryUser?
  /// How often the kernel pins all of the guest's RAM for devices of the host (VFIO and vDPA).
  ///
  /// All VFIO devices together pin it once; behind an IOMMU of the guest, each one does. Each vDPA
  /// device pins it, too. More than 255 count as 255.
  package var pinnings: UInt8 = 0
  /// The machine type with its version, such as `pc-q35-7.2`; `<os><type machine>`.
  package var machine: String?
  /// Whether the definition lacks `<features><acpi/>`.
  package var lacksACPI = false
  /// How the guest's memory is protected from the host, such as `sev`; `<launchSecurity type>`.
  package var launchSecurity: String?
  /// The arguments about memory in `<qemu:commandline>`, such as `-m 8G`.
  package var memoryArguments: String?
  /// How many PCI devices can still be attached; nil where the definition has no PCI controller.
  ///
  /// It is the number of slots of `<controller type='pci'>` less the used `<address type='pci'>`.
  package var freePCISlots: Int?

  /// The limits in the live `<memtune>`, where the limits in the kernel differ from them.
  package var recordedLimits: MemoryTuning?

  /// Makes surroundings without any value.
  package init() {}

  /// Whether the guest has a device of the host for which its RAM is pinned.
  package var hasHostDevices: Bool { pinnings > 0 }

  /// Whether the host gets nothing of the memory that a balloon or a virtio-mem device takes from
  /// the guest.
  ///
  /// QEMU discards no memory of SEV guests and protected s390 guests. SEV-SNP guests have theirs in
  /// a file of its own, of which neither device discards anything.
  package var keepsMemory: Bool { ["sev", "sev-snp", "s390-pv"].contains(launchSecurity) }
}

/// A device that accesses the guest's RAM from another process, which requires shared memory.
package enum SharedMemoryUser: String, Hashable, Sendable {
  /// `<interface type='vhostuser'>`; libvirt before 11.2 only warns where the RAM is not shared.
  case vhostUserInterface = "a vhost-user interface"
  /// `<disk type='vhostuser'>`.
  case vhostUserDisk = "a vhost-user disk"
  /// `<filesystem>` with the virtiofs driver.
  case virtiofs = "a virtiofs filesystem"
  /// `<video>` with the vhostuser driver.
  case vhostUserVideo = "a vhost-user video device"
}
