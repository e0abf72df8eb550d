// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// Parses some elements without keeping them, because creating their nodes takes longer than
/// parsing them.
extension XMLDocument {
  /// Whether virtmem reads neither the element `name`, which `parser` has reached, nor its content.
  ///
  /// This applies to most of a definition: devices unrelated to memory, and the `<metadata>` of
  /// other tools.
  private static func isUnread(_ name: XMLName, met parser: xmlParserCtxtPtr) -> Bool {
    guard let parent = unsafe parser.pointee.node else { return false }
    switch unsafe XMLName(parent.pointee.name) {
    case "domain":
      switch name {
      case "name", "uuid", "memory", "currentMemory", "maxMemory", "memtune", "memoryBacking",
        "numatune", "vcpu", "cpu", "os", "features", "launchSecurity", "devices",
        "commandline":
        return false
      default: return true
      }
    case "features": return !(name == "acpi")
    case "launchSecurity": return true
    case "devices":
      switch name {
      case "memory", "memballoon", "interface", "disk", "filesystem", "video", "hostdev",
        "iommu":
        return false
      default: return true
      }
    // virtmem reads only the attributes of these elements, and in some of them `<driver>`.
    case "interface", "disk", "hostdev": return true
    case "filesystem", "video": return !(name == "driver")
    default: return false
    }
  }

  /// The parser's state with regard to elements that it does not keep.
  struct Unread {
    /// The depth of the parser inside such an element; 0 outside.
    var depth = 0
    /// The PCI slots of all elements, kept or not.
    var slots = PCISlots()
  }

  /// Makes `parser` leave unread elements out of its documents, and count all PCI slots in the
  /// ``Unread`` of the document.
  static func leaveOutUnread(_ parser: xmlParserCtxtPtr) {
    let handler = unsafe parser.pointee.sax
    unsafe handler?.pointee.startElementNs = {
      context, name, prefix, uri, namespaceCount, namespaces, count, defaultCount, attributes in
      guard let parser = unsafe Self.parser(context), let name = unsafe name,
        let unread = unsafe Self.unread(of: parser)
      else { return }
      unsafe unread.pointee.slots.note(
        XMLName(name), in: parser.pointee.name.map { unsafe XMLName($0) },
        XMLAttributes(attributes, count: count))
      guard unsafe unread.pointee.depth == 0, unsafe !Self.isUnread(XMLName(name), met: parser)
      else {
        unsafe unread.pointee.depth += 1
        return
      }
      unsafe xmlSAX2StartElementNs(
        context, name, prefix, uri, namespaceCount, namespaces, count, defaultCount, attributes)
    }
    unsafe handler?.pointee.endElementNs = { context, name, prefix, uri in
      guard let parser = unsafe Self.parser(context), let unread = unsafe Self.unread(of: parser)
      else { return }
      guard unsafe unread.pointee.depth == 0 else {
        unsafe unread.pointee.depth -= 1
        return
      }
      unsafe xmlSAX2EndElementNs(context, name, prefix, uri)
    }
    unsafe handler?.pointee.characters = { context, text, count in
      guard let parser = unsafe Self.parser(context),
        unsafe Self.unread(of: parser)?.pointee.depth == 0
      else { return }
      unsafe xmlSAX2Characters(context, text, count)
    }
  }

  private static func parser(_ context: UnsafeMutableRawPointer?) -> xmlParserCtxtPtr? {
    unsafe context?.assumingMemoryBound(to: xmlParserCtxt.self)
  }

  private static func unread(of parser: xmlParserCtxtPtr) -> UnsafeMutablePointer<Unread>? {
    unsafe parser.pointee._private?.assumingMemoryBound(to: Unread.self)
  }
}
