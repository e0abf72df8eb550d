// SPDX-License-Identifier: Apache-2.0

/// The host nodes that a guest's RAM comes from.
///
/// The corresponding libvirt element is `<numatune>`, the call is `virDomainSetNumaParameters`.
public struct NUMATuning: Hashable, Sendable {
  /// What of `<numatune>` there is at all.
  public var removal: Removal?
  /// The binding of all that has none of its own; `<memory>`.
  public var memory = NUMABinding()
  /// What of `<memnode>` there is at all.
  public var memnodesRemoval: Removal?
  /// The bindings of single guest cells; `<memnode>`.
  public var memnodes: [NUMAMemnode] = []

  /// Makes tuning of which nothing is said.
  public init() {}

  /// Whether nothing is said.
  public var isEmpty: Bool { memory.isEmpty && memnodes.isEmpty }
}

/// The binding of a guest's RAM to host nodes; `<numatune><memory>`.
public struct NUMABinding: Hashable, Sendable {
  /// What of `<memory>` there is at all.
  public var removal: Removal?
  /// How strictly; `mode`, which is `strict` where there is a binding that does not say.
  public var mode: NUMAMode?
  /// The host nodes; `nodeset`.
  public var nodeset: NodeSet?
  /// Who chooses the nodes; `placement`.
  public var placement: NUMAPlacement?

  /// Makes a binding of which nothing is said.
  public init() {}

  /// Whether nothing is said.
  public var isEmpty: Bool { mode == nil && nodeset == nil && placement == nil }
}

/// The binding of one guest cell; `<memnode>`.
public struct NUMAMemnode: Hashable, Sendable, ConfigurationItem {
  /// The guest cell; `cellid`.
  public var cell: UInt32
  /// Whether it is, or should be, there.
  public var state: ItemState?
  /// How strictly; `mode`.
  public var mode: NUMAMode?
  /// The host nodes; `nodeset`.
  public var nodeset: NodeSet?

  /// Makes a binding.
  public init(cell: UInt32, mode: NUMAMode? = nil, nodeset: NodeSet? = nil) {
    self.cell = cell
    self.mode = mode
    self.nodeset = nodeset
  }

  /// Makes the binding of the cell that `key` numbers.
  public init?(key: String) {
    guard let cell = UInt32(key) else { return nil }
    self.init(cell: cell)
  }

  /// The cell's number.
  public var key: String { "\(cell)" }

  /// Whether this is the binding of the cell that `key` numbers.
  public func hasKey(_ key: String) -> Bool { cell == UInt32(key) }

  /// All of `configuration`.
  public static func all(in configuration: borrowing MemoryConfiguration) -> [Self] {
    configuration.numatune.memnodes
  }

  /// Changes all of `configuration`.
  public static func edit(
    _ configuration: inout MemoryConfiguration, _ body: (inout [Self]) -> Void
  ) {
    body(&configuration.numatune.memnodes)
  }
}

/// How strictly RAM is bound to host nodes; `mode`.
public enum NUMAMode: String, WordLeaf {
  /// From these nodes, or the allocation fails.
  case strict
  /// From these nodes first.
  case preferred
  /// From these nodes in turn.
  case interleave
  /// As the cgroup says, which can change live; since libvirt 7.3.
  case restrictive

  /// libvirt's number for it; `virDomainNumatuneMemMode`.
  public var number: Int32 {
    switch self {
    case .strict: 0
    case .preferred: 1
    case .interleave: 2
    case .restrictive: 3
    }
  }
}

/// Who chooses the host nodes; `placement`.
public enum NUMAPlacement: String, WordLeaf {
  /// The definition's nodeset.
  case `static`
  /// numad, when the domain starts.
  case auto
}
