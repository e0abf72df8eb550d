// SPDX-License-Identifier: Apache-2.0
import TestSupport
import LibvirtModel
import MemoryModel
import Planner
import Testing

/// Which domain is looked for where, and what is said where it is not found.
@Suite struct FleetTests {
  static let one = DesiredHost(name: "hv01", uri: "qemu+tls://hv01/system", labels: ["rack": "a"])
  static let two = DesiredHost(name: "hv02", uri: "qemu+tls://hv02/system", labels: ["rack": "b"])
  static let silence = HostObservation.unobserved(
    HypervisorError(.connection, call: "virConnectOpen", message: "no route to host"))

  static let wish = wanted { $0.memory = .gibibytes(8) }

  static func on(_ host: String, uuid: String? = nil) -> DesiredDomain {
    var domain = wish
    (domain.host, domain.uuid) = (host, uuid)
    return domain
  }

  static func sight(_ names: String...) -> HostObservation {
    .observed(host(names.map { running($0, guest(8)) }))
  }

  static func plan(
    _ domains: [DesiredDomain], _ sights: [String: HostObservation],
    hosts: [DesiredHost] = [one, two],
    selection: Selection = .all
  ) -> Plan {
    Fleet(DesiredState(hosts: hosts, domains: domains), selection: selection).plan(sights)
  }

  static func rackA() -> Selection {
    Selection(domains: [], selectors: [LabelSelector("rack=a")].compactMap(\.self))
  }

  @Test("a domain without a host is the one that any host has", arguments: ["hv01", "hv02"])
  func found(name: String) {
    let other = name == "hv01" ? "hv02" : "hv01"
    let plan = Self.plan([Self.wish], [name: Self.sight("web-01"), other: Self.sight("db-01")])
    #expect(plan.domains.map(\.host) == [name] && plan.domains[0].verdict == .inSync)
    #expect(plan.hosts.map(\.name) == ["hv01", "hv02"])
  }

  @Test("found on one that answered, it is that one, whoever else is silent")
  func foundBesideSilence() {
    let plan = Self.plan([Self.wish], ["hv01": Self.sight("web-01"), "hv02": Self.silence])
    #expect(plan.domains[0].verdict == .inSync)
    #expect(plan.diagnostics.map(\.rule) == ["host-unobserved"])
  }

  @Test(
    "where a connection over ssh can't be made, the remedy names how a host's key is forgotten",
    arguments: [
      ("qemu+ssh://root@hv01/system", "-R hv01`"), ("qemu+ssh://hv01:22/system", "-R hv01`"),
      ("qemu+ssh://hv01:2222/system?no_tty=1", "-R '[hv01]:2222'`"),
      ("qemu+ssh://[fe80::1]/system", "-R fe80::1`"),
      ("qemu+ssh://root@[fe80::1]:2222/system", "-R '[fe80::1]:2222'`"),
      ("qemu+tls://hv01/system", nil), ("qemu:///system", nil),
    ] as [(String, String?)])
  func forgottenKey(uri: String, words: String?) {
    let host = DesiredHost(name: "hv01", uri: uri)
    for kind in [HypervisorError.Kind.connection, .deadline] {
      let silence = HostObservation.unobserved(HypervisorError(kind, call: "c", message: "no"))
      let remedy = Self.plan([Self.wish], ["hv01": silence], hosts: [host]).diagnostics[0].remedy
      #expect(remedy.hasPrefix("Look at the host and its libvirt daemon, then plan again."))
      #expect(remedy.contains("ssh-keygen \(words ?? "")") == (words != nil && kind == .connection))
    }
  }

  @Test("found on two, it is blocked, and both are named")
  func ambiguous() {
    let plan = Self.plan(
      [Self.wish], ["hv01": Self.sight("web-01"), "hv02": Self.sight("web-01")])
    #expect(plan.domains[0].rules == ["domain-on-several-hosts"])
    let summary = plan.domains[0].blockers[0].summary
    #expect(summary.contains("hv01") && summary.contains("hv02"))
    #expect(plan.domains[0].host == nil && plan.domains[0].state == nil)
  }

  @Test("a uuid tells two of one name apart")
  func byUUID() {
    var twin = running("web-01", guest(8))
    twin.uuid = "another"
    var wish = Self.wish
    wish.uuid = "another"
    let plan = Self.plan([wish], ["hv01": Self.sight("web-01"), "hv02": .observed(host([twin]))])
    #expect(plan.domains[0].host == "hv02" && plan.domains[0].uuid == "another")
  }

  @Test("found on none of those that answered while one did not, it is unobserved")
  func silent() {
    let plan = Self.plan([Self.wish], ["hv01": Self.sight("db-01"), "hv02": Self.silence])
    #expect(plan.domains[0].verdict == .unobserved && plan.domains[0].state == nil)
    #expect(plan.domains[0].fields.map(\.verdict) == [.unobserved])
    #expect(plan.diagnostics.map(\.host) == ["hv02"])
  }

  @Test("a host that nobody looked at is no host without the domain")
  func unseen() {
    #expect(Self.plan([Self.wish], ["hv01": Self.sight()]).domains[0].verdict == .unobserved)
    #expect(Self.plan([Self.on("hv02")], [:]).domains[0].verdict == .unobserved)
  }

  @Test("where every host answered and none has it, it is not defined")
  func notDefined() {
    let plan = Self.plan([Self.wish], ["hv01": Self.sight(), "hv02": Self.sight("db-01")])
    #expect(plan.domains[0].rules == ["domain-not-defined"])
    #expect(plan.domains[0].fields.map(\.verdict) == [.blocked])
  }

  @Test("a uuid or a name that differs is known, and told")
  func mismatch() {
    let wrong = Self.plan([Self.on("hv01", uuid: "other")], ["hv01": Self.sight("web-01")])
    #expect(wrong.domains[0].rules == ["domain-not-defined"])
    #expect(wrong.domains[0].blockers[0].detail.contains("uuid-of-web-01"))
    let renamed = Self.plan(
      [Self.on("hv01", uuid: "uuid-of-web-02")], ["hv01": Self.sight("web-02")])
    #expect(renamed.domains[0].rules == ["domain-not-defined"])
    #expect(renamed.domains[0].blockers[0].detail.contains("web-02"))
  }

  @Test("a definition in a file that has no uuid is that of the name")
  func withoutUUID() {
    var written = running("web-01", guest(8))
    written.uuid = ""
    let plan = Self.plan([Self.on("hv01", uuid: "u")], ["hv01": .observed(host([written]))])
    #expect(plan.domains[0].verdict == .inSync && plan.domains[0].uuid == nil)
  }

  @Test("its own host alone is asked")
  func ownHost() {
    let plan = Self.plan([Self.on("hv02")], ["hv01": Self.sight("web-01"), "hv02": Self.sight()])
    #expect(plan.domains[0].rules == ["domain-not-defined"] && plan.domains[0].host == "hv02")
    let fleet = Fleet(DesiredState(hosts: [Self.one, Self.two], domains: [Self.on("hv02")]))
    #expect(fleet.hostsToObserve.map(\.name) == ["hv02"])
  }

  @Test("a suspended host is not connected to, and its domains are suspended")
  func suspendedHost() {
    var host = Self.two
    host.isSuspended = true
    let state = DesiredState(hosts: [Self.one, host], domains: [Self.on("hv02")])
    #expect(Fleet(state).hostsToObserve.isEmpty)
    let plan = Fleet(state).plan([:])
    #expect(plan.domains[0].verdict == .suspended && plan.domains[0].fields[0].live == nil)
    #expect(plan.diagnostics.isEmpty)
  }

  @Test("a domain that only a suspended host could have is suspended, one that is found is not")
  func perhapsSuspended() {
    var host = Self.two
    host.isSuspended = true
    let hosts = [Self.one, host]
    let missing = Self.plan([Self.wish], ["hv01": Self.sight()], hosts: hosts)
    #expect(missing.domains[0].verdict == .suspended)
    let found = Self.plan([Self.wish], ["hv01": Self.sight("web-01")], hosts: hosts)
    #expect(found.domains[0].verdict == .inSync)
    let silent = Self.plan([Self.wish], ["hv01": Self.silence], hosts: hosts)
    #expect(silent.domains[0].verdict == .unobserved)
  }

  @Test("what the selection leaves out is neither asked nor counted")
  func selection() {
    let state = DesiredState(
      hosts: [Self.one, Self.two], domains: [Self.on("hv01"), Self.on("hv02")])
    let fleet = Fleet(state, selection: Self.rackA())
    #expect(fleet.hostsToObserve.map(\.name) == ["hv01"])
    let plan = fleet.plan(["hv01": Self.sight("web-01")])
    #expect(plan.domains.map(\.host) == ["hv01"])
    #expect(plan.hosts.map(\.name) == ["hv01"])
  }

  @Test("found on none of the hosts that are left, it is left out too")
  func selectionOfHosts() {
    let left = Self.plan([Self.wish], ["hv01": Self.sight()], selection: Self.rackA())
    #expect(left.domains.isEmpty)
    let found = Self.plan([Self.wish], ["hv01": Self.sight("web-01")], selection: Self.rackA())
    #expect(found.domains.map(\.host) == ["hv01"])
  }

  @Test("a domain that is there and could not be read is unobserved, with the reason")
  func unreadable() {
    var seen = host([])
    seen.unreadable = [
      UnreadableDomain(
        name: "web-01", uuid: "u",
        error: HypervisorError(.refused, call: "virDomainGetXMLDesc", message: "busy"))
    ]
    let plan = Self.plan([Self.on("hv01")], ["hv01": .observed(seen)])
    #expect(plan.domains[0].verdict == .unobserved && plan.domains[0].uuid == "u")
    #expect(plan.diagnostics.map(\.rule) == ["domain-unobserved"])
    #expect(plan.diagnostics[0].detail.contains("virDomainGetXMLDesc: busy"))
  }

  @Test("a suspended domain is suspended, found or not")
  func suspendedDomain() {
    var wish = Self.on("hv01")
    wish.isSuspended = true
    for sight in [Self.sight("web-01"), Self.sight(), Self.silence] {
      #expect(Self.plan([wish], ["hv01": sight]).domains.map(\.verdict) == [.suspended])
    }
  }

  @Test("without Hosts there is one, named default, with the connection's uri")
  func connection() {
    let fleet = Fleet(DesiredState(domains: [Self.wish]), connection: "test:///default")
    #expect(fleet.hosts.map(\.name) == ["default"] && fleet.hosts[0].uri == "test:///default")
    #expect(fleet.plan(["default": Self.sight("web-01")]).domains[0].host == "default")
  }

  @Test("hosts and domains in any order make the same plan", arguments: 0..<20 as Range<UInt64>)
  func order(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var domains = ["a", "b", "c", "d"].map { wanted($0) { $0.memory = .gibibytes(8) } }
    domains[3].host = "hv02"
    var broken = host([running("a", guest(8)), running("d", guest(4))])
    broken.unreadable = ["b", "c"].map {
      UnreadableDomain(
        name: $0, uuid: $0, error: HypervisorError(.refused, call: "c", message: "m"))
    }
    let sights = ["hv01": Self.sight("z"), "hv02": HostObservation.observed(broken)]
    let expected = Self.plan(domains, sights)
    let shuffled = Self.plan(
      domains.shuffled(using: &generator), sights,
      hosts: [Self.one, Self.two].shuffled(using: &generator))
    #expect(shuffled == expected)
  }
}
