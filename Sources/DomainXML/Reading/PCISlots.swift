// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// The PCI slots of a definition, counted while its XML is parsed: what has an address is mostly
/// none of memory's business, and is not kept.
struct PCISlots {
  /// The conventional buses, which have 31 slots each: `pci-root` and `pci-bridge`.
  private var buses: Set<UInt32> = []
  /// The ports that take one device each: `pcie-root-port` and `pcie-switch-downstream-port`.
  private var ports: Set<UInt32> = []
  private var isExpress = false
  /// The slots that are taken, as bits, by their buses.
  private var taken: [UInt32: UInt32] = [:]
  /// The controller whose children are being read.
  private var controller: UInt32?

  /// How many more virtio devices a running guest can be given; nil where the definition names no
  /// PCI controller.
  ///
  /// Where the root is PCI Express they go into its ports (`qemuDomainFillDevicePCIConnectFlags`).
  var free: Int? {
    if isExpress { return ports.count { taken[$0] == nil } }
    guard !buses.isEmpty else { return nil }
    return buses.map { 31 - ((taken[$0] ?? 0) & ~1).nonzeroBitCount }.reduce(0, +)
  }

  /// Notes an element that begins, and is a child of one called `parent`.
  mutating func note(_ name: XMLName, in parent: XMLName?, _ attributes: XMLAttributes) {
    switch name {
    case "controller":
      controller = nil
      guard attributes["type"] == "pci", let index = attributes.number("index") else { return }
      controller = index
      switch attributes["model"] {
      case "pcie-root": isExpress = true
      case "pcie-root-port", "pcie-switch-downstream-port": ports.insert(index)
      case "pci-root", "pci-bridge": buses.insert(index)
      default: break
      }
    case "target":
      guard parent.map({ $0 == "controller" }) == true, let controller,
        attributes["hotplug"] == "off"
      else { return }
      ports.remove(controller)
      buses.remove(controller)
    case "address":
      // That of a source is the host's.
      guard parent.map({ $0 == "source" }) != true, attributes["type"] == "pci",
        let bus = attributes.number("bus"), let slot = attributes.number("slot"), slot < 32
      else { return }
      taken[bus, default: 0] |= 1 << slot
    default: break
    }
  }
}

/// The attributes of an element as libxml2's SAX2 handler is given them: five pointers each.
@safe struct XMLAttributes {
  private let pointers: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  private let count: Int32

  init(_ pointers: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?, count: Int32) {
    unsafe self.pointers = pointers
    self.count = count
  }

  /// The value of the attribute `name`; nil where there is none.
  subscript(name: StaticString) -> String? {
    guard let pointers = unsafe pointers else { return nil }
    for index in 0..<Int(count) {
      let attribute = unsafe pointers + 5 * index
      guard let key = unsafe attribute[0], unsafe XMLName(key) == name,
        let start = unsafe attribute[3], let end = unsafe attribute[4]
      else { continue }
      return unsafe String(
        decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
    }
    return nil
  }

  /// The number in the attribute `name`, in the base that it tells itself.
  func number(_ name: StaticString) -> UInt32? {
    self[name].flatMap { LibvirtNumber.signed($0) }.flatMap { UInt32(exactly: $0) }
  }
}
