// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Renders a run as JUnit's XML: a suite for each host, a case for each domain.
package struct JUnitReport {
  private let report: RunReport

  /// Makes a renderer of a run.
  package init(_ report: RunReport) {
    self.report = report
  }

  /// The document.
  package var bytes: [UInt8] {
    let suites = suites
    let cases = suites.flatMap(\.cases)
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites \(attributes("virtmem \(report.name)", cases))>\n"
    for suite in suites {
      text += "  <testsuite \(attributes(suite.name, suite.cases))"
      if !report.time.isEmpty { text += " timestamp=\"\(xml("\(report.time)"))\"" }
      text += ">\n" + suite.cases.map { element($0, of: suite) }.joined() + "  </testsuite>\n"
    }
    return Array((text + "</testsuites>\n").utf8)
  }

  // MARK: - Suites

  private struct Suite {
    let name: ShownText
    var cases: [Case]
  }

  private struct Case {
    enum Outcome: String {
      case passed, failure, error, skipped
    }

    let name: ShownText
    var outcome = Outcome.passed
    /// The kind of failure in one word.
    var kind: ShownText = ""
    var message: ShownText = ""
    var text: ShownText = ""
    var seconds = 0.0
  }

  private var suites: [Suite] {
    guard let plan = report.plan else { return [input] }
    let domains = Dictionary(grouping: report.domains) { $0.plan.host }
    var suites = plan.hosts.map { host in
      suite("\(host.shownName)", domains[host.name] ?? [], silence(of: host, in: plan))
    }
    let known = Set(plan.hosts.map { Optional($0.name) })
    let rest = report.domains.filter { !known.contains($0.plan.host) }
    if !rest.isEmpty { suites.append(suite("on no host that was seen", rest, nil)) }
    return suites
  }

  /// The suite of a run that planned nothing: a case for each mistake.
  private var input: Suite {
    guard case .diagnostics(let diagnostics) = report.result else {
      return Suite(name: "manifests", cases: [])
    }
    let mistakes = diagnostics.filter { $0.severity == .error }.map { mistake in
      let place: ShownText = mistake.source.map { "\($0)" } ?? "input"
      return Case(
        name: place, outcome: .failure, kind: "\(mistake.rule)", message: "\(mistake.summary)",
        text: DiagnosticReport().text([mistake]))
    }
    return Suite(name: "manifests", cases: mistakes.isEmpty ? [Case(name: "valid")] : mistakes)
  }

  private func silence(of host: PlannedHost, in plan: Plan) -> Diagnostic? {
    guard host.isSilent else { return nil }
    return plan.diagnostics.first { $0.rule.meaning == .hostUnobserved && $0.host == host.name }
  }

  private func suite(
    _ name: ShownText, _ domains: [ReportedDomain], _ silence: Diagnostic?
  ) -> Suite {
    var cases = domains.map { testCase(of: $0, silence) }
    // An unobserved host is an error even if the manifests declare none of its domains.
    if cases.isEmpty, let silence {
      cases = [
        Case(
          name: "the host", outcome: .error, kind: "unobserved",
          message: "\(silence.summary): \(silence.instance)", text: "\(silence.remedy)")
      ]
    }
    return Suite(name: name, cases: cases)
  }

  private func testCase(of domain: ReportedDomain, _ silence: Diagnostic?) -> Case {
    var result = Case(name: "\(domain.plan.name)")
    let steps = domain.plan.steps.compactMap { report.applied?.steps[$0.id] }
    result.seconds = steps.reduce(0) { $0 + $1.seconds }
    if let failure = domain.result?.failure {
      result.outcome = domain.result?.status == .skipped ? .skipped : .failure
      result.kind = "\(failure.rule)"
      let call: ShownText = failure.call.isEmpty ? "" : "\(failure.call): "
      result.message = call + "\(failure.message)"
      result.text = details(of: domain)
      return result
    }
    switch domain.verdict {
    case .inSync: return result
    case .suspended: (result.outcome, result.message) = (.skipped, "suspended")
    case .pendingRestart:
      result.outcome = .skipped
      result.message = "waits for a restart: " + values(of: domain, .pendingRestart)
    case .change:
      (result.outcome, result.kind) = (.failure, "drift")
      result.message = values(of: domain, .change)
    case .blocked:
      let rules = Set(domain.plan.blockers.map(\.rule.name)).sorted()
      (result.outcome, result.kind) = (.failure, "\(rules.joined(separator: ", "))")
      result.message = domain.plan.blockers.prefix(3).map { blocker in
        (blocker.field.map { "\($0): " } ?? "") + "\(blocker.summary)"
      }.joined(separator: "; ")
    case .unobserved:
      (result.outcome, result.kind) = (.error, "unobserved")
      result.message = silence.map { "\($0.summary): \($0.instance)" } ?? "not observed"
    }
    if domain.verdict != .suspended { result.text = details(of: domain) }
    return result
  }

  /// The fields with a verdict and their values; at most three.
  private func values(of domain: ReportedDomain, _ verdict: Verdict) -> ShownText {
    let fields = domain.plan.fields.filter { $0.verdict == verdict }
    let texts = fields.prefix(3).map { field -> ShownText in
      "\(field.path): " + DriftLine(field, of: domain.plan, detail: .differences).values
    }
    let more: ShownText = fields.count > 3 ? "; \(fields.count - 3) more" : ""
    return texts.joined(separator: "; ") + more
  }

  /// The entry of the domain in the text for people, with the remedies of what is blocked.
  private func details(of domain: ReportedDomain) -> ShownText {
    guard let kind = report.plan?.kind else { return "" }
    let entry = DomainEntry([domain.plan], of: kind, style: Style(), detail: report.detail)
    let remedies = Remedies(of: Plan(kind: kind, domains: [domain.plan]))
      .texts(style: Style(), detail: report.detail)
    return ([entry.text(DomainEntry.Widths(of: [entry]))] + remedies).joined(separator: "\n")
  }

  // MARK: - XML

  private func attributes(_ name: ShownText, _ cases: [Case]) -> String {
    let count = { (outcome: Case.Outcome) in cases.count { $0.outcome == outcome } }
    let seconds = cases.reduce(0) { $0 + $1.seconds }
    return """
      name="\(xml(name))" tests="\(cases.count)" failures="\(count(.failure))" \
      errors="\(count(.error))" skipped="\(count(.skipped))" time="\(time(seconds))"
      """
  }

  private func element(_ testCase: Case, of suite: Suite) -> String {
    let start = """
          <testcase classname="\(xml(suite.name))" name="\(xml(testCase.name))" \
      time="\(time(testCase.seconds))"
      """
    let message = "message=\"\(xml(testCase.message))\""
    switch testCase.outcome {
    case .passed: return start + "/>\n"
    case .skipped: return start + ">\n      <skipped \(message)/>\n    </testcase>\n"
    case .failure, .error:
      let name = testCase.outcome.rawValue
      return start + ">\n      <\(name) \(message) type=\"\(xml(testCase.kind))\">"
        + "\(xml(testCase.text))</\(name)>\n    </testcase>\n"
    }
  }

  private func time(_ seconds: Double) -> String {
    let milliseconds = Int((max(0, min(seconds, 1e9)) * 1000).rounded())
    return "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst())"
  }

  /// The text, safe in attributes and elements.
  ///
  /// XML 1.0 allows no control characters. `ShownText` has none but line breaks.
  private func xml(_ text: ShownText) -> String {
    text.description.escapedForMarkup
  }
}
