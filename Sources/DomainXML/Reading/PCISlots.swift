// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// Counts the PCI slots of a definition while its XML is parsed.
///
/// Most elements with a PCI address are not kept in the document, because they have nothing to do
/// with memory.
struct PCISlots {
  /// What a bus can take.
  private enum Kind {
    /// A device in each of 31 slots: `pci-root` and `pci-bridge`.
    case conventional
    /// One device: `pcie-root-port` and `pcie-switch-downstream-port`.
    case port
  }

  private struct Bus {
    /// Nil if a running guest can't get a device here.
    var kind: Kind?
    /// The occupied slots, as bits.
    var taken: UInt32 = 0
  }

  /// The buses by their numbers, of which libvirt accepts no higher ones.
  private var buses = [Bus](repeating: Bus(), count: 256)
  private var isExpress = false
  /// The bus of the PCI controller whose children the parser is reading.
  private var controller: Int?

  /// The number of virtio devices that a running guest can still get; nil if the definition has no
  /// PCI controller.
  ///
  /// If the root is PCI Express, libvirt puts them into its ports
  /// (`qemuDomainFillDevicePCIConnectFlags`).
  var free: Int? {
    var (free, hasConventional) = (0, false)
    for bus in buses {
      switch bus.kind {
      case .port? where isExpress: free += bus.taken == 0 ? 1 : 0
      case .conventional? where !isExpress:
        free += 31 - (bus.taken & ~1).nonzeroBitCount
        hasConventional = true
      default: break
      }
    }
    return isExpress || hasConventional ? free : nil
  }

  /// Records an element that begins inside an element named `parent`.
  mutating func note(_ name: XMLName, in parent: XMLName?, _ attributes: XMLAttributes) {
    switch name {
    case "controller":
      controller = attributes["type"] == "pci" ? bus(attributes["index"]) : nil
      guard let controller else { return }
      switch attributes["model"] {
      case "pcie-root-port", "pcie-switch-downstream-port": buses[controller].kind = .port
      case "pci-root", "pci-bridge": buses[controller].kind = .conventional
      case "pcie-root": isExpress = true
      default: break
      }
    case "target":
      guard let controller, let parent, parent == "controller", attributes["hotplug"] == "off"
      else { return }
      buses[controller].kind = nil
    case "address":
      // An address in `<source>` belongs to the host.
      guard let parent, !(parent == "source"), attributes["type"] == "pci",
        let bus = bus(attributes["bus"]), let slot = attributes["slot"].number, slot < 32
      else { return }
      buses[bus].taken |= 1 << slot
    default: break
    }
  }

  /// The bus that `value` numbers; nil if there can be none of this number.
  private func bus(_ value: XMLAttributeValue) -> Int? {
    value.number.flatMap { buses.indices.contains(Int($0)) ? Int($0) : nil }
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

  /// The value of the attribute `name`; empty if it is missing.
  subscript(_ name: StaticString) -> XMLAttributeValue {
    for index in 0..<Int(count) {
      guard let attribute = unsafe pointers.map({ unsafe $0 + 5 * index }),
        let key = unsafe attribute[0], unsafe XMLName(key) == name,
        let start = unsafe attribute[3], let end = unsafe attribute[4]
      else { continue }
      return unsafe XMLAttributeValue(UnsafeBufferPointer(start: start, count: end - start))
    }
    return unsafe XMLAttributeValue(UnsafeBufferPointer(start: nil, count: 0))
  }
}

/// The value of an attribute in the text that libxml2 parses.
@safe struct XMLAttributeValue {
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.bytes = bytes
  }

  static func == (value: XMLAttributeValue, text: StaticString) -> Bool {
    unsafe value.bytes.elementsEqual(
      UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  static func ~= (text: StaticString, value: XMLAttributeValue) -> Bool {
    value == text
  }

  /// The number, whose prefix tells the base; nil for other text.
  var number: UInt32? {
    if let plainNumber { return plainNumber }
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    return LibvirtNumber.signed(text).flatMap { UInt32(exactly: $0) }
  }

  /// The number if it is written as libvirt writes it: `0x` and up to seven digits, or up to nine
  /// decimal digits.
  ///
  /// A definition has dozens, so this is faster than a string for each.
  private var plainNumber: UInt32? {
    let isHexadecimal = unsafe bytes.count > 2 && bytes[0] == 0x30 && bytes[1] == 0x78
    // More decimal digits after a zero are an octal number.
    guard unsafe (1..<10).contains(bytes.count),
      unsafe isHexadecimal || bytes.count == 1 || bytes[0] != 0x30
    else { return nil }
    var number: UInt32 = 0
    for index in unsafe (isHexadecimal ? 2 : 0)..<bytes.count {
      let byte = unsafe bytes[index]
      switch byte {
      case 0x30...0x39: number = number * (isHexadecimal ? 16 : 10) + UInt32(byte - 0x30)
      case 0x61...0x66 where isHexadecimal: number = number << 4 | UInt32(byte - 0x61 + 10)
      default: return nil
      }
    }
    return number
  }
}
