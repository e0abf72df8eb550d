// SPDX-License-Identifier: Apache-2.0

extension MemoryDevice {
  /// The values by which libvirt finds a device that has no alias; `virDomainMemoryFindByDef`.
  package struct Identity: Hashable, Sendable {
    /// `<memory model>`.
    package var model: Model?
    /// `<target><node>`, a guest cell.
    package var node: Count?
    /// `<target><size>`.
    package var size: MemorySize?
    /// `<target><block>`.
    package var block: MemorySize?
    /// `<source><pagesize>`.
    package var pageSize: MemorySize?
    /// `<source><nodemask>`, host nodes.
    package var nodemask: NodeSet?
    /// `<source><path>`.
    package var path: Text?

    /// Whether the identity has every value that `wanted` sets.
    ///
    /// Sizes are equal if `align` makes them equal: a start rounds a device's size up.
    package func has(_ wanted: Identity, align: (MemorySize) -> MemorySize) -> Bool {
      (wanted.model == nil || model == wanted.model)
        && (wanted.node == nil || node == wanted.node)
        && (wanted.size == nil || size.map(align) == wanted.size.map(align))
        && (wanted.block == nil || block == wanted.block)
        && (wanted.pageSize == nil || pageSize == wanted.pageSize)
        && (wanted.nodemask == nil || nodemask == wanted.nodemask)
        && (wanted.path == nil || path == wanted.path)
    }
  }

  /// The values by which libvirt finds the device if it has no alias.
  package var identity: Identity {
    Identity(
      model: model, node: node, size: size, block: block, pageSize: pageSize, nodemask: nodemask,
      path: path)
  }
}

extension FieldName {
  /// The fields of ``MemoryDevice/Identity``, in the order in which a call names them.
  package static let identity: [FieldName] = [
    .deviceModel, .deviceSize, .deviceBlock, .deviceNode, .devicePageSize, .deviceNodemask,
    .devicePath,
  ]

  /// Whether libvirt finds a device without an alias by this field.
  package var isIdentity: Bool { Self.identity.contains(self) }
}
