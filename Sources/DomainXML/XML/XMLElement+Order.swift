// SPDX-License-Identifier: Apache-2.0

// Creates elements where libvirt writes them, although libvirt accepts them in any order.
extension XMLElement {
  /// The first child with this name; a new one in its place if there is none.
  func made(_ name: StaticString) throws(DomainXMLError) -> XMLElement {
    if let element = child(name) { return element }
    return try new(name)
  }

  /// A new child, after the elements that libvirt writes before it and after those with the same
  /// name.
  func new(_ name: StaticString) throws(DomainXMLError) -> XMLElement {
    let order = Self.order(in: self.name.string)
    let rank = order.firstIndex(of: "\(name)") ?? order.endIndex
    var before: XMLElement?
    var behind: (rank: Int, element: XMLElement)?
    for child in children {
      guard let other = order.firstIndex(of: child.name.string) else { continue }
      if other > rank {
        before = before ?? child
      } else if other >= behind?.rank ?? other {
        behind = (other, child)
      }
    }
    let made =
      behind?.element.insertBehind("\(name)") ?? before?.insertBefore("\(name)")
      ?? append("\(name)")
    guard let made else { throw error("There is no memory left to write XML in.") }
    return made
  }

  /// A new child whose attribute `key` is `number`, in the order of these numbers.
  func new(
    _ name: StaticString, _ key: StaticString, _ number: UInt32
  ) throws(DomainXMLError) -> XMLElement {
    var before: XMLElement?
    var behind: XMLElement?
    for child in children where child.name == name {
      guard let other = try child.number(key) else { continue }
      if other < number {
        behind = child
      } else {
        before = before ?? child
      }
    }
    let placed = behind?.insertBehind("\(name)") ?? before?.insertBefore("\(name)")
    let element = if let placed { placed } else { try new(name) }
    element.setAttribute("\(key)", "\(number)")
    return element
  }

  /// Removes all children with this name.
  func removeChildren(_ name: StaticString) {
    while let child = child(name) { child.remove() }
  }

  /// Removes the empty elements on `path`, from its last element up.
  func prune(_ path: [StaticString]) {
    var elements: [XMLElement] = []
    for name in path {
      guard let element = (elements.last ?? self).child(name) else { break }
      elements.append(element)
    }
    while let last = elements.popLast(), last.isEmpty { last.remove() }
  }

  private static func order(in parent: String) -> [String] { orders[parent] ?? [] }

  private static let orders: [String: [String]] = [
    "domain": [
      "name", "uuid", "genid", "title", "description", "metadata", "maxMemory", "memory",
      "currentMemory", "blkiotune", "memtune", "memoryBacking", "vcpu", "vcpus", "iothreads",
      "iothreadids", "defaultiothread", "cputune", "numatune", "resource", "sysinfo", "bootloader",
      "bootloader_args", "os", "idmap", "features", "cpu", "clock", "on_poweroff", "on_reboot",
      "on_crash", "on_lockfailure", "pm", "perf", "devices", "seclabel",
    ],
    "memtune": ["hard_limit", "soft_limit", "min_guarantee", "swap_hard_limit"],
    "memoryBacking": [
      "hugepages", "nosharepages", "locked", "source", "access", "allocation", "discard",
    ],
    "numatune": ["memory", "memnode"],
    "numa": ["cell", "interconnects"],
    "devices": [
      "emulator", "disk", "controller", "lease", "filesystem", "interface", "smartcard", "serial",
      "parallel", "console", "channel", "input", "tpm", "graphics", "sound", "audio", "video",
      "hostdev", "redirdev", "redirfilter", "hub", "watchdog", "memballoon", "rng", "nvram",
      "panic", "shmem", "memory", "crypto", "iommu", "vsock",
    ],
    "memballoon": ["stats", "alias", "address", "driver"],
    "memory": ["uuid", "source", "target", "alias", "address"],
    "source": ["nodemask", "pagesize", "path", "alignsize", "pmem"],
    "target": [
      "size", "node", "label", "readonly", "block", "requested", "current", "address",
    ],
  ]
}
