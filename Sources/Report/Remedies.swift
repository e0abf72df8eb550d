// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What the user can do about what is blocked or unobserved: each remedy once, with the names of
/// all domains that it is for.
struct Remedies {
  private struct Entry: Hashable {
    let rule: Rule
    let law: String
    let remedy: String
  }

  private var order: [Entry] = []
  private var names: [Entry: [String]] = [:]

  /// Collects the remedies of a plan, in the order of its domains, those of hosts last.
  ///
  /// Nothing has to be done about a suspended domain.
  init(of plan: Plan) {
    for domain in plan.domains where domain.verdict != .suspended {
      for blocker in domain.blockers {
        add(Entry(rule: blocker.rule, law: blocker.detail, remedy: blocker.remedy), domain.label)
      }
    }
    for diagnostic in plan.diagnostics where diagnostic.rule.meaning == .hostUnobserved {
      let name = diagnostic.host == DesiredHost.implicitName ? nil : diagnostic.host
      add(
        Entry(rule: diagnostic.rule, law: diagnostic.rule.fact, remedy: diagnostic.remedy), name)
    }
  }

  private mutating func add(_ entry: Entry, _ name: String?) {
    if names[entry] == nil { order.append(entry) }
    guard let name, names[entry]?.last != name else {
      names[entry, default: []] += []
      return
    }
    names[entry, default: []].append(name)
  }

  /// One text a remedy: the rule with the names, the fact with ``PlanReport/Detail/everything``, and
  /// the remedy.
  func texts(style: Style, detail: PlanReport.Detail) -> [ShownText] {
    order.map { entry in
      let names = names[entry] ?? []
      let list = NameList(names)
      // The entries above name all of them.
      let title: ShownText = names.isEmpty ? "" : ": " + (names.count > 10 ? list.start : list.text)
      var lines = ("\(entry.rule)" + title).wrapped(to: style.width, indent: 4)
      let sentences = detail == .everything ? [entry.law, entry.remedy] : [entry.remedy]
      for sentence in sentences where !sentence.isEmpty {
        let wrapped = ShownText("\(sentence)").wrapped(to: style.width, from: 2, indent: 2)
        lines += ["  " + wrapped[0]] + wrapped.dropFirst()
      }
      return lines.map { "\($0)\n" }.joined()
    }
  }
}
