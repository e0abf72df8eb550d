// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel
import Testing

/// Each field alone: set, read back, and removed without a trace.
@Suite struct EditedFieldsTests {
  /// A definition with all kinds of content, as libvirt writes it.
  static let rich = """
    <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
      <name>web</name>
      <metadata><o:memory xmlns:o='urn:o'>keep &amp; hold</o:memory></metadata>
      <maxMemory slots='8' unit='KiB'>33554432</maxMemory>
      <memory unit='KiB' dumpCore='off'>5242880</memory>
      <currentMemory unit='KiB'>3145728</currentMemory>
      <memtune><hard_limit unit='KiB'>8388608</hard_limit></memtune>
      <memoryBacking>
        <hugepages><page size='2048' unit='KiB'/></hugepages>
        <locked/><source type='memfd'/><access mode='shared'/><allocation mode='immediate'/>
      </memoryBacking>
      <vcpu placement='static'>4</vcpu>
      <numatune>
        <memory mode='preferred' nodeset='0'/><memnode cellid='0' mode='strict' nodeset='1'/>
      </numatune>
      <os><type arch='x86_64'>hvm</type></os>
      <cpu mode='host-model'>
        <numa><cell id='0' cpus='0-3' memory='4194304' unit='KiB' memAccess='shared'/></numa>
      </cpu>
      <devices>
        <memballoon model='virtio' autodeflate='on'>
          <stats period='5'/><address type='pci' bus='0x05'/>
        </memballoon>
        <memory model='dimm' access='shared'>
          <source><pagesize unit='KiB'>2048</pagesize></source>
          <target><size unit='KiB'>1048576</size><node>0</node></target>
          <alias name='ua-7'/><address type='dimm' slot='0'/>
        </memory>
      </devices>
      <qemu:commandline><qemu:arg value='-foo'/></qemu:commandline>
    </domain>
    """

  static let bare = """
    <domain><name>a</name><memory unit='KiB'>4194304</memory>\
    <currentMemory unit='KiB'>4194304</currentMemory></domain>
    """

  /// A field's value, and the definition to set it in.
  struct Case: Sendable, CustomTestStringConvertible {
    var field: FieldPath
    var value: FieldValue
    var xml: String
    var testDescription: String { "\(field) \(value), \(xml.count < 200 ? "bare" : "rich")" }
  }

  static let cases: [Case] = Field.all.flatMap { field in
    let path = field.path(of: field.name.state == .deviceState ? "7" : "0")
    return values(of: field).flatMap { value in
      [rich, bare].map { Case(field: path, value: value, xml: $0) }
    }
  }

  private static func values(of field: Field) -> [FieldValue] {
    switch field.kind {
    case .onlyNone: []
    case .word where field.name.isState: []
    case .word(let words): words.map(FieldValue.word)
    case .wordOrNone(let words): words.map(FieldValue.word) + [.absence]
    case .text: ["/dev/pmem0", "/a&b<c>\"'\u{e9}\n]]>", "&amp;", "\r \t/"].map(FieldValue.word)
    case .uuid: [.word("6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01")]
    case .address: [.word("0x140000000")]
    default:
      [
        .size(.gibibytes(2)), .seconds(7), .seconds(0), .count(3), .flag(true), .flag(false),
        .nodes(NodeSet([0...2, 5...5])), .unlimited, .absence, .word("default"),
        .pages([
          Hugepage(size: .gibibytes(1), cells: NodeSet([0...0])), Hugepage(size: .mebibytes(2)),
        ]),
      ].filter(field.takes)
    }
  }

  @Test("the editor sets each field and removes it without a trace", arguments: cases)
  func thereAndBack(test: Case) throws {
    let before = try DomainDefinition.read(test.xml).namedConfiguration
    let change = Change(field: test.field, from: before[test.field], to: test.value)
    let changes = Self.companions(of: test, before).filter { $0.field != test.field } + [change]
    let edited = try DomainEditor.edited(test.xml, changes)
    let after = try DomainDefinition.read(edited).namedConfiguration
    let absence = Field.named(test.field)?.valueOfAbsence
    #expect(after[test.field] ?? absence ?? .absence == test.value)
    #expect(
      try DomainEditor.withoutMemory(edited, changedBy: changes)
        == DomainEditor.withoutMemory(test.xml, changedBy: changes))

    let back = changes.map { Change(field: $0.field, from: $0.to, to: $0.from) }
    let restored = try DomainEditor.edited(edited, back)
    #expect(try DomainEditor.canonical(restored) == DomainEditor.canonical(test.xml))
    // Applying the same changes again changes nothing.
    #expect(
      try DomainEditor.canonical(DomainEditor.edited(edited, changes))
        == DomainEditor.canonical(edited))
  }

  /// The changes that a field needs beside its own.
  private static func companions(of test: Case, _ before: MemoryConfiguration) -> [Change] {
    func change(_ name: FieldName, _ value: FieldValue?) -> Change {
      let field = FieldPath(name, name.isOfItem ? test.field.item : nil)
      return Change(field: field, from: before[field], to: value)
    }
    let nodes = FieldValue.nodes(NodeSet([0...0]))
    switch (test.field.name, test.field.name.state) {
    case (.numatunePlacement, _):
      let isAuto = test.value == .word("auto")
      return [
        change(.numatuneMode, .word("strict")), change(.numatuneNodeset, isAuto ? nil : nodes),
      ]
    case (.numatuneMode, _), (.numatuneNodeset, _): return [change(.numatuneNodeset, nodes)]
    case (.maxMemorySlots, _): return [change(.maxMemorySize, .size(.gibibytes(64)))]
    case (.autodeflate, _), (.freePageReporting, _), (.statsPeriod, _):
      return [change(.balloonModel, .word("virtio"))]
    case (.memnodeMode, _), (.memnodeNodeset, _): return [change(.memnodeNodeset, nodes)]
    case (_, .cellState):
      let size = test.field.name == .cellMemory ? test.value : .size(.gibibytes(3))
      return [change(.memory, size), change(.cellMemory, size)]
    case (_, .deviceState):
      return [change(.deviceModel, .word("nvdimm")), change(.deviceSize, .size(.gibibytes(3)))]
    default: return []
    }
  }

  @Test(
    "a removed group takes its content and empty parents along",
    arguments: [
      (FieldName.maxMemory, "<maxMemory"), (.numatune, "<numatune"), (.numatuneMemory, "preferred"),
      (.memnodes, "<memnode"), (.numa, "<numa>"), (.allocation, "<allocation"),
      (.hugepages, "<hugepages"),
    ])
  func groups(group: FieldName, text: String) throws {
    for value in [FieldValue.absence, nil] {
      let change = Change(field: FieldPath(group), from: .word("present"), to: value)
      let edited = try DomainEditor.edited(Self.rich, [change])
      #expect(Self.rich.contains(text) && !edited.contains(text))
      #expect(edited.contains("<memory unit=\"KiB\" dumpCore=\"off\">5242880</memory>"))
      #expect(
        try DomainEditor.withoutMemory(edited, changedBy: [change])
          == DomainEditor.withoutMemory(Self.rich, changedBy: [change]))
    }
  }

  @Test("the editor leaves no empty elements after removing everything")
  func nothingIsLeft() throws {
    var bare = MemoryConfiguration()
    bare.memory = .gibibytes(4)
    bare.currentMemory = .exactly(.gibibytes(3))
    bare.memballoon.model = .virtio
    let rich = try DomainDefinition.read(Self.rich).namedConfiguration
    let edited = try DomainEditor.edited(Self.rich, rich.changes(to: bare))
    for element in ["memtune", "memoryBacking", "numatune", "numa", "dimm", "maxMemory", "stats"] {
      #expect(!edited.contains("<\(element)"), "\(element)")
    }
    #expect(edited.contains("<memory unit=\"KiB\">4194304</memory>"))
  }

  @Test("the editor inserts elements in libvirt's order")
  func orderOfElements() throws {
    let xml = """
      <domain><name>a</name><title/><memory unit='KiB'>4194304</memory><vcpu>1</vcpu><os/>\
      <features/><clock/><devices><disk/><memballoon model='virtio'><alias/></memballoon>\
      <rng/><vsock/></devices></domain>
      """
    let rich = try DomainDefinition.read(Self.rich).namedConfiguration
    let before = try DomainDefinition.read(xml).namedConfiguration
    let edited = try DomainEditor.edited(xml, before.changes(to: rich))
    let names = edited.matches(of: /<([A-Za-z_]+)/).map { String($0.output.1) }
    #expect(
      names == [
        "domain", "name", "title", "maxMemory", "memory", "currentMemory", "memtune", "hard_limit",
        "memoryBacking", "hugepages", "page", "locked", "source", "access", "allocation", "vcpu",
        "numatune", "memory", "memnode", "os", "features", "cpu", "numa", "cell", "clock",
        "devices", "disk", "memballoon", "stats", "alias", "rng", "memory", "source", "pagesize",
        "target", "size", "node", "alias", "vsock",
      ])
  }

  @Test("the editor turns any random memory configuration into any other", arguments: 0..<40)
  func anyToAny(block: UInt64) throws {
    for seed in block * 25..<block * 25 + 25 {
      var random = RandomConfiguration(seed: seed)
      let start = try DomainDefinition.read(Self.start).namedConfiguration
      let (first, second) = (random.configuration(), random.configuration())
      var xml = Self.start
      for (from, to) in [(start, first), (first, second), (second, start)] {
        let changes = from.changes(to: to).shuffled(using: &random.generator)
        let edited = try DomainEditor.edited(xml, changes)
        var read = try DomainDefinition.read(edited).namedConfiguration
        read.surroundings = to.surroundings
        // Devices have the order in which the editor added them.
        read.devices.sort { $0.key < $1.key }
        #expect(read == to, "seed \(seed)")
        #expect(
          try DomainEditor.withoutMemory(edited, changedBy: changes)
            == DomainEditor.withoutMemory(xml, changedBy: changes), "seed \(seed)")
        xml = edited
      }
      #expect(
        try DomainEditor.canonical(xml) == DomainEditor.canonical(Self.start), "seed \(seed)")
    }
  }

  private static let start = """
    <domain xmlns:x='urn:x' x:a='1'><name>a</name><x:memtune/><memory unit='KiB'>1048576</memory>\
    <currentMemory unit='KiB'>1048576</currentMemory><vcpu>2</vcpu><cpu mode='host-model'/>\
    <devices><x:memory/><memballoon model='virtio'><driver iommu='on'/></memballoon></devices>\
    </domain>
    """
}

extension DomainDefinition {
  /// The configuration with its devices named by their aliases.
  var namedConfiguration: MemoryConfiguration {
    var configuration = configuration
    for index in configuration.devices.indices {
      configuration.devices[index].name = configuration.devices[index].alias
    }
    return configuration
  }
}
