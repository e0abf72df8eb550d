// SPDX-License-Identifier: Apache-2.0

/// A domain's memory: as it is desired, as it runs, or as it will start.
///
/// One type for all three. A leaf that is nil is not managed (desired) or not there (observed).
/// It is large and passed on far more often than it is changed, and so is copied on writing.
package struct MemoryConfiguration: Hashable, Sendable {
  /// Always one: an array is what Swift copies on writing by itself.
  private var values = Values.none

  /// Makes a configuration with no value at all.
  package init() {}

  /// The ceiling for boot RAM and all memory devices; `<maxMemory>`.
  package var maxMemory: MaxMemory {
    _read { yield values[0].maxMemory }
    _modify { yield &values[0].maxMemory }
  }
  /// RAM at boot, memory devices not counted; `<memory>` less those, or the sum of the cells.
  package var memory: MemorySize? {
    _read { yield values[0].memory }
    _modify { yield &values[0].memory }
  }
  /// The balloon's figure, virtio-mem not counted; `<currentMemory>`.
  package var currentMemory: MemoryTarget? {
    _read { yield values[0].currentMemory }
    _modify { yield &values[0].currentMemory }
  }
  /// Whether a core dump of the hypervisor has the guest's memory; `<memory dumpCore>`.
  package var dumpCore: Bool? {
    _read { yield values[0].dumpCore }
    _modify { yield &values[0].dumpCore }
  }
  /// Host limits; `<memtune>`.
  package var memtune: MemoryTuning {
    _read { yield values[0].memtune }
    _modify { yield &values[0].memtune }
  }
  /// Where the RAM comes from; `<memoryBacking>`.
  package var memoryBacking: MemoryBacking {
    _read { yield values[0].memoryBacking }
    _modify { yield &values[0].memoryBacking }
  }
  /// The host nodes that the RAM comes from; `<numatune>`.
  package var numatune: NUMATuning {
    _read { yield values[0].numatune }
    _modify { yield &values[0].numatune }
  }
  /// What of `<cpu><numa>` there is at all.
  package var numa: Removal? {
    _read { yield values[0].numa }
    _modify { yield &values[0].numa }
  }
  /// The guest's NUMA cells in the order of their numbers; `<cpu><numa>`.
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
  /// What else of the definition decides what its memory can be; observed alone.
  package var surroundings: Surroundings {
    _read { yield values[0].surroundings }
    _modify { yield &values[0].surroundings }
  }

  /// The full sizes of all memory devices, which `<memory>` counts and ``memory`` does not.
  package var deviceTotal: MemorySize {
    devices.isEmpty ? .zero : devices.map(\.fullSize).total
  }

  /// Boot RAM plus DIMMs, above which no balloon gives; nil where boot RAM is not known.
  package var reach: MemorySize? {
    guard !devices.isEmpty else { return memory }
    return memory.map { $0 + devices.filter { $0.model == .dimm }.map(\.fullSize).total }
  }

  /// What all virtio-mem devices together have plugged.
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
    var numa: Removal?
    var cells: [NUMACell] = []
    var memballoon = MemoryBalloon()
    var devices: [MemoryDevice] = []
    var surroundings = Surroundings()
  }
}

/// What a definition has beside memory that decides what its memory can be.
package struct Surroundings: Hashable, Sendable {
  /// How many processors the guest can have; `<vcpu>`.
  package var vcpus: UInt32?
  /// Whether numad places the processors; `<vcpu placement='auto'>`.
  package var placesVCPUsByItself = false
  /// The device that works on the guest's RAM from another process.
  package var sharedMemoryUser: SharedMemoryUser?
  /// Whether a host device is handed to the guest (VFIO), for which all of its RAM is locked.
  package var hasHostDevices = false
  /// The machine type with its version, such as `pc-q35-7.2`; `<os><type machine>`.
  package var machine: String?
  /// Whether the definition leaves `<features><acpi/>` out.
  package var lacksACPI = false
  /// How the guest's memory is kept from the host, such as `sev`; `<launchSecurity type>`.
  package var launchSecurity: String?
  /// The arguments of QEMU's command line that are given by hand and are about memory, such as
  /// `-m 8G`; `<qemu:commandline>`.
  package var memoryArguments: String?
  /// How many more PCI devices a running guest can be given; nil where no PCI controller is named.
  ///
  /// The slots of `<controller type='pci'>`, less those of `<address type='pci'>`.
  package var freePCISlots: Int?

  /// The limits that a live definition records, where the kernel has others; `<memtune>`.
  package var recordedLimits: MemoryTuning?

  /// Makes surroundings of which nothing is known.
  package init() {}
}

/// A device that works on the guest's RAM from another process, and needs it shared.
package enum SharedMemoryUser: String, Hashable, Sendable {
  /// `<interface type='vhostuser'>`; libvirt before 11.2 only warns where RAM is not shared.
  case vhostUserInterface = "a vhost-user interface"
  /// `<disk type='vhostuser'>`.
  case vhostUserDisk = "a vhost-user disk"
  /// `<filesystem>` with the driver virtiofs.
  case virtiofs = "a virtiofs filesystem"
  /// `<video>` with the driver vhostuser.
  case vhostUserVideo = "a vhost-user video device"
}
