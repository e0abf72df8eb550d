// SPDX-License-Identifier: Apache-2.0

import Basics
import Documents
import MemoryModel
import Planner

/// Makes the texts of `explain` from the table of fields and the catalogue of rules.
enum Explanation {
  /// The list of all fields and rules, one a line.
  static var overview: String {
    let width = 2 + (Field.all.map(\.name.text.count).max() ?? 0)
    let ruleWidth = 2 + (Rule.all.map(\.name.count).max() ?? 0)
    var lines = ["Fields:"]
    lines += Field.all.map { "  \(pad($0.name.text, width))\($0.summary)" }
    lines += ["", "Rules that refuse:"]
    lines += rules(.refuses, ruleWidth) { $0.startFailure == nil }
    lines += ["", "Rules that refuse what libvirt takes and what then does not start:"]
    lines += rules(.refuses, ruleWidth) { $0.startFailure != nil }
    lines += ["", "Rules that warn:"]
    lines += rules(.warns, ruleWidth)
    lines += ["", "Rules that fail a step:"]
    lines += Rule.all.filter(\.failsSteps).map { "  \(pad($0.name, ruleWidth))\($0.summary)" }
    lines += ["", "Rules of manifests, saved plans and snapshots:"]
    for rule in Rule.all {
      if let mistake = rule.mistake {
        lines.append("  \(pad(rule.name, ruleWidth))\(sentence(mistake))")
      }
    }
    for group in Topic.Group.allCases {
      let topics = Topic.all.filter { $0.group == group }
      lines += ["", "\(group.rawValue):"] + topics.map { "  \(pad($0.name, width))\($0.summary)" }
    }
    return lines.map { "\($0)\n" }.joined()
  }

  /// The text about the field, the rule or the topic named `subject`; nil if none has this name.
  static func of(_ subject: String) -> String? {
    if let rule = Rule.named(subject) { return text(rule) }
    return fields(subject) ?? Topic.named(subject).map(text) ?? spelled(subject).flatMap(fields)
  }

  /// The words that `explain` completes: fields, rules and topics.
  static var subjects: [String] {
    Field.all.map(\.name.text) + Rule.all.map(\.name) + Topic.all.map(\.name)
  }

  private static func text(_ topic: Topic) -> String {
    var parts = ["\(topic.name)\n\n  \(topic.summary)\n"]
    if !topic.detail.isEmpty { parts[0] += "  \(topic.detail)\n" }
    if !topic.libvirt.isEmpty { parts.append("  \(pad("libvirt", 10))\(topic.libvirt)\n") }
    if !topic.example.isEmpty { parts.append(example(topic.example)) }
    if !topic.next.isEmpty { parts.append(next(topic.next)) }
    if let field = topic.field.flatMap(fields) { parts.append(field) }
    return parts.joined(separator: "\n")
  }

  /// What a user types next.
  private static func next(_ command: String) -> String { "  \(pad("Next", 10))\(command)\n" }

  private static func example(_ yaml: String) -> String {
    let lines = yaml.split(separator: "\n").map { "    \($0)\n" }.joined()
    return "  Example\n\(lines)"
  }

  /// The field or group whose path, or whose last part and no other, is `subject`, whatever its
  /// case, `_` and `-`; nil if there is none.
  private static func spelled(_ subject: String) -> String? {
    let letters = Suggestion.normalized(subject)
    if let name = FieldName.allCases.first(where: { Suggestion.normalized($0.text) == letters }) {
      return name.text
    }
    let ends = FieldName.allCases.filter { Suggestion.normalized($0.lastPart) == letters }
    return ends.count == 1 ? ends[0].text : nil
  }

  /// The text about the field or the group of fields named `subject`; nil if none has this name.
  private static func fields(_ subject: String) -> String? {
    let subject = subject.hasPrefix("spec.") ? String(subject.dropFirst(5)) : subject
    // `devices.*` and `devices.elastic0` name the same field. A group's text is its own row, if it
    // has one, and the rows of all fields below it.
    let name = (FieldName(subject) ?? FieldPath(subject)?.name)?.text ?? subject
    let rows = Field.all.filter {
      $0.name.text == name || $0.name.text.hasPrefix("\(name).")
    }
    return rows.isEmpty ? nil : rows.map(text).joined(separator: "\n")
  }

  private static func text(_ field: Field) -> String {
    let rules = Rule.all.filter { $0.fields.contains { $0.name == field.name } }.map(\.name)
    var rows = [
      ("Value", field.kind.words), ("Element", field.element), ("Call", field.calls.text),
      ("Effect", field.takesEffect),
    ]
    if let since = since(field) { rows.append(("Since", since)) }
    if let value = field.valueOfAbsence {
      rows.append(("Left out", "in the definition, it means \(value)"))
    }
    if !rules.isEmpty { rows.append(("Rules", rules.joined(separator: ", "))) }
    let table = rows.map { "  \(pad($0.0, 10))\($0.1)\n" }.joined()
    return """
      \(field.name.text)

        \(field.summary)

      \(table)
      \(example(field.example))
      \(next("virtmem validate PATH, then virtmem plan PATH"))
      """
  }

  /// The versions since which the field and its newer values exist; nil if the table has none.
  private static func since(_ field: Field) -> String? {
    let own = field.since.description
    let values = field.youngerValues.map { "\($0.value): \($0.since)" }
    let parts = (own.isEmpty ? [] : [own]) + values
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private static func text(_ rule: Rule) -> String {
    let facts = rule.fact.isEmpty ? "" : "  \(rule.fact)\n"
    var rows = [("Effect", consequence(of: rule)), ("Remedy", rule.remedy)]
    if rule.remedy.isEmpty {
      rows[1].1 = "The message says how to mend it, beside the place."
    }
    if let start = rule.startFailure { rows.append(("Start", start)) }
    if !rule.fields.isEmpty {
      rows.append(("Fields", rule.fields.map(\.description).joined(separator: ", ")))
    }
    if rule.consequence != .invalidates, let mistake = rule.mistake {
      rows.append(("Document", "\(sentence(mistake)) \(invalidity)"))
    }
    let table = rows.map { "  \(pad($0.0, 10))\($0.1)\n" }.joined()
    let fields = rule.fields.compactMap { Field.named($0) }
    let shown = fields.first.map { "\n\(example($0.example))" } ?? ""
    let command = rule.consequence == .invalidates ? "virtmem validate PATH" : "virtmem plan PATH"
    let then = fields.first.map { "virtmem explain \($0.name.text)" } ?? command
    return "\(rule.name)\n\n  \(sentence(rule.summary))\n\(facts)\n\(table)\(shown)\n\(next(then))"
  }

  private static let invalidity =
    "The input is invalid: nothing is done with any of it, and the status is 65."

  private static func consequence(of rule: Rule) -> String {
    switch rule.consequence {
    case .refuses where rule.failsSteps:
      "Refuses: the field is blocked. When the plan is applied, the step fails; the status is 1 or 4."
    case .refuses: "Refuses: the field is blocked."
    case .warns where [.hostUnobserved, .domainUnobserved].contains(rule):
      "Warns: the rest of the plan goes on, and the status is 5."
    case .warns: "Warns: the plan goes on."
    case .fails where rule == .foreignChange:
      """
      Fails: before the first change of the domain, virtmem leaves the domain as it is, and the \
      status is 4. After that, the domain fails, and the status is 1.
      """
    case .fails: "Fails: the step under way, and with it the domain; the status is 1."
    case .invalidates: invalidity
    case .unknown: "Not known: another version of virtmem has the rule."
    }
  }

  /// A line of the catalogue as a sentence; a name such as `currentMemory` or `libvirt` stays.
  private static func sentence(_ line: String) -> String {
    let first = line.prefix { $0 != " " }
    let isName = first.contains(where: \.isUppercase) || ["libvirt", "virtmem"].contains(first)
    return isName ? "\(line)." : "\(line.prefix(1).uppercased())\(line.dropFirst())."
  }

  private static func rules(
    _ consequence: Rule.Consequence, _ width: Int, where isMeant: (Rule) -> Bool = { _ in true }
  ) -> [String] {
    Rule.all.filter { $0.consequence == consequence && isMeant($0) }
      .map { "  \(pad($0.name, width))\($0.summary)" }
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
