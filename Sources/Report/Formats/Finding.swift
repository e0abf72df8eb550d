// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// One thing that a report for code scanning, code quality or annotations says: a rule at a place.
///
/// The readers of these formats tell findings apart by rule and line. So all domains that a rule
/// concerns at one place are one finding.
package struct Finding: Sendable {
  /// What a finding is about; the worst first.
  package enum Kind: Int, Sendable {
    /// A step of an apply failed, or its domain was left.
    case failure
    /// The input is invalid.
    case mistake
    /// A rule blocks a field or a domain.
    case blocked
    /// virtmem could not read a host or a domain.
    case unobserved
    /// A value is not as declared.
    case drift
    /// A warning or a note.
    case remark
  }

  /// A sentence that is true of some domains.
  struct Statement {
    let text: ShownText
    var domains: [String]
  }

  /// The rule.
  package let rule: Rule
  /// What the finding is about.
  package let kind: Kind
  /// How serious the finding is.
  package let severity: Diagnostic.Severity
  /// The place in a manifest; nil if there is none.
  package let place: SourcePosition?
  /// What is true of which domains, in the order of the plan.
  var statements: [Statement] = []
  /// What the user can do.
  var remedies: [String] = []

  /// What the rule says, in one line without values.
  package var title: ShownText {
    // The rules of mistakes describe all mistakes that they forbid, not this one.
    if kind == .mistake { return "invalid input" }
    return rule.summary.isEmpty ? "\(rule)" : "\(rule.summary)"
  }

  /// The statements with the names of their domains, and what the user can do: one line each.
  fileprivate var lines: [ShownText] {
    let limit = 10
    var lines = statements.prefix(limit).map { statement -> ShownText in
      let names = Self.names(statement.domains)
      return names.isEmpty ? statement.text : names + ": " + statement.text
    }
    if statements.count > limit {
      let others = Set(statements.dropFirst(limit).flatMap(\.domains)).count
      let domains: ShownText = others == 0 ? "" : ", about \(counted(others, "domain"))"
      lines.append("and \(statements.count - limit) more of this rule and place" + domains)
    }
    return lines + remedies.prefix(3).map { "\($0)" }
  }

  /// The names of domains, at most fifty.
  private static func names(_ domains: [String]) -> ShownText {
    let limit = 50
    guard domains.count > limit else { return NameList(domains).list }
    return NameList(Array(domains.prefix(limit))).list + " and \(domains.count - limit) more"
  }
}

extension RunReport {
  /// The lines of a finding; of one without a file the first has the place in standard input.
  package func lines(of finding: Finding) -> [ShownText] {
    var lines = finding.lines
    if let place = finding.place, root.path(of: place.file) == nil, !lines.isEmpty {
      lines[0] = "standard input, line \(place.line): " + lines[0]
    }
    return lines
  }
}
