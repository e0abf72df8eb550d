// SPDX-License-Identifier: Apache-2.0

/// Checks XML before libxml2 parses it, because some XML needs excessive time or memory.
extension XMLDocument {
  /// The maximum size in bytes: libvirt's protocol carries no larger definition.
  private static let largest = 4 << 20
  /// Up to this size in bytes, no tag can have enough attributes to be slow.
  private static let harmless = 64 << 10
  private static let mostAttributes = 1000

  /// Whether `xml` is so large that its tags are checked, which assumes UTF-8.
  static func isLarge(_ xml: Span<UInt8>) -> Bool { xml.count > harmless }

  /// Checks that libxml2 can parse `xml` in bounded time.
  ///
  /// libxml2 compares all attributes of a tag with each other.
  static func requireBounds(_ xml: Span<UInt8>) throws(DomainXMLError) {
    guard !xml.isEmpty else {
      throw DomainXMLError(
        message: "The XML is empty. Give a definition as `virsh dumpxml` prints it.", line: 1)
    }
    guard xml.count <= largest else {
      throw DomainXMLError(
        message:
          "The XML is larger than 4 MiB, which libvirt carries at most. Give the right file.",
        line: 1)
    }
    guard isLarge(xml) else { return }
    var index = 0
    while let tag = find("<", in: xml, from: index) {
      if let end = skipped(in: xml, from: tag) {
        index = end
      } else {
        index = try endOfTag(in: xml, from: tag)
      }
    }
  }

  /// The index after a comment, a CDATA section or an instruction that begins at `start`; nil if
  /// none does.
  private static func skipped(in xml: Span<UInt8>, from start: Int) -> Int? {
    let kinds: [(StaticString, StaticString)] = [
      ("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"),
    ]
    for (opening, closing) in kinds where has(opening, in: xml, at: start) {
      let body = start + opening.utf8CodeUnitCount
      return find(closing, in: xml, from: body).map { $0 + closing.utf8CodeUnitCount } ?? xml.count
    }
    return nil
  }

  private static func endOfTag(in xml: Span<UInt8>, from start: Int) throws(DomainXMLError) -> Int {
    var count = 0
    var quote: UInt8?
    for index in start..<xml.count {
      let byte = xml[index]
      if let open = quote {
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: ">"): return index + 1
      case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
      case UInt8(ascii: "="): count += 1
      default: continue
      }
      guard count <= mostAttributes else {
        throw DomainXMLError(
          message: """
            A tag has more than \(mostAttributes) attributes, which libvirt never writes. Give the \
            right file.
            """, line: line(of: start, in: xml))
      }
    }
    return xml.count
  }

  private static func line(of place: Int, in xml: Span<UInt8>) -> Int {
    var line = 1
    for index in 0..<place where xml[index] == UInt8(ascii: "\n") { line += 1 }
    return line
  }

  private static func find(_ text: StaticString, in xml: Span<UInt8>, from start: Int) -> Int? {
    var index = start
    while index < xml.count {
      if has(text, in: xml, at: index) { return index }
      index += 1
    }
    return nil
  }

  private static func has(_ text: StaticString, in xml: Span<UInt8>, at start: Int) -> Bool {
    guard start + text.utf8CodeUnitCount <= xml.count else { return false }
    for offset in 0..<text.utf8CodeUnitCount {
      let byte = unsafe text.utf8Start[offset]
      guard xml[start + offset] == byte else { return false }
    }
    return true
  }
}
