// SPDX-License-Identifier: Apache-2.0
import CLibXML2
import Synchronization

/// A parser of libxml2 (`xmlParserCtxt`), used for one document after the other.
///
/// A new parser costs as much as parsing a small definition, above all its table of names.
@safe struct XMLParser: ~Copyable {
  let context: xmlParserCtxtPtr
  private let keepsAll: Bool
  /// Whether the parser has parsed a document, and so can be used again.
  var isSound = false

  /// Parsers that leave out what virtmem does not read, and that no document uses.
  private static let spare = Mutex<[Spare]>([])
  /// The number of names up to which a parser is used again; libvirt has some hundred.
  private static let mostNames: Int32 = 2000

  @safe private struct Spare: @unchecked Sendable {
    let context: xmlParserCtxtPtr
  }

  /// Takes a parser that is free, or makes one.
  ///
  /// Without `keepingAll`, the document lacks the elements that virtmem does not read.
  ///
  /// - Throws: ``DomainXMLError`` where there is no memory.
  init(keepingAll keepsAll: Bool) throws(DomainXMLError) {
    self.keepsAll = keepsAll
    if !keepsAll, let spare = Self.spare.withLock({ $0.popLast() }) {
      unsafe context = spare.context
      return
    }
    guard let context = unsafe xmlNewParserCtxt() else {
      throw DomainXMLError(message: "There is no memory left to parse XML in.", line: 1)
    }
    unsafe self.context = context
    // Stopping at a DOCTYPE prevents entity declarations, so no entity can expand to a huge text.
    unsafe context.pointee.sax.pointee.internalSubset = { parser, _, _, _ in
      unsafe xmlStopParser(parser?.assumingMemoryBound(to: xmlParserCtxt.self))
    }
    if !keepsAll { unsafe XMLDocument.leaveOutUnread(context) }
  }

  deinit {
    unsafe context.pointee._private = nil
    guard isSound, !keepsAll, unsafe xmlDictSize(context.pointee.dict) < Self.mostNames else {
      return unsafe xmlFreeParserCtxt(context)
    }
    let spare = unsafe Spare(context: context)
    Self.spare.withLock { $0.append(spare) }
  }

  /// Makes the parser count the PCI slots of its next document in `unread`.
  ///
  /// The caller must keep `unread` at its address while it uses the parser.
  func count(in unread: UnsafeMutablePointer<XMLDocument.Unread>) {
    // libxml2 reserves `_private` for its caller.
    unsafe context.pointee._private = UnsafeMutableRawPointer(unread)
  }
}
