// SPDX-License-Identifier: Apache-2.0

/// A cell of the guest's NUMA topology, `<cpu><numa><cell>`: read, not yet changed.
public struct NUMACell: Hashable, Sendable {
  /// The cell's number.
  public var id: UInt32
  /// The RAM that the cell has at boot.
  public var memory: MemorySize

  /// Makes a cell.
  public init(id: UInt32, memory: MemorySize) {
    self.id = id
    self.memory = memory
  }
}
