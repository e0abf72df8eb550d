// SPDX-License-Identifier: Apache-2.0
import MemoryModel

/// The devices that matter for a domain's memory, found in one pass, because there may be hundreds.
struct DomainDevices {
  /// The memory devices in the order of the definition.
  private(set) var memory: [MemoryDevice] = []
  /// The balloon device; nil if the definition has no `<memballoon>`.
  private(set) var balloon: MemoryBalloon?
  /// The device that uses the guest's RAM from another process.
  ///
  /// Of several, it is one that is not an interface, because older versions of libvirt do not
  /// require shared memory for interfaces.
  private(set) var sharedMemoryUser: SharedMemoryUser?
  private var vfioCount = 0
  private var vdpaCount = 0
  private var hasIOMMU = false

  /// How often the kernel pins all of the guest's RAM (`qemuDomainGetMemLockLimitBytes`).
  var pinnings: UInt8 {
    UInt8(clamping: (hasIOMMU ? vfioCount : min(vfioCount, 1)) + vdpaCount)
  }

  /// Reads all `<devices>` of `domain`.
  init(of domain: XMLElement) throws(DomainXMLError) {
    for devices in domain.children where devices.name == "devices" {
      for device in devices.children {
        try read(device)
      }
    }
  }

  private mutating func read(_ device: XMLElement) throws(DomainXMLError) {
    switch device.name {
    case "memory":
      memory.append(try MemoryDevice(device))
    case "memballoon":
      if balloon == nil { balloon = try MemoryBalloon(device) }
    case "interface":
      readInterface(device)
    case "disk":
      if device.attribute("type") == "vhostuser" { sharedMemoryUser = .vhostUserDisk }
      if device.attribute("type") == "nvme" { vfioCount += 1 }
    case "filesystem":
      if device.child("driver")?.attribute("type") == "virtiofs" {
        sharedMemoryUser = .virtiofs
      }
    case "video":
      if device.child("driver")?.attribute("name") == "vhostuser" {
        sharedMemoryUser = .vhostUserVideo
      }
    case "hostdev":
      // The devices of USB and SCSI access no memory of the guest.
      if ["pci", "mdev"].contains(device.attribute("type")) { vfioCount += 1 }
    case "iommu":
      hasIOMMU = true
    default:
      break
    }
  }

  private mutating func readInterface(_ interface: XMLElement) {
    switch interface.attribute("type") {
    case "vhostuser": sharedMemoryUser = sharedMemoryUser ?? .vhostUserInterface
    case "hostdev": vfioCount += 1
    case "vdpa": vdpaCount += 1
    default: break
    }
  }
}
