// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

@testable import LibvirtClient

@Suite(.timeLimit(.minutes(1))) struct PerformTests {
  private static func change(_ field: FieldPath, _ value: FieldValue) -> Change {
    Change(field: field, from: nil, to: value)
  }

  private static let limits = [
    change(.hardLimit, .size(.gibibytes(2))), change(.swapHardLimit, .size(.gibibytes(3))),
  ]

  static let calls: [Call] =
    Plane.allCases.flatMap { plane in
      [
        Call(.setMemory, on: plane, changes: [change(.currentMemory, .size(.mebibytes(600)))]),
        Call(.setMemoryParameters, on: plane, changes: limits),
        Call(.setMemoryStatsPeriod, on: plane, changes: [change(.statsPeriod, .seconds(10))]),
        Call(.setNumaParameters, on: plane, changes: [change(nodeset, .nodes(NodeSet([1...1])))]),
      ]
    } + [
      Call(.setMaxMemory, on: .persistent, changes: [change(.memory, .size(.mebibytes(768)))])
    ]

  private static let nodeset = FieldPath(.numatuneNodeset)
  static let balloon = """
    <numatune><memory mode='restrictive' nodeset='0'/></numatune>\
    <devices><memballoon model='virtio'/></devices>
    """

  @Test("a call changes only its fields, on its plane", arguments: calls)
  func perform(call: Call) async throws {
    let host = try await TestNode(TestDomain("web", more: Self.balloon)).connect()
    let before = try await host.onlyDomain()
    try await host.perform(call, on: before)
    var expected = before
    for change in call.changes { expected[call.plane]?[change.field] = change.to }
    #expect(try await host.onlyDomain() == expected)
  }

  @Test("a redefinition changes only its fields and keeps passwords and foreign elements")
  func redefine() async throws {
    let vnc = "<graphics type='vnc' port='-1' passwd='secret'/>"
    let more = """
      <metadata><o:tool xmlns:o='http://other.example/1'>keep</o:tool></metadata>
      <cpu><numa><cell id='0' cpus='0' memory='524288'/></numa></cpu>
      <devices><memballoon model='virtio'/>\(vnc)</devices>
      """
    let host = try await TestNode(TestDomain("web", more: more)).connect()
    let before = try await host.onlyDomain()
    let changes = [
      Self.change(.maxMemorySize, .size(.gibibytes(8))), Self.change(.maxMemorySlots, .count(4)),
      Self.change(.memory, .size(.gibibytes(1))), Self.change(.hardLimit, .size(.gibibytes(2))),
      Self.change(.statsPeriod, .seconds(10)),
    ]
    try await host.perform(
      Call(.redefine, on: .persistent, changes: changes), on: before)
    let after = try await host.onlyDomain()
    for change in changes { #expect(after.persistent?[change.field] == change.to) }
    #expect(after.live == before.live)
    let xml = try await host.look { (link, _) throws(HypervisorError) in
      try await link.run(within: .seconds(10)) { (connection) throws(HypervisorError) in
        try connection.domain(uuid: before.uuid).xml(.persistent, withSecrets: true)
      }
    }
    #expect(xml.contains("passwd='secret'") && xml.contains("keep"))
  }

  @Test("a redefinition adds backing, cells and bindings, and removes them again")
  func redefineEverything() async throws {
    let host = try await TestNode(TestDomain("web")).connect()
    let before = try await host.onlyDomain()
    let node = FieldValue.nodes(NodeSet([0...0]))
    let changes: [Change] = try [
      ("memoryBacking.source", .word("memfd")), ("memoryBacking.access", .word("shared")),
      ("memoryBacking.hugepages", .pages([Hugepage(size: .mebibytes(2))])),
      ("memoryBacking.sharePages", .flag(false)), ("dumpCore", .flag(false)),
      ("numa.cells.0.memory", .size(.mebibytes(768))), ("numa.cells.0.cpus", node),
      ("numa.cells.1.memory", .size(.mebibytes(256))), ("numatune.memnodes.1.nodeset", node),
      ("numatune.memnodes.1.mode", .word("preferred")), ("numatune.memory.nodeset", node),
      ("numatune.memory.mode", .word("preferred")),
    ].map { Self.change(try #require(FieldPath($0.0)), $0.1) }
    try await host.perform(Call(.redefine, on: .persistent, changes: changes), on: before)
    let after = try await host.onlyDomain()
    for change in changes { #expect(after.persistent?[change.field] == change.to) }
    #expect(after.persistent?.memory == before.persistent?.memory)

    let back = changes.map { Change(field: $0.field, from: $0.to, to: nil) }
    try await host.perform(Call(.redefine, on: .persistent, changes: back), on: after)
    #expect(try await host.onlyDomain() == before)
  }

  @Test("a definition that is not as it was seen last is not replaced")
  func overtaken() async throws {
    let host = try await TestNode(TestDomain("web")).connect()
    let seen = try await host.onlyDomain()
    let faster = Self.change(.hardLimit, .size(.gibibytes(2)))
    try await host.perform(
      Call(.setMemoryParameters, on: .persistent, changes: [faster]), on: seen)
    let redefinition = Call(
      .redefine, on: .persistent, changes: [Self.change(.hardLimit, .size(.gibibytes(3)))])
    let error = await failure { () throws(HypervisorError) in
      try await host.perform(redefinition, on: seen)
    }
    #expect(error?.kind == .busy)
    let now = try await host.onlyDomain()
    #expect(now.persistent?.memtune.hardLimit == .size(.gibibytes(2)))
    try await host.perform(redefinition, on: now)
    #expect(try await host.onlyDomain().persistent?.memtune.hardLimit == .size(.gibibytes(3)))
  }

  @Test("one call sets a binding's mode and nodes")
  func binding() async throws {
    let host = try await TestNode(TestDomain("web")).connect()
    let domain = try await host.onlyDomain()
    let changes = [
      Self.change(FieldPath(.numatuneMode), .word("interleave")),
      Self.change(Self.nodeset, .nodes(NodeSet([0...1]))),
      Self.change(FieldPath(.numatunePlacement), .word("static")),
    ]
    let call = Call(.setNumaParameters, on: .persistent, changes: changes)
    try await host.perform(call, on: domain)
    let persistent = try await host.onlyDomain().persistent
    for change in changes { #expect(persistent?[change.field] == change.to) }
  }

  @Test("the client looks for a device before it asks libvirt to change it")
  func devices() async throws {
    let host = try await TestNode(TestDomain("web")).connect()
    let domain = try await host.onlyDomain()
    let model = Self.change(FieldPath(.deviceModel, "a"), .word("dimm"))
    let size = Self.change(FieldPath(.deviceSize, "a"), .size(.gibibytes(1)))
    for (action, code) in [(Action.attachDevice, 3), (.detachDevice, 0), (.updateDevice, 0)] {
      let call = Call(action, on: .live, changes: [model, size])
      let error = await failure { () throws(HypervisorError) in
        try await host.perform(call, on: domain)
      }
      #expect(error?.call == call.api)
      #expect(error?.code == Int32(code))
    }
  }

  @Test("the client reads the host's nodes and page sizes")
  func nodesAndPages() async throws {
    let connection = try await LibvirtHost.connect(
      uri: "test:///default", access: .readOnly, connectTimeout: .seconds(30),
      callTimeout: .seconds(30))
    let host = try await connection.observe(.everything)
    #expect(host.nodes.numbers == NodeSet([0...1]))
    // The driver's nodes have more memory than its host reports, which is none.
    #expect(host.nodes.allSatisfy { $0.total == nil && $0.free == nil })
    #expect(
      host.nodes.map { $0.pools.map(\.size) } == [
        [.mebibytes(2), .gibibytes(1)], [.mebibytes(2), .gibibytes(1)],
      ])
    #expect(host.pageSizes.first == .kibibytes(4))
  }

  @Test("an unlimited limit removes libvirt's limit")
  func unlimited() async throws {
    let limit = "<memtune><hard_limit>2097152</hard_limit></memtune>"
    let host = try await TestNode(TestDomain("web", more: limit)).connect()
    let domain = try await host.onlyDomain()
    let change = Self.change(.hardLimit, .unlimited)
    try await host.perform(
      Call(.setMemoryParameters, on: .persistent, changes: [change]), on: domain)
    #expect(try await host.onlyDomain().persistent?.memtune.hardLimit == nil)
  }

  @Test("the client sets memory with the devices on top")
  func memoryWithDevices() async throws {
    let dimm = "<memory model='dimm'><target><size>262144</size></target></memory>"
    let more = "<maxMemory slots='4'>8388608</maxMemory><devices>\(dimm)</devices>"
    let host = try await TestNode(TestDomain("web", more: more)).connect()
    let domain = try await host.onlyDomain()
    #expect(domain.persistent?.memory == .mebibytes(768))
    let change = Self.change(.memory, .size(.gibibytes(1)))
    try await host.perform(
      Call(.setMaxMemory, on: .persistent, changes: [change]), on: domain)
    let persistent = try await host.onlyDomain().persistent
    #expect(persistent?.memory == .gibibytes(1))
    #expect(persistent?.deviceTotal == .mebibytes(256))
  }

  @Test("a refusal is an error with its call and code")
  func refusal() async throws {
    let host = try await TestNode(TestDomain("web")).connect()
    let domain = try await host.onlyDomain()
    let error = await failure { () throws(HypervisorError) in
      let change = Self.change(.memory, .size(.gibibytes(2)))
      try await host.perform(Call(.setMaxMemory, on: .live, changes: [change]), on: domain)
    }
    #expect(error?.kind == .refused)
    #expect(error?.call == "virDomainSetMemoryFlags")
    #expect(error?.code == 55)
    #expect(error?.domain == 12)
    #expect(error?.message.isEmpty == false)
  }

  @Test("a call on a missing domain is an error of kind noDomain", arguments: calls)
  func noDomain(call: Call) async throws {
    let host = try await TestNode().connect()
    let error = await failure { () throws(HypervisorError) in
      let gone = ObservedDomain(
        name: "web", uuid: TestDomain("web").uuid, state: .shutOff, isActive: false,
        isPersistent: true)
      try await host.perform(call, on: gone)
    }
    #expect(error?.kind == .noDomain)
    #expect(error?.code == 42)
  }

  @Test("libvirt refuses every call on a read-only connection", arguments: calls)
  func readOnly(call: Call) async throws {
    let host = try await TestNode(TestDomain("web")).connect(.readOnly)
    let before = try await host.onlyDomain()
    let error = await failure { () throws(HypervisorError) in
      try await host.perform(call, on: before)
    }
    #expect(error?.kind == .refused)
    #expect(error?.call == call.api)
    #expect(try await host.onlyDomain() == before)
  }

  @Test("the client refuses a call without a size before libvirt sees it")
  func missingSize() async throws {
    let host = try await TestNode(TestDomain("web")).connect()
    let domain = try await host.onlyDomain()
    let error = await failure { () throws(HypervisorError) in
      try await host.perform(Call(.setMemory, on: .live, changes: []), on: domain)
    }
    #expect(error?.kind == .refused)
    #expect(error?.code == 0)
  }
}
