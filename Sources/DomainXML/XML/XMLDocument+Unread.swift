// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// What is parsed like all else and not kept: making its nodes takes longer than parsing it.
extension XMLDocument {
  /// Whether nobody reads an element of this name, which `parser` meets, nor what is in it.
  ///
  /// Most of a definition is so: devices that are none of memory's business, and what tools leave in
  /// `<metadata>`.
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
      case "memory", "memballoon", "interface", "disk", "filesystem", "video", "hostdev":
        return false
      default: return true
      }
    // Of these their own attributes say all, or those of the driver.
    case "interface", "disk", "hostdev": return true
    case "filesystem", "video": return !(name == "driver")
    default: return false
    }
  }

  /// What is known of the elements that are left out.
  struct Unread {
    /// How deep in one of them the parser is.
    var depth = 0
    /// What they say of PCI slots.
    var slots = PCISlots()
  }

  /// Makes `parser` leave such elements out of the document, and note in `unread` what they say.
  ///
  /// `unread` has to stay where it is for as long as the parser is used.
  static func leaveOutUnread(_ parser: xmlParserCtxtPtr, _ unread: UnsafeMutablePointer<Unread>) {
    // libxml2 leaves `_private` to its caller.
    unsafe parser.pointee._private = UnsafeMutableRawPointer(unread)
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
