// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// What a host is, read from the XML of `virConnectGetCapabilities`.
package struct HostCapabilities: Sendable, Hashable {
  /// The host's UUID in lower case and with dashes; nil where the driver has none.
  package var uuid: String?
  /// The host's architecture, such as `x86_64`; nil where the driver tells none.
  package var architecture: String?
  /// The sizes of the host's pages, the system's first, which is the smallest; empty where the
  /// driver tells none.
  package var pageSizes: [MemorySize] = []
  /// The host's NUMA nodes; nil where the driver tells none.
  package var nodes: NodeSet?

  /// Reads `<capabilities>`.
  ///
  /// - Throws: ``DomainXMLError`` where the XML is something else, or is none.
  package static func read(_ xml: Span<UInt8>) throws(DomainXMLError) -> HostCapabilities {
    try XMLDocument.read(xml, root: "capabilities") { (_, root) throws(DomainXMLError) in
      try HostCapabilities(root)
    }
  }

  /// Reads the XML in a string.
  ///
  /// - Throws: ``DomainXMLError`` as the other does.
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
