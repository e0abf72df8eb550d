// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel
import Testing

/// Numbers as libvirt 9.0 and 11.3 read them; both were given each spelling here.
@Suite struct ReadNumberTests {
  /// A definition with every number that the reader knows, each passed through `spelled`.
  private func definition(_ spelled: (String) -> String) throws -> MemoryConfiguration {
    let number = spelled
    return try domain(
      """
      <memory unit='GiB'>\(number("1"))</memory>
      <maxMemory slots='\(number("8"))' unit='GiB'>\(number("8"))</maxMemory>
      <memtune><hard_limit unit='GiB'>\(number("4"))</hard_limit></memtune>
      <memoryBacking>
        <hugepages><page size='\(number("2048"))' unit='KiB'/></hugepages>
        <allocation threads='\(number("3"))'/>
      </memoryBacking>
      <vcpu>\(number("4"))</vcpu>
      <numatune><memnode cellid='\(number("1"))' mode='strict' nodeset='0'/></numatune>
      <cpu><numa>
        <cell id='\(number("0"))' cpus='0-1' memory='\(number("1048576"))' unit='KiB'/>
        <cell id='\(number("1"))' cpus='2-3' memory='\(number("1048576"))' unit='KiB'/>
      </numa></cpu>
      <devices>
        <memory model='virtio-mem'>
          <source><pagesize>\(number("2048"))</pagesize></source>
          <target><size unit='GiB'>\(number("2"))</size><node>\(number("1"))</node>
            <block unit='MiB'>\(number("2"))</block>
            <requested unit='GiB'>\(number("1"))</requested>
            <address base='\(number("0x240000000"))'/></target>
        </memory>
        <memballoon model='virtio'><stats period='\(number("7"))'/></memballoon>
      </devices>
      """
    ).configuration
  }

  @Test(
    "the reader accepts blanks, a plus sign and zeros before a number",
    arguments: [" ", "\n", "\t", "&#13;", " \n ", "+", " +"])
  func beforeNumber(prefix: String) throws {
    let plain = try definition { $0 }
    #expect(plain.devices[0].address == Address(bytes: 0x2_4000_0000))
    #expect(plain.memory == .gibibytes(2) && plain.maxMemory.slots?.count == 8)
    #expect(plain.surroundings.vcpus == 4 && plain.cells.count == 2)
    #expect(try definition { prefix + $0 } == plain)
  }

  @Test(
    "the reader refuses anything after a number, and a minus sign before it",
    arguments: [
      "<vcpu>4 </vcpu>", "<vcpu>4\n</vcpu>", "<vcpu>+ 4</vcpu>", "<vcpu>0x4</vcpu>",
      "<memoryBacking><allocation threads='3 '/></memoryBacking>",
      "<memoryBacking><allocation threads='-3'/></memoryBacking>",
      "<maxMemory slots='5 '>9</maxMemory>", "<maxMemory>9 </maxMemory>",
      "<cpu><numa><cell id='0 ' memory='1'/></numa></cpu>",
      "<cpu><numa><cell id='-0' memory='1'/></numa></cpu>",
      "<numatune><memnode cellid='0 ' nodeset='0'/></numatune>",
      "<devices><memballoon model='virtio'><stats period='5 '/></memballoon></devices>",
      "<devices><memballoon model='virtio'><stats period='2147483648'/></memballoon></devices>",
    ])
  func afterNumber(xml: String) {
    #expect(throws: DomainXMLError.self) { try domain("<memory>9</memory>\(xml)") }
  }

  @Test(
    "a period's prefix determines its base",
    arguments: [("0x5", 5), ("05", 5), ("010", 8), ("-5", 0), ("-0x5", 0), (" +5", 5), ("0", 0)])
  func period(text: String, seconds: UInt64) throws {
    let balloon = "<memballoon model='virtio'><stats period='\(text)'/></memballoon>"
    let definition = try domain("<memory>1</memory><devices>\(balloon)</devices>")
    #expect(definition.configuration.memballoon.statsPeriod?.seconds == seconds)
  }

  @Test(
    "an address is hexadecimal with or without 0x, and zero means no address",
    arguments: [
      ("0x140000000", 0x1_4000_0000), ("140000000", 0x1_4000_0000),
      (" 0X140000000", 0x1_4000_0000), ("+0x140000000", 0x1_4000_0000), ("0x0", nil), ("0", nil),
    ] as [(String, UInt64?)])
  func address(text: String, bytes: UInt64?) throws {
    let device =
      "<memory model='virtio-mem'><target><size>1</size><address base='\(text)'/></target></memory>"
    let definition = try domain("<memory>2</memory><devices>\(device)</devices>")
    #expect(definition.configuration.devices[0].address == bytes.map(Address.init(bytes:)))
    for wrong in ["-1", "0x140000000 ", "0xg", "0x"] {
      #expect(throws: DomainXMLError.self) {
        try domain(
          "<memory>2</memory><devices>\(device.replacing(text, with: wrong))</devices>")
      }
    }
  }

  @Test(
    "a set of numbers may have blanks around each number and a final comma",
    arguments: [
      (" 0", "0"), ("0 ", "0"), ("0 , 1", "0-1"), ("0- 1", "0-1"), ("0 -1", "0-1"),
      ("\n0\n", "0"), ("0,", "0"), ("0,1,^1", "0"), ("0\t,1", "0-1"), ("0-0", "0"),
      ("^0", nil), ("0,^0", nil), ("0 1", nil), ("+0", nil), ("0,,1", nil), (" ", nil),
      ("1-0", nil), (",", nil), ("^ 0,1", nil),
    ] as [(String, String?)])
  func sets(text: String, set: String?) throws {
    let xml = "<memory>1</memory><numatune><memory mode='strict' nodeset='\(text)'/></numatune>"
    let read = try? domain(xml).configuration.numatune.memory.nodeset?.description
    #expect(read == set)
  }

  @Test(
    "a UUID may have dashes and blanks before pairs of digits",
    arguments: [
      (" 6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01", true),
      ("\n6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01\n", true),
      ("6f1d2c1e--4a55-4b7e-9d7a-1b1f0a9c0d01", true),
      ("6f 1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01", true),
      ("6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01-", false),
      ("6-f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01", false),
      ("6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d0", false),
    ])
  func uuid(text: String, isRead: Bool) {
    let uuid = try? domain("<uuid>\(text)</uuid><memory>1</memory>").uuid
    #expect(uuid == (isRead ? "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01" : nil))
  }

  @Test("cells without memory leave the size to <memory>, as in libvirt")
  func emptyCells() throws {
    let configuration = try domain(
      """
      <memory>4096</memory><currentMemory>1024</currentMemory>
      <cpu><numa><cell id='0' cpus='0' memory='0'/><cell id='1' memory='0'/></numa></cpu>
      <devices><memory model='dimm'><target><size>1024</size></target></memory></devices>
      """
    ).configuration
    #expect(configuration.memory == .kibibytes(3072))
    #expect(configuration.currentMemory == .exactly(.kibibytes(1024)))
    #expect(configuration.cells.map(\.memory) == [.zero, .zero])
  }
}
