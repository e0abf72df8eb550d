// SPDX-License-Identifier: Apache-2.0

import Commands
import Foundation
import MemoryModel
import Testing

/// What holds for the rules of all modules together.
@Suite struct RuleTests {
  /// A rule's declaration in the sources: what code calls it, and its stable name.
  struct Declaration: Sendable, CustomTestStringConvertible {
    let identifier: String
    let name: String

    var testDescription: String { name }
  }

  static let texts: [String] = Project.sources.compactMap { try? $0.text }

  static let declarations: [Declaration] = texts.flatMap { text in
    text.matches(of: /static let (\w+) = Rule\(\s*"([^"]*)"/)
      .map { Declaration(identifier: String($0.1), name: String($0.2)) }
  }

  @Test("every rule that a module declares is in the catalogue, under a name of its own")
  func names() {
    #expect(Self.declarations.map(\.name).sorted() == Rule.all.map(\.name))
    #expect(Set(Rule.all.map(\.name)).count == Rule.all.count)
    #expect(Rule.all.allSatisfy { Rule.named($0.name)?.summary == $0.summary })
    #expect(Rule.named("no-such-rule") == nil)
  }

  @Test("code calls a rule by its name", arguments: declarations)
  func identifiers(declaration: Declaration) {
    let (identifier, name) = (declaration.identifier, declaration.name)
    #expect(
      identifier.replacing("_", with: "").lowercased() == name.replacing("-", with: ""))
  }

  @Test("every rule is used", arguments: declarations)
  func uses(declaration: Declaration) throws {
    let use = try Regex("\\.\(declaration.identifier)(?![A-Za-z0-9_])")
    #expect(Self.texts.contains { $0.contains(use) })
  }

  @Test("a rule says what is so, why, and what to do", arguments: Rule.all.map(\.name))
  func texts(name: String) throws {
    let rule = try #require(Rule.named(name))
    #expect(name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil)
    for line in [rule.summary, rule.mistake ?? rule.summary] {
      #expect(!line.isEmpty && !line.hasSuffix(".") && !line.contains("\n"))
    }
    let isOfDocumentsAlone = rule.consequence == .invalidates
    #expect(isOfDocumentsAlone ? rule.fact.isEmpty : rule.fact.hasSuffix("."))
    #expect(isOfDocumentsAlone ? rule.remedy.isEmpty : rule.remedy.hasSuffix("."))
    #expect(isOfDocumentsAlone == (rule.mistake == rule.summary))
    #expect(rule.fields.allSatisfy { Field.named($0) != nil })
    #expect(!rule.isLiftedByStart || rule.consequence == .refuses)
    #expect(rule.consequence != .unknown)
  }

  @Test("a rule that a plan names is what the catalogue says of it, or stays a name")
  func recognition() {
    func read(_ name: String) -> Rule? {
      let blocker = Blocker(rule: Rule(named: name), summary: "", detail: "", remedy: "")
      let plan = Plan(domains: [DomainPlan(name: "a", verdict: .blocked, blockers: [blocker])])
      return plan.recognizing(Rule.all).domains.first?.blockers.first?.rule
    }
    #expect(read("domain-on-several-hosts")?.meaning == .severalHosts)
    #expect(read("rule-of-tomorrow")?.consequence == .unknown)
    #expect(read("rule-of-tomorrow")?.name == "rule-of-tomorrow")
  }
}
