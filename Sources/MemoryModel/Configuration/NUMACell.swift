// SPDX-License-Identifier: Apache-2.0

/// A cell of the guest's NUMA topology; `<cpu><numa><cell>`.
package struct NUMACell: Hashable, Sendable, ConfigurationItem {
  /// The cell's number.
  package var id: UInt32
  /// Whether it is, or should be, there.
  package var state: ItemState?
  /// The guest's processors in it; nil for none that are named.
  package var cpus: NodeSet?
  /// The RAM that the cell has at boot; zero is a cell of processors alone.
  package var memory: MemorySize?
  /// Who may map the cell's RAM; `memAccess`.
  package var access: MemoryAccess?
  /// Whether the contents of a file behind the RAM are dropped at the end; `discard`.
  package var discard: Bool?

  /// Makes a cell.
  package init(id: UInt32, memory: MemorySize? = nil, cpus: NodeSet? = nil) {
    self.id = id
    self.memory = memory
    self.cpus = cpus
  }

  /// Makes the cell that `key` numbers.
  package init?(key: String) {
    guard let id = UInt32(key) else { return nil }
    self.init(id: id)
  }

  /// The cell's number.
  package var key: String { "\(id)" }

  /// Whether this is the cell that `key` numbers.
  package func hasKey(_ key: String) -> Bool { id == UInt32(key) }

  /// All of `configuration`.
  package static func all(in configuration: borrowing MemoryConfiguration) -> [Self] {
    configuration.cells
  }

  /// Changes all of `configuration`.
  package static func edit(
    _ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void
  ) {
    body(&configuration.cells)
  }
}

/// One of several of a kind in a configuration, which manifests name by a key.
package protocol ConfigurationItem: Sendable {
  /// The name in manifests.
  var key: String { get }
  /// Whether it is, or should be, there.
  var state: ItemState? { get set }
  /// Makes one of which nothing is said; nil where `key` can't be one's name.
  init?(key: String)
  /// Whether `key` names this one.
  func hasKey(_ key: String) -> Bool
  /// All that `configuration` has; a function, for a key path takes ten times as long.
  static func all(in configuration: borrowing MemoryConfiguration) -> [Self]
  /// Changes what `configuration` has.
  static func edit(_ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void)
}

/// Whether an item is, or should be, there.
package enum ItemState: String, WordLeaf {
  /// It is there.
  case present
  /// It is not.
  case absent
}
