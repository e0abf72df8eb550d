// SPDX-License-Identifier: Apache-2.0

/// A memory device; `<devices><memory model='…'>`.
package struct MemoryDevice: Hashable, Sendable, ConfigurationItem {
  /// What the device is, in libvirt's words.
  package enum Model: String, WordLeaf {
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
    package var isVirtio: Bool { self == .virtioMem || self == .virtioPmem }
  }

  /// The name that manifests know it by; nil where none has been given yet.
  package var name: String?
  /// The alias that a user gave, without its `ua-`; `<alias>`.
  package var alias: String?
  /// Whether it is, or should be, there.
  package var state: ItemState?
  /// What the device is; `model`.
  package var model: Model?
  /// The device's full size; `<target><size>`.
  package var size: MemorySize?
  /// The size of the blocks that virtio-mem plugs; `<target><block>`.
  package var block: MemorySize?
  /// What a virtio-mem device should plug of its size; `<target><requested>`.
  package var requested: MemoryTarget?
  /// The guest cell that the device belongs to; `<target><node>`.
  package var node: Number?
  /// Who may map the memory; `access`.
  package var access: MemoryAccess?
  /// Whether the contents of a file behind it are dropped at the end; `discard`.
  package var discard: Bool?
  /// The size of the host's pages behind it; `<source><pagesize>`.
  package var pageSize: MemorySize?
  /// The host nodes that it comes from; `<source><nodemask>`.
  package var nodemask: NodeSet?
  /// The file or host device behind it; `<source><path>`.
  package var path: Text?
  /// What the host maps the file in multiples of; `<source><alignsize>`.
  package var alignSize: MemorySize?
  /// The size of an nvdimm's namespace label; `<target><label><size>`.
  package var labelSize: MemorySize?
  /// Whether the host's file is persistent memory; `<source><pmem>`.
  package var pmem: Bool?
  /// Whether the guest may not write; `<target><readonly>`.
  package var readOnly: Bool?
  /// An nvdimm's UUID, on ppc64 alone; `<uuid>`.
  package var uuid: Text?
  /// Where the guest sees it, since libvirt 9.4; `<target><address base>`.
  package var address: Address?
  /// Whether its memory slots come as they are needed, since libvirt 10.1; `dynamicMemslots`.
  package var dynamicMemslots: Bool?
  /// Where a DIMM or an nvdimm lies, where the definition says it; `<address base>`, observed alone.
  package var base: Address?
  /// Whether the definition has another just like it, and neither has an alias; observed alone.
  package var isOneOfSeveral = false
  /// What a virtio-mem device has plugged of its size; `<target><current>`, live alone.
  package var plugged: MemorySize?

  /// Makes a device.
  package init(
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
  package init?(key: String) {
    self.init(name: key)
  }

  /// The name that manifests know it by, its user's alias where it has one; else empty.
  package var key: String { name ?? alias ?? "" }

  /// Whether the device has that name.
  package func hasKey(_ key: String) -> Bool { self.key == key }

  /// All of `configuration`.
  package static func all(in configuration: borrowing MemoryConfiguration) -> [Self] {
    configuration.devices
  }

  /// Changes all of `configuration`.
  package static func edit(
    _ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void
  ) {
    body(&configuration.devices)
  }

  /// The full size; zero where it is not known.
  package var fullSize: MemorySize { size ?? .zero }
}

/// A place in the guest's memory, `0x140000000`.
package struct Address: FieldLeaf, CustomStringConvertible {
  /// The place in bytes from the beginning.
  package let bytes: UInt64

  /// Makes a place.
  package init(bytes: UInt64) {
    self.bytes = bytes
  }

  /// The place that libvirt reads from `text`, decimal or behind `0x`; nil where it reads none.
  package init?(_ text: String) {
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    guard digits.first?.isHexDigit == true,
      let bytes = UInt64(digits, radix: text.hasPrefix("0x") ? 16 : 10)
    else { return nil }
    self.init(bytes: bytes)
  }

  /// The place as libvirt writes it.
  package var description: String { "0x" + String(bytes, radix: 16) }

  /// A place.
  package static var kind: FieldKind { .address }

  /// The place as libvirt writes it.
  package var fieldValue: FieldValue { .word(description) }

  /// Takes a place.
  package init?(_ value: FieldValue) {
    guard case .word(let text) = value else { return nil }
    self.init(text)
  }
}
