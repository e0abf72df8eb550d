// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension NUMATuning {
  /// Reads `<numatune>`, which may be missing.
  ///
  /// If numad places the processors, libvirt lets numad choose the memory's nodes too, unless the
  /// definition names them. If `<memory>` is missing, libvirt adds this binding by itself.
  init(
    _ element: XMLElement?, placesVCPUsByItself: Bool
  ) throws(DomainXMLError) {
    self.init()
    if let binding = element?.child("memory") {
      memory = try NUMABinding(binding, placesVCPUsByItself: placesVCPUsByItself)
    } else if placesVCPUsByItself {
      memory.mode = .strict
      memory.placement = .auto
    }
    guard let element else { return }
    for child in element.children where child.name == "memnode" {
      guard let cell = try child.number("cellid") else {
        throw child.error("<memnode> does not name its cell. Write cellid='…'.")
      }
      memnodes.append(
        NUMAMemnode(
          cell: cell, mode: try child.word("mode", as: NUMAMode.self) ?? .strict,
          nodeset: try child.nodeSet("nodeset")))
    }
    memnodes.sort { $0.cell < $1.cell }
  }
}

extension NUMABinding {
  /// Reads `<numatune><memory>`; with placement `auto` there is no nodeset.
  fileprivate init(
    _ element: XMLElement, placesVCPUsByItself: Bool
  ) throws(DomainXMLError) {
    self.init()
    mode = try element.word("mode", as: NUMAMode.self) ?? .strict
    nodeset = try element.nodeSet("nodeset")
    placement = try element.word("placement", as: NUMAPlacement.self)
    if placement == nil { placement = nodeset == nil && placesVCPUsByItself ? .auto : .static }
    if placement == .auto { nodeset = nil }
  }
}
