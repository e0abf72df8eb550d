// SPDX-License-Identifier: Apache-2.0

/// A memory device, `<devices><memory model='…'>`: read, not yet changed.
public struct MemoryDevice: Hashable, Sendable {
  /// What the device is, in libvirt's words.
  public enum Model: String, Hashable, Sendable {
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
  }

  /// What the device is.
  public var model: Model
  /// The alias that a user gave (`ua-…`), without which the two planes can't be told apart by name.
  public var alias: String?
  /// The device's full size.
  public var size: MemorySize
  /// The guest cell that the device belongs to.
  public var node: UInt32?
  /// What a virtio-mem device should plug of its size.
  public var requested: MemorySize?
  /// What a virtio-mem device has plugged of its size; on the live plane only.
  public var plugged: MemorySize?

  /// Makes a device.
  public init(
    model: Model, alias: String? = nil, size: MemorySize, node: UInt32? = nil,
    requested: MemorySize? = nil, plugged: MemorySize? = nil
  ) {
    self.model = model
    self.alias = alias
    self.size = size
    self.node = node
    self.requested = requested
    self.plugged = plugged
  }
}
