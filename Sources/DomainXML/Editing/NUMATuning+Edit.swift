// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension XMLElement {
  /// Removes the nodeset or the placement of a `<domain>`'s binding if `changes` require it.
  ///
  /// libvirt ignores the nodeset with placement `auto`. With a nodeset it neither needs nor writes
  /// a placement.
  func settleBinding(_ changes: [Change]) {
    guard let memory = child("numatune")?.child("memory") else { return }
    let placement = changes.first { $0.field.name == .numatunePlacement }
    let nodeset = changes.first { $0.field.name == .numatuneNodeset }
    if placement?.to == NUMAPlacement.auto.fieldValue {
      memory.setAttribute("nodeset", nil)
    } else if placement != nil || nodeset?.to != nil, memory.attribute("nodeset") != nil {
      memory.setAttribute("placement", nil)
    }
  }

  /// Applies a change to the binding of one cell of a `<domain>`, and removes a binding that
  /// becomes empty.
  func makeMemnode(_ change: Change) throws(DomainXMLError) {
    guard let cell = change.field.item.flatMap({ UInt32($0) }) else { throw noNumber(change) }
    let found = try memnode(cell)
    if change.field.name == .memnodeState {
      if change.to == nil || change.to == ItemState.absent.fieldValue { found?.remove() }
    } else if change.to != nil || found != nil {
      let memnode =
        if let found { found } else { try made("numatune").new("memnode", "cellid", cell) }
      try memnode.write(change.field.name, change.to)
      if memnode.attribute("mode") == nil && memnode.attribute("nodeset") == nil {
        memnode.remove()
      }
    }
    prune(["numatune"])
  }

  /// The binding of the cell with the number `cell`.
  func memnode(_ cell: UInt32) throws(DomainXMLError) -> XMLElement? {
    for memnode in child("numatune")?.children.filter({ $0.name == "memnode" }) ?? [] {
      if try memnode.number("cellid") == cell { return memnode }
    }
    return nil
  }
}
