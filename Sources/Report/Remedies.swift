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
  /// libvirt's names of the domains, for the commands in remedies.
  private var domains: [Entry: [String]] = [:]

  /// Collects the remedies of a plan, in the order of its domains, those of hosts last.
  ///
  /// Nothing has to be done about a suspended domain.
  init(of plan: Plan) {
    for domain in plan.domains where domain.verdict != .suspended {
      for blocker in domain.blockers {
        let entry = Entry(rule: blocker.rule, law: blocker.detail, remedy: blocker.remedy)
        add(entry, domain.label)
        if domains[entry]?.last != domain.name { domains[entry, default: []].append(domain.name) }
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
      let remedy = entry.remedy.naming(domains[entry] ?? [])
      let sentences = detail == .everything ? [entry.law, remedy] : [remedy]
      for sentence in sentences where !sentence.isEmpty {
        let wrapped = ShownText("\(sentence)").wrapped(to: style.width, from: 2, indent: 2)
        lines += ["  " + wrapped[0]] + wrapped.dropFirst()
      }
      return lines.map { "\($0)\n" }.joined()
    }
  }
}

extension String {
  /// A remedy whose commands name the domain, in the place of `DOMAIN`.
  ///
  /// If the remedy is for several domains, its commands name the first one, and a sentence says so.
  func naming(_ domains: [String]) -> String {
    guard let first = domains.first, contains("DOMAIN") else { return self }
    let named = replacing("DOMAIN", with: first.shellWord)
    return domains.count > 1 ? "\(named) Do the same for the other domains." : named
  }
}
