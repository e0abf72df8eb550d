// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

extension ApplyReport {
  /// The report that a document has: of the closing plan it has only the verdicts.
  init(readBack plan: Plan, steps: [String: StepResult], domains: [DomainResult]) {
    var closing = Plan(kind: .apply, domains: plan.domains)
    for index in domains.indices { closing.domains[index].verdict = domains[index].observed }
    self.init(plan: plan, steps: steps, domains: domains, closing: closing)
  }
}

// Reads the results of an apply's document.
extension PlanReader {
  /// The report of the apply of `plan`; `document` is the document that holds both.
  ///
  /// The document has the verdicts at the end of the run, and nothing else of the closing plan.
  static func report(
    of plan: Plan, _ document: JSONObject, knowing catalogue: [Rule]
  ) throws(JSONMistake) -> ApplyReport {
    let rules = catalogue.byName
    var steps: [String: StepResult] = [:]
    var numbers = plan.domains.indices.makeIterator()
    let domains = try document["domains"].elements { (json) throws(JSONMistake) -> DomainResult in
      let domain = plan.domains[numbers.next() ?? 0]
      var ids = domain.steps.map(\.id).makeIterator()
      let members = try json.members(domainKeys(hasResults: true))
      _ = try members["steps"].elements { (step) throws(JSONMistake) in
        let result = try step.members(stepKeys(of: step, hasResults: true))["result"]
        if let id = ids.next() { steps[id] = try stepResult(result, rules) }
      }
      return try domainResult(members["result"], of: domain, rules)
    }
    return ApplyReport(readBack: plan, steps: steps, domains: domains)
  }

  private static func stepResult(
    _ json: JSONValue, _ rules: [String: Rule]
  ) throws(JSONMistake) -> StepResult {
    let failure = try failure(json, rules)
    let result = try json.members(resultKeys(hasFailure: failure != nil))
    var observed: [FieldPath: FieldValue] = [:]
    for (key, value) in try result["observed"].members() {
      let (path, row) = try key.field()
      observed[path] = try value.optionalValue(of: row)
    }
    return StepResult(
      try result["status"].word(), observed: observed, failure: failure,
      seconds: try result["seconds"].seconds())
  }

  private static func domainResult(
    _ json: JSONValue, of domain: DomainPlan, _ rules: [String: Rule]
  ) throws(JSONMistake) -> DomainResult {
    let failure = try failure(json, rules)
    let result = try json.members(resultKeys(hasFailure: failure != nil))
    _ = try result["seconds"].seconds()
    let status: StepResult.Status = try result["status"].word()
    return DomainResult(
      Self.status(status, of: domain, failure), observed: try result["observed"].word(),
      failure: failure)
  }

  /// The domain's status, which the document expresses as a step's status.
  private static func status(
    _ status: StepResult.Status, of domain: DomainPlan, _ failure: StepFailure?
  ) -> DomainResult.Status {
    switch status {
    case .done, .alreadyDone: .done
    case .failed, .unknown: .failed
    case .skipped where domain.steps.isEmpty: .done
    case .skipped: failure.map { leavesStale($0.rule) } ?? false ? .stale : .skipped
    }
  }

  /// Whether a domain that was left because of `rule` no longer fits its plan: it changed, it went,
  /// or the shrink guard, whose rules refuse, does not let its first step pass.
  private static func leavesStale(_ rule: Rule) -> Bool {
    [.foreignChange, .domainGone].contains(rule) || rule.consequence == .refuses
  }

  /// The failure of a result; nil if it has none.
  private static func failure(
    _ json: JSONValue, _ rules: [String: Rule]
  ) throws(JSONMistake) -> StepFailure? {
    guard json.has("rule") else { return nil }
    let result = try json.members(resultKeys(hasFailure: true))
    let error = try result["error"].members(["call", "code", "domain", "message"])
    let name = try result["rule"].string()
    return .recorded(
      RecordedFailure(
        rule: rules[name] ?? Rule(named: name), call: try error["call"].string(),
        code: try error["code"].integer(), domain: try error["domain"].integer(),
        message: try error["message"].string()))
  }

  private static func resultKeys(hasFailure: Bool) -> [String] {
    ["error", "observed"] + (hasFailure ? ["rule"] : []) + ["seconds", "status"]
  }
}
