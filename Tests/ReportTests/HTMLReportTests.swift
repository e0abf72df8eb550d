// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report
import TestSupport
import Testing

/// What the page says, and that nothing from outside becomes a part of it.
@Suite struct HTMLReportTests {
  static func page(_ report: RunReport) -> String {
    String(decoding: HTMLReport(report).bytes, as: UTF8.self)
  }

  static func page(_ plan: Plan) -> String {
    page(RunReport(of: plan.kind.rawValue, .plan(plan), status: 0))
  }

  static func step(_ plane: Plane, _ changes: [Change], needs: [String] = []) -> Step {
    Step(
      id: "hv01/web-01/1", operation: .call(Call(.setMemory, on: plane, changes: changes)),
      disruption: plane == .live ? .live : .none, reason: "because", needs: needs)
  }

  static func field(
    _ path: FieldPath, _ desired: UInt64, live: UInt64?, persistent: UInt64?,
    _ verdict: Verdict = .inSync
  ) -> PlannedField {
    PlannedField(
      path: path, desired: .size(.gibibytes(desired)), live: live.map { .size(.gibibytes($0)) },
      persistent: persistent.map { .size(.gibibytes($0)) }, verdict: verdict)
  }

  static let requested = FieldPath(.deviceRequested, "elastic0")

  /// A guest with a balloon, a virtio-mem device and a ceiling, of which a plan changes two.
  static func guest(_ name: String = "web-01") -> DomainPlan {
    let shrink = Change(
      field: .currentMemory, from: .size(.gibibytes(8)), to: .size(.gibibytes(6)))
    let grow = Change(field: requested, from: .size(.gibibytes(1)), to: .size(.gibibytes(4)))
    return DomainPlan(
      name: name, host: "hv01", state: .running, verdict: .change,
      fields: [
        field(.maxMemorySize, 32, live: 32, persistent: 32),
        field(.memory, 12, live: 8, persistent: 12, .pendingRestart),
        field(.currentMemory, 6, live: 8, persistent: 8, .change),
        field(FieldPath(.deviceSize, "elastic0"), 8, live: 8, persistent: 8),
        field(requested, 4, live: 1, persistent: 4, .change),
      ],
      steps: [step(.live, [shrink]), step(.persistent, [shrink]), step(.live, [grow])],
      headroom: Headroom(virtioMem: .gibibytes(7)))
  }

  static func host(_ memory: HostMemory?, reserve: UInt64? = 4) -> PlannedHost {
    PlannedHost(
      name: "hv01", uri: "qemu+tls://hv01/system", libvirt: Version(9, 0, 0),
      reserve: reserve.map { .gibibytes($0) }, memory: memory)
  }

  // MARK: - Pictures

  @Test("a guest's bars show what is now, after the steps and from the next start")
  func guests() {
    let page = Self.page(Plan(hosts: [Self.host(nil)], domains: [Self.guest()]))
    for text in [
      """
      aria-label="memory of web-01, now: RAM 8 GiB, virtio-mem requested 1 GiB, virtio-mem free \
      7 GiB, maxMemory at 32 GiB"
      """,
      """
      aria-label="memory of web-01, after: RAM 6 GiB, balloon gap 2 GiB, virtio-mem requested \
      4 GiB, virtio-mem free 4 GiB, maxMemory at 32 GiB"
      """,
      "aria-label=\"memory of web-01, next start: RAM 6 GiB, balloon gap 6 GiB, ",
      "<li><i class=\"gap\"></i>balloon gap 2 GiB</li>",
    ] {
      #expect(page.contains(text), "\(page)")
    }
    // 8 of 32 GiB, and the tick at their end.
    #expect(page.contains("<rect class=\"ram\" x=\"0.00%\" width=\"25.00%\" height=\"100%\"/>"))
    #expect(page.contains("<rect class=\"tick\" x=\"99.50%\""))
  }

  @Test("a drift shows what is beside what is declared")
  func declared() {
    var guest = Self.guest()
    guest.steps = []
    let page = Self.page(Plan(kind: .drift, hosts: [Self.host(nil)], domains: [guest]))
    #expect(page.contains("memory of web-01, now: RAM 8 GiB"))
    #expect(page.contains("memory of web-01, declared: RAM 6 GiB, balloon gap 6 GiB"))
  }

  @Test("what a manifest does not declare is not drawn, and the page says so")
  func undeclared() {
    var guest = Self.guest()
    guest.fields = guest.fields.filter { $0.path == .currentMemory }
    guest.steps = []
    let page = Self.page(Plan(hosts: [Self.host(nil)], domains: [guest]))
    #expect(page.contains("memory of web-01, now, after, next start: RAM 8 GiB\""))
    #expect(
      page.contains("Not declared, so not drawn: memory, maxMemory.size, memory devices.</p>"))
    guest.fields = []
    #expect(
      Self.page(Plan(hosts: [Self.host(nil)], domains: [guest]))
        .contains("No picture: the plan holds no size of the guest's memory."))
  }

  @Test("a device that a plan adds is in the bar after the steps only")
  func added() {
    let size = FieldPath(.deviceSize, "stick0")
    let model = FieldPath(.deviceModel, "stick0")
    let guest = DomainPlan(
      name: "web-01", host: "hv01", state: .running, verdict: .change,
      fields: [
        Self.field(.memory, 8, live: 8, persistent: 8),
        PlannedField(path: model, desired: .word("nvdimm"), verdict: .change),
        Self.field(size, 2, live: nil, persistent: nil, .change),
      ],
      steps: [
        Self.step(
          .live,
          [
            Change(field: model, from: nil, to: .word("nvdimm")),
            Change(field: size, from: nil, to: .size(.gibibytes(2))),
          ])
      ])
    let page = Self.page(Plan(hosts: [Self.host(nil)], domains: [guest]))
    #expect(page.contains("web-01, now: boot RAM 8 GiB\""))
    #expect(page.contains("web-01, after: boot RAM 8 GiB, other memory devices 2 GiB\""))
  }

  @Test("a host's bars show the reserve, what is available, and what guests take or give")
  func hosts() {
    func page(_ available: UInt64, _ least: UInt64, _ after: UInt64) -> String {
      let memory = HostMemory(
        available: .gibibytes(available), leastAvailable: .gibibytes(least),
        availableAfter: .gibibytes(after))
      return Self.page(Plan(hosts: [Self.host(memory)], domains: [Self.guest()]))
    }
    let taken = page(16, 8, 10)
    #expect(taken.contains("of hv01, now: reserve 4 GiB, available above it 12 GiB\""))
    #expect(
      taken.contains(
        """
        of hv01, after: reserve 4 GiB, available above it 6 GiB, guests take 6 GiB, least on the \
        way at 8 GiB"
        """))
    #expect(page(10, 10, 16).contains("available above it 6 GiB, guests give back later 6 GiB\""))
    #expect(page(10, 10, 10).contains("of hv01, now, after: reserve 4 GiB"))
    #expect(
      page(2, 2, 2).contains("now, after: available, all of it reserve 2 GiB, reserve at 4 GiB"))
  }

  @Test("where a host's whole memory is known, its bars show what is in use, and by NUMA node")
  func wholeHosts() {
    let memory = HostMemory(
      total: .gibibytes(32), guests: .gibibytes(10), available: .gibibytes(12),
      availableAfter: .gibibytes(15),
      nodes: [
        HostNode(0, total: .gibibytes(16), free: .gibibytes(9)),
        HostNode(
          1, total: .gibibytes(16), free: .gibibytes(2),
          pools: [HugepagePool(size: .mebibytes(2), total: 2048, free: 512)]),
      ])
    let page = Self.page(Plan(hosts: [Self.host(memory)], domains: [Self.guest()]))
    for text in [
      """
      memory of hv01, now: reserve 4 GiB, available above it 8 GiB, guests give back later 3 GiB, \
      guests 7 GiB, huge pages 4 GiB, other use 6 GiB"
      """,
      """
      memory of hv01, after: reserve 4 GiB, available above it 11 GiB, guests 7 GiB, huge pages \
      4 GiB, other use 6 GiB"
      """,
      "memory of hv01, node 0, now: free 9 GiB, other use and page cache 7 GiB\"",
      """
      memory of hv01, node 1, now: free 2 GiB, free pages of 2 MiB 1 GiB, pages of 2 MiB in use 3 GiB, \
      other use and page cache 10 GiB"
      """,
    ] {
      #expect(page.contains(text), "\(page)")
    }
  }

  @Test("where a host's memory is unknown, the page says so in words")
  func unknown() {
    let page = Self.page(Plan(hosts: [Self.host(nil)], domains: [Self.guest()]))
    #expect(page.contains("memory: available memory unknown, 4 GiB to be kept in reserve.</p>"))
    #expect(!page.contains("available memory of hv01"))
  }

  @Test("domains in sync are folded, with their pictures")
  func quiet() {
    var guest = Self.guest("db-01")
    (guest.verdict, guest.steps) = (.inSync, [])
    let page = Self.page(Plan(hosts: [Self.host(nil)], domains: [guest]))
    #expect(page.contains("<details><summary>1 domain in sync</summary>\n<p class=\"who\">db-01"))
    #expect(page.contains("memory of db-01, now"))
  }

  // MARK: - The page

  @Test("what needs a decision comes first, and headings have no gap in their levels")
  func order() throws {
    let page = Self.page(Plan(hosts: [Self.host(nil)], domains: [Self.guest()]))
    let decision = try #require(page.firstRange(of: "<h2 id=\"decisions\">"))
    let host = try #require(page.firstRange(of: "id=\"host-1\""))
    #expect(decision.lowerBound < host.lowerBound)
    let levels = page.matches(of: /<h([1-6])/).compactMap { Int($0.1) }
    #expect(levels.first == 1 && levels.count { $0 == 1 } == 1)
    #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 })
  }

  @Test("the page loads nothing and runs nothing")
  func closed() {
    let page = Self.page(Plan(hosts: [Self.host(nil)], domains: [Self.guest()]))
    #expect(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""))
    for text in ["<script", "<link", "<img", "src=", "href=\"h", "@import", "url(h", "://www"] {
      #expect(!page.contains(text), "\(text)")
    }
  }

  /// The elements and the names of attributes of a page.
  static func markup(of page: String) -> Set<String> {
    var names: Set<String> = []
    for tag in page.matches(of: /<([^>]*)>/) {
      // A value in quotes can't name an attribute.
      let bare = tag.1.replacing(/"[^"]*"/, with: "")
      names.formUnion(bare.split(whereSeparator: { " =/\n".contains($0) }).map(String.init))
    }
    return names
  }

  @Test("no name, path or message becomes markup")
  func hostile() {
    let names = [
      "<script>alert(1)</script>", "\" onload=\"x", "' onclick='x", "</title><b>", "&lt;i&gt;",
      "<!--", "]]>", "</pre>", "\u{202E}evil", "a\u{0}b\n::error::x", "<\u{308}img src=x>", "##[x]",
    ]
    let harmless = Self.markup(of: Self.page(Self.reports("web-01")))
    for name in names {
      let page = Self.page(Self.reports(name))
      #expect(Self.markup(of: page) == harmless, "\(name)")
      #expect(ReaderGrammar.commands(in: page) == [], "\(name)")
    }
    let page = Self.page(Self.reports("<a href='x'>&\""))
    #expect(page.contains("&lt;a href=&#39;x&#39;&gt;&amp;&quot;"))
  }

  /// A report in which each text is `name`.
  private static func reports(_ name: String) -> RunReport {
    let place = SourcePosition(file: name, line: 3, column: 2)
    var guest = guest(name)
    guest.host = name
    guest.position = place
    guest.verdict = .blocked
    let device = FieldPath(.device, name)
    guest.fields.append(
      PlannedField(
        path: device, desired: .word(name), live: .word(name), verdict: .blocked, source: place))
    guest.blockers = [
      Blocker(rule: Rule(named: name), field: device, summary: name, detail: name, remedy: name)
    ]
    guest.steps.append(
      step(.live, [Change(field: device, from: .word(name), to: .word(name))], needs: [name]))
    let note = Diagnostic(
      .warning, rule: Rule(named: name), host: name, domain: name, field: device, summary: name,
      detail: name, remedy: name, source: place, sourceLine: name)
    let hosts = [PlannedHost(name: name, uri: name), PlannedHost(name: "hv02")]
    let plan = Plan(hosts: hosts, domains: [guest], diagnostics: [note])
    return RunReport(of: "plan", named: name, .plan(plan), status: 3, time: "2026-08-22T09:12:00Z")
  }

  @Test("a page of a large fleet is bounded, and says what it leaves out", .timeLimit(.minutes(1)))
  func bounded() {
    // Domains with different values have entries and pictures of their own.
    let fleet = (0..<4_000).map { number in
      var guest = Self.guest("web-\(number)x")
      guest.fields[0].live = .size(.gibibytes(UInt64(32 + number)))
      guest.fields[2].desired = .size(.gibibytes(UInt64(number + 1)))
      return guest
    }
    func page(_ count: Int) -> String {
      Self.page(Plan(hosts: [Self.host(nil)], domains: Array(fleet.prefix(count))))
    }
    let (whole, cut) = (page(2_000), page(4_000))
    #expect(cut.utf8.count < 3_000_000 && cut.utf8.count > 2_000_000)
    #expect(cut.contains("The changes of "))
    #expect(whole.matches(of: /<article/).count == 2_000)
    #expect(whole.contains("The pictures of ") && !whole.contains("The changes of "))
    #expect(cut.hasSuffix("</html>\n"))
    // Alike ones share an entry.
    let alike = (0..<2_000).map { Self.guest("web-\($0)") }
    let short = Self.page(Plan(hosts: [Self.host(nil)], domains: alike))
    #expect(short.contains("<h3>web-0 … web-9, web-10 … web-99, "))
    #expect(short.utf8.count < 20_000)
  }

  @Test("mistakes have their places, and their source lines with the caret")
  func mistakes() {
    let mistake = Diagnostic(
      .error, rule: Rule(named: "syntax"), summary: "this is not YAML",
      source: SourcePosition(file: "web.yaml", line: 7, column: 2), sourceLine: "{{<x>")
    let page = Self.page(RunReport(of: "validate", .diagnostics([mistake]), status: 65))
    #expect(page.contains("<h1>virtmem validate: <strong>invalid input</strong></h1>"))
    #expect(page.contains("<code>web.yaml:7</code>"))
    #expect(page.contains("  7 | {{&lt;x&gt;\n    |  ^\n"))
  }
}
