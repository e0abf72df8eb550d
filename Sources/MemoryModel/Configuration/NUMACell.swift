// SPDX-License-Identifier: Apache-2.0

/// A cell of the guest's NUMA topology; `<cpu><numa><cell>`.
package struct NUMACell: Hashable, Sendable, ConfigurationItem {
  /// The cell's number.
  package var id: UInt32
  /// Whether the cell is, or must be, present.
  package var state: ItemState?
  /// The guest's processors in the cell; nil where the definition names none.
  package var cpus: NodeSet?
  /// The cell's RAM at boot; zero for a cell that only has processors.
  package var memory: MemorySize?
  /// Which processes may map the cell's RAM; `memAccess`.
  package var access: MemoryAccess?
  /// Whether QEMU discards the contents of the RAM's file when it exits; `discard`.
  package var discard: Bool?

  /// Makes a cell.
  package init(id: UInt32, memory: MemorySize? = nil, cpus: NodeSet? = nil) {
    self.id = id
    self.memory = memory
    self.cpus = cpus
  }

  /// Makes a cell with the number `key`; nil where `key` is not a number.
  package init?(key: String) {
    guard let id = UInt32(key) else { return nil }
    self.init(id: id)
  }

  /// The cell's number as text.
  package var key: String { "\(id)" }

  /// Whether the cell has the number `key`.
  package func hasKey(_ key: String) -> Bool { id == UInt32(key) }

  /// All cells of `configuration`.
  package static func all(in configuration: borrowing MemoryConfiguration) -> [Self] {
    configuration.cells
  }

  /// Changes the cells of `configuration`.
  package static func edit(
    _ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void
  ) {
    body(&configuration.cells)
  }
}

/// An element of a list in a configuration, which manifests identify by a key.
package protocol ConfigurationItem: Sendable {
  /// The key in manifests.
  var key: String { get }
  /// Whether the item is, or must be, present.
  var state: ItemState? { get set }
  /// Makes an item without values; nil where `key` is not a valid key.
  init?(key: String)
  /// Whether the item has the key `key`.
  func hasKey(_ key: String) -> Bool
  /// All items of this kind in `configuration`.
  ///
  /// It is a function because a key path takes ten times as long.
  static func all(in configuration: borrowing MemoryConfiguration) -> [Self]
  /// Changes the items of this kind in `configuration`.
  static func edit(_ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void)
}

/// Whether an item is, or must be, present.
package enum ItemState: String, WordLeaf {
  /// The item is, or must be, present.
  case present
  /// The item is not, or must not be, present.
  case absent
}
