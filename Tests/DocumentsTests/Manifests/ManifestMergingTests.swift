// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import TestSupport
import Testing

@Suite struct ManifestMergingTests {
  @Test("the reader reports contradicting bounds beside an unknown Profile")
  func boundsBesideUnknownProfile() {
    let spec = "profiles: [web]\ncurrentMemory: {min: 4GiB, max: 2GiB}"
    #expect(
      places(document("Domain", "a", spec: spec)) == ["5:14 unknown-profile", "6:24 invalid-range"])
    let half = "profiles: [web]\ncurrentMemory: {min: 4GiB}"
    #expect(places(document("Domain", "a", spec: half)) == ["5:14 unknown-profile"])
  }

  @Test("the reader reads every field of a Host")
  func host() {
    let spec = """
      uri: qemu+tls://hv01.example.net/system
      reserve: {memory: 4GiB}
      facts: {cgroup: v2, hugepageSize: 2MiB, hugepages: onDemand}
      suspend: true
      """
    let (state, diagnostics) = read(document("Host", "hv01, labels: {rack: a}", spec: spec))
    #expect(diagnostics.isEmpty)
    #expect(
      state.hosts == [
        DesiredHost(
          name: "hv01", uri: "qemu+tls://hv01.example.net/system", labels: ["rack": "a"],
          suspension: Suspension(), reserve: .gibibytes(4),
          facts: DeclaredFacts(cgroup: "v2", hugepageSize: .mebibytes(2), hugepages: .onDemand),
          uriFrom: .manifest,
          position: SourcePosition(file: "a.yaml", line: 3, column: 18))
      ])
  }

  @Test("the reader reads every field of the table under its own path")
  func table() throws {
    for field in Field.all {
      let (text, value): (String, FieldValue) =
        switch field.kind {
        case .duration: ("10s", .seconds(10))
        case .count: ("8", .count(8))
        case .onlyNone: ("none", .absence)
        case .number: ("0", .count(0))
        case .boolean: ("true", .flag(true))
        case .word(let words), .wordOrNone(let words): (words[0], .word(words[0]))
        case .nodeSet: ("\"0-3,7\"", .nodes(NodeSet([0...3, 7...7])))
        case .hugepages: ("default", .word("default"))
        case .text: ("/srv/a", .word("/srv/a"))
        case .uuid:
          (
            "6F1D2C1E-4A55-4B7E-9D7A-1B1F0A9C0D01",
            .word("6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01")
          )
        case .address: ("0x140000000", .word("0x140000000"))
        case .size, .sizeOrZero, .sizeOrRange, .sizeOrZeroOrRange, .sizeOrUnlimited, .sizeOrNone:
          ("8GiB", .size(.gibibytes(8)))
        }
      let path = field.path(of: "7")
      let parts = path.description.split(separator: ".")
      let spec = parts.dropLast().reversed().reduce("\(parts[parts.count - 1]): \(text)") {
        "\($1): {\($0)}"
      }
      let domain = try #require(read(document("Domain", "a", spec: spec)).state.domains.first)
      #expect(domain.configuration[path] == value)
      #expect(domain.sources.keys.map(\.description) == [path.description])
    }
  }

  @Test("ranges merge by bound, and the reader refuses a range that lacks one")
  func bounds() throws {
    let profile = document("Profile", "elastic", spec: "currentMemory: {min: 2GiB, max: 4GiB}")
    let (state, diagnostics) = read(
      profile + document("Domain", "a", spec: "profiles: [elastic]\ncurrentMemory: {min: 3GiB}"))
    #expect(diagnostics.isEmpty)
    let configuration = try #require(state.domains.first).configuration
    #expect(configuration.currentMemory == .within(.gibibytes(3)...(.gibibytes(4))))
    func rules(_ spec: String) -> [String] {
      read(profile + document("Domain", "a", spec: spec)).diagnostics.map(\.rule.name)
    }
    #expect(rules("currentMemory: {min: 3GiB}") == ["missing-field"])
    #expect(rules("profiles: [elastic]\ncurrentMemory: {min: 5GiB}") == ["invalid-range"])
    #expect(rules("profiles: [elastic]\ncurrentMemory: 1GiB") == [])
  }

  @Test("the reader reports a contradiction in a Profile even if no Domain uses it")
  func unusedProfile() {
    let text =
      document("Profile", "a", spec: "memtune: {hardLimit: 8GiB, swapHardLimit: 4GiB}")
      + document("Profile", "b", spec: "currentMemory: {min: 2GiB, max: 1GiB}")
      + document("Domain", "web", spec: "profiles: [a]")
    #expect(read(text).diagnostics.map(\.rule) == ["limits-contradict", "invalid-range"])
  }

  @Test("the value none and a group's fields override each other, whichever comes later")
  func noneForAGroup() throws {
    let profiles =
      document("Profile", "high", spec: "maxMemory: {size: 32GiB, slots: 8}")
      + document("Profile", "no", spec: "maxMemory: none")
    func configuration(_ spec: String) throws -> MemoryConfiguration {
      let (state, diagnostics) = read(profiles + document("Domain", "web", spec: spec))
      #expect(diagnostics.isEmpty)
      return try #require(state.domains.first).configuration
    }
    let gone = try configuration("profiles: [high, no]")
    #expect(gone.maxMemory.presence == .absent)
    #expect(gone.maxMemory.size == nil && gone.maxMemory.slots == nil)
    let back = try configuration("profiles: [no, high]\nmaxMemory: {slots: 4}")
    #expect(back.maxMemory == MaxMemory(size: .gibibytes(32), slots: 4))
    #expect(try configuration("profiles: [high]\nmaxMemory: unmanaged").maxMemory == MaxMemory())
    #expect(try configuration("profiles: [no]\nmaxMemory: unmanaged").maxMemory == MaxMemory())
  }

  @Test("later values override earlier ones: default, then profiles left to right, then Domain")
  func orderOfLayers() throws {
    let text =
      document("Profile", "b", spec: "memory: 3GiB\ncurrentMemory: 3GiB")
      + document(
        "Profile", "default", spec: "memory: 1GiB\nmemtune: {hardLimit: 9GiB}\nsuspend: true")
      + document("Profile", "a", spec: "memory: 2GiB\ncurrentMemory: {min: 1GiB, max: 2GiB}")
      + document("Domain", "web", spec: "profiles: [a, b]\ncurrentMemory: 1GiB\nsuspend: false")
    let (state, diagnostics) = read(text)
    let domain = try #require(state.domains.first)
    #expect(diagnostics.isEmpty && state.profileCount == 3)
    #expect(domain.configuration.memory == .gibibytes(3))
    #expect(domain.configuration.currentMemory == .exactly(.gibibytes(1)))
    #expect(domain.configuration.memtune.hardLimit == .size(.gibibytes(9)))
    #expect(!domain.isSuspended)
    #expect(
      domain.sources.mapValues { "\($0.line):\($0.column)" }
        == [.memory: "5:11", .hardLimit: "13:24", .currentMemory: "28:18"])
  }

  @Test(
    "the later suspend wins as a whole, from Profiles and the Domain",
    arguments: [
      ("", Suspension(until: Day("2026-12-31"), reason: "a")), ("suspend: false", nil),
      ("suspend: true", Suspension()), ("suspend: {reason: x < y}", Suspension(reason: "x < y")),
      ("suspend: {until: '2028-02-29'}", Suspension(until: Day("2028-02-29"))),
    ] as [(String, Suspension?)])
  func suspend(spec: String, suspension: Suspension?) throws {
    let text =
      document("Profile", "default", spec: "suspend: true")
      + document("Profile", "a", spec: "suspend: {until: 2026-12-31, reason: a}")
      + document("Domain", "web", spec: "profiles: [a]\nmemory: 1GiB\n\(spec)")
    let (state, diagnostics) = read(text)
    #expect(diagnostics.isEmpty)
    let domain = try #require(state.domains.first)
    #expect(domain.suspension == suspension)
    #expect(domain.suspensionSource?.line == (spec.isEmpty ? 11 : 19))
  }

  @Test("a Host's suspend has a date and a reason too")
  func suspendedHost() {
    let spec = "uri: a\nsuspend: {until: 2026-12-31, reason: new disks}"
    let (state, diagnostics) = read(document("Host", "hv01", spec: spec))
    #expect(diagnostics.isEmpty)
    #expect(
      state.hosts.map(\.suspension) == [Suspension(until: Day("2026-12-31"), reason: "new disks")])
  }

  @Test("the value unmanaged removes a field or a group that profiles set")
  func unmanaged() throws {
    let text =
      document(
        "Profile", "default", spec: "memory: 1GiB\nmemtune: {hardLimit: 9GiB, softLimit: 8GiB}")
      + document("Domain", "a", spec: "memory: unmanaged\nmemtune: {softLimit: unmanaged}")
      + document("Domain", "b", spec: "memtune: unmanaged")
    let (state, diagnostics) = read(text)
    #expect(diagnostics.isEmpty)
    #expect(state.domains.map { $0.sources.keys.sorted() } == [[.hardLimit], [.memory]])
    #expect(state.domains.last?.managesTuning == false)
  }

  @Test("a limit may be 'unlimited' and a guarantee 'none', quoted or not")
  func words() throws {
    let spec = "memtune: {hardLimit: unlimited, softLimit: \"8GiB\", minGuarantee: 'none'}"
    let domain = try #require(read(document("Domain", "a", spec: spec)).state.domains.first)
    #expect(domain.configuration.memtune.hardLimit == .unlimited)
    #expect(domain.configuration.memtune.softLimit == .size(.gibibytes(8)))
    #expect(domain.configuration.memtune.minGuarantee == .absent)
  }

  @Test("policies merge field by field")
  func policy() throws {
    let text =
      document("Profile", "default", spec: "policy: {shrink: never, restart: {timeout: 5m}}")
      + document("Domain", "a", spec: "policy: {disruption: restart, restart: {force: true}}")
    let (state, diagnostics) = read(text)
    let policy = try #require(state.domains.first?.policy)
    #expect(diagnostics.isEmpty)
    #expect(policy.disruption == .restart && policy.shrink == .never)
    #expect(policy.restart.timeoutSeconds == 300 && policy.restart.force)
  }

  @Test("the reader converts a uuid to lower case and keeps libvirt's name")
  func identity() throws {
    let spec = "name: Web\nuuid: 6F1D2C1E-4A55-4B7E-9D7A-1B1F0A9C0D01"
    let domain = try #require(read(document("Domain", "web-01", spec: spec)).state.domains.first)
    #expect(domain.name == "Web")
    #expect(domain.uuid == "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01")
    #expect(domain.position == SourcePosition(file: "a.yaml", line: 3, column: 18))
  }
}
