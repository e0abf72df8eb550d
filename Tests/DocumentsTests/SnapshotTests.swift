// SPDX-License-Identifier: Apache-2.0

import Foundation
import YAML
import Platform
import Documents
import MemoryModel
import Testing

@Suite struct SnapshotTests {
  /// A definition with values for most fields, which differ by `number`.
  static func definition(_ number: Int) -> MemoryConfiguration {
    var definition = MemoryConfiguration()
    let sizes = PlanReaderTests.samples(UInt64(number) << 20, 8 << 30)
    for (index, field) in Field.all.enumerated() where (index + number) % 3 != 0 {
      let values = sizes.filter(field.takes).filter {
        if case .sizeRange = $0 { false } else { true }
      }
      guard !values.isEmpty else { continue }
      let items = field.isOfItem ? ["0", "7"] : [""]
      for item in items {
        field.set(values[(number + index) % values.count], in: &definition, item)
      }
    }
    for index in definition.devices.indices {
      definition.devices[index].name = nil
      definition.devices[index].alias = index == 0 ? "elastic\(number)" : nil
      definition.devices[index].base = Address(bytes: 0x1_4000_0000)
      definition.devices[index].plugged = .mebibytes(UInt64(number))
    }
    definition.surroundings.vcpus = 8
    definition.surroundings.pinnings = UInt8(number % 2)
    definition.surroundings.placesVCPUsByItself = number % 2 == 1
    if number % 2 == 0 {
      var recorded = MemoryTuning()
      (recorded.hardLimit, recorded.swapHardLimit) = (.size(.gibibytes(9)), .unlimited)
      definition.surroundings.recordedLimits = recorded
    }
    definition.surroundings.freePCISlots = number % 2 == 0 ? nil : number
    definition.surroundings.lacksACPI = number % 2 == 1
    definition.surroundings.launchSecurity = number % 2 == 0 ? "sev" : nil
    definition.surroundings.machine = "pc-q35-7.\(number)"
    definition.surroundings.memoryArguments = number % 2 == 0 ? "-m 8G" : nil
    definition.surroundings.sharedMemoryUser = .vhostUserDisk
    return definition
  }

  static func domain(_ number: Int) -> ObservedDomain {
    ObservedDomain(
      name: "web-\(number) ä👩‍👩‍👧\u{85}\u{1}\u{180E}\u{E0041}", uuid: "u\(number)", state: .running,
      isActive: number % 2 == 0, isPersistent: number % 3 != 0, hasManagedSave: number % 4 == 0,
      job: number % 5 == 0 ? "migration" : nil, live: definition(number),
      persistent: number % 3 == 0 ? nil : definition(number + 1),
      statistics: BalloonStatistics(
        actual: .gibibytes(1), usable: nil, resident: .mebibytes(3), ageSeconds: 4),
      unsupported: number % 2 == 0 ? [.setMemory, .redefine] : [], architecture: "x86_64",
      sharesHostMemory: number % 2 == 1)
  }

  static let error = HypervisorError(
    .deadline, call: "virConnectOpen", code: -38, domain: 7, message: "no \\ answer")

  static let snapshot = Snapshot(
    created: "2026-08-22T09:12:00Z",
    hosts: [
      Snapshot.Host(
        name: "hv01", uri: "qemu:///system",
        observation: .observed(
          ObservedHost(
            uuid: "h", hostname: "hv01", uri: "qemu:///system", driver: .bhyve,
            libvirt: Version(9, 0, 0), hypervisor: HypervisorRelease("QEMU 7.2.22"),
            isSession: true,
            availableMemory: .gibibytes(9), totalMemory: .gibibytes(16),
            guestMemory: .gibibytes(5),
            nodes: [
              HostNode(
                0, total: .gibibytes(8), free: .mebibytes(700),
                pools: [HugepagePool(size: .mebibytes(2), total: 9, free: 0)]),
              HostNode(3, pools: [HugepagePool(size: .gibibytes(1), total: 7)]),
            ],
            pageSizes: [.kibibytes(4), .mebibytes(2)],
            domains: (0..<80).map(domain),
            unreadable: [UnreadableDomain(name: "x", uuid: "y", error: error)]))),
      Snapshot.Host(name: "hv02", uri: nil, observation: .unobserved(error)),
      Snapshot.Host(
        name: "hv03", uri: nil, isPartial: true,
        observation: .observed(
          ObservedHost(uri: nil, driver: .esx, libvirt: .newestKnownLibvirt, hypervisor: nil))),
    ])

  /// The snapshot with three domains, which a test breaks in many places.
  static let small: Snapshot = {
    var small = snapshot
    guard case .observed(var host) = small.hosts[0].observation else { return small }
    host.domains = Array(host.domains.prefix(3))
    small.hosts[0].observation = .observed(host)
    return small
  }()

  static func read(_ bytes: [UInt8]) throws(InvalidSnapshot) -> Snapshot {
    try SnapshotReader.read(YAMLSource(file: "s.jsonl", bytes: bytes))
  }

  @Test("a snapshot read back equals the written one")
  func roundTrip() throws {
    let read = try Self.read(Self.snapshot.bytes)
    #expect(read == Self.snapshot)
    #expect(read.bytes == Self.snapshot.bytes)
  }

  @Test(
    "the reader refuses a pool of more huge pages than a host can have memory for",
    arguments: [.max, 1 << 62, 1 << 43] as [UInt64])
  func hugePool(total: UInt64) throws {
    var snapshot = Self.small
    guard case .observed(var host) = snapshot.hosts[0].observation else { return }
    for free in [UInt64(0), total] {
      host.nodes[0].pools = [
        HugepagePool(size: .mebibytes(2), total: free == 0 ? total : 0, free: free)
      ]
      snapshot.hosts[0].observation = .observed(host)
      let error = try #require(throws: InvalidSnapshot.self) { try Self.read(snapshot.bytes) }
      #expect("\(error)".contains("more huge pages than any host has memory for"))
    }
  }

  @Test("each line of a snapshot is a JSON document")
  func lines() throws {
    let lines = Self.snapshot.bytes.split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == 1 + 3 + 80 + 1 + 1)
    for line in lines {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line)) }
    }
  }

  @Test("a snapshot holds every property that planning reads of a domain or host")
  func complete() {
    func names(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label) }
    // A new property here must be added to the snapshot too.
    #expect(names(Self.domain(1)).count == 13)
    #expect(names(BalloonStatistics()).count == 4)
    #expect(names(Surroundings()).count == 10)
    // `isOneOfSeveral` is derived again from the devices.
    #expect(names(MemoryDevice()).count == 23)
    #expect(names(NUMACell(id: 0)).count == 6)
    let values = Mirror(reflecting: MemoryConfiguration()).descendant("values", 0)
    #expect(values.map(names)?.count == 12)
    guard case .observed(let host) = Self.snapshot.hosts[0].observation else { return }
    // `domainNames` is made of the domains.
    #expect(names(host).count == 15)
    #expect(names(host.nodes[0]).count == 4)
    #expect(names(host.nodes[0].pools[0]).count == 3)
    #expect(names(Self.error).count == 5)
  }

  @Test("the reader refuses a snapshot truncated anywhere")
  func cut() {
    let bytes = Self.small.bytes
    for length in stride(from: 0, to: bytes.count - 1, by: 97) + [bytes.count - 1, bytes.count - 2]
    {
      #expect(throws: InvalidSnapshot.self, "\(length)") { try Self.read(Array(bytes[..<length])) }
    }
    for line in 1..<5 {
      var lines = bytes.split(separator: UInt8(ascii: "\n"))
      lines.remove(at: line)
      let text = Array(lines.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
      #expect(throws: InvalidSnapshot.self) { try Self.read(text) }
    }
  }

  @Test("the reader refuses a snapshot with a changed, inserted or missing byte")
  func edited() {
    let bytes = Self.small.bytes
    for place in stride(from: 0, to: bytes.count, by: 61) {
      for byte in [bytes[place] ^ 1, UInt8(ascii: "\""), 0xFF] where byte != bytes[place] {
        var edited = bytes
        edited[place] = byte
        #expect(throws: InvalidSnapshot.self) { try Self.read(edited) }
      }
      var edited = bytes
      edited.remove(at: place)
      #expect(throws: InvalidSnapshot.self) { try Self.read(edited) }
      edited.insert(UInt8(ascii: " "), at: place)
      #expect(edited == bytes || (try? Self.read(edited)) == nil)
    }
  }

  @Test(
    "the reader reports each mistake in a snapshot with its place",
    arguments: [
      ("", "s.jsonl:1:1", "not-a-snapshot"), ("{}\n", "s.jsonl:1:2", "not-a-snapshot"),
      ("kind: Domain\n", "s.jsonl:1:1", "not-a-snapshot"),
      (head("virtmem/plan/v1alpha1"), "s.jsonl:1:1", "not-a-snapshot"),
      (head("virtmem/snapshot/v2"), "s.jsonl:1:1", "unknown-snapshot-format"),
      (head(), "s.jsonl:2:1", "cut-snapshot"),
      (head() + "{\"host\":{\"driver\":\"qemu\"}}\n" + end, "s.jsonl:2:25", "invalid-snapshot"),
      (
        head() + "{\"host\":{\"driver\":\"ä\",\"x\":1}}\n" + end, "s.jsonl:2:22", "invalid-snapshot"
      ),
      (head() + end, "s.jsonl:2:1", "altered-snapshot"),
    ])
  func places(text: String, place: String, rule: String) {
    do {
      _ = try Self.read(Array(text.utf8))
      Issue.record("\(text) was read")
    } catch {
      #expect(error.diagnostic.source?.description == place)
      #expect(error.diagnostic.rule.name == rule)
    }
  }

  @Test("a definition with very many items is read in proportional time", .timeLimit(.minutes(1)))
  func manyItems() throws {
    var definition = MemoryConfiguration()
    for number in 0..<UInt32(20000) {
      definition.cells.append(NUMACell(id: number, memory: .gibibytes(1)))
      definition.numatune.memnodes.append(try #require(NUMAMemnode(key: "\(number)")))
      definition.devices.append(MemoryDevice(model: .dimm, size: .gibibytes(1), node: number))
    }
    var snapshot = Self.snapshot
    guard case .observed(var observed) = snapshot.hosts[0].observation else { return }
    observed.domains[0].live = definition
    snapshot.hosts[0].observation = .observed(observed)
    #expect(try Self.read(snapshot.bytes) == snapshot)
  }

  @Test(
    "the reader says what is wrong with a line of a snapshot",
    arguments: [
      (#"{"host":5}"#, 9, "an object belongs here, not a number"),
      (#"{"host":{"driver":5}}"#, 19, "a string belongs here, not a number"),
      (#"{"host":{"driver":"a\/b"}}"#, 19, "the string has an escape that virtmem does not write"),
      (#"{"host":{"driver":"qemu}}"#, 19, "this quote is never closed"),
      (#"{"host":{"driver":qemu}}"#, 19, "this is not JSON: a value belongs here"),
      (#"{"host":{"driver":"qemu""#, 25, "a ',' or '}' is missing"),
      (
        #"{"host":{"driver":"qemu","libvirt":"9.0.0","name":"h","x":1}}"#, 54,
        "this version knows no such member, or not at this place"
      ),
      (#"{"host":{"driver":"qemu","libvirt":"x"}}"#, 36, "this version knows no 'x' here"),
      (#"{"host":{"availableMemory":true}}"#, 28, "a whole number belongs here, not true or false"),
      (
        #"{"host":{"availableMemory":99999999999999999999}}"#, 28,
        "'99999999999999999999' is out of range"
      ),
      (
        #"{"host":{"availableMemory":01}}"#, 28, "virtmem writes no number in this way"
      ),
      (
        #"{"host":{"driver":"qemu","libvirt":"9.0.0","name":"h","nodes":[]}}"#, 63,
        "virtmem writes no empty array here"
      ),
      (
        #"{"host":{"driver":"qemu","libvirt":"9.0.0","name":"h","nodes":{}}}"#, 63,
        "an array belongs here, not an object"
      ),
      (
        #"{"host":{"driver":"qemu","libvirt":"9.0.0","name":"h","nodes":[1}}"#, 65,
        "a ',' or ']' is missing"
      ),
      (
        #"{"host":{"driver":"qemu","libvirt":"9.0.0","name":"h"}}}"#, 56,
        "the line goes on where it should end"
      ),
      (#"{"host":{"driver":"qemu", "libvirt":"9.0.0","name":"h"}}"#, 26, "no space belongs here"),
      (
        #"{"domain":{"host":"h","live":{"currentMemory":{"max":2,"min":1}}}}"#, 47,
        "an observed value is no range"
      ),
      (
        #"{"domain":{"host":"h","live":{"memory":"2GiB"}}}"#, 40,
        "this is no value of memory, which takes a size such as 8GiB"
      ),
    ])
  func words(line: String, column: Int, summary: String) {
    let text = Self.head() + line + "\n" + Self.end
    let error = #expect(throws: InvalidSnapshot.self) { try Self.read(Array(text.utf8)) }
    #expect(error?.diagnostic.source?.description == "s.jsonl:2:\(column)")
    #expect(error?.diagnostic.rule.name == "invalid-snapshot")
    #expect(error?.diagnostic.summary == summary)
    #expect(error?.diagnostic.remedy.hasPrefix("Observe anew") == true)
  }

  static func head(_ format: String = "virtmem/snapshot/v1alpha1") -> String {
    "{\"created\":\"2026-08-22T09:12:00Z\",\"format\":\"\(format)\"}\n"
  }

  static let end = "{\"end\":{\"domains\":0,\"hosts\":0,\"sha256\":\"0\",\"unreadable\":0}}\n"

  @Test("a timestamp read back equals the written one", arguments: [0, 951_782_400, 1_787_389_920])
  func timestamps(seconds: Int64) {
    #expect(Timestamp.secondsSince1970(Timestamp.text(secondsSince1970: seconds)) == seconds)
    #expect(Timestamp.secondsSince1970("2026-02-30T00:00:00Z") == nil)
    #expect(Timestamp.secondsSince1970("2026-02-20 00:00:00Z") == nil)
  }
}
