// SPDX-License-Identifier: Apache-2.0

/// The host nodes that a guest's RAM comes from.
///
/// The corresponding libvirt element is `<numatune>`, the call is `virDomainSetNumaParameters`.
package struct NUMATuning: Hashable, Sendable {
  /// What of `<numatune>` there is at all.
  package var removal: Removal?
  /// The binding of all that has none of its own; `<memory>`.
  package var memory = NUMABinding()
  /// What of `<memnode>` there is at all.
  package var memnodesRemoval: Removal?
  /// The bindings of single guest cells; `<memnode>`.
  package var memnodes: [NUMAMemnode] = []

  /// Makes tuning of which nothing is said.
  package init() {}

  /// Whether nothing is said.
  package var isEmpty: Bool { memory.isEmpty && memnodes.isEmpty }
}

/// The binding of a guest's RAM to host nodes; `<numatune><memory>`.
package struct NUMABinding: Hashable, Sendable {
  /// What of `<memory>` there is at all.
  package var removal: Removal?
  /// How strictly; `mode`, which is `strict` where there is a binding that does not say.
  package var mode: NUMAMode?
  /// The host nodes; `nodeset`.
  package var nodeset: NodeSet?
  /// Who chooses the nodes; `placement`.
  package var placement: NUMAPlacement?

  /// Makes a binding of which nothing is said.
  package init() {}

  /// Whether nothing is said.
  package var isEmpty: Bool { mode == nil && nodeset == nil && placement == nil }
}

/// The binding of one guest cell; `<memnode>`.
package struct NUMAMemnode: Hashable, Sendable, ConfigurationItem {
  /// The guest cell; `cellid`.
  package var cell: UInt32
  /// Whether it is, or should be, there.
  package var state: ItemState?
  /// How strictly; `mode`.
  package var mode: NUMAMode?
  /// The host nodes; `nodeset`.
  package var nodeset: NodeSet?

  /// Makes a binding.
  package init(cell: UInt32, mode: NUMAMode? = nil, nodeset: NodeSet? = nil) {
    self.cell = cell
    self.mode = mode
    self.nodeset = nodeset
  }

  /// Makes the binding of the cell that `key` numbers.
  package init?(key: String) {
    guard let cell = UInt32(key) else { return nil }
    self.init(cell: cell)
  }

  /// The cell's number.
  package var key: String { "\(cell)" }

  /// Whether this is the binding of the cell that `key` numbers.
  package func hasKey(_ key: String) -> Bool { cell == UInt32(key) }

  /// All of `configuration`.
  package static func all(in configuration: borrowing MemoryConfiguration) -> [Self] {
    configuration.numatune.memnodes
  }

  /// Changes all of `configuration`.
  package static func edit(
    _ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void
  ) {
    body(&configuration.numatune.memnodes)
  }
}

/// How strictly RAM is bound to host nodes; `mode`.
package enum NUMAMode: String, WordLeaf {
  /// From these nodes, or the allocation fails.
  case strict
  /// From these nodes first.
  case preferred
  /// From these nodes in turn.
  case interleave
  /// As the cgroup says, which can change live; since libvirt 7.3.
  case restrictive

  /// libvirt's number for it; `virDomainNumatuneMemMode`.
  package var number: Int32 {
    switch self {
    case .strict: 0
    case .preferred: 1
    case .interleave: 2
    case .restrictive: 3
    }
  }
}

/// Who chooses the host nodes; `placement`.
package enum NUMAPlacement: String, WordLeaf {
  /// The definition's nodeset.
  case `static`
  /// numad, when the domain starts.
  case auto
}
