// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Planner
import Testing

/// What a plan says of a domain that is on none of the hosts that could have it.
@Suite struct AbsenceTests {
  private static func host(
    _ uri: String, isSession: Bool = false, names: [String]?, domains: [ObservedDomain] = []
  ) -> ObservedHost {
    ObservedHost(
      uri: uri, driver: .qemu, libvirt: Version(9, 0, 0), hypervisor: nil, isSession: isSession,
      domains: domains, domainNames: names)
  }

  /// The sentence and the remedy for a domain `web-01` that no host has.
  private static func blocker(
    _ hosts: [String: ObservedHost], declared: [DesiredHost] = [], uuid: String? = nil,
    from origin: PlannedHost.Origin = .connection
  ) -> Blocker? {
    var domain = wanted("web-01") { $0.memory = .gibibytes(8) }
    domain.uuid = uuid
    let fleet = Fleet(DesiredState(hosts: declared, domains: [domain]))
    return fleet.plan(hosts.mapValues { .observed($0) }, from: origin).domains[0].blockers.first
  }

  @Test("an empty session connection leads to the system's, and never to a definition")
  func emptySession() throws {
    let blocker = try #require(
      Self.blocker(["default": Self.host("qemu:///session", isSession: true, names: [])]))
    #expect(
      blocker.summary.contains("no such domain on qemu:///session, which has no domains"))
    #expect(blocker.remedy.contains("`-c qemu:///system`"))
    #expect(!blocker.remedy.contains("define"))
  }

  @Test("a session of a declared Host asks to correct the Host's uri")
  func declaredSession() throws {
    let blocker = try #require(
      Self.blocker(
        ["hv01": Self.host("qemu:///session", isSession: true, names: ["web-02"])],
        declared: [DesiredHost(name: "hv01", uri: "qemu:///session")]))
    #expect(blocker.remedy.contains("correct the `uri` of Host hv01"))
    #expect(blocker.remedy.contains("(near: web-02)"))
  }

  @Test("a connection with other domains shows their names, the near ones first")
  func nearNames() throws {
    let blocker = try #require(
      Self.blocker(["default": Self.host("qemu:///system", names: ["db", "web-1", "web-22"])]))
    #expect(blocker.summary.contains("on qemu:///system, which has 3 domains"))
    #expect(blocker.remedy.hasPrefix("`virsh -r -c 'qemu:///system' list --all` shows all names"))
    #expect(blocker.remedy.contains("(near: web-1, web-22)"))
  }

  @Test("several hosts are named")
  func severalHosts() throws {
    let names = ["hv01", "hv02"]
    let blocker = try #require(
      Self.blocker(
        Dictionary(uniqueKeysWithValues: names.map { ($0, Self.host("test:///\($0)", names: [])) }),
        declared: names.map { DesiredHost(name: $0, uri: "test:///\($0)") }))
    #expect(blocker.summary.contains("none of 2 hosts has it: hv01, hv02"))
    #expect(blocker.remedy.contains("declare the Host that has it"))
  }

  @Test("another UUID or name is told, with what to declare")
  func nearMiss() throws {
    let there = running("web-01", guest(8))
    let other = try #require(
      Self.blocker(
        ["default": Self.host("qemu:///system", names: ["web-01"], domains: [there])],
        uuid: "11111111-2222-4333-8444-555555555555"))
    #expect(other.summary.contains("has the UUID uuid-of-web-01, not 11111111"))
    #expect(other.remedy.contains("declare `uuid: uuid-of-web-01` or remove `uuid`"))
    let renamed = running("old", guest(8))
    let name = try #require(
      Self.blocker(
        ["default": Self.host("qemu:///system", names: ["old"], domains: [renamed])],
        uuid: "uuid-of-old"))
    #expect(name.remedy.contains("declare `name: old`"))
  }

  @Test("the remedy for a domain that a snapshot lacks speaks of the snapshot alone")
  func snapshot() throws {
    let blocker = try #require(
      Self.blocker(["default": Self.host("qemu:///system", names: ["db"])], from: .snapshot))
    #expect(blocker.summary.contains("in the snapshot of qemu:///system, which has 1 domain"))
    #expect(blocker.remedy.contains("virtmem observe") && !blocker.remedy.contains("virsh"))
  }
}
