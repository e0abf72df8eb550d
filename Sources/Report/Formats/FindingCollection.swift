// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Collects the findings of a run: one for each rule and place.
struct FindingCollection {
  private struct Key: Hashable {
    let rule: Rule
    let severity: Diagnostic.Severity
    let place: SourcePosition?
  }

  private struct StatementKey: Hashable {
    let finding: Int
    let text: ShownText
  }

  private var findings: [Finding] = []
  private var numbers: [Key: Int] = [:]
  private var statements: [StatementKey: Int] = [:]

  /// Collects the findings of a run.
  init(of report: RunReport) {
    switch report.result {
    case .plan(let plan): add(plan, report.domains, isDrift: plan.kind != .plan)
    case .applied(let applied):
      addFailures(applied)
      add(applied.plan, report.domains, isDrift: true)
    case .diagnostics(let diagnostics):
      for diagnostic in diagnostics { add(diagnostic, at: diagnostic.source) }
    }
  }

  /// The findings: errors, then warnings, then notes, each with the worst kind first.
  var sorted: [Finding] {
    let order = findings.enumerated().map { number, finding in
      (key: (finding.severity.rank, finding.kind.rawValue, number), finding: finding)
    }
    return order.sorted { $0.key < $1.key }.map(\.finding)
  }

  private mutating func add(
    _ rule: Rule, _ kind: Finding.Kind, _ severity: Diagnostic.Severity, at place: SourcePosition?,
    of domain: String?, _ text: ShownText, remedy: String = ""
  ) {
    let key = Key(rule: rule, severity: severity, place: place)
    let number = numbers[key] ?? findings.count
    if number == findings.count {
      numbers[key] = number
      findings.append(Finding(rule: rule, kind: kind, severity: severity, place: place))
    }
    let statement = StatementKey(finding: number, text: text)
    if let index = statements[statement] {
      if let domain { findings[number].statements[index].domains.append(domain) }
    } else {
      statements[statement] = findings[number].statements.count
      findings[number].statements.append(
        Finding.Statement(text: text, domains: [domain].compactMap(\.self)))
    }
    // A finding shows three remedies.
    if !remedy.isEmpty, findings[number].remedies.count < 3,
      !findings[number].remedies.contains(remedy)
    {
      findings[number].remedies.append(remedy)
    }
  }

  // MARK: - Diagnostics

  private mutating func add(
    _ diagnostic: Diagnostic, at place: SourcePosition?, of domains: [String] = []
  ) {
    let kind: Finding.Kind =
      switch diagnostic.severity {
      case _ where diagnostic.rule.meaning == .hostUnobserved: .unobserved
      case .error: .mistake
      case .warning, .note: .remark
      }
    // What is unknown makes the run fail, so it is an error here.
    let severity = kind == .unobserved ? .error : diagnostic.severity
    let names = diagnostic.domain.map { [label(of: $0, on: diagnostic.host)] } ?? domains
    let host = diagnostic.host == DesiredHost.implicitName ? nil : diagnostic.host
    let subject: ShownText? =
      names.isEmpty ? host.map { "\($0): " } : diagnostic.field.map { "\($0): " }
    let text = (subject ?? "") + "\(diagnostic.summary)" + detail(of: diagnostic, kind)
    for name in names.isEmpty ? [nil] : names.map(Optional.init) {
      add(
        diagnostic.rule, kind, severity, at: place, of: name, text, remedy: diagnostic.remedy)
    }
  }

  /// The reason in the case of the diagnostic; of a mistake all that is known.
  private func detail(of diagnostic: Diagnostic, _ kind: Finding.Kind) -> ShownText {
    if kind == .mistake {
      guard !diagnostic.detail.isEmpty else { return "" }
      return diagnostic.summary.hasSuffix("?") ? " \(diagnostic.detail)" : ". \(diagnostic.detail)"
    }
    return diagnostic.instance.isEmpty ? "" : ": \(diagnostic.instance)"
  }

  private func label(of domain: String, on host: String?) -> String {
    DomainPlan(name: domain, host: host, verdict: .inSync).label
  }

  // MARK: - Plans

  /// Adds the diagnostics, the blockers and the differences of a plan.
  ///
  /// `isDrift` says that a difference is a warning. The changes of a plan are what it is about, so
  /// they are notes.
  private mutating func add(_ plan: Plan, _ domains: [ReportedDomain], isDrift: Bool) {
    let places = Places(of: plan)
    for diagnostic in plan.diagnostics where diagnostic.rule.meaning != .suspended {
      let unknown = diagnostic.rule.meaning == .hostUnobserved ? places.names(on: diagnostic) : []
      add(diagnostic, at: places.place(of: diagnostic), of: unknown)
    }
    for domain in domains where domain.plan.verdict != .suspended {
      addBlockers(of: domain.plan)
      guard domain.result?.failure == nil else { continue }
      for field in domain.differences {
        let values = DriftLine(field, of: domain.plan, detail: .differences).values
        add(
          .drift, .drift, isDrift ? .warning : .note, at: field.source ?? domain.plan.position,
          of: domain.plan.label, "\(field.path): " + values)
      }
    }
  }

  private mutating func addBlockers(of domain: DomainPlan) {
    struct Cause: Hashable {
      let item: FieldPath
      let rule: Rule
      let summary: String
    }
    var causes: Set<Cause> = []
    for blocker in domain.blockers {
      // The fields of a device, cell or binding often have one cause, and then one finding.
      if let item = blocker.field?.ofItem {
        let cause = Cause(item: item, rule: blocker.rule, summary: blocker.summary)
        guard causes.insert(cause).inserted else { continue }
      }
      let field = domain.fields.first { $0.path == blocker.field }
      var text: ShownText = "\(blocker.summary)"
      if let field {
        let values = DriftLine(field, of: domain, detail: .differences).values
        text = "\(field.path): " + values + ", blocked: " + text
      }
      add(
        blocker.rule, .blocked, .error, at: field?.source ?? domain.position, of: domain.label,
        text, remedy: blocker.remedy)
    }
  }

  // MARK: - Applies

  /// Adds the failures of an apply, each at the place of the field of the first step that was not
  /// done.
  private mutating func addFailures(_ report: ApplyReport) {
    for (domain, result) in zip(report.plan.domains, report.domains) {
      guard let failure = result.failure else { continue }
      let step = domain.steps.first { step in
        ![.done, .alreadyDone].contains(report.steps[step.id]?.status)
      }
      let path = step?.changes.first { $0.changesValue }?.field
      let field = domain.fields.first { $0.path == path }
      let change: ShownText = path.map { "\($0): " } ?? ""
      let call: ShownText = failure.call.isEmpty ? "" : "\(failure.call): "
      add(
        failure.rule, .failure, result.status == .skipped ? .warning : .error,
        at: field?.source ?? domain.position, of: domain.label,
        change + call + "\(failure.message)", remedy: failure.rule.remedy)
    }
  }
}

extension Diagnostic.Severity {
  /// The place in the order of severities; the worst is 0.
  fileprivate var rank: Int {
    switch self {
    case .error: 0
    case .warning: 1
    case .note: 2
    }
  }
}

/// The places of a plan's diagnostics.
private struct Places {
  private struct Name: Hashable {
    let host: String?
    let domain: String
  }

  private let plan: Plan
  private var domains: [Name: Int] = [:]
  private var firstOfHost: [String: SourcePosition] = [:]
  private var first: SourcePosition?

  init(of plan: Plan) {
    self.plan = plan
    for index in plan.domains.indices {
      let domain = plan.domains[index]
      domains[Name(host: domain.host, domain: domain.name)] = index
      guard let position = domain.position else { continue }
      let start = SourcePosition(file: position.file, line: 1, column: 1)
      if first == nil { first = start }
      if let host = domain.host, firstOfHost[host] == nil { firstOfHost[host] = start }
    }
  }

  /// The place of the diagnostic, of its field or of its domain; else line 1 of the first file that
  /// declares a domain of its host.
  func place(of diagnostic: Diagnostic) -> SourcePosition? {
    if let source = diagnostic.source { return source }
    let number = diagnostic.domain.flatMap {
      domains[Name(host: diagnostic.host, domain: $0)] ?? domains[Name(host: nil, domain: $0)]
    }
    guard let number else { return diagnostic.host.flatMap { firstOfHost[$0] } ?? first }
    let domain = plan.domains[number]
    return domain.fields.first { $0.path == diagnostic.field }?.source ?? domain.position ?? first
  }

  /// The names of the domains on the host of a diagnostic.
  func names(on diagnostic: Diagnostic) -> [String] {
    plan.domains.filter { $0.host == diagnostic.host }.map(\.label)
  }
}
