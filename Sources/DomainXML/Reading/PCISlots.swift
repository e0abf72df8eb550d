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
      guard attributes.has("type", "pci"), let index = attributes.number("index") else { return }
      controller = index
      if attributes.has("model", "pcie-root-port")
        || attributes.has("model", "pcie-switch-downstream-port")
      {
        ports.insert(index)
      } else if attributes.has("model", "pci-root") || attributes.has("model", "pci-bridge") {
        buses.insert(index)
      } else if attributes.has("model", "pcie-root") {
        isExpress = true
      }
    case "target":
      guard parent.map({ $0 == "controller" }) == true, let controller,
        attributes.has("hotplug", "off")
      else { return }
      ports.remove(controller)
      buses.remove(controller)
    case "address":
      // An address in `<source>` belongs to the host.
      guard parent.map({ $0 == "source" }) != true, attributes.has("type", "pci"),
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

  /// The bytes of the attribute `name`; nil if it is missing.
  private func bytes(_ name: StaticString) -> UnsafeBufferPointer<UInt8>? {
    guard let pointers = unsafe pointers else { return nil }
    for index in 0..<Int(count) {
      let attribute = unsafe pointers + 5 * index
      guard let key = unsafe attribute[0], unsafe XMLName(key) == name,
        let start = unsafe attribute[3], let end = unsafe attribute[4]
      else { continue }
      return unsafe UnsafeBufferPointer(start: start, count: end - start)
    }
    return nil
  }

  /// Whether the attribute `name` has just this value.
  func has(_ name: StaticString, _ value: StaticString) -> Bool {
    guard let bytes = unsafe bytes(name), bytes.count == value.utf8CodeUnitCount else {
      return false
    }
    for index in bytes.indices {
      if unsafe bytes[index] != value.utf8Start[index] { return false }
    }
    return true
  }

  /// The number in the attribute `name`, whose prefix tells the base.
  func number(_ name: StaticString) -> UInt32? {
    guard let bytes = unsafe bytes(name) else { return nil }
    if let number = unsafe Self.plainNumber(bytes) { return number }
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    return LibvirtNumber.signed(text).flatMap { UInt32(exactly: $0) }
  }

  /// A number as libvirt writes it, `0x` and up to seven digits or one decimal digit; nil for others.
  ///
  /// A definition has dozens, so this is faster than a string for each.
  private static func plainNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    let isHexadecimal = unsafe bytes.count > 2 && bytes[0] == 0x30 && bytes[1] == 0x78
    guard bytes.count == 1 || isHexadecimal && bytes.count < 10 else { return nil }
    var number: UInt32 = 0
    for index in (isHexadecimal ? 2 : 0)..<bytes.count {
      let byte = unsafe bytes[index]
      switch byte {
      case 0x30...0x39: number = number << 4 | UInt32(byte - 0x30)
      case 0x61...0x66 where isHexadecimal: number = number << 4 | UInt32(byte - 0x61 + 10)
      default: return nil
      }
    }
    return number
  }
}
