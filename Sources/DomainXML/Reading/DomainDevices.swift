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
  /// Whether the guest has a host device, for which all of its RAM is locked.
  private(set) var hasHostDevices = false

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
      if device.attribute("type") == "nvme" { hasHostDevices = true }
    case "filesystem":
      if device.child("driver")?.attribute("type") == "virtiofs" {
        sharedMemoryUser = .virtiofs
      }
    case "video":
      if device.child("driver")?.attribute("name") == "vhostuser" {
        sharedMemoryUser = .vhostUserVideo
      }
    case "hostdev":
      hasHostDevices = true
    default:
      break
    }
  }

  private mutating func readInterface(_ interface: XMLElement) {
    switch interface.attribute("type") {
    case "vhostuser": sharedMemoryUser = sharedMemoryUser ?? .vhostUserInterface
    case "hostdev", "vdpa": hasHostDevices = true
    default: break
    }
  }
}
