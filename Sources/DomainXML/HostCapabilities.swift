// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// What a host is, read from the XML of `virConnectGetCapabilities`.
package struct HostCapabilities: Sendable, Hashable {
  /// The host's UUID in lower case and with dashes; nil where the driver has none.
  package var uuid: String?
  /// The host's architecture, such as `x86_64`; nil where the driver tells none.
  package var architecture: String?
  /// The size of the host's smallest page; nil where the driver tells none.
  package var pageSize: MemorySize?

  /// Reads `<capabilities>`.
  ///
  /// - Throws: ``DomainXMLError`` where the XML is something else, or is none.
  package static func read(_ xml: Span<UInt8>) throws(DomainXMLError) -> HostCapabilities {
    try XMLDocument.read(xml, root: "capabilities") { (root) throws(DomainXMLError) in
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
    guard let processor else { return }
    for pages in processor.children where pages.name == "pages" {
      guard let size = try pages.size("size") else { continue }
      pageSize = min(pageSize ?? size, size)
    }
  }
}
