// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Renders a plan with one line for each domain that is not in sync, and with nothing for the rest.
package struct BriefReport {
  private let style: Style

  /// Makes a renderer with a style.
  package init(style: Style = Style()) {
    self.style = style
  }

  /// The lines; empty where there is nothing to report.
  ///
  /// `hv01/web-01: change: currentMemory; blocked: memory (memory-above-max-memory)`
  package func text(_ plan: Plan) -> ShownText {
    let silent = plan.hosts.filter(\.isSilent)
    let names = Set(silent.map { Optional($0.name) })
    let hosts = silent.map { host -> ShownText in
      let count = plan.domains.count { $0.host == host.name }
      return "\(host.shownName): not observed, \(counted(count, "domain")) unknown"
    }
    let domains = plan.domains.filter {
      $0.verdict != .inSync && $0.verdict != .suspended && !names.contains($0.host)
    }
    return (domains.map(line) + hosts).flatMap { $0.wrapped(to: style.width, indent: 4) }
      .map { "\($0)\n" }.joined() + plan.removedLines(style)
  }

  private func line(_ domain: DomainPlan) -> ShownText {
    let words: [(Verdict, String)] = [
      (.change, "change"), (.pendingRestart, "pending restart"), (.unobserved, "unobserved"),
    ]
    var parts = words.compactMap { verdict, word -> ShownText? in
      let fields = domain.fields.filter { $0.verdict == verdict }.map(\.path).names
      return fields.isEmpty ? nil : "\(word): \(fields.joined(separator: ", "))"
    }
    parts += domain.briefBlockers.map { "blocked" + ($0.hasFields ? ": " : " ") + $0.text }
    if parts.isEmpty { parts.append("\(domain.verdict.rawValue)") }
    return "\(style.paint("\(domain.label)", .bold)): " + parts.joined(separator: "; ")
  }
}

extension [FieldPath] {
  /// The names of the fields; several fields of one device, cell or binding are named as a whole.
  fileprivate var names: [String] {
    var names: [String] = []
    for path in self {
      let isOneOfSeveral = path.ofItem.map { item in count { $0.ofItem == item } > 1 } ?? false
      let name = "\((isOneOfSeveral ? path.ofItem : nil) ?? path)"
      if names.last != name { names.append(name) }
    }
    return names
  }
}

extension DomainPlan {
  /// What a line of all that is blocked says, rule by rule, such as `memory
  /// (memory-above-max-memory)`; of the whole domain only the rule.
  var briefBlockers: [(text: ShownText, hasFields: Bool)] {
    var rules: [Rule] = []
    for blocker in blockers where !rules.contains(blocker.rule) { rules.append(blocker.rule) }
    return rules.map { rule in
      let names = blockers.filter { $0.rule == rule }.compactMap(\.field).names
      let fields = names.isEmpty ? "" : "\(names.joined(separator: ", ")) " as ShownText
      return (fields + "(\(rule))", !names.isEmpty)
    }
  }
}
