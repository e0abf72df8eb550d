// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel
import Testing

@Suite struct EditedDevicesTests {
  private static let xml = """
    <domain><name>a</name><maxMemory slots='8' unit='KiB'>33554432</maxMemory>
      <memory unit='KiB' dumpCore='on'>7340032</memory>
      <currentMemory unit='KiB'>1048576</currentMemory>
      <memoryBacking><locked/></memoryBacking>
      <cpu mode='host-model'><numa>
        <cell id='0' cpus='0-1' memory='2097152' unit='KiB'><distances><sibling id='0' value='10'/>
          <sibling id='1' value='20'/></distances></cell>
        <cell id='1' cpus='2-3' memory='2097152' unit='KiB'/>
      </numa></cpu>
      <devices>
        <controller type='pci' index='1'/>
        <memory model='dimm'><target><size unit='KiB'>1048576</size><node>0</node></target>
          <address type='dimm' slot='0'/></memory>
        <memory model='dimm'><target><size unit='KiB'>1048576</size><node>1</node></target>
          <address type='dimm' slot='1'/></memory>
        <memory model='virtio-mem'><target><size unit='KiB'>1048576</size><node>0</node>
          <block unit='KiB'>2048</block><requested unit='KiB'>0</requested>
          <current unit='KiB'>0</current></target>
          <alias name='ua-elastic'/><address type='pci' bus='0x03'/></memory>
      </devices></domain>
    """

  private static func change(
    _ text: String, _ from: FieldValue?, _ to: FieldValue?
  ) throws -> Change {
    Change(field: try #require(FieldPath(text)), from: from, to: to)
  }

  /// The fields that distinguish the DIMM of cell `node` from the other.
  private static func identity(_ name: String, node: UInt64) throws -> [Change] {
    try [
      change("devices.\(name).model", .word("dimm"), .word("dimm")),
      change("devices.\(name).size", .size(.gibibytes(1)), .size(.gibibytes(1))),
      change("devices.\(name).node", .count(node), .count(node)),
    ]
  }

  @Test("the editor finds a device without alias by libvirt's criteria and gives it no alias")
  func withoutAlias() throws {
    let shared = try Self.change("devices.dimm-1.access", nil, .word("shared"))
    let changes = try Self.identity("dimm-1", node: 1) + [shared]
    let devices = try DomainDefinition.read(DomainEditor.edited(Self.xml, changes)).configuration
      .devices
    #expect(devices.map(\.access) == [nil, .shared, nil])
    #expect(devices.map(\.alias) == [nil, nil, "elastic"])
  }

  @Test("the editor finds a running device by its size in whole 2 MiB")
  func aligned() throws {
    let xml = Self.xml.replacing(
      "<size unit='KiB'>1048576</size><node>1", with: "<size unit='KiB'>1048001</size><node>1")
    let gone = try Self.change("devices.b.state", .word("present"), .word("absent"))
    let edited = try DomainEditor.edited(xml, Self.identity("b", node: 1) + [gone])
    #expect(try DomainDefinition.read(edited).configuration.devices.map(\.node) == [0, 0])
    #expect(edited.contains("dumpCore=\"on\">6291456</memory>"), "the total follows")
  }

  @Test("the editor refuses an ambiguous device and an incomplete new one")
  func ambiguousOrIncomplete() throws {
    let twins = Self.xml.replacing("<node>1</node></target>", with: "<node>0</node></target>")
    let gone = try Self.change("devices.a.state", .word("present"), .word("absent"))
    let changes = try Self.identity("a", node: 0) + [gone]
    #expect(throws: DomainXMLError.self) { try DomainEditor.edited(twins, changes) }
    let half = try Self.change("devices.x.size", nil, .size(.gibibytes(1)))
    #expect(throws: DomainXMLError.self) { try DomainEditor.edited(Self.xml, [half]) }
    let bell = try [
      half, Self.change("devices.x.model", nil, .word("nvdimm")),
      Self.change("devices.x.path", nil, .word("/a\u{7}")),
    ]
    #expect(throws: DomainXMLError.self) { try DomainEditor.edited(Self.xml, bell) }
    #expect(throws: DomainXMLError.self) { try DomainEditor.device(adding: bell) }
  }

  @Test("the editor ignores the removal of a device that is already gone")
  func goneAlready() throws {
    let gone = try Self.change("devices.x.state", .word("present"), .word("absent"))
    #expect(
      try DomainEditor.canonical(DomainEditor.edited(Self.xml, [gone]))
        == DomainEditor.canonical(Self.xml))
  }

  @Test("the editor writes a new device's own element for attaching it")
  func added() throws {
    let xml = try DomainEditor.device(adding: [
      Self.change("devices.e.requested", nil, .size(.zero)),
      Self.change("devices.e.size", nil, .size(.gibibytes(1))),
      Self.change("devices.e.model", nil, .word("virtio-mem")),
      Self.change("devices.e.node", nil, .count(0)),
      Self.change("devices.e.block", nil, .size(.mebibytes(2))),
      Self.change("devices.e.state", .word("absent"), .word("present")),
    ])
    #expect(
      xml == """
        <memory model="virtio-mem"><target><size unit="KiB">1048576</size><node>0</node>\
        <block unit="KiB">2048</block><requested unit="KiB">0</requested></target>\
        <alias name="ua-e"/></memory>
        """)
  }

  @Test("the editor changes only requested of a live device")
  func updated() throws {
    let change = try Self.change(
      "devices.elastic.requested", .size(.zero), .size(.mebibytes(512)))
    let device = try DomainEditor.device(in: Self.xml, changedBy: [change])
    #expect(device.alias == "ua-elastic")
    #expect(device.xml.contains("<requested unit=\"KiB\">524288</requested>"))
    #expect(device.xml.contains("<current unit=\"KiB\">0</current>"))
    #expect(device.xml.contains("bus=\"0x03\"") && device.xml.hasPrefix("<memory model="))
    let dimm = try DomainEditor.device(in: Self.xml, changedBy: Self.identity("d", node: 1))
    #expect(dimm.alias == nil && dimm.xml.contains("slot=\"1\""))
    #expect(throws: DomainXMLError.self) {
      try DomainEditor.device(in: Self.xml, changedBy: Self.identity("d", node: 2))
    }
  }

  @Test("the editor removes the distances to a removed cell, which would crash libvirtd")
  func distances() throws {
    let change = try Self.change("numa.cells.1.state", .word("present"), .word("absent"))
    let edited = try DomainEditor.edited(Self.xml, [change])
    #expect(edited.contains("<sibling id=\"0\"") && !edited.contains("<sibling id=\"1\""))
  }

  @Test("the editor numbers cells and sorts them by number")
  func cells() throws {
    let xml = """
      <domain><name>a</name><memory>3</memory><cpu><numa><cell memory='1'/><cell memory='2'/>\
      </numa></cpu></domain>
      """
    let changes = try [
      Self.change("numa.cells.3.memory", nil, .size(.kibibytes(4))),
      Self.change("numa.cells.2.memory", nil, .size(.kibibytes(3))),
    ]
    let edited = try DomainEditor.edited(xml, changes)
    let ids = edited.matches(of: /cell [^>]*id="([0-9])"/).map { String($0.output.1) }
    #expect(ids == ["0", "1", "2", "3"])
    #expect(edited.contains(">10</memory>"))
  }

  @Test(
    "the comparison shows what another program changed at the same time",
    arguments: [
      ("cpus='2-3'", "cpus='2'"), ("dumpCore='on'", "dumpCore='off'"), ("<locked/>", ""),
      ("slot='0'", "slot='5'"), ("slots='8'", "slots='9'"), ("<node>1</node>", "<node>0</node>"),
      ("bus='0x03'", "bus='0x04'"), ("host-model", "custom"), ("value='20'", "value='30'"),
      ("<name>a</name>", "<name>b</name>"),
    ])
  func foreignEdits(text: String, other: String) throws {
    let changes = try [
      Self.change("devices.elastic.requested", .size(.zero), .size(.mebibytes(512))),
      Self.change("devices.new.model", nil, .word("dimm")),
      Self.change("devices.new.size", nil, .size(.gibibytes(1))),
      Self.change("memory", .size(.gibibytes(4)), .size(.gibibytes(5))),
      Self.change("numa.cells.0.memory", .size(.gibibytes(2)), .size(.gibibytes(3))),
      Self.change("memtune.hardLimit", .unlimited, .size(.gibibytes(64))),
      Self.change("memoryBacking.source", nil, .word("memfd")),
      Self.change("numatune.memory.nodeset", nil, .nodes(NodeSet([0...0]))),
    ]
    let before = try DomainEditor.withoutMemory(Self.xml, changedBy: changes)
    let edited = try DomainEditor.edited(Self.xml, changes)
    #expect(try DomainEditor.withoutMemory(edited, changedBy: changes) == before)
    let foreign = try DomainEditor.edited(Self.xml.replacing(text, with: other), changes)
    #expect(try DomainEditor.withoutMemory(foreign, changedBy: changes) != before)
  }
}
