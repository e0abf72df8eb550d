// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

@testable import DomainXML

/// The error of reading `xml` as a domain; nil if it can be read.
func failure(of xml: [UInt8]) -> DomainXMLError? {
  do {
    _ = try DomainDefinition.read(xml.span)
    return nil
  } catch {
    return error
  }
}

/// The error of reading `xml` as a domain; nil if it can be read.
func failure(of xml: String) -> DomainXMLError? {
  failure(of: Array(xml.utf8))
}

@Suite struct XMLDocumentTests {
  static let whole = "<domain type='qemu'>\n  <name>a</name>\n  <memory>1024</memory>\n</domain>\n"

  @Test(
    "the reader refuses malformed XML with its place",
    arguments: [
      ("<domain>\n <name>a</nam>\n</domain>", 2, "well-formed"),
      ("<domain>\n <name>a", 2, "well-formed"),
      ("<domain>\n &boom;</domain>", 2, "well-formed"),
      ("<domain a='1' a='2'/>", 1, "well-formed"),
      ("\(whole)<domain/>", 5, "well-formed"),
      ("no XML", 1, "well-formed"),
      ("", 1, "empty"),
      (String(repeating: "<domain>", count: 100_000), 1, "depth"),
    ])
  func malformed(xml: String, line: Int, word: String) throws {
    let error = try #require(failure(of: xml))
    #expect(error.line == line)
    #expect(error.column > 0)
    #expect(error.message.contains(word))
  }

  @Test("the reader refuses a definition truncated anywhere")
  func cut() {
    let bytes = Array(Self.whole.utf8)
    for end in 0..<bytes.count - 1 {
      #expect(failure(of: Array(bytes[..<end])) != nil, "cut after \(end) bytes")
    }
  }

  @Test("the reader refuses a NUL byte anywhere")
  func nulByte() {
    let bytes = Array(Self.whole.utf8)
    for place in 0...bytes.count {
      #expect(failure(of: bytes[..<place] + [0] + bytes[place...]) != nil, "NUL at \(place)")
    }
  }

  @Test("the reader refuses invalid UTF-8 with its place")
  func badUTF8() throws {
    let error = try #require(
      failure(of: Array("<domain>\n<name>".utf8) + [0xC3, 0x28] + Array("</name></domain>".utf8)))
    #expect(error.line == 2)
  }

  @Test(
    "the reader's error names a <domain> within another element",
    arguments: ["domainsnapshot", "domaincheckpoint", "domstatus", "domainstatus"])
  func wrapped(root: String) throws {
    let xml = "<\(root)><name>s</name><domain type='kvm'><name>a</name></domain></\(root)>"
    let error = try #require(throws: DomainXMLError.self) { try DomainDefinition.read(xml) }
    #expect(error.message.contains("Take the <domain> inside it"))
    let other = try #require(throws: DomainXMLError.self) {
      try DomainDefinition.read("<\(root)><name>s</name></\(root)>")
    }
    #expect(!other.message.contains("inside it"))
  }

  @Test("the reader's error for a saved image differs from that for malformed XML")
  func savedImage() throws {
    let image = "LibvirtQemudSave\u{2}<domain type='kvm'><name>a</name></domain>"
    let error = try #require(throws: DomainXMLError.self) { try DomainDefinition.read(image) }
    #expect(error.message.contains("virsh save-image-dumpxml"))
  }

  @Test(
    "the reader refuses every DOCTYPE",
    arguments: [
      ("<!DOCTYPE domain>\n", 1),
      ("<?xml version='1.0'?>\n<!-- c --><!DOCTYPE domain SYSTEM 'file:///etc/passwd'>\n", 2),
      ("\n<!DOCTYPE domain [<!ENTITY a 'b'>]>\n", 2),
      (
        """
        <!DOCTYPE domain [<!ENTITY a "aaaaaaaaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
        <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>

        """, 1
      ),
    ])
  func documentType(prolog: String, line: Int) throws {
    let error = try #require(failure(of: prolog + Self.whole))
    #expect(error.message.contains("DOCTYPE"))
    #expect(error.line == line)
  }

  @Test(
    "the reader refuses another root and names it",
    arguments: [
      ("<network><name>a</name></network>", "<network>, not"),
      ("<domain xmlns='urn:x'><name>a</name></domain>", "<domain> in a namespace, not"),
      ("<x:domain xmlns:x='urn:x'><name>a</name></x:domain>", "<domain> in a namespace, not"),
    ])
  func root(xml: String, words: String) throws {
    let error = try #require(failure(of: xml))
    #expect(error.message.contains(words))
  }

  @Test("an error in a value has its element's place")
  func place() throws {
    let error = try #require(
      failure(of: "<domain>\n  <name>a</name>\n\t <memory unit='GGG'>5</memory>\n</domain>"))
    #expect(error == DomainXMLError(message: error.message, line: 3, column: 3))
  }

  @Test("text may contain comments, CDATA and character references")
  func text() throws {
    let domain = try DomainDefinition.read(
      "<domain type='&#113;emu'><name>a<!-- no -->&amp;<![CDATA[<b>]]></name>"
        + "<memory>10<!-- no -->24</memory></domain>")
    #expect(domain.name == "a&<b>")
    #expect(domain.type == "qemu")
    #expect(domain.configuration.memory == .mebibytes(1))
  }

  @Test("the reader respects a declared encoding")
  func encoding() throws {
    let xml =
      Array("<?xml version='1.0' encoding='ISO-8859-1'?><domain><name>".utf8) + [0xE9, 0xE8]
      + Array("</name><memory>1</memory></domain>\n".utf8)
    #expect(try DomainDefinition.read(xml.span).name == "éè")
  }
}
