// SPDX-License-Identifier: Apache-2.0
import TestSupport
import LibvirtModel
import MemoryModel
import Planner
import Testing

/// On which hosts the planner looks for a domain, and what it reports if it finds none.
@Suite struct FleetTests {
  static let one = DesiredHost(name: "hv01", uri: "qemu+tls://hv01/system", labels: ["rack": "a"])
  static let two = DesiredHost(name: "hv02", uri: "qemu+tls://hv02/system", labels: ["rack": "b"])
  static let silence = HostObservation.unobserved(
    HypervisorError(.connection, call: "virConnectOpen", message: "no route to host"))

  static let declared = wanted { $0.memory = .gibibytes(8) }

  static func on(_ host: String, uuid: String? = nil) -> DesiredDomain {
    var domain = declared
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

  @Test("a domain without a host belongs to the host that has it", arguments: ["hv01", "hv02"])
  func found(name: String) {
    let other = name == "hv01" ? "hv02" : "hv01"
    let plan = Self.plan([Self.declared], [name: Self.sight("web-01"), other: Self.sight("db-01")])
    #expect(plan.domains.map(\.host) == [name] && plan.domains[0].verdict == .inSync)
    #expect(plan.hosts.map(\.name) == ["hv01", "hv02"])
  }

  @Test("the planner uses the domain that it found even if another host doesn't answer")
  func foundBesideSilentHost() {
    let plan = Self.plan([Self.declared], ["hv01": Self.sight("web-01"), "hv02": Self.silence])
    #expect(plan.domains[0].verdict == .inSync)
    #expect(plan.diagnostics.map(\.rule) == ["host-unobserved"])
  }

  @Test(
    "the remedy for a failed ssh connection shows how to remove the host's known key",
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
      let remedy = Self.plan([Self.declared], ["hv01": silence], hosts: [host]).diagnostics[0]
        .remedy
      #expect(
        remedy.hasSuffix("To try the connection without virtmem: `virsh -r -c '\(uri)' list`."))
      #expect(remedy.contains("root@") == uri.contains("root@"))
      #expect(remedy.contains("ssh-keygen \(words ?? "")") == (words != nil && kind == .connection))
    }
  }

  @Test("a host that refuses the user gets the remedy about rights")
  func deniedHost() {
    let refusal = HypervisorError(.denied, call: "virConnectOpenAuth", code: 88, message: "no")
    let plan = Self.plan([Self.on("hv01")], ["hv01": .unobserved(refusal)])
    #expect(plan.diagnostics.map(\.rule) == ["host-unobserved"])
    #expect(plan.diagnostics[0].remedy.hasPrefix("Add the user of the connection to the group"))
  }

  @Test("the planner blocks a domain found on two hosts and names both")
  func ambiguous() {
    let plan = Self.plan(
      [Self.declared], ["hv01": Self.sight("web-01"), "hv02": Self.sight("web-01")])
    #expect(plan.domains[0].rules == ["domain-on-several-hosts"])
    let summary = plan.domains[0].blockers[0].summary
    #expect(summary.contains("hv01") && summary.contains("hv02"))
    #expect(plan.domains[0].host == nil && plan.domains[0].state == nil)
  }

  @Test("a uuid distinguishes two domains with one name")
  func byUUID() {
    var twin = running("web-01", guest(8))
    twin.uuid = "another"
    var declared = Self.declared
    declared.uuid = "another"
    let plan = Self.plan(
      [declared], ["hv01": Self.sight("web-01"), "hv02": .observed(host([twin]))])
    #expect(plan.domains[0].host == "hv02" && plan.domains[0].uuid == "another")
  }

  @Test("a domain not found while a host didn't answer is unobserved")
  func silent() {
    let plan = Self.plan([Self.declared], ["hv01": Self.sight("db-01"), "hv02": Self.silence])
    #expect(plan.domains[0].verdict == .unobserved && plan.domains[0].state == nil)
    #expect(plan.domains[0].fields.map(\.verdict) == [.unobserved])
    #expect(plan.diagnostics.map(\.host) == ["hv02"])
  }

  @Test("a host that was not observed doesn't count as a host without the domain")
  func unseen() {
    #expect(Self.plan([Self.declared], ["hv01": Self.sight()]).domains[0].verdict == .unobserved)
    #expect(Self.plan([Self.on("hv02")], [:]).domains[0].verdict == .unobserved)
  }

  @Test("a domain that none of the answering hosts has is not defined")
  func notDefined() {
    let plan = Self.plan([Self.declared], ["hv01": Self.sight(), "hv02": Self.sight("db-01")])
    #expect(plan.domains[0].rules == ["domain-not-defined"])
    #expect(plan.domains[0].fields.map(\.verdict) == [.blocked])
  }

  @Test("the planner blocks a different uuid or name and shows the one it found")
  func mismatch() {
    let wrong = Self.plan([Self.on("hv01", uuid: "other")], ["hv01": Self.sight("web-01")])
    #expect(wrong.domains[0].rules == ["domain-not-defined"])
    #expect(wrong.domains[0].blockers[0].summary.contains("uuid-of-web-01"))
    let renamed = Self.plan(
      [Self.on("hv01", uuid: "uuid-of-web-02")], ["hv01": Self.sight("web-02")])
    #expect(renamed.domains[0].rules == ["domain-not-defined"])
    #expect(renamed.domains[0].blockers[0].summary.contains("web-02"))
  }

  @Test("a definition file without uuid matches the domain of that name")
  func withoutUUID() {
    var written = running("web-01", guest(8))
    written.uuid = ""
    let plan = Self.plan([Self.on("hv01", uuid: "u")], ["hv01": .observed(host([written]))])
    #expect(plan.domains[0].verdict == .inSync && plan.domains[0].uuid == nil)
  }

  @Test("the planner looks for a domain that names its host only on that host")
  func ownHost() {
    let plan = Self.plan([Self.on("hv02")], ["hv01": Self.sight("web-01"), "hv02": Self.sight()])
    #expect(plan.domains[0].rules == ["domain-not-defined"] && plan.domains[0].host == "hv02")
    let fleet = Fleet(DesiredState(hosts: [Self.one, Self.two], domains: [Self.on("hv02")]))
    #expect(fleet.hostsToObserve.map(\.name) == ["hv02"])
  }

  @Test("the planner doesn't connect to a suspended host, and its domains are suspended")
  func suspendedHost() {
    var host = Self.two
    host.suspension = Suspension()
    let state = DesiredState(hosts: [Self.one, host], domains: [Self.on("hv02")])
    #expect(Fleet(state).hostsToObserve.isEmpty)
    let plan = Fleet(state).plan([:])
    #expect(plan.domains[0].verdict == .suspended && plan.domains[0].fields[0].live == nil)
    #expect(plan.diagnostics.isEmpty)
  }

  @Test("a domain that only a suspended host could have is suspended, and a found one isn't")
  func perhapsSuspended() {
    var host = Self.two
    host.suspension = Suspension()
    let hosts = [Self.one, host]
    let missing = Self.plan([Self.declared], ["hv01": Self.sight()], hosts: hosts)
    #expect(missing.domains[0].verdict == .suspended)
    let found = Self.plan([Self.declared], ["hv01": Self.sight("web-01")], hosts: hosts)
    #expect(found.domains[0].verdict == .inSync)
    let silent = Self.plan([Self.declared], ["hv01": Self.silence], hosts: hosts)
    #expect(silent.domains[0].verdict == .unobserved)
  }

  @Test("the planner neither observes nor counts what the selection excludes")
  func exclusion() {
    let state = DesiredState(
      hosts: [Self.one, Self.two], domains: [Self.on("hv01"), Self.on("hv02")])
    let fleet = Fleet(state, selection: Self.rackA())
    #expect(fleet.hostsToObserve.map(\.name) == ["hv01"])
    let plan = fleet.plan(["hv01": Self.sight("web-01")])
    #expect(plan.domains.map(\.host) == ["hv01"])
    #expect(plan.hosts.map(\.name) == ["hv01"])
  }

  @Test("a domain not found on the selected hosts is excluded too")
  func exclusionOfHosts() {
    let left = Self.plan([Self.declared], ["hv01": Self.sight()], selection: Self.rackA())
    #expect(left.domains.isEmpty)
    let found = Self.plan([Self.declared], ["hv01": Self.sight("web-01")], selection: Self.rackA())
    #expect(found.domains.map(\.host) == ["hv01"])
  }

  @Test("a domain that can't be read is unobserved, with the reason")
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
    #expect(plan.diagnostics[0].detail.contains("busy (virDomainGetXMLDesc)"))
  }

  @Test("a suspended domain is suspended whether it is found or not")
  func suspendedDomain() {
    var declared = Self.on("hv01")
    declared.suspension = Suspension()
    for sight in [Self.sight("web-01"), Self.sight(), Self.silence] {
      #expect(Self.plan([declared], ["hv01": sight]).domains.map(\.verdict) == [.suspended])
    }
  }

  @Test("without Hosts, the connection is a host named default")
  func connectionIsDefault() {
    let fleet = Fleet(DesiredState(domains: [Self.declared]), connection: "test:///default")
    #expect(fleet.hosts.map(\.name) == ["default"] && fleet.hosts[0].uri == "test:///default")
    #expect(fleet.plan(["default": Self.sight("web-01")]).domains[0].host == "default")
  }

  @Test(
    "the order of hosts and domains doesn't change the plan", arguments: 0..<20 as Range<UInt64>)
  func orderOfHosts(seed: UInt64) {
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
