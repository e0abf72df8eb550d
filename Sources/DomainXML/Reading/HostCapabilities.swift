// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// A host's properties, read from the XML of `virConnectGetCapabilities`.
package struct HostCapabilities: Sendable, Hashable {
  /// The host's UUID in lower case and with dashes; nil if the driver reports none.
  package var uuid: String?
  /// The host's architecture, such as `x86_64`; nil if the driver reports none.
  package var architecture: String?
  /// The host's page sizes in ascending order, the system's page size first; empty if the driver
  /// reports none.
  package var pageSizes: [MemorySize] = []
  /// The host's NUMA nodes with their memory and huge pages; empty if the driver reports none.
  ///
  /// libvirt reports no free memory here.
  package var nodes: [HostNode] = []

  /// Reads `<capabilities>`.
  ///
  /// - Throws: ``DomainXMLError`` if the XML is not well-formed or has another root.
  package static func read(_ xml: Span<UInt8>) throws(DomainXMLError) -> HostCapabilities {
    try XMLDocument.read(xml, root: "capabilities") { (_, root) throws(DomainXMLError) in
      try HostCapabilities(root)
    }
  }

  /// Reads the XML in a string.
  ///
  /// - Throws: ``DomainXMLError`` in the same cases as for bytes.
  package static func read(_ xml: String) throws(DomainXMLError) -> HostCapabilities {
    try read(xml.utf8Span.span)
  }

  private init(_ capabilities: XMLElement) throws(DomainXMLError) {
    let host = capabilities.child("host")
    let processor = host?.child("cpu")
    uuid = try host?.child("uuid")?.uuid()
    architecture = processor?.child("arch")?.text
    for pages in processor?.children.filter({ $0.name == "pages" }) ?? [] {
      if let size = try pages.size("size") { pageSizes.append(size) }
    }
    pageSizes.sort()
    let cells = host?.child("topology")?.child("cells")
    for cell in cells?.children.filter({ $0.name == "cell" }) ?? [] {
      if let node = try node(cell) { nodes.append(node) }
    }
    nodes.sort { $0.number < $1.number }
  }

  /// Reads `<cell>`, where the smallest pages are the system's and no huge pages.
  private func node(_ cell: XMLElement) throws(DomainXMLError) -> HostNode? {
    guard let number = try cell.number("id") else { return nil }
    var node = HostNode(number, total: try cell.child("memory")?.size())
    for pages in cell.children.filter({ $0.name == "pages" }) {
      guard let size = try pages.size("size") else { continue }
      node.pools.append(HugepagePool(size: size, total: try pages.count() ?? 0))
    }
    node.pools = Array(node.pools.sorted { $0.size < $1.size }.dropFirst())
    return node
  }
}
