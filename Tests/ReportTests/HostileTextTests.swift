// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport
import Report
import Testing

/// No report contains commands for its reader, whatever names, paths and messages contain.
@Suite struct HostileTextTests {
  private struct RandomPlans {
    var generator: SeededGenerator

    mutating func text() -> String {
      let pieces = [
        "::error file=a::x", "::", ":", " ", "\t", "\n", "\r", "\r\n", "##[error]", "#", "##",
        "[x]",
        "##vso[task.complete]", "\u{1B}[2J", "\u{1B}", "\u{9B}31m", "\u{9D}0;x\u{9C}", "\u{202E}",
        "\u{2066}", "\u{2069}", "\u{85}", "\u{2028}", "\u{2029}", "\u{0}", "\u{7F}", "\u{8}", "web",
        "\u{A0}", "é", "家", "\u{200B}", "\u{FEFF}", "\\", "`", "|", "qemu+ssh://a:geheim@h/",
      ]
      return (0..<Int.random(in: 1...4, using: &generator))
        .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
    }

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

  /// Whether `text` contains no command and, besides the report's own colours, no characters that
  /// a terminal interprets.
  private func isHarmless(_ text: String) -> Bool {
    let plain = text.replacing(/\u{1B}\[(0|1|2|31|32|33|36)m/, with: "")
    let scalars = plain.unicodeScalars
    let isQuiet = scalars.allSatisfy { scalar in
      scalar == "\n"
        || ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
          scalar.properties.generalCategory)
    }
    let lines = scalars.split(separator: "\n")
    return isQuiet && !plain.contains("##[") && !plain.contains("##vso[")
      && !plain.contains("geheim")
      && !lines.contains {
        $0.drop { $0.properties.isWhitespace }.starts(with: "::".unicodeScalars)
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
          #expect(isHarmless(text), "seed \(seed): \(text.debugDescription)")
        }
      }
    }
  }

  @Test("the test's own check detects hostile text")
  func checkDetectsHostileText() {
    for text in ["::x", "a\n \u{A0}::x", "a ##[x", "\u{1B}[2J", "\u{1B}[5m", "\u{202E}", "a\rb"] {
      #expect(!isHarmless(text))
    }
    #expect(isHarmless("\u{1B}[31ma::b\u{1B}[0m\n"))
  }
}
