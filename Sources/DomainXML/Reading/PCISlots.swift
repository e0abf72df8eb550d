// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// Counts the PCI slots of a definition while its XML is parsed.
///
/// Most elements with a PCI address are not kept in the document, because they have nothing to do
/// with memory.
struct PCISlots {
  /// The conventional buses, which have 31 slots each: `pci-root` and `pci-bridge`.
  private var buses: Set<UInt32> = []
  /// The ports that take one device each: `pcie-root-port` and `pcie-switch-downstream-port`.
  private var ports: Set<UInt32> = []
  private var isExpress = false
  /// The occupied slots, as bits, by bus.
  private var taken: [UInt32: UInt32] = [:]
  /// The PCI controller whose children the parser is reading.
  private var controller: UInt32?

  /// The number of virtio devices that a running guest can still get; nil if the definition has no
  /// PCI controller.
  ///
  /// If the root is PCI Express, libvirt puts them into its ports
  /// (`qemuDomainFillDevicePCIConnectFlags`).
  var free: Int? {
    if isExpress { return ports.count { taken[$0] == nil } }
    guard !buses.isEmpty else { return nil }
    return buses.map { 31 - ((taken[$0] ?? 0) & ~1).nonzeroBitCount }.reduce(0, +)
  }

  /// Records an element that begins inside an element named `parent`.
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
      // An address in `<source>` belongs to the host.
      guard parent.map({ $0 == "source" }) != true, attributes["type"] == "pci",
        let bus = attributes.number("bus"), let slot = attributes.number("slot"), slot < 32
      else { return }
      taken[bus, default: 0] |= 1 << slot
    default: break
    }
  }
}

/// The attributes of an element as libxml2 passes them to its SAX2 handler: five pointers each.
@safe struct XMLAttributes {
  private let pointers: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  private let count: Int32

  init(_ pointers: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?, count: Int32) {
    unsafe self.pointers = pointers
    self.count = count
  }

  /// The value of the attribute `name`; nil if it is missing.
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

  /// The number in the attribute `name`, whose prefix tells the base.
  func number(_ name: StaticString) -> UInt32? {
    self[name].flatMap { LibvirtNumber.signed($0) }.flatMap { UInt32(exactly: $0) }
  }
}
