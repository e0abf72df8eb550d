// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report
import TestSupport
import Testing

@Suite struct PlanReportTests {
  private func domain(_ name: String, _ verdict: Verdict, line: Int = 3) -> DomainPlan {
    let field = PlannedField(
      path: .currentMemory, desired: .size(.gibibytes(6)), live: .size(.gibibytes(8)),
      persistent: .size(.gibibytes(8)), verdict: verdict,
      source: SourcePosition(file: "web.yaml", line: line + 2, column: 18))
    var plan = DomainPlan(
      name: name, uuid: name, host: "default", state: .running, verdict: verdict,
      fields: [field], position: SourcePosition(file: "web.yaml", line: line, column: 18))
    if verdict == .change {
      plan.steps = Plane.allCases.enumerated().map { number, plane in
        Step(
          id: "default/\(name)/\(number + 1)",
          operation: .call(
            Call(
              .setMemory, on: plane,
              changes: [
                Change(
                  field: .currentMemory, from: .size(.gibibytes(8)), to: .size(.gibibytes(6)))
              ])),
          disruption: plane == .live ? .live : .none, reason: "because")
      }
    }
    return plan
  }

  @Test("the report shows a change of both planes in one line, and a summary line")
  func oneLine() {
    let plan = Plan(domains: [domain("db-01", .inSync), domain("web-01", .change)])
    #expect(
      PlanReport().text(plan) == """
        on no host that was seen
        web-01  running                                              web.yaml:3
          ~ currentMemory          8 GiB -> 6 GiB      live + persistent

        2 domains: 1 in sync, 1 to change.  2 steps: 1 not felt by guests, 1 felt live.

        """)
  }

  @Test("a domain that a silent host may have is not shown beside one that several hosts have")
  func perhapsOnSilentHost() {
    let silent = PlannedHost(name: "hv03", uri: "qemu:///system")
    var (nowhere, twice) = (domain("nowhere", .unobserved), domain("dup", .blocked))
    (nowhere.host, twice.host) = (nil, nil)
    let rule = Rule(
      "domain-on-several-hosts", .refuses, "several hosts", fact: "", remedy: "",
      meaning: .severalHosts)
    twice.blockers = [Blocker(rule: rule, summary: "two", detail: "", remedy: "")]
    let plan = Plan(hosts: [silent], domains: [twice, nowhere])
    let text = PlanReport().text(plan).description
    #expect(text.contains("on several hosts\ndup"))
    #expect(text.contains("on no host that was seen; not observed: hv03\nnowhere"))
    #expect(BriefReport().text(plan).description.contains("dup: blocked (domain-on-several-hosts)"))
  }

  @Test("alike warnings of domains on several hosts are one, which names the hosts")
  func warningsOfHosts() {
    let rule = Rule("some-warning", .warns, "too low", fact: "", remedy: "")
    let plan = Plan(
      diagnostics: ["hv01", "hv02"].map { rule.warning(host: $0, domain: "dup", field: .memory) })
    let text = PlanReport().text(plan).description
    #expect(text.contains("warning: hv01/dup, hv02/dup memory: too low"))
  }

  @Test("a row says that its step only waits for the guest")
  func waitingStep() {
    var plan = domain("web-01", .change)
    let change = Change(
      field: .currentMemory, from: .size(.gibibytes(8)), to: .size(.gibibytes(6)))
    plan.steps = [
      Step(
        id: "default/web-01/1", operation: .wait([change]), disruption: .none, reason: "because")
    ]
    #expect(
      PlanReport().text(Plan(domains: [plan])).description
        .contains("8 GiB -> 6 GiB      waits for the guest"))
  }

  @Test("the report shows similar domains as one entry with a count")
  func groups() {
    let plan = Plan(domains: (1...5).map { domain("web-0\($0)", .change, line: $0 * 10) })
    let text = PlanReport().text(plan).description
    #expect(text.contains("web-01 … web-05 (5 domains)  running"))
    #expect(text.contains("5 domains: 5 to change.  10 steps: 5 not felt by guests, 5 felt live."))
    #expect(text.split(separator: "\n").count == 4)
  }

  @Test("pending and blocked fields have their own symbols")
  func symbols() {
    var blocked = domain("web-02", .blocked)
    blocked.blockers = [
      Blocker(
        rule: "some-rule", field: .currentMemory, summary: "it can't be", detail: "For a reason.",
        remedy: "Do this.")
    ]
    let text = PlanReport().text(Plan(domains: [domain("web-01", .pendingRestart), blocked]))
      .description
    #expect(text.contains("  … currentMemory          8 GiB -> 6 GiB      pending:"))
    #expect(
      text.contains(
        "  ! currentMemory          8 GiB -> 6 GiB      blocked: it can't be (some-rule)  web.yaml:5\n"
      ))
    #expect(text.contains("\nsome-rule: web-02\n  Do this.\n"))
    #expect(!text.contains("For a reason."))
    #expect(
      PlanReport(detail: .everything).text(Plan(domains: [blocked])).description.contains(
        "For a reason."))
  }

  @Test("two blanks or more stand between columns, however long the names and the values are")
  func columns() {
    for (name, value) in [("x", "v"), (String(repeating: "x", count: 22), "v"), ("y", "0-3,5-9")] {
      for length in [1, 10, 17, 18, 19, 20, 30, 38, 39, 40, 50] {
        let word = value + String(repeating: "w", count: length)
        for kind in [Plan.Kind.plan, .drift] {
          let path = FieldPath(.deviceSize, name + String(repeating: "n", count: length))
          let field = PlannedField(
            path: path, desired: .word(word), live: .word("a"), persistent: .word("a"),
            verdict: .pendingRestart)
          let domain = DomainPlan(
            name: "web", host: "default", state: .running, verdict: .pendingRestart,
            fields: [field])
          let text = PlanReport().text(Plan(kind: kind, domains: [domain])).description
          #expect(text.contains("\(path)  "))
          #expect(text.contains(kind == .plan ? "\(word)  " : "persistent  "), "\(text)")
        }
      }
    }
  }

  @Test("maxMemory is one row where its size and its slots have one verdict and one cause")
  func ceiling() {
    func text(slots: Verdict) -> String {
      let fields = [
        PlannedField(
          path: .maxMemorySize, desired: .size(.gibibytes(32)), live: .size(.gibibytes(8)),
          persistent: .size(.gibibytes(32)), verdict: .pendingRestart),
        PlannedField(
          path: .maxMemorySlots, desired: .count(8), live: .count(4), persistent: .count(8),
          verdict: slots),
      ]
      let domain = DomainPlan(
        name: "db", host: "default", state: .running, verdict: .pendingRestart, fields: fields)
      return PlanReport().text(Plan(domains: [domain])).description
    }
    let one = text(slots: .pendingRestart)
    #expect(one.contains("… maxMemory              8 GiB, 4 slots -> 32 GiB, 8 slots  pending:"))
    #expect(!one.contains("maxMemory.s"))
    #expect(text(slots: .inSync).contains("… maxMemory.size "))
  }

  @Test("a remedy's commands name the domain, or the first of several")
  func named() {
    func text(_ names: String...) -> String {
      let domains = names.map { name in
        DomainPlan(
          name: name, host: "default", state: .running, verdict: .blocked,
          blockers: [
            Blocker(
              rule: Rule(named: "some-rule"), summary: "it can't be", detail: "",
              remedy: "Run `virsh reset DOMAIN`.")
          ])
      }
      return PlanReport().text(Plan(domains: domains)).description
    }
    #expect(text("db-01").contains("  Run `virsh reset db-01`.\n"))
    #expect(text("my db").contains("  Run `virsh reset 'my db'`.\n"))
    #expect(
      text("db-01", "db-02").contains(
        "  Run `virsh reset db-01`. Do the same for the other domains.\n"))
  }

  @Test("the report shows steps on request, or if a step needs another domain's")
  func steps() {
    var waiting = domain("web-01", .change)
    let step = "    1. virDomainSetMemoryFlags(LIVE)  currentMemory  [felt live]\n"
    #expect(!PlanReport().text(Plan(domains: [waiting])).description.contains(step))
    #expect(
      PlanReport(detail: .everything).text(Plan(domains: [waiting])).description.contains(step))
    waiting.steps[0].needs = ["default/db-01/1"]
    #expect(
      PlanReport().text(Plan(domains: [waiting])).description.contains(
        step + "       after default/db-01/1\n"))
  }

  @Test("the report explains why a domain has no state")
  func stateless() {
    func text(_ meaning: Rule.Meaning?, host: String?) -> String {
      let rule = Rule("some-rule", .refuses, "it can't be", fact: "", remedy: "", meaning: meaning)
      let blocker = Blocker(rule: rule, summary: "it can't be", detail: "", remedy: "Do this.")
      let domain = DomainPlan(name: "web", host: host, verdict: .blocked, blockers: [blocker])
      return PlanReport().text(Plan(domains: [domain])).description
    }
    #expect(text(nil, host: "hv01").contains("  not there\n"))
    #expect(text(.severalHosts, host: nil).contains("  on several hosts\n"))
  }

  @Test("the report of an empty plan is only its summary line")
  func empty() {
    #expect(PlanReport().text(Plan()) == "0 domains.  0 steps.\n")
    #expect(PlanReport().text(Plan(kind: .drift)) == "0 domains.\n")
  }

  private static let hosts: [(memory: HostMemory?, reserve: MemorySize?, line: String)] = [
    (
      HostMemory(
        available: .mebibytes(12_700), leastAvailable: .gibibytes(9),
        availableAfter: .mebibytes(10_651)),
      .gibibytes(2),
      "12.4 GiB available, 2 GiB of it kept in reserve; 10.4 GiB after this plan, never less than "
        + "9 GiB on the way"
    ),
    (
      HostMemory(
        available: .gibibytes(4), leastAvailable: .gibibytes(2), availableAfter: .gibibytes(4)),
      nil, "4 GiB available, no reserve; as much after this plan, never less than 2 GiB on the way"
    ),
    (
      HostMemory(
        available: .gibibytes(1), leastAvailable: .gibibytes(1), availableAfter: .gibibytes(2)),
      .gibibytes(2),
      "1 GiB available, less than the 2 GiB kept in reserve; 2 GiB after this plan"
    ),
    (
      HostMemory(available: .mebibytes(2047 * 1024 + 1023)), nil,
      "2 TiB available, no reserve; as much after this plan"
    ),
    (nil, nil, "available memory unknown"),
    (nil, .gibibytes(2), "available memory unknown, 2 GiB to be kept in reserve"),
  ]

  @Test(
    "the detailed report has a line for each host's memory, even without domains", arguments: hosts)
  func hostMemory(memory: HostMemory?, reserve: MemorySize?, line: String) {
    var plan = Plan(hosts: [
      PlannedHost(
        name: "hv01", libvirt: Version(9, 0, 0), reserve: reserve, memory: memory)
    ])
    let report = PlanReport(detail: .everything)
    let head = "hv01  libvirt's default  libvirt 9.0.0"
    #expect(
      report.text(plan).description
        == "\(head)\n  memory: \(line)\n\n0 domains.  0 steps.\n")
    #expect(PlanReport().text(plan).description == "\(head)\n\n0 domains.  0 steps.\n")
    plan.kind = .drift
    #expect(!report.text(plan).description.contains("this plan"))
  }

  @Test("the detailed report has no memory of a host that was not observed, or of files")
  func noHostMemory() {
    let hosts = [
      PlannedHost(name: "hv01"),
      PlannedHost(name: "hv02", libvirt: Version(9, 0, 0), origin: .definitions),
    ]
    let text = PlanReport(detail: .everything).text(Plan(hosts: hosts)).description
    #expect(!text.contains("memory") && text.contains("hv01") && text.contains("hv02"))
  }
}
