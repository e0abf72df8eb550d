// SPDX-License-Identifier: Apache-2.0

/// A memory device; `<devices><memory model='…'>`.
public struct MemoryDevice: Hashable, Sendable, ConfigurationItem {
  /// What the device is, in libvirt's words.
  public enum Model: String, WordLeaf {
    /// Plain RAM that is plugged whole.
    case dimm
    /// Persistent memory in a DIMM slot.
    case nvdimm
    /// Persistent memory over virtio.
    case virtioPmem = "virtio-pmem"
    /// RAM that is plugged in blocks, as much as is requested.
    case virtioMem = "virtio-mem"
    /// Encrypted memory of the processor.
    case sgxEpc = "sgx-epc"

    /// Whether it is a PCI device, where the guest has PCI.
    public var isVirtio: Bool { self == .virtioMem || self == .virtioPmem }
  }

  /// The name that manifests know it by; nil where none has been given yet.
  public var name: String?
  /// The alias that a user gave, without its `ua-`; `<alias>`.
  public var alias: String?
  /// Whether it is, or should be, there.
  public var state: ItemState?
  /// What the device is; `model`.
  public var model: Model?
  /// The device's full size; `<target><size>`.
  public var size: MemorySize?
  /// The size of the blocks that virtio-mem plugs; `<target><block>`.
  public var block: MemorySize?
  /// What a virtio-mem device should plug of its size; `<target><requested>`.
  public var requested: MemoryTarget?
  /// The guest cell that the device belongs to; `<target><node>`.
  public var node: Number?
  /// Who may map the memory; `access`.
  public var access: MemoryAccess?
  /// Whether the contents of a file behind it are dropped at the end; `discard`.
  public var discard: Bool?
  /// The size of the host's pages behind it; `<source><pagesize>`.
  public var pageSize: MemorySize?
  /// The host nodes that it comes from; `<source><nodemask>`.
  public var nodemask: NodeSet?
  /// The file or host device behind it; `<source><path>`.
  public var path: Text?
  /// What the host maps the file in multiples of; `<source><alignsize>`.
  public var alignSize: MemorySize?
  /// The size of an nvdimm's namespace label; `<target><label><size>`.
  public var labelSize: MemorySize?
  /// Whether the host's file is persistent memory; `<source><pmem>`.
  public var pmem: Bool?
  /// Whether the guest may not write; `<target><readonly>`.
  public var readOnly: Bool?
  /// An nvdimm's UUID, on ppc64 alone; `<uuid>`.
  public var uuid: Text?
  /// Where the guest sees it, since libvirt 9.4; `<target><address base>`.
  public var address: Address?
  /// Whether its memory slots come as they are needed, since libvirt 10.1; `dynamicMemslots`.
  public var dynamicMemslots: Bool?
  /// Where a DIMM or an nvdimm lies, where the definition says it; `<address base>`, observed alone.
  public var base: Address?
  /// Whether the definition has another just like it, and neither has an alias; observed alone.
  public var isOneOfSeveral = false
  /// What a virtio-mem device has plugged of its size; `<target><current>`, live alone.
  public var plugged: MemorySize?

  /// Makes a device.
  public init(
    model: Model? = nil, name: String? = nil, alias: String? = nil, size: MemorySize? = nil,
    node: UInt32? = nil, block: MemorySize? = nil, requested: MemorySize? = nil,
    plugged: MemorySize? = nil
  ) {
    self.model = model
    self.name = name
    self.alias = alias
    self.size = size
    self.block = block
    self.node = node.map { Number(UInt64($0)) }
    self.requested = requested.map(MemoryTarget.exactly)
    self.plugged = plugged
  }

  /// Makes the device named `key`.
  public init?(key: String) {
    self.init(name: key)
  }

  /// The name that manifests know it by, its user's alias where it has one; else empty.
  public var key: String { name ?? alias ?? "" }

  /// Whether the device has that name.
  public func hasKey(_ key: String) -> Bool { self.key == key }

  /// All of `configuration`.
  public static func all(in configuration: borrowing MemoryConfiguration) -> [Self] {
    configuration.devices
  }

  /// Changes all of `configuration`.
  public static func edit(
    _ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void
  ) {
    body(&configuration.devices)
  }

  /// The full size; zero where it is not known.
  public var fullSize: MemorySize { size ?? .zero }
}

/// A place in the guest's memory, `0x140000000`.
public struct Address: FieldLeaf, CustomStringConvertible {
  /// The place in bytes from the beginning.
  public let bytes: UInt64

  /// Makes a place.
  public init(bytes: UInt64) {
    self.bytes = bytes
  }

  /// The place that libvirt reads from `text`, decimal or behind `0x`; nil where it reads none.
  public init?(_ text: String) {
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    guard digits.first?.isHexDigit == true,
      let bytes = UInt64(digits, radix: text.hasPrefix("0x") ? 16 : 10)
    else { return nil }
    self.init(bytes: bytes)
  }

  /// The place as libvirt writes it.
  public var description: String { "0x" + String(bytes, radix: 16) }

  /// A place.
  public static var kind: FieldKind { .address }

  /// The place as libvirt writes it.
  public var fieldValue: FieldValue { .word(description) }

  /// Takes a place.
  public init?(_ value: FieldValue) {
    guard case .word(let text) = value else { return nil }
    self.init(text)
  }
}
