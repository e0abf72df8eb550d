// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel
import Testing

/// A domain with a name and `body`.
func domain(_ body: String) throws -> DomainDefinition {
  try DomainDefinition.read("<domain type='kvm'>\n<name>a</name>\n\(body)\n</domain>")
}

@Suite struct DomainDefinitionTests {
  @Test("a minimal domain has memory, equal currentMemory and nothing else")
  func least() throws {
    var expected = MemoryConfiguration()
    expected.memory = .gibibytes(1)
    expected.surroundings.lacksACPI = true
    expected.currentMemory = .exactly(.gibibytes(1))
    let definition = try domain("<memory unit='GiB'>1</memory>")
    #expect(definition.name == "a")
    #expect(definition.uuid == nil)
    #expect(definition.type == "kvm")
    #expect(definition.architecture == nil)
    #expect(definition.configuration == expected)
    #expect(!definition.sharesHostMemory)
  }

  @Test(
    "a UUID may have dashes anywhere",
    arguments: [
      "6F1D2C1E-4A55-4B7E-9D7A-1B1F0A9C0D01", "6f1d2c1e4a554b7e9d7a1b1f0a9c0d01",
      "6f1d-2c1e4a55-4b7e9d7a1b1f0a9c0d01",
    ])
  func uuid(text: String) throws {
    let definition = try domain("<uuid>\(text)</uuid><memory>1</memory>")
    #expect(definition.uuid == "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01")
  }

  @Test("only a live definition has a run's number")
  func id() throws {
    let body = "<name>a</name><memory>1</memory></domain>"
    #expect(try DomainDefinition.read("<domain type='kvm' id='17'>\(body)").id == 17)
    #expect(try DomainDefinition.read("<domain type='kvm'>\(body)").id == nil)
  }

  @Test("the guest's architecture comes from <os>")
  func architecture() throws {
    let definition = try domain("<os><type arch='ppc64'>hvm</type></os><memory>1</memory>")
    #expect(definition.architecture == "ppc64")
  }

  @Test("the definition holds which non-memory settings decide whether a guest starts")
  func surroundings() throws {
    let plain = try domain("<memory>1</memory>").configuration.surroundings
    #expect(plain.lacksACPI && plain.machine == nil && plain.launchSecurity == nil)
    let body = """
      <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
      <features><pae/><acpi/><smm state='on'/></features>
      <launchSecurity type='sev'><cbitpos>47</cbitpos></launchSecurity><memory>1</memory>
      """
    let full = try domain(body).configuration.surroundings
    #expect(!full.lacksACPI && full.machine == "pc-q35-7.2" && full.launchSecurity == "sev")
  }

  @Test(
    "a PCI slot is free if neither a device nor the machine occupies it",
    arguments: [
      ("", nil),
      // Three ports: one occupied, one without hotplug.
      (
        """
        <controller type='pci' index='0' model='pcie-root'/>
        <controller type='pci' index='1' model='pcie-root-port'>
          <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></controller>
        <controller type='pci' index='2' model='pcie-root-port'><target chassis='2'/>
          <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x1'/></controller>
        <controller type='pci' index='11' model='pcie-root-port'>
          <target chassis='3' hotplug='off'/></controller>
        <interface type='network'>
          <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></interface>
        """, 1
      ),
      // A host device's address on the host doesn't count; slots have eight functions.
      (
        """
        <controller type='pci' index='0' model='pcie-root'/>
        <controller type='pci' index='10' model='pcie-root-port'/>
        <controller type='pci' index='2' model='pcie-root-port'/>
        <hostdev mode='subsystem' type='pci'>
          <source><address type='pci' domain='0' bus='0x02' slot='0x00' function='0x0'/></source>
          <address type='pci' domain='0x0000' bus='0x0a' slot='0x00' function='0x0'/></hostdev>
        """, 1
      ),
      // A memory device occupies a slot too.
      (
        """
        <controller type='pci' index='0' model='pcie-root'/>
        <controller type='pci' index='1' model='pcie-root-port'/>
        <memory model='virtio-pmem'><source><path>/p</path></source>
          <target><size unit='MiB'>2</size></target>
          <address type='pci' bus='0x01' slot='0x00'/></memory>
        """, 0
      ),
      (
        """
        <controller type='usb' index='0'><address type='pci' bus='0' slot='1' function='2'/>
        </controller>
        <controller type='pci' index='0' model='pci-root'/>
        <controller type='ide' index='0'><address type='pci' bus='0' slot='1' function='1'/>
        </controller>
        <disk type='file'><address type='drive' bus='0' unit='5'/></disk>
        <sound model='ich6'><address type='pci' bus='0' slot='31' function='0'/></sound>
        """, 29
      ),
    ] as [(String, Int?)])
  func freePCISlots(devices: String, expected: Int?) throws {
    let body = "<memory unit='MiB'>100</memory><devices>\(devices)</devices>"
    #expect(try domain(body).configuration.surroundings.freePCISlots == expected)
  }

  @Test(
    "currentMemory is libvirt's value, or all memory if libvirt has none",
    arguments: [
      ("<currentMemory>1024</currentMemory>", 1024),
      ("<currentMemory unit='MiB'>2</currentMemory>", 2048),
      ("", 4096),
      ("<currentMemory/>", 4096),
      ("<currentMemory>0</currentMemory>", 4096),
      ("<currentMemory>9000</currentMemory>", 4096),
      ("<currentMemory>1</currentMemory><currentMemory>2</currentMemory>", 1),
    ])
  func currentMemory(xml: String, kibibytes: UInt64) throws {
    let definition = try domain("<memory>4096</memory>\(xml)")
    #expect(definition.configuration.currentMemory == .exactly(.kibibytes(kibibytes)))
  }

  @Test("a missing limit is nil, libvirt's largest is unlimited, and zero is a limit")
  func tuning() throws {
    let definition = try domain(
      """
      <memory>1</memory><memtune>
        <hard_limit unit='GiB'>1</hard_limit>
        <soft_limit unit='KiB'>9007199254740991</soft_limit>
        <swap_hard_limit>0</swap_hard_limit>
        <min_guarantee>5</min_guarantee>
      </memtune>
      """)
    var expected = MemoryTuning()
    expected.hardLimit = .size(.gibibytes(1))
    expected.softLimit = .unlimited
    expected.swapHardLimit = .size(.zero)
    expected.minGuarantee = .size(.kibibytes(5))
    #expect(definition.configuration.memtune == expected)
    #expect(try domain("<memory>1</memory><memtune/>").configuration.memtune == MemoryTuning())
  }

  @Test(
    "the definition holds the balloon's model, autodeflate and period",
    arguments: [
      ("<memballoon model='virtio'/>", "virtio", nil, nil),
      ("<memballoon model='none'/>", "none", nil, nil),
      ("<memballoon model='virtio' autodeflate='on'><stats/></memballoon>", "virtio", true, nil),
      (
        "<memballoon model='xen' autodeflate='off'><stats period='10'/></memballoon>", "xen", false,
        10
      ),
      ("<memballoon model='virtio'><stats period='0'/></memballoon>", "virtio", nil, 0),
      ("<memballoon model='virtio'><stats period='-3'/></memballoon>", "virtio", nil, 0),
      ("", nil, nil, nil),
    ] as [(String, String?, Bool?, UInt64?)])
  func balloon(xml: String, model: String?, autodeflate: Bool?, period: UInt64?) throws {
    let balloon = try domain("<memory>1</memory><devices>\(xml)</devices>").configuration.memballoon
    #expect(balloon.model?.rawValue == model)
    #expect(balloon.autodeflate == autodeflate)
    #expect(balloon.statsPeriod == period.map { StatisticsPeriod(seconds: $0) })
  }

  @Test("memory is the sum of the cells, which are sorted by number")
  func cells() throws {
    let configuration = try domain(
      """
      <memory>7</memory><currentMemory>99999</currentMemory>
      <cpu><numa><cell id='1' memory='2' unit='MiB'/><cell id='0' memory='1024'/></numa></cpu>
      """
    ).configuration
    #expect(configuration.memory == .mebibytes(3))
    #expect(configuration.currentMemory == .exactly(.mebibytes(3)))
    #expect(
      configuration.cells == [
        NUMACell(id: 0, memory: .mebibytes(1)), NUMACell(id: 1, memory: .mebibytes(2)),
      ])
    let unnumbered = try domain("<cpu><numa><cell memory='1'/><cell memory='2'/></numa></cpu>")
    #expect(unnumbered.configuration.cells.map(\.id) == [0, 1])
  }

  @Test("devices have users' aliases and don't count as memory")
  func devices() throws {
    let configuration = try domain(
      """
      <maxMemory slots='8' unit='GiB'>32</maxMemory>
      <memory unit='GiB'>4</memory><currentMemory unit='GiB'>3</currentMemory>
      <devices>
        <memory model='dimm'><target><size unit='GiB'>1</size></target>
          <alias name='ua-stick0'/></memory>
        <memory model='virtio-mem'>
          <target><size unit='GiB'>2</size><node>1</node><block unit='MiB'>2</block>
            <requested unit='GiB'>1</requested><current unit='MiB'>512</current></target>
          <alias name='virtiomem0'/></memory>
      </devices>
      """
    ).configuration
    #expect(configuration.memory == .gibibytes(1))
    #expect(configuration.currentMemory == .exactly(.gibibytes(3)))
    #expect(configuration.maxMemory == MaxMemory(size: .gibibytes(32), slots: 8))
    #expect(
      configuration.devices == [
        MemoryDevice(model: .dimm, alias: "stick0", size: .gibibytes(1)),
        MemoryDevice(
          model: .virtioMem, size: .gibibytes(2), node: 1, block: .mebibytes(2),
          requested: .gibibytes(1), plugged: .mebibytes(512)),
      ])
  }

  @Test(
    "the definition ignores an alias that libvirt drops",
    arguments: ["ua-a.b", "ua-a b", "ua-", "dimm0"])
  func droppedAlias(alias: String) throws {
    let definition = try domain(
      """
      <memory>2</memory><devices><memory model='dimm'><target><size>1</size></target>
        <alias name='\(alias)'/></memory></devices>
      """)
    #expect(definition.configuration.devices.map(\.alias) == [nil])
  }

  @Test("the definition takes the first of two elements of one kind, as libvirt does")
  func firstOfTwo() throws {
    let backing = try domain(
      """
      <memory>2</memory><memoryBacking><source type='memfd'/><source type='file'/>
        <access mode='shared'/><access mode='private'/>
        <allocation mode='immediate'/><allocation mode='ondemand'/></memoryBacking>
      """
    ).configuration.memoryBacking
    #expect(backing.source == .some(.memfd))
    #expect(backing.access == .some(.shared))
    #expect(backing.allocation.mode == .some(.immediate))
  }

  @Test("several <memoryBacking> elements mean the same as one")
  func severalBackings() throws {
    let one = try domain(
      """
      <memory>2</memory><memoryBacking><hugepages><page size='2048'/><page size='4' nodeset='1'/>
        </hugepages><source type='memfd'/><locked/><nosharepages/></memoryBacking>
      """)
    let several = try domain(
      """
      <memory>2</memory><memoryBacking><hugepages><page size='2048'/></hugepages><locked/>
        </memoryBacking><memoryBacking><hugepages><page size='4' nodeset='1'/></hugepages>
        <source type='memfd'/></memoryBacking><memoryBacking><nosharepages/><source type='file'/>
        </memoryBacking>
      """)
    #expect(several == one)
  }

  @Test("the order of huge pages means nothing")
  func pageOrder() throws {
    func definition(_ pages: [String]) throws -> DomainDefinition {
      try domain(
        "<memory>2</memory><memoryBacking><hugepages>\(pages.joined())</hugepages></memoryBacking>")
    }
    let pages = [
      "<page size='4'/>", "<page size='8' nodeset='1'/>", "<page size='2' nodeset='0'/>",
    ]
    #expect(try definition(pages) == definition(pages.reversed()))
  }

  @Test("devices count in the total in addition to cells")
  func totals() throws {
    let device = "<memory model='dimm'><target><size>1024</size></target></memory>"
    let beside = try domain(
      "<currentMemory>1536</currentMemory><cpu><numa><cell memory='1024'/></numa></cpu>"
        + "<devices>\(device)</devices>")
    #expect(beside.configuration.memory == .mebibytes(1))
    #expect(beside.configuration.currentMemory == .exactly(.kibibytes(1536)))
  }

  @Test(
    "memory that another process may map counts as the host's page cache",
    arguments: [
      ("<memoryBacking><source type='memfd'/></memoryBacking>", true),
      ("<memoryBacking><source type='file'/></memoryBacking>", true),
      ("<memoryBacking><source type='anonymous'/></memoryBacking>", false),
      ("<memoryBacking><access mode='shared'/></memoryBacking>", true),
      ("<memoryBacking><access mode='private'/><locked/></memoryBacking>", false),
      ("<cpu><numa><cell memory='1' memAccess='shared'/></numa></cpu>", true),
      ("<cpu><numa><cell memory='1' memAccess='private'/></numa></cpu>", false),
      ("<devices><interface type='vhostuser'/></devices>", true),
      ("<devices><interface type='network'/></devices>", false),
      ("<devices><filesystem><driver type='virtiofs'/></filesystem></devices>", true),
      ("<devices><filesystem><driver type='path'/></filesystem></devices>", false),
    ])
  func sharing(xml: String, shares: Bool) throws {
    #expect(try domain("<memory>1</memory>\(xml)").sharesHostMemory == shares)
  }

  @Test("the definition holds whether memory is locked")
  func locked() throws {
    let xml = "<memory>1</memory><memoryBacking><locked/></memoryBacking>"
    #expect(try domain(xml).configuration.memoryBacking.locked == true)
    #expect(
      try domain("<memory>1</memory><memoryBacking/>").configuration.memoryBacking.locked == nil)
  }

  @Test("the definition ignores elements and attributes of other namespaces")
  func namespaces() throws {
    let definition = try DomainDefinition.read(
      """
      <domain xmlns:x='urn:x' type='qemu' x:type='other'>
        <x:name>b</x:name><x:memory>5</x:memory><memory>1</memory><name>a</name>
        <devices><x:memory model='stick'/></devices>
      </domain>
      """)
    #expect(definition.name == "a")
    #expect(definition.type == "qemu")
    #expect(definition.configuration.memory == .kibibytes(1))
  }

  @Test(
    "the reader refuses with line and reason what libvirt would refuse",
    arguments: [
      ("", 1, "neither <memory> nor NUMA cells"),
      ("<memory/>", 1, "neither <memory> nor NUMA cells"),
      ("<memory>0</memory>", 1, "neither <memory> nor NUMA cells"),
      ("<cpu><numa><cell memory='0'/></numa></cpu>", 1, "neither <memory> nor NUMA cells"),
      (
        """
        <memory>2048</memory><devices><memory model='dimm'><target><size>2048</size></target>\
        </memory></devices>
        """, 1, "no RAM at boot"
      ),
      (
        """
        <cpu><numa><cell memory='9007199254740990'/></numa></cpu>\
        <devices><memory model='dimm'><target><size>1</size></target></memory></devices>
        """, 1, "more than libvirt holds"
      ),
      ("<memory> 5 </memory>", 3, "' 5 ' where a size belongs"),
      ("<memory unit='GG'>5</memory>", 3, "unknown unit 'GG'"),
      ("<memory unit='EiB'>9</memory>", 3, "more than libvirt holds"),
      ("<memory>1</memory>\n<currentMemory>1.5</currentMemory>", 4, "<currentMemory> has '1.5'"),
      ("<memory>1</memory><memtune><hard_limit>-1</hard_limit></memtune>", 3, "<hard_limit>"),
      ("<memory>1</memory><maxMemory slots='x'>5</maxMemory>", 3, "'x' where a whole number"),
      ("<memory>1</memory><uuid>6f1d</uuid>", 3, "no UUID"),
      ("<cpu><numa><cell id='0'/></numa></cpu>", 3, "<cell> has no memory"),
      (
        "<cpu><numa><cell id='0' memory='1'/><cell id='0' memory='1'/></numa></cpu>", 3, "0, 0."
      ),
      (
        "<cpu><numa><cell id='0' memory='1'/><cell id='2' memory='1'/></numa></cpu>", 3, "0, 2."
      ),
      ("<memory>1</memory><devices>\n<memory/></devices>", 4, "no model"),
      ("<memory>1</memory><devices><memory model='stick'/></devices>", 3, "model 'stick'"),
      ("<memory>1</memory><devices><memory model='dimm'/></devices>", 3, "no size"),
      (
        "<memory>1</memory><devices><memballoon autodeflate='yes'/></devices>", 3,
        "neither on nor off"
      ),
      (
        "<memory>1</memory><devices><memballoon><stats period='1s'/></memballoon></devices>", 3,
        "'1s'"
      ),
    ])
  func refusal(xml: String, line: Int, words: String) {
    #expect {
      try domain(xml)
    } throws: { error in
      let error = error as? DomainXMLError
      return error?.line == line && error?.message.contains(words) == true
    }
  }

  @Test("the reader refuses a domain without a name", arguments: ["", "<name/>", "<name></name>"])
  func nameless(xml: String) {
    #expect(throws: DomainXMLError.self) {
      try DomainDefinition.read("<domain>\(xml)<memory>1</memory></domain>")
    }
  }

  @Test(
    "the definition tells how often devices of the host pin the guest's RAM",
    arguments: [
      ("", 0), ("<hostdev mode='subsystem' type='usb'/>", 0),
      ("<hostdev mode='subsystem' type='pci'/>", 1),
      ("<hostdev mode='subsystem' type='pci'/><hostdev mode='subsystem' type='mdev'/>", 1),
      (
        """
        <hostdev mode='subsystem' type='pci'/><interface type='hostdev'/><disk type='nvme'/>
        <iommu model='intel'/>
        """, 3
      ),
      ("<interface type='vdpa'/><interface type='vdpa'/><disk type='nvme'/>", 3),
    ] as [(String, UInt8)])
  func pinnings(devices: String, count: UInt8) throws {
    let definition = try DomainDefinition.read(
      """
      <domain type='kvm'><name>web</name><memory>1</memory><devices>\(devices)</devices></domain>
      """)
    #expect(definition.configuration.surroundings.pinnings == count)
  }
}
