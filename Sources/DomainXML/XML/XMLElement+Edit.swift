// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// Changes elements of a document that was parsed without `XML_PARSE_COMPACT`.
extension XMLElement {
  /// Replaces the element's content with `text`, escaped if necessary; nil empties the element.
  ///
  /// `text` must contain only characters that XML allows.
  func setText(_ text: String?) {
    unsafe xmlNodeSetContent(node, nil)
    // xmlNodeSetContent expects escaped text, and xmlNodeAddContent raw text.
    if let text { unsafe xmlNodeAddContent(node, text) }
  }

  /// Sets an attribute, escaped if necessary; nil removes it.
  ///
  /// `value` must contain only characters that XML allows.
  func setAttribute(_ name: String, _ value: String?) {
    if let value {
      unsafe xmlSetProp(node, name, value)
    } else {
      unsafe xmlUnsetProp(node, name)
    }
  }

  /// Removes the element from its document, with the blanks before it, and those after it if
  /// nothing else is left.
  ///
  /// The caller must not use the element afterwards.
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

  /// Whether only blanks precede the element in its parent.
  private var isFirst: Bool {
    guard let before = unsafe node.pointee.prev else { return true }
    return unsafe before.pointee.prev == nil && xmlIsBlankNode(before) == 1
  }

  /// Adds a child element in no namespace at the end; nil if there is no memory left.
  func append(_ name: String) -> XMLElement? {
    unsafe xmlNewChild(node, nil, name, nil).map { unsafe XMLElement($0) }
  }

  /// Adds an element in no namespace directly after this one; nil if there is no memory left.
  func insertBehind(_ name: String) -> XMLElement? {
    guard let new = unsafe xmlNewDocNode(node.pointee.doc, nil, name, nil) else { return nil }
    return unsafe xmlAddNextSibling(node, new).map { unsafe XMLElement($0) }
  }

  /// Adds an element in no namespace directly before this one; nil if there is no memory left.
  func insertBefore(_ name: String) -> XMLElement? {
    guard let new = unsafe xmlNewDocNode(node.pointee.doc, nil, name, nil) else { return nil }
    return unsafe xmlAddPrevSibling(node, new).map { unsafe XMLElement($0) }
  }

  /// Moves the element directly after `other`, which must have the same parent.
  func move(behind other: XMLElement) {
    unsafe _ = xmlAddNextSibling(other.node, node)
  }

  /// Whether the element has no attributes, and only blanks and comments as content.
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

  /// The element and its content as XML text.
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
