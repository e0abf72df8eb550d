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

  /// The names of fields; several fields of one device, cell or binding are named as a whole.
  private func names(of paths: [FieldPath]) -> [String] {
    var names: [String] = []
    for path in paths {
      let isOneOfSeveral =
        path.ofItem.map { item in paths.count { $0.ofItem == item } > 1 } ?? false
      let name = "\((isOneOfSeveral ? path.ofItem : nil) ?? path)"
      if names.last != name { names.append(name) }
    }
    return names
  }

  private func line(_ domain: DomainPlan) -> ShownText {
    let words: [(Verdict, String)] = [
      (.change, "change"), (.pendingRestart, "pending restart"), (.unobserved, "unobserved"),
    ]
    var parts = words.compactMap { verdict, word -> ShownText? in
      let fields = names(of: domain.fields.filter { $0.verdict == verdict }.map(\.path))
      return fields.isEmpty ? nil : "\(word): \(fields.joined(separator: ", "))"
    }
    for blocker in domain.blockers {
      let field: ShownText = blocker.field.map { "\($0) " } ?? ""
      parts.append("blocked: " + field + "(\(blocker.rule))")
    }
    if parts.isEmpty { parts.append("\(domain.verdict.rawValue)") }
    return "\(style.paint("\(domain.label)", .bold)): " + parts.joined(separator: "; ")
  }
}
