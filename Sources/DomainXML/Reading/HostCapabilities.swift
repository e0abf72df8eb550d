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
  /// The host's NUMA nodes; nil if the driver reports none.
  package var nodes: NodeSet?

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
      guard let id = try cell.number("id") else { continue }
      nodes = (nodes ?? NodeSet()).union(NodeSet([id...id]))
    }
  }
}
