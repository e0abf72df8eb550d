// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What a person has to decide: what failed, what is blocked or unknown, what guests feel, which
/// memory goes, and what is no longer managed.
struct Decisions {
  /// One thing to decide.
  struct Row {
    /// What kind of thing it is, such as `blocked`.
    let subject: String
    /// The rule; nil if none is behind it.
    let rule: Rule?
    /// The field that it is about; nil if `what` tells enough.
    let field: FieldPath?
    /// What there is to decide.
    fileprivate(set) var what: ShownText
    /// The domains that it is about, in the order of the plan; of mistakes the places.
    private(set) var domains: [String] = []
    private var known: Set<String> = []

    fileprivate init(
      _ subject: String, rule: Rule? = nil, field: FieldPath? = nil, what: ShownText,
      domains: [String]
    ) {
      self.subject = subject
      self.rule = rule
      self.field = field
      self.what = what
      add(domains)
    }

    /// Adds the names that the row does not have yet.
    fileprivate mutating func add(_ names: [String]) {
      for name in names where known.insert(name).inserted { domains.append(name) }
    }
  }

  /// The rows; what failed first, then what is invalid, blocked or unknown.
  let rows: [Row]

  init(of report: RunReport) {
    var rows = Self.findings(of: report)
    if let plan = report.plan {
      if report.applied == nil { rows += Self.felt(in: plan) + Self.taken(in: plan) }
      rows += Self.removed(in: plan)
    }
    self.rows = rows
  }

  /// What failed, is invalid, blocked, unknown or, in a drift, not as declared: one row a rule.
  private static func findings(of report: RunReport) -> [Row] {
    var rows: [Row] = []
    var numbers: [String: Int] = [:]
    for finding in report.findings {
      guard let subject = subject(of: finding, in: report) else { continue }
      let key = "\(finding.kind.rawValue) \(finding.rule)"
      // Mistakes have places in the place of domains.
      let isMistake = finding.kind == .mistake
      let place = finding.place.map { position in
        let path = report.root.path(of: position.file)?.text ?? position.file
        return "\(path):\(position.line)"
      }
      let names = isMistake ? [place].compactMap(\.self) : finding.statements.flatMap(\.domains)
      if let number = numbers[key], !isMistake {
        rows[number].add(names)
        // The values are those of one domain.
        if finding.kind == .blocked || finding.kind == .drift {
          rows[number].what = finding.title
        }
        continue
      }
      numbers[key] = rows.count
      let isOne = finding.statements.count == 1 || finding.kind.isToldByOne
      let text = isOne ? finding.statements.first?.text ?? finding.title : finding.title
      rows.append(Row(subject, rule: finding.rule, what: text, domains: names))
    }
    return rows
  }

  private static func subject(of finding: Finding, in report: RunReport) -> String? {
    switch finding.kind {
    case .failure: finding.severity == .error ? "failed" : "not done"
    case .mistake: "mistake"
    case .blocked: "blocked"
    case .unobserved: "unobserved"
    // A plan changes what differs, so it needs no decision of its own.
    case .drift: finding.severity == .note ? nil : "not as declared"
    case .remark: nil
    }
  }

  /// The steps that guests feel, by how much.
  private static func felt(in plan: Plan) -> [Row] {
    let effects: [(Disruption, String)] = [(.restart, "restart"), (.live, "felt by guests")]
    return effects.compactMap { disruption, words in
      let domains = plan.domains.filter { domain in
        domain.steps.contains { $0.disruption == disruption }
      }
      guard !domains.isEmpty else { return nil }
      let count = domains.reduce(0) { sum, domain in
        sum + domain.steps.count { $0.disruption == disruption }
      }
      return Row(words, what: "\(counted(count, "step"))", domains: domains.map(\.label))
    }
  }

  /// The memory that live steps take from guests, by field and values.
  private static func taken(in plan: Plan) -> [Row] {
    var rows: [Row] = []
    var numbers: [Change: Int] = [:]
    for domain in plan.domains {
      for step in domain.steps where step.plane == .live {
        for change in step.changes where change.takesMemory {
          if let number = numbers[change] {
            rows[number].add([domain.label])
            continue
          }
          numbers[change] = rows.count
          let values: ShownText =
            "\(change.from?.description ?? "not set") -> \(change.to?.description ?? "not set")"
          rows.append(
            Row(
              "takes memory", field: change.field, what: values, domains: [domain.label]))
        }
      }
    }
    return rows
  }

  private static func removed(in plan: Plan) -> [Row] {
    let notes = plan.diagnostics.filter { $0.rule.meaning == .noLongerManaged }
    return notes.map { note in
      let domain = DomainPlan(name: note.domain ?? "", host: note.host, verdict: .inSync)
      return Row(
        "no longer managed", field: note.field, what: "\(note.summary)", domains: [domain.label])
    }
  }
}

extension Finding.Kind {
  /// Whether the first of several statements tells enough.
  fileprivate var isToldByOne: Bool { self == .failure || self == .unobserved }
}
