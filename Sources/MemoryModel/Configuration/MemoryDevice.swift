// SPDX-License-Identifier: Apache-2.0

/// A memory device; `<devices><memory model='…'>`.
package struct MemoryDevice: Hashable, Sendable, ConfigurationItem {
  /// The model of a memory device; the words are libvirt's.
  package enum Model: String, WordLeaf {
    /// RAM in a DIMM slot; the guest gets it as a whole.
    case dimm
    /// Persistent memory in a DIMM slot.
    case nvdimm
    /// Persistent memory as a virtio device.
    case virtioPmem = "virtio-pmem"
    /// RAM as a virtio device, which plugs as many blocks as are requested.
    case virtioMem = "virtio-mem"
    /// Encrypted memory for SGX enclaves.
    case sgxEpc = "sgx-epc"

    /// Whether the model is a virtio device, a PCI device where the guest has PCI.
    package var isVirtio: Bool { self == .virtioMem || self == .virtioPmem }
  }

  /// The device's name in manifests; nil where it has none yet.
  package var name: String?
  /// The user alias without its prefix `ua-`; `<alias>`.
  package var alias: String?
  /// Whether the device is, or must be, present.
  package var state: ItemState?
  /// The device's model; `model`.
  package var model: Model?
  /// The device's full size; `<target><size>`.
  package var size: MemorySize?
  /// The size of the blocks that a virtio-mem device plugs; `<target><block>`.
  package var block: MemorySize?
  /// How much of its size a virtio-mem device must plug; `<target><requested>`.
  package var requested: MemoryTarget?
  /// The guest cell that the device belongs to; `<target><node>`.
  package var node: Count?
  /// Which processes may map the memory; `access`.
  package var access: MemoryAccess?
  /// Whether QEMU discards the contents of the device's file when it exits; `discard`.
  package var discard: Bool?
  /// The size of the host pages that provide the memory; `<source><pagesize>`.
  package var pageSize: MemorySize?
  /// The host nodes that provide the memory; `<source><nodemask>`.
  package var nodemask: NodeSet?
  /// The file or host device that provides the memory; `<source><path>`.
  package var path: Text?
  /// The alignment with which QEMU maps the file; `<source><alignsize>`.
  package var alignSize: MemorySize?
  /// The size of an nvdimm's label area; `<target><label><size>`.
  package var labelSize: MemorySize?
  /// Whether the host's file is on persistent memory; `<source><pmem>`.
  package var pmem: Bool?
  /// Whether the guest can't write to an nvdimm; `<target><readonly>`.
  package var readOnly: Bool?
  /// An nvdimm's UUID, on ppc64 only; `<uuid>`.
  package var uuid: Text?
  /// The guest address of a virtio device, since libvirt 9.4; `<target><address base>`.
  package var address: Address?
  /// Whether the device takes memory slots only as needed, since libvirt 10.1; `dynamicMemslots`.
  package var dynamicMemslots: Bool?
  /// The guest address of a DIMM or an nvdimm; `<address base>`, observed only.
  ///
  /// Nil where the definition does not give it.
  package var base: Address?
  /// Whether libvirt can't tell the device from another one, and neither has an alias; observed
  /// only.
  package var isOneOfSeveral = false
  /// How much of its size a virtio-mem device has plugged; `<target><current>`, live only.
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
    self.node = node.map { Count(UInt64($0)) }
    self.requested = requested.map(MemoryTarget.exactly)
    self.plugged = plugged
  }

  /// Makes a device with the name `key`.
  package init?(key: String) {
    self.init(name: key)
  }

  /// The device's name in manifests, else its user alias, else empty.
  package var key: String { name ?? alias ?? "" }

  /// Whether the device has the name `key`.
  package func hasKey(_ key: String) -> Bool { self.key == key }

  /// All memory devices of `configuration`.
  package static func all(in configuration: borrowing MemoryConfiguration) -> [Self] {
    configuration.devices
  }

  /// Changes the memory devices of `configuration`.
  package static func edit(
    _ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void
  ) {
    body(&configuration.devices)
  }

  /// The full size; zero where the size is not set.
  package var fullSize: MemorySize { size ?? .zero }
}

/// An address in guest memory, such as `0x140000000`.
package struct Address: FieldLeaf, CustomStringConvertible {
  /// The address in bytes.
  package let bytes: UInt64

  /// Makes an address in bytes.
  package init(bytes: UInt64) {
    self.bytes = bytes
  }

  /// Makes the address that libvirt reads from `text`, decimal or with `0x`; nil for other text.
  package init?(_ text: String) {
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    guard digits.first?.isHexDigit == true,
      let bytes = UInt64(digits, radix: text.hasPrefix("0x") ? 16 : 10)
    else { return nil }
    self.init(bytes: bytes)
  }

  /// The address in libvirt's form, such as `0x140000000`.
  package var description: String { "0x" + String(bytes, radix: 16) }

  /// Manifests spell an address.
  package static var kind: FieldKind { .address }

  /// The address as ``FieldValue/word(_:)``, in libvirt's form.
  package var fieldValue: FieldValue { .word(description) }

  /// Makes an address from ``FieldValue/word(_:)``; nil for any other value.
  package init?(_ value: FieldValue) {
    guard case .word(let text) = value else { return nil }
    self.init(text)
  }
}
