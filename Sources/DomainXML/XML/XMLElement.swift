// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// An element of an ``XMLDocument``, valid only inside the closure that receives it from the
/// document.
@safe struct XMLElement {
  let node: xmlNodePtr

  init(_ node: xmlNodePtr) {
    unsafe self.node = node
  }

  /// The element's name, without a copy.
  var name: XMLName { unsafe XMLName(node.pointee.name) }

  /// Whether the element is in no namespace, like all of libvirt's own elements.
  var isInNoNamespace: Bool { unsafe node.pointee.ns == nil }

  /// The line of the element's start tag.
  var line: Int { unsafe xmlGetLineNo(node) }

  /// The child elements in no namespace.
  var children: XMLChildren { unsafe XMLChildren(next: node.pointee.children) }

  /// The first child element with this name; libvirt also uses the first of several.
  func child(_ name: StaticString) -> XMLElement? {
    children.first { $0.name == name }
  }

  /// The child elements of this name in the namespace of libvirt's QEMU driver.
  func childrenOfQEMU(_ name: StaticString) -> [XMLElement] {
    var found: [XMLElement] = []
    var next = unsafe node.pointee.children
    while let current = unsafe next {
      unsafe next = current.pointee.next
      guard unsafe current.pointee.type == XML_ELEMENT_NODE, let space = unsafe current.pointee.ns,
        unsafe xmlStrEqual(space.pointee.href, Self.qemuNamespace.utf8Start) != 0,
        unsafe XMLName(current.pointee.name) == name
      else { continue }
      found.append(unsafe XMLElement(current))
    }
    return found
  }

  private static let qemuNamespace: StaticString = "http://libvirt.org/schemas/domain/qemu/1.0"

  /// The text in the element; nil if it is empty, which libvirt treats like a missing element.
  var text: String? {
    let first = unsafe node.pointee.children
    guard let first = unsafe first else { return nil }
    let text = unsafe XMLText.only(first) ?? XMLText.copied(xmlNodeGetContent(node))
    return text.isEmpty ? nil : text
  }

  /// The value of an attribute; nil if it is empty or missing.
  func attribute(_ name: StaticString) -> String? {
    var next = unsafe node.pointee.properties
    while let attribute = unsafe next {
      unsafe next = attribute.pointee.next
      guard unsafe XMLName(attribute.pointee.name) == name, unsafe attribute.pointee.ns == nil,
        let first = unsafe attribute.pointee.children
      else { continue }
      let text =
        unsafe XMLText.only(first)
        ?? XMLText.copied(xmlNodeListGetString(node.pointee.doc, first, 1))
      return text.isEmpty ? nil : text
    }
    return nil
  }

  /// An error about this element.
  func error(_ message: String) -> DomainXMLError {
    DomainXMLError(message: message, line: line)
  }
}

/// The child elements of an element that are in no namespace.
@safe struct XMLChildren: Sequence, IteratorProtocol {
  private var node: xmlNodePtr?

  init(next node: xmlNodePtr?) {
    unsafe self.node = node
  }

  mutating func next() -> XMLElement? {
    while let current = unsafe node {
      unsafe node = current.pointee.next
      if unsafe current.pointee.type == XML_ELEMENT_NODE, unsafe current.pointee.ns == nil {
        return unsafe XMLElement(current)
      }
    }
    return nil
  }
}

/// A name in a document, compared byte by byte.
@safe struct XMLName {
  private let bytes: UnsafePointer<xmlChar>

  init(_ bytes: UnsafePointer<xmlChar>) {
    unsafe self.bytes = bytes
  }

  /// The name as a string.
  var string: String { unsafe String(cString: bytes) }

  static func == (name: XMLName, text: StaticString) -> Bool {
    // Most names differ in their first byte, and libxml2's function costs a call.
    unsafe name.bytes.pointee == text.utf8Start.pointee
      && xmlStrEqual(name.bytes, text.utf8Start) != 0
  }

  static func ~= (text: StaticString, name: XMLName) -> Bool {
    name == text
  }
}

/// Copies text from libxml2; most text is one node, which is copied directly.
private enum XMLText {
  /// The text of `node`, if it is a text node without a next sibling.
  static func only(_ node: xmlNodePtr) -> String? {
    guard unsafe node.pointee.type == XML_TEXT_NODE, unsafe node.pointee.next == nil,
      let content = unsafe node.pointee.content
    else { return nil }
    return unsafe String(cString: content)
  }

  /// The text at `bytes`, which libxml2 allocated and this function frees.
  static func copied(_ bytes: UnsafeMutablePointer<xmlChar>?) -> String {
    guard let bytes = unsafe bytes else { return "" }
    defer { unsafe virtmem_xml_free(bytes) }
    return unsafe String(cString: bytes)
  }
}
