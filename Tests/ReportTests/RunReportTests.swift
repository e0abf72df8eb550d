// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report
import Testing

/// What holds for reports of any size, and what their values mean.
@Suite struct RunReportTests {
  static let rule = Rule(
    "too-large", .refuses, "it is too large", fact: "It has a limit.", remedy: "Make it smaller.")

  static func position(_ line: Int) -> SourcePosition {
    SourcePosition(file: "fleet/web.yaml", line: line, column: 3)
  }

  /// A domain with one field; its line in the manifest is `line`.
  static func domain(
    _ name: String, host: String? = "hv01", _ verdict: Verdict, line: Int
  ) -> DomainPlan {
    let field = PlannedField(
      path: .currentMemory, desired: .size(.gibibytes(6)), live: .size(.gibibytes(8)),
      persistent: .size(.gibibytes(8)), verdict: verdict, source: position(line))
    var domain = DomainPlan(
      name: name, host: host, state: .running, verdict: verdict, fields: [field],
      position: position(line))
    if verdict == .blocked {
      domain.blockers = [
        Blocker(
          rule: rule, field: .currentMemory, summary: "6 GiB is too large",
          detail: rule.fact, remedy: rule.remedy)
      ]
    }
    return domain
  }

  static func report(
    _ domains: [DomainPlan], _ kind: Plan.Kind = .plan, named name: String? = nil,
    hosts: [PlannedHost] = [PlannedHost(name: "hv01", libvirt: Version(9, 0, 0))],
    diagnostics: [Diagnostic] = []
  ) -> RunReport {
    RunReport(
      of: kind.rawValue, named: name,
      .plan(Plan(kind: kind, hosts: hosts, domains: domains, diagnostics: diagnostics)),
      status: 3, time: "2026-08-22T09:12:00Z", secondsSince1970: 1_787_390_000,
      duration: .milliseconds(1_050))
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Domains of each verdict, each with a line of its own.
  static func fleet(_ count: Int) -> [DomainPlan] {
    (1...count).map { number in
      let verdicts: [Verdict] = [.inSync, .pendingRestart, .change, .blocked, .unobserved]
      return domain("web-\(number)", verdicts[number % 5], line: number)
    }
  }

  // MARK: - Findings

  @Test("domains that a rule blocks at one place are one finding, with all their names")
  func joined() throws {
    let domains = ["a-1", "a-2", "a-3", "b"].map { Self.domain($0, .blocked, line: 7) }
    let report = Self.report(domains)
    let findings = report.findings
    let finding = try #require(findings.first)
    #expect(findings.count == 1 && finding.severity == .error && finding.place?.line == 7)
    #expect(
      report.lines(of: finding).map(\.description) == [
        """
        hv01/a-1 … hv01/a-3, hv01/b: currentMemory: declared 6 GiB, is 8 GiB live + persistent, \
        blocked: 6 GiB is too large
        """, "Make it smaller.",
      ])
  }

  @Test("a difference is a warning of a drift, and a note of a plan")
  func differences() {
    let domains = [Self.domain("web-01", .change, line: 4)]
    #expect(Self.report(domains, .drift).findings.map(\.severity) == [.warning])
    #expect(Self.report(domains, .plan).findings.map(\.severity) == [.note])
    #expect(Self.report(domains).findings.map(\.rule.name) == ["drift"])
    #expect(Self.report([Self.domain("web-01", .pendingRestart, line: 4)]).findings.isEmpty)
  }

  @Test("what has no place stands at line 1 of the first file of its host")
  func placeless() {
    let unseen = Diagnostic(
      .warning, rule: Rule(named: "some-warning"), host: "hv01", summary: "the host is odd")
    let findings = Self.report([Self.domain("a", .inSync, line: 9)], diagnostics: [unseen]).findings
    #expect(
      findings.map(\.place) == [SourcePosition(file: "fleet/web.yaml", line: 1, column: 1)])
  }

  @Test("a suspended domain is no finding")
  func suspended() {
    var domain = Self.domain("a", .blocked, line: 3)
    domain.verdict = .suspended
    #expect(Self.report([domain]).findings.isEmpty)
  }

  // MARK: - Paths

  @Test(
    "a path is relative to the first root that has it",
    arguments: [
      ("fleet/a.yaml", "ops/fleet/a.yaml", true), ("../x/./a.yaml", "x/a.yaml", true),
      ("/src/repo/ops/a", "ops/a", true), ("/ci/a", "a", true), ("/else/a", "/else/a", false),
      ("../../a", "/src/a", false), ("/src/repository/a", "/src/repository/a", false),
      ("/src//repo/ops//b", "ops/b", true), ("/src/repo/\u{301}a", "\u{301}a", true),
    ])
  func paths(file: String, text: String, isBelowRoot: Bool) {
    let root = SourceRoot(folder: "/src/repo/ops", roots: ["/src/repo", "/ci/"])
    let path = root.path(of: file)
    #expect(path?.text.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
    #expect(path?.isBelowRoot == isBelowRoot)
    #expect(root.path(of: "-") == nil)
  }

  // MARK: - GitHub

  @Test("at most ten annotations of each severity are shown, and the last says how many are left")
  func annotations() {
    let text = Self.text(GitHubReport(Self.report(Self.fleet(500), .drift)).bytes)
    for (command, last) in [("error", "90 more errors"), ("warning", "90 more warnings")] {
      let lines = text.split(separator: "\n").filter { $0.hasPrefix("::\(command) ") }
      #expect(lines.count == 10)
      #expect(lines.last?.hasSuffix("%0A\(last) not shown here") == true)
    }
    #expect(
      text.hasSuffix(
        "virtmem drift: 100 errors, 100 warnings, 0 notices; 180 of them are not shown here.\n"))
  }

  @Test("annotations escape what would end a property or a line")
  func escapes() {
    var domain = Self.domain("%0A, a:b\n::error::x,\u{308}", .blocked, line: 3)
    domain.position = SourcePosition(file: "a,b:c%.yaml", line: 3, column: 1)
    domain.fields[0].source = domain.position
    let text = Self.text(GitHubReport(Self.report([domain])).bytes)
    #expect(text.hasPrefix("::error file=a%2Cb%3Ac%25.yaml,line=3,col=1,title=it is too large ("))
    #expect(text.contains("::hv01/%250A, a:b\\u{A}::error::x"))
    #expect(text.split(separator: "\n").count == 2)
  }

  @Test("a finding in standard input has no file, and says its line")
  func standardInput() {
    let mistake = Diagnostic(
      .error, rule: Rule(named: "syntax"), summary: "this is not YAML",
      source: SourcePosition(file: "-", line: 7, column: 1))
    let text = Self.text(
      GitHubReport(RunReport(of: "plan", .diagnostics([mistake]), status: 65)).bytes)
    #expect(
      text.hasPrefix(
        "::error title=invalid input (syntax)::standard input, line 7: this is not YAML\n"))
  }

  // MARK: - Markdown

  @Test("Markdown has at most 60,000 bytes, drops details first and says so")
  func room() {
    // Domains with different values have entries of their own.
    var fleet = Self.fleet(4_000)
    for number in fleet.indices {
      fleet[number].fields[0].desired = .size(.gibibytes(UInt64(number + 1)))
    }
    let text = Self.text(MarkdownReport(Self.report(fleet)).bytes)
    #expect(text.utf8.count <= 60_000 && text.utf8.count > 40_000)
    #expect(text.contains("800 blocked"))
    #expect(text.contains("more lines have no room here"))
    #expect(text.split(separator: "\n").last == "</details>")
    let hosts = (1...900).map { PlannedHost(name: "hv\($0)", libvirt: Version(9, 0, 0)) }
    let many = (1...900).map { Self.domain("web-\($0)", host: "hv\($0)", .blocked, line: $0) }
    let dropped = Self.text(MarkdownReport(Self.report(many, hosts: hosts)).bytes)
    #expect(dropped.utf8.count <= 60_000)
    #expect(dropped.contains(/The details of \d+ sections have no room here\./))
  }

  @Test("a fence is longer than each run of backticks in it, and its marks are in column 0")
  func fences() {
    let domain = Self.domain("a````b", .blocked, line: 3)
    let text = Self.text(MarkdownReport(Self.report([domain])).bytes)
    #expect(text.contains("\n`````diff\n"))
    #expect(text.contains("\n!   currentMemory "))
  }

  @Test("the hidden marker has the command and the name of the run, and nothing can end it")
  func marker() {
    func first(_ name: String?) -> Substring? {
      Self.text(MarkdownReport(Self.report([], named: name)).bytes).split(separator: "\n").first
    }
    #expect(first(nil) == "<!-- virtmem:plan -->")
    #expect(first("prod/1") == "<!-- virtmem:plan:prod/1 -->")
    #expect(first("a --> b") == "<!-- virtmem:plan:a%20%2D%2D%3E%20b -->")
  }

  // MARK: - JUnit

  @Test("each verdict is the outcome of a case")
  func outcomes() {
    var suspended = Self.domain("f", .inSync, line: 6)
    suspended.verdict = .suspended
    let verdicts: [(String, Verdict)] = [
      ("a", .inSync), ("b", .pendingRestart), ("c", .change), ("d", .blocked), ("e", .unobserved),
    ]
    let domains = verdicts.enumerated().map { Self.domain($1.0, $1.1, line: $0 + 1) }
    let text = Self.text(JUnitReport(Self.report(domains + [suspended], .drift)).bytes)
    #expect(text.contains(#"name="hv01" tests="6" failures="2" errors="1" skipped="2""#))
    #expect(text.contains(#"<testcase classname="hv01" name="a" time="0.000"/>"#))
    #expect(
      text.contains(
        """
        <failure message="currentMemory: declared 6 GiB, is 8 GiB live + persistent" type="drift">
        """))
    #expect(
      text.contains(#"<failure message="currentMemory: 6 GiB is too large" type="too-large">"#))
    #expect(text.contains(#"<error message="not observed" type="unobserved">"#))
    #expect(text.contains(#"<skipped message="suspended"/>"#))
  }

  @Test("a failed step is a failure with its rule")
  func failedStep() {
    let domain = Self.domain("web-01", .change, line: 4)
    let failure = StepFailure.recorded(
      RecordedFailure(
        rule: .guestDidNotFollow, call: "virDomainSetMemoryFlags", code: 0, domain: 0,
        message: "It did not follow."))
    let applied = ApplyReport(
      plan: Plan(kind: .apply, hosts: [PlannedHost(name: "hv01")], domains: [domain]),
      domains: [DomainResult(.failed, observed: .change, failure: failure)], closing: Plan())
    let report = RunReport(of: "apply", .applied(applied), status: 1)
    #expect(
      Self.text(JUnitReport(report).bytes).contains(
        """
        <failure message="virDomainSetMemoryFlags: It did not follow." type="guest-did-not-follow">
        """))
    #expect(report.findings.map(\.rule.name) == ["guest-did-not-follow"])
  }

  // MARK: - Prometheus

  @Test("at most 1,000 domains have a series, the worst first, and the others are counted")
  func series() {
    let text = Self.text(PrometheusReport(Self.report(Self.fleet(2_000))).bytes)
    let lines = text.split(separator: "\n").filter {
      $0.hasPrefix("virtmem_domain_out_of_sync{")
    }
    #expect(lines.count == 1_000)
    #expect(lines.first?.contains(#"verdict="unobserved""#) == true)
    #expect(lines.last?.contains(#"verdict="change""#) == true)
    #expect(text.contains("virtmem_domains_dropped{run=\"plan\"} 600\n"))
    #expect(text.contains(#"virtmem_domains{run="plan",host="hv01",verdict="blocked"} 400"#))
    #expect(text.contains("virtmem_last_run_duration_seconds{run=\"plan\"} 1.050\n"))
  }

  @Test("domains of one name that are on no known host have one series")
  func twins() {
    let twins = [3, 4].map { Self.domain("a", host: nil, .blocked, line: $0) }
    let text = Self.text(PrometheusReport(Self.report(twins)).bytes)
    #expect(text.matches(of: /virtmem_domain_out_of_sync\{/).count == 1)
    #expect(text.contains(#"virtmem_domains{run="plan",host="",verdict="blocked"} 2"#))
  }

  @Test("labels escape quotation marks and backslashes")
  func labels() {
    let text = Self.text(
      PrometheusReport(Self.report([Self.domain("a\"\\\n", .blocked, line: 1)])).bytes)
    #expect(text.contains(#"domain="a\"\\\\u{A}""#))
  }

  @Test("after invalid input there are only the series of the run")
  func invalid() {
    let report = RunReport(
      of: "plan", .diagnostics([]), status: 65, secondsSince1970: 5, duration: .seconds(1))
    let samples = Self.text(PrometheusReport(report).bytes).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    #expect(
      samples == [
        "virtmem_last_run_timestamp_seconds{run=\"plan\"} 5",
        "virtmem_last_run_duration_seconds{run=\"plan\"} 1.000",
        "virtmem_last_run_status{run=\"plan\"} 65",
      ])
  }

  // MARK: - Terraform's counts

  @Test("devices and cells come and go, and other fields change")
  func counts() {
    func field(
      _ path: FieldPath, _ desired: FieldValue, _ found: FieldValue?
    ) -> PlannedField {
      PlannedField(
        path: path, desired: desired, live: found, persistent: found, verdict: .change)
    }
    var domain = DomainPlan(name: "a", host: "hv01", state: .running, verdict: .change)
    domain.fields = [
      field(.currentMemory, .size(.gibibytes(1)), .size(.gibibytes(2))),
      field(FieldPath(.deviceSize, "new"), .size(.gibibytes(1)), nil),
      field(FieldPath(.deviceModel, "new"), .word("dimm"), nil),
      field(FieldPath(.deviceRequested, "old"), .size(.gibibytes(1)), .size(.gibibytes(2))),
      field(FieldPath(.deviceState, "gone"), .word("absent"), .word("present")),
      field(FieldPath(.cellMemory, "1"), .size(.gibibytes(1)), nil),
    ]
    let changes = PlannedChanges(of: Self.report([domain]))
    #expect([changes.created, changes.updated, changes.deleted] == [2, 2, 1])
  }
}
