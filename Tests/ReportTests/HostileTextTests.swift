// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport
import Report
import Testing

/// No report contains commands for its reader, whatever names, paths and messages contain.
@Suite struct HostileTextTests {
  private struct RandomPlans {
    var generator: SeededGenerator

    mutating func text() -> String { ReaderGrammar.hostileText(using: &generator) }

    mutating func plan() -> Plan {
      let place = SourcePosition(file: text(), line: 3, column: 2)
      let change = Change(field: FieldPath(.hugepages), from: .word(text()), to: .word(text()))
      let step = Step(
        id: "h/d/1", operation: .call(Call(.setMemory, on: .live, changes: [change])),
        disruption: .live,
        reason: text(), needs: [text()])
      let device = FieldPath(.device, text())
      let blocker = Blocker(
        rule: Rule(named: text()), field: Bool.random(using: &generator) ? device : nil,
        summary: text(),
        detail: text(), remedy: text())
      let fields = [Verdict.change, .blocked, .inSync, .pendingRestart].map {
        PlannedField(
          path: Bool.random(using: &generator) ? FieldPath(.hugepages) : device,
          desired: .word(text()),
          live: .word(text()), persistent: .word(text()), verdict: $0, source: place)
      }
      let domains = (0..<2).map { _ in
        DomainPlan(
          name: text(), uuid: text(), host: Bool.random(using: &generator) ? text() : "default",
          state: .running, verdict: .change, fields: fields, steps: [step], blockers: [blocker],
          position: place)
      }
      let diagnostic = Diagnostic(
        .warning, rule: Rule(named: text()), host: text(),
        domain: Bool.random(using: &generator) ? text() : nil,
        field: device, summary: text(), detail: text(), remedy: text(), source: place,
        sourceLine: text())
      return Plan(
        hosts: [PlannedHost(name: text(), memory: HostMemory(available: .gibibytes(1)))],
        domains: domains, diagnostics: [diagnostic])
    }
  }

  @Test("every report escapes random hostile names, with and without colour", arguments: 1...8)
  func escapes(seed: UInt64) {
    var random = RandomPlans(generator: SeededGenerator(seed: seed))
    for _ in 0..<60 {
      let plan = random.plan()
      let error = HypervisorError(.refused, call: random.text(), message: random.text())
      let failures: [StepFailure] = [
        .call(error), .unmetNeed(random.text()), .busy(.state(random.text()), triedFor: nil),
        .notRecorded(call: random.text(), RecordingRefusal(reason: random.text())),
        .guestDied(call: random.text(), state: nil, reason: random.text(), answer: error),
      ]
      let report = ApplyReport(
        plan: plan, steps: [:],
        domains: plan.domains.indices.map {
          DomainResult(.failed, observed: .change, failure: failures[$0 % failures.count])
        },
        closing: plan)
      let run = RunReport(of: "apply", named: random.text(), .applied(report), status: 1)
      let page = String(decoding: HTMLReport(run).bytes, as: UTF8.self)
      #expect(ReaderGrammar.commands(in: page) == [], "seed \(seed)")
      #expect(!page.contains("geheim"), "seed \(seed)")
      for style in [Style(), Style(usesColor: true)] {
        let apply = ApplyText(style: style)
        let texts = [
          PlanReport(style: style).text(plan),
          PlanReport(style: style, detail: .everything).text(plan),
          DiagnosticReport(style: style).text(plan.diagnostics),
          apply.text(report), apply.result(StepResult(.failed, failure: .call(error))),
          apply.progress(plan.steps[0], of: plan.domains[0], number: 1, total: 2),
        ]
        for text in texts.map(\.description) {
          #expect(ReaderGrammar.commands(in: text) == [], "seed \(seed)")
          #expect(!text.contains("geheim"), "seed \(seed)")
        }
      }
    }
  }

  @Test("the test's own check detects hostile text")
  func checkDetectsHostileText() {
    for text in ["::x", "a\n \u{A0}::x", "a ##[x", "\u{1B}[2J", "\u{1B}[5m", "\u{202E}", "a\rb"] {
      #expect(!ReaderGrammar.commands(in: text).isEmpty)
    }
    #expect(ReaderGrammar.commands(in: "\u{1B}[31ma::b\u{1B}[0m\n").isEmpty)
  }
}
