// SPDX-License-Identifier: Apache-2.0

/// The host nodes that provide a guest's RAM; `<numatune>`.
///
/// `virDomainSetNumaParameters` changes the mode and the nodes.
package struct NUMATuning: Hashable, Sendable {
  /// Whether `<numatune>` is present; the desired value ``Presence/absent`` removes it.
  package var presence: Presence?
  /// The binding of all RAM without a binding of its own; `<memory>`.
  package var memory = NUMABinding()
  /// Whether any `<memnode>` is present; the desired value ``Presence/absent`` removes all.
  package var memnodesPresence: Presence?
  /// The bindings of individual guest cells; `<memnode>`.
  package var memnodes: [NUMAMemnode] = []

  /// Makes tuning without any value.
  package init() {}

  /// Whether no binding has a value.
  package var isEmpty: Bool { memory.isEmpty && memnodes.isEmpty }
}

/// The binding of a guest's RAM to host nodes; `<numatune><memory>`.
package struct NUMABinding: Hashable, Sendable {
  /// Whether `<memory>` is present; the desired value ``Presence/absent`` removes it.
  package var presence: Presence?
  /// How strict the binding is; `mode`, which libvirt sets to `strict` where it is missing.
  package var mode: NUMAMode?
  /// The host nodes; `nodeset`.
  package var nodeset: NodeSet?
  /// How the nodes are chosen; `placement`.
  package var placement: NUMAPlacement?

  /// Makes a binding without any value.
  package init() {}

  /// Whether neither mode, nodes nor placement is set.
  package var isEmpty: Bool { mode == nil && nodeset == nil && placement == nil }
}

/// The binding of one guest cell; `<memnode>`.
package struct NUMAMemnode: Hashable, Sendable, ConfigurationItem {
  /// The guest cell; `cellid`.
  package var cell: UInt32
  /// Whether the binding is, or must be, present.
  package var state: ItemState?
  /// How strict the binding is; `mode`.
  package var mode: NUMAMode?
  /// The host nodes; `nodeset`.
  package var nodeset: NodeSet?

  /// Makes a binding of a guest cell.
  package init(cell: UInt32, mode: NUMAMode? = nil, nodeset: NodeSet? = nil) {
    self.cell = cell
    self.mode = mode
    self.nodeset = nodeset
  }

  /// Makes the binding of the cell `key`; nil where `key` is not a number.
  package init?(key: String) {
    guard let cell = UInt32(key) else { return nil }
    self.init(cell: cell)
  }

  /// The cell's number as text.
  package var key: String { "\(cell)" }

  /// Whether this is the binding of the cell `key`.
  package func hasKey(_ key: String) -> Bool { cell == UInt32(key) }

  /// All `<memnode>` bindings of `configuration`.
  package static func all(in configuration: borrowing MemoryConfiguration) -> [Self] {
    configuration.numatune.memnodes
  }

  /// Changes the `<memnode>` bindings of `configuration`.
  package static func edit(
    _ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void
  ) {
    body(&configuration.numatune.memnodes)
  }
}

/// How strict a binding to host nodes is; `mode`.
package enum NUMAMode: String, WordLeaf {
  /// Memory comes only from these nodes, or the allocation fails.
  case strict
  /// Memory comes from these nodes if they have enough.
  case preferred
  /// Memory comes from these nodes in turn.
  case interleave
  /// The cgroup decides, so the nodes can change while the guest runs; since libvirt 7.3.
  case restrictive

  /// The number of the mode in libvirt's calls; `virDomainNumatuneMemMode`.
  package var number: Int32 {
    switch self {
    case .strict: 0
    case .preferred: 1
    case .interleave: 2
    case .restrictive: 3
    }
  }
}

/// How the host nodes are chosen; `placement`.
package enum NUMAPlacement: String, WordLeaf {
  /// The definition names the nodes.
  case `static`
  /// numad chooses the nodes when the domain starts.
  case auto
}
