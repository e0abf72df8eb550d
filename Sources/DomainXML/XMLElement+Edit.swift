// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// Changes to an element, of a document that was parsed to be changed (not compact).
extension XMLElement {
  /// Makes `text` all that is in the element; `xmlNodeSetContent`.
  ///
  /// `text` must need no escaping.
  func setText(_ text: String) {
    unsafe xmlNodeSetContent(node, text)
  }

  /// Sets an attribute; nil takes it away.
  func setAttribute(_ name: String, _ value: String?) {
    if let value {
      unsafe xmlSetProp(node, name, value)
    } else {
      unsafe xmlUnsetProp(node, name)
    }
  }

  /// Takes the element out of its document, with the blanks before it.
  ///
  /// Nothing may use it after that.
  func remove() {
    if let before = unsafe node.pointee.prev, unsafe xmlIsBlankNode(before) == 1 {
      unsafe xmlUnlinkNode(before)
      unsafe xmlFreeNode(before)
    }
    unsafe xmlUnlinkNode(node)
    unsafe xmlFreeNode(node)
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

  /// Whether nothing is in the element, no attribute and no child.
  var isEmpty: Bool {
    unsafe node.pointee.children == nil && node.pointee.properties == nil
  }
}
