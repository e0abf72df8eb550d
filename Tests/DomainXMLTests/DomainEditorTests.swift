// SPDX-License-Identifier: Apache-2.0

import DomainXML
import MemoryModel
import Testing

@Suite struct DomainEditorTests {
  private static let xml = """
    <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
      <name>web</name>
      <uuid>6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01</uuid>
      <metadata><other:tool xmlns:other='http://other.example/1'>keep &amp; hold</other:tool></metadata>
      <memory unit='GiB' dumpCore='on'>8</memory>
      <currentMemory unit='KiB'>8388608</currentMemory>
      <cpu mode='host-model'><numa><cell id='0' cpus='0-3' memory='8' unit='GiB' memAccess='shared'/></numa></cpu>
      <devices>
        <memballoon model='virtio' autodeflate='on'><stats period='5'/><driver iommu='on'/></memballoon>
        <graphics type='vnc' passwd='secret&amp;'/>
      </devices>
      <qemu:commandline><qemu:arg value='-foo'/></qemu:commandline>
    </domain>
    """

  private static let changes: [Change] = [
    Change(field: .maxMemorySize, from: nil, to: .size(.gibibytes(32))),
    Change(field: .maxMemorySlots, from: nil, to: .count(8)),
    Change(field: .memory, from: .size(.gibibytes(8)), to: .size(.gibibytes(16))),
    Change(field: .currentMemory, from: .size(.gibibytes(8)), to: .size(.gibibytes(6))),
    Change(field: .hardLimit, from: .unlimited, to: .size(.gibibytes(24))),
    Change(field: .softLimit, from: .unlimited, to: .size(.gibibytes(20))),
    Change(field: .swapHardLimit, from: .unlimited, to: .size(.gibibytes(28))),
    Change(field: .statsPeriod, from: .seconds(5), to: .seconds(10)),
  ]

  @Test("the editor makes every change and changes nothing else")
  func allChanges() throws {
    let edited = try DomainEditor.edited(Self.xml, Self.changes)
    let definition = try DomainDefinition.read(edited)
    for change in Self.changes { #expect(definition.configuration[change.field] == change.to) }
    #expect(definition.configuration.cells.map(\.memory) == [.gibibytes(16)])
    #expect(
      try DomainEditor.withoutMemory(edited, changedBy: Self.changes)
        == DomainEditor.withoutMemory(Self.xml, changedBy: Self.changes))
    for kept in [
      "passwd=\"secret&amp;\"", "keep &amp; hold", "-foo", "dumpCore=\"on\"",
      "memAccess=\"shared\"",
      "autodeflate=\"on\"", "iommu=\"on\"",
    ] {
      #expect(edited.contains(kept), "\(kept)")
    }
  }

  @Test(
    "the editor refuses memory of a domain with several cells, also if they are new since the plan")
  func severalCells() {
    let cells = Self.xml.replacing("</numa>", with: "<cell id='1' memory='1' unit='GiB'/></numa>")
    let change = Change(field: .memory, from: nil, to: .size(.gibibytes(16)))
    #expect(throws: DomainXMLError.self) { try DomainEditor.edited(cells, [change]) }
  }

  @Test(
    "the editor makes each single change and changes no other field",
    // Slots can't be set without a maxMemory.
    arguments: changes.filter { $0.field != .maxMemorySlots })
  func oneChange(change: Change) throws {
    let before = try DomainDefinition.read(Self.xml).configuration
    let edited = try DomainEditor.edited(Self.xml, [change])
    let after = try DomainDefinition.read(edited).configuration
    #expect(after[change.field] == change.to)
    for field in Field.all.compactMap(\.path) where field != change.field {
      #expect(after[field] == before[field], "\(field)")
    }
    #expect(
      try DomainEditor.withoutMemory(edited, changedBy: [change])
        == DomainEditor.withoutMemory(Self.xml, changedBy: [change]))
  }

  @Test("the editor removes what it set without a trace")
  func removed() throws {
    let edited = try DomainEditor.edited(Self.xml, Self.changes)
    let back = try DomainEditor.edited(
      edited,
      [
        Change(field: .maxMemory, from: .size(.gibibytes(32)), to: .absence),
        Change(field: .hardLimit, from: .size(.gibibytes(24)), to: .unlimited),
        Change(field: .softLimit, from: .size(.gibibytes(20)), to: .unlimited),
        Change(field: .swapHardLimit, from: .size(.gibibytes(28)), to: .unlimited),
        Change(field: .statsPeriod, from: .seconds(10), to: .seconds(0)),
      ])
    let configuration = try DomainDefinition.read(back).configuration
    #expect(configuration.maxMemory == MaxMemory())
    #expect(configuration.memtune == MemoryTuning())
    #expect(!back.contains("memtune") && !back.contains("<stats") && !back.contains("maxMemory"))
  }

  @Test("memory includes the devices, with and without a cell")
  func devices() throws {
    let dimm = "<memory model='dimm'><target><size unit='GiB'>1</size></target></memory>"
    for numa in ["", "<cpu><numa><cell memory='4' unit='GiB'/></numa></cpu>"] {
      let xml = """
        <domain><name>a</name><maxMemory slots='1' unit='GiB'>16</maxMemory>\
        <memory unit='GiB'>5</memory>\(numa)<devices>\(dimm)</devices></domain>
        """
      let edited = try DomainEditor.edited(
        xml, [Change(field: .memory, from: nil, to: .size(.gibibytes(6)))])
      #expect(edited.contains("<memory unit=\"KiB\">7340032</memory>"))
      #expect(try DomainDefinition.read(edited).configuration.memory == .gibibytes(6))
    }
  }

  @Test("the canonical form differs for other content, not for blanks and attribute order")
  func canonical() throws {
    let before = try DomainEditor.canonical(Self.xml)
    let blanks = Self.xml.replacing("\n", with: "\n  ").replacing(
      "type='vnc' passwd='secret&amp;'", with: "passwd='secret&amp;' type='vnc'")
    #expect(try DomainEditor.canonical(blanks) == before)
    let other = Self.xml.replacing("passwd='secret&amp;'", with: "")
    #expect(try DomainEditor.canonical(other) != before)
  }

  @Test("the editor refuses a definition without a place for the change")
  func noPlace() {
    #expect(throws: DomainXMLError.self) {
      try DomainEditor.edited(
        "<domain><name>a</name><memory>1</memory></domain>",
        [Change(field: .statsPeriod, from: nil, to: .seconds(5))])
    }
  }
}
