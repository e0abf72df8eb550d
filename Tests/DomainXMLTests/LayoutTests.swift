// SPDX-License-Identifier: Apache-2.0
import DomainXML
import TestSupport
import Testing

@Suite struct LayoutTests {
  static let elements = [
    ["<name>", "web-01", "</name>"],
    ["<uuid>", "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01", "</uuid>"],
    ["<memory unit='GiB'>", "8", "</memory>"],
    ["<currentMemory unit='GiB'>", "6", "</currentMemory>"],
    ["<maxMemory slots='4' unit='GiB'>", "32", "</maxMemory>"],
    ["<memtune>", " ", "<hard_limit unit='GiB'>", "12", "</hard_limit>", " ", "</memtune>"],
    ["<memoryBacking>", " ", "<locked/>", " ", "<source type='memfd'/>", " ", "</memoryBacking>"],
    ["<os>", " ", "<type arch='x86_64'>", "hvm", "</type>", " ", "</os>"],
    ["<metadata>", " ", "<x:memory xmlns:x='urn:x'/>", " ", "</metadata>"],
    [
      "<devices>", " ", "<memballoon model='virtio'>", " ", "<stats period='10'/>", " ",
      "</memballoon>", " ", "<memory model='dimm'>", " ", "<target>", " ", "<size unit='GiB'>", "1",
      "</size>", " ", "</target>", " ", "</memory>", " ", "</devices>",
    ],
  ]

  /// Content that may stand between elements and means nothing.
  static let fillers = [" ", "\n", "\t", "<!-- <memory>1</memory> -->", "<?target data?>", ""]

  static func filler(_ generator: inout SeededGenerator) -> String {
    (0..<3).map { _ in fillers.randomElement(using: &generator) ?? "" }.joined()
  }

  @Test(
    "devices that the reader skips don't change the definition, whatever they contain",
    arguments: [
      "<disk/>", "<controller type='pci'><model name='x'/></controller>",
      "<disk>text<disk><controller/></disk><![CDATA[<memory>]]>&lt;<!-- c --><?i?></disk>",
      "<disk><memory model='dimm'><target><size>1</size></target></memory></disk>",
    ])
  func otherDevices(device: String) throws {
    let plain = Self.elements.map { $0.joined() }.joined()
    let more = plain.replacing("<devices>", with: "<devices>\(device)")
      .replacing("</devices>", with: "\(device)</devices>")
    #expect(more != plain)
    #expect(
      try DomainDefinition.read("<domain type='kvm'>\(more)</domain>")
        == DomainDefinition.read("<domain type='kvm'>\(plain)</domain>"))
  }

  @Test("elements that the definition ignores must be well-formed too")
  func malformed() {
    let text = "<domain type='kvm'>\n<devices><disk><a></disk></devices></domain>"
    let error = #expect(throws: DomainXMLError.self) { try DomainDefinition.read(text) }
    #expect(error?.line == 2)
    #expect(error?.message.contains("not well-formed") == true)
  }

  @Test(
    "the order of elements, and blanks, comments and instructions don't change the definition",
    arguments: 0..<200)
  func layout(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let plain = Self.elements.map { $0.joined() }.joined()
    var shuffled = Self.filler(&generator)
    for element in Self.elements.shuffled(using: &generator) {
      for part in element {
        shuffled += part == " " ? Self.filler(&generator) : part
      }
      shuffled += Self.filler(&generator)
    }
    #expect(
      try DomainDefinition.read("<domain type='kvm'>\(shuffled)</domain>")
        == DomainDefinition.read("<domain type='kvm'>\(plain)</domain>"), "seed \(seed)")
  }
}
