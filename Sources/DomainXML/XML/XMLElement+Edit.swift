// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// Changes to an element, of a document that was parsed to be changed (not compact).
extension XMLElement {
  /// Makes `text` all that is in the element, escaped as it needs; nil leaves nothing in it.
  ///
  /// `text` must be of characters that XML has.
  func setText(_ text: String?) {
    unsafe xmlNodeSetContent(node, nil)
    // What xmlNodeSetContent is given must be escaped; this takes it as it is.
    if let text { unsafe xmlNodeAddContent(node, text) }
  }

  /// Sets an attribute, escaped as it needs; nil takes it away.
  ///
  /// `value` must be of characters that XML has.
  func setAttribute(_ name: String, _ value: String?) {
    if let value {
      unsafe xmlSetProp(node, name, value)
    } else {
      unsafe xmlUnsetProp(node, name)
    }
  }

  /// Takes the element out of its document, with the blanks before it, and those behind it where
  /// nothing else is left.
  ///
  /// Nothing may use it after that.
  func remove() {
    if let behind = unsafe node.pointee.next, unsafe behind.pointee.next == nil,
      unsafe xmlIsBlankNode(behind) == 1, isFirst
    {
      unsafe xmlUnlinkNode(behind)
      unsafe xmlFreeNode(behind)
    }
    if let before = unsafe node.pointee.prev, unsafe xmlIsBlankNode(before) == 1 {
      unsafe xmlUnlinkNode(before)
      unsafe xmlFreeNode(before)
    }
    unsafe xmlUnlinkNode(node)
    unsafe xmlFreeNode(node)
  }

  /// Whether nothing but blanks is before the element.
  private var isFirst: Bool {
    guard let before = unsafe node.pointee.prev else { return true }
    return unsafe before.pointee.prev == nil && xmlIsBlankNode(before) == 1
  }

  /// A new child element at the end, in no namespace.
  func append(_ name: String) -> XMLElement? {
    unsafe xmlNewChild(node, nil, name, nil).map { unsafe XMLElement($0) }
  }

  /// A new element in no namespace right behind this one.
  func insertBehind(_ name: String) -> XMLElement? {
    guard let new = unsafe xmlNewDocNode(node.pointee.doc, nil, name, nil) else { return nil }
    return unsafe xmlAddNextSibling(node, new).map { unsafe XMLElement($0) }
  }

  /// A new element in no namespace right before this one.
  func insertBefore(_ name: String) -> XMLElement? {
    guard let new = unsafe xmlNewDocNode(node.pointee.doc, nil, name, nil) else { return nil }
    return unsafe xmlAddPrevSibling(node, new).map { unsafe XMLElement($0) }
  }

  /// Moves the element right behind `other`, which has the same parent.
  func move(behind other: XMLElement) {
    unsafe _ = xmlAddNextSibling(other.node, node)
  }

  /// Whether nothing that means something is in the element: no attribute, element or text.
  var isEmpty: Bool {
    guard unsafe node.pointee.properties == nil else { return false }
    var next = unsafe node.pointee.children
    while let child = unsafe next {
      let isNothing =
        unsafe child.pointee.type == XML_COMMENT_NODE || xmlIsBlankNode(child) == 1
      guard isNothing else { return false }
      unsafe next = child.pointee.next
    }
    return true
  }

  /// The element alone as text.
  func xml() throws(DomainXMLError) -> String {
    guard let buffer = unsafe xmlBufferCreate() else {
      throw error("There is no memory left to write XML in.")
    }
    defer { unsafe xmlBufferFree(buffer) }
    guard unsafe xmlNodeDump(buffer, node.pointee.doc, node, 0, 0) >= 0,
      let content = unsafe xmlBufferContent(buffer)
    else { throw error("There is no memory left to write XML in.") }
    return unsafe String(cString: content)
  }
}
