// SPDX-License-Identifier: Apache-2.0
import MemoryModel

/// What matters here of a domain's `<devices>`, found in one walk: there may be hundreds.
struct DomainDevices {
  /// The memory devices in the order of the definition.
  private(set) var memory: [MemoryDevice] = []
  /// The balloon; nil where the definition says nothing of one.
  private(set) var balloon: MemoryBalloon?
  /// Whether a device works on the guest's RAM from another process.
  private(set) var needSharedMemory = false

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
      if device.attribute("type") == "vhostuser" { needSharedMemory = true }
    case "filesystem":
      if device.child("driver")?.attribute("type") == "virtiofs" { needSharedMemory = true }
    default:
      break
    }
  }
}
