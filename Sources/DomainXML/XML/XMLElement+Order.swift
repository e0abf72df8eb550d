// SPDX-License-Identifier: Apache-2.0

// Elements are made where libvirt itself writes them; it takes them in any order.
extension XMLElement {
  /// The child of that name, made in its place where there is none.
  func made(_ name: StaticString) throws(DomainXMLError) -> XMLElement {
    if let element = child(name) { return element }
    return try new(name)
  }

  /// A new child of that name, behind those that libvirt writes before it and behind its own kind.
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

  /// A new child of that name whose attribute `key` is `number`, in the order of these numbers.
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

  /// Takes away every child of that name.
  func removeChildren(_ name: StaticString) {
    while let child = child(name) { child.remove() }
  }

  /// Takes away what is empty at the end of `path`, from its last element up.
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
