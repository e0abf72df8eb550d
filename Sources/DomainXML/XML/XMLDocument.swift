// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// A parsed XML document; its elements are valid only as long as it exists.
@safe struct XMLDocument: ~Copyable {
  private let document: xmlDocPtr
  /// The parser, which shares a table of names with the document.
  private let parser: XMLParser
  /// The free PCI slots of a domain's definition; nil if the whole document was kept.
  let freePCISlots: Int?

  /// The libxml2 option that drops blanks between elements.
  static let withoutBlanks: UInt32 = XML_PARSE_NOBLANKS.rawValue

  private init(adopting document: xmlDocPtr, of parser: consuming XMLParser, freePCISlots: Int?) {
    unsafe self.document = document
    self.parser = parser
    self.freePCISlots = freePCISlots
  }

  deinit {
    unsafe xmlFreeDoc(document)
  }

  /// Parses `xml` and passes its root, which must be libvirt's element `name`, to `body`.
  ///
  /// `body` must not keep the element.
  static func read<Result>(
    _ xml: Span<UInt8>, root name: StaticString,
    _ body: (borrowing XMLDocument, XMLElement) throws(DomainXMLError) -> Result
  ) throws(DomainXMLError) -> Result {
    // Most nodes are blanks that only format the text, and virtmem does not read them.
    let options = XML_PARSE_COMPACT.rawValue | withoutBlanks
    return try read(xml, root: name, options: options, isWhole: false, body)
  }

  /// Parses `xml` with libxml2's `options`, and passes the document and its root to `body`.
  ///
  /// If `isWhole` is false, the document lacks the elements that virtmem does not read.
  static func read<Result>(
    _ xml: Span<UInt8>, root name: StaticString, options: UInt32, isWhole: Bool = true,
    _ body: (borrowing XMLDocument, XMLElement) throws(DomainXMLError) -> Result
  ) throws(DomainXMLError) -> Result {
    let document = try parse(xml, options: options, isWhole: isWhole)
    do {
      return try document.withRoot { (root) throws(DomainXMLError) in
        try root.requireRoot(name)
        return try body(document, root)
      }
    } catch {
      throw error.afterIndentation(in: xml)
    }
  }

  private borrowing func withRoot<Result>(
    _ body: (XMLElement) throws(DomainXMLError) -> Result
  ) throws(DomainXMLError) -> Result {
    guard let root = unsafe xmlDocGetRootElement(document) else {
      throw DomainXMLError(message: "The XML has no element.", line: 1)
    }
    return try body(unsafe XMLElement(root))
  }

  /// Parses `xml` without network access, entities, a DOCTYPE, or output on standard error.
  ///
  /// libxml2's own limits (depth, length of names and texts) remain in force.
  private static func parse(
    _ xml: Span<UInt8>, options extra: UInt32, isWhole: Bool
  ) throws(DomainXMLError) -> XMLDocument {
    try requireNoImage(xml)
    try requireBounds(xml)
    let size = Int32(xml.count)
    let parser = try XMLParser(keepingAll: isWhole)
    var unread = Unread()
    let options =
      XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
      | XML_PARSE_BIG_LINES.rawValue | extra
    // The attributes were counted as UTF-8, so libxml2 must not read another encoding.
    let encoding = isLarge(xml) ? "UTF-8" : nil
    let parsed = unsafe withUnsafeMutablePointer(to: &unread) { unread in
      if !isWhole { unsafe parser.count(in: unread) }
      return unsafe xml.withUnsafeBytes { bytes in
        unsafe xmlCtxtReadMemory(
          parser.context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), size, nil,
          encoding, Int32(options))
      }
    }
    return try unsafe document(parsed, of: parser, size: size, freePCISlots: unread.slots.free)
  }

  /// Throws if `xml` is a file in which libvirt saves a guest together with its definition.
  private static func requireNoImage(_ xml: Span<UInt8>) throws(DomainXMLError) {
    let magic = Array("LibvirtQemud".utf8)
    guard xml.count >= magic.count, magic.indices.allSatisfy({ xml[$0] == magic[$0] }) else {
      return
    }
    throw DomainXMLError(
      message: "This is a guest's saved image, and no XML. Give what `virsh save-image-dumpxml` "
        + "prints of it.", line: 1)
  }

  /// The document as text, formatted like the input.
  borrowing func text() throws(DomainXMLError) -> String {
    var bytes: UnsafeMutablePointer<xmlChar>?
    var size: Int32 = 0
    unsafe xmlDocDumpMemoryEnc(document, &bytes, &size, "UTF-8")
    return unsafe try Self.taken(bytes)
  }

  /// The document in canonical form (C14N 1.1), without comments.
  borrowing func canonical() throws(DomainXMLError) -> String {
    var bytes: UnsafeMutablePointer<xmlChar>?
    let mode = Int32(XML_C14N_1_1.rawValue)
    unsafe xmlC14NDocDumpMemory(document, nil, mode, nil, 0, &bytes)
    return unsafe try Self.taken(bytes)
  }

  /// The text at `bytes`, which libxml2 allocated and this function frees.
  private static func taken(
    _ bytes: UnsafeMutablePointer<xmlChar>?
  ) throws(DomainXMLError) -> String {
    guard let bytes = unsafe bytes else {
      throw DomainXMLError(message: "There is no memory left to write XML in.", line: 1)
    }
    defer { unsafe virtmem_xml_free(bytes) }
    return unsafe String(cString: bytes)
  }

  private static func document(
    _ parsed: xmlDocPtr?, of owner: consuming XMLParser, size: Int32, freePCISlots: Int?
  ) throws(DomainXMLError) -> XMLDocument {
    let parser = unsafe owner.context
    guard unsafe parser.pointee.errNo != Int32(XML_ERR_USER_STOP.rawValue) else {
      // Some versions of libxml2 return a document for the text before the DOCTYPE, others don't.
      unsafe xmlFreeDoc(parsed)
      throw unsafe here(parser, "The XML has a DOCTYPE, which libvirt never writes. Take it out.")
    }
    guard let parsed = unsafe parsed else { throw unsafe failure(of: parser) }
    // libxml2 takes a NUL byte after the last element as the end of the input.
    guard unsafe xmlByteConsumed(parser) == CLong(size) else {
      unsafe xmlFreeDoc(parsed)
      throw unsafe here(parser, "The XML has a NUL byte. Take it out.")
    }
    owner.isSound = true
    return unsafe XMLDocument(adopting: parsed, of: owner, freePCISlots: freePCISlots)
  }

  private static func failure(of parser: xmlParserCtxtPtr) -> DomainXMLError {
    guard let error = unsafe xmlCtxtGetLastError(parser) else {
      return unsafe here(parser, "The XML can't be parsed. Give it as `virsh dumpxml` prints it.")
    }
    var reason =
      unsafe error.pointee.message.map { unsafe String(cString: $0) } ?? "no reason given"
    while reason.last?.isNewline == true { reason.removeLast() }
    return DomainXMLError(
      message: "The XML is not well-formed: \(reason). Give it as `virsh dumpxml` prints it.",
      line: unsafe max(1, Int(error.pointee.line)), column: unsafe max(1, Int(error.pointee.int2)))
  }

  private static func here(_ parser: xmlParserCtxtPtr, _ message: String) -> DomainXMLError {
    let input = unsafe parser.pointee.input
    return unsafe DomainXMLError(
      message: message, line: max(1, Int(input?.pointee.line ?? 1)),
      column: max(1, Int(input?.pointee.col ?? 1)))
  }
}

extension XMLElement {
  fileprivate func requireRoot(_ name: StaticString) throws(DomainXMLError) {
    guard self.name == name, isInNoNamespace else {
      let place = isInNoNamespace ? "" : " in a namespace"
      // In snapshots, checkpoints and libvirt's status files the definition is inside another
      // element.
      if children.contains(where: { $0.name == name }) {
        throw error(
          "The root element is <\(self.name.string)>\(place), and a <\(name)> is in it. "
            + "Take the <\(name)> inside it, and give that alone.")
      }
      throw error(
        "The root element is <\(self.name.string)>\(place), not <\(name)> in no namespace. "
          + "Give the XML as libvirt writes it.")
    }
  }
}
