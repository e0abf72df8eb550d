// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Runs the command lines of the other examples and of the README.
@Suite struct ExampleTests {
  private static func text(of path: String) throws -> String {
    try String(contentsOf: Checkout.project.appending(path: path), encoding: .utf8)
  }

  @Test("the demo ends with status 0, and its output can be read")
  func demo() throws {
    let outcome = try Checkout().run(
      "'\(Checkout.project.path)/examples/demo/run' '\(Sandbox.program.path)' 2>&1")
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.split(separator: "\n").count < 60)
    for command in ["drift", "plan", "apply"] {
      #expect(outcome.output.contains("\n$ virtmem \(command) "))
    }
    #expect(outcome.output.contains("10 of 10 steps done and verified."))
  }

  /// What a schedule runs on one machine: its command line and its variables.
  struct Schedule: CustomTestStringConvertible {
    let path: String
    let testDescription: String

    /// The lines of the file that are a variable, and the last that is a command.
    func script() throws -> String {
      let lines = try ExampleTests.text(of: path).split(separator: "\n").map(String.init)
      let variables = lines.compactMap { line in
        line.firstMatch(of: /^(?:Environment=)?(LIBVIRT_DEFAULT_URI=.+)$/).map { "export \($0.1)" }
      }
      let commands = lines.compactMap { line in
        line.firstMatch(of: /^(?:ExecStart=|17 \* \* \* \* root )(.+)$/).map { String($0.1) }
      }
      try #require(variables.count == 1 && commands.count == 1)
      return (variables + commands).joined(separator: "\n")
    }
  }

  static let schedules = [
    Schedule(path: "examples/systemd/virtmem-drift.service", testDescription: "systemd"),
    Schedule(path: "examples/cron/virtmem-drift.cron", testDescription: "cron"),
  ]

  @Test(
    "a schedule finds drift, with Hosts in the folder and without", arguments: schedules,
    [true, false])
  func schedule(_ schedule: Schedule, hasHosts: Bool) throws {
    let outcome = try Checkout(hasHosts: hasHosts).run(schedule.script())
    #expect(outcome.status == 2, "\(outcome.errors)")
    #expect(outcome.output.contains("web-01"))
  }

  @Test("a schedule finds nothing if all is as declared; cron then mails nothing")
  func quiet() throws {
    let checkout = try Checkout()
    try checkout.alignFleet()
    for schedule in Self.schedules {
      let outcome = try checkout.run(schedule.script())
      #expect(outcome.status == 0, "\(outcome.output)")
      #expect(outcome.errors.isEmpty)
      #expect(outcome.output.isEmpty == (schedule.testDescription == "cron"))
    }
  }

  @Test("the unit leaves metrics that every user can read, with each series of the alerts")
  func metrics() throws {
    let checkout = try Checkout(hasHosts: true)
    let blocked =
      "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {name: web-99}\nspec: {memory: 1GiB}\n"
    try checkout.sandbox.file("fleet/blocked.yaml", blocked)
    #expect(try checkout.run(Self.schedules[0].script()).status == 3)
    let metrics = try checkout.sandbox.text(of: "virtmem.prom")
    let alerts = try Self.text(of: "examples/prometheus/virtmem.rules.yml")
    let series = Set(alerts.matches(of: /(virtmem_[a-z_]+)\{run="drift"/).map { String($0.1) })
    #expect(series.count == 5)
    for name in series { #expect(metrics.contains("\n\(name){run=\"drift\"")) }
    let path = checkout.path(of: "virtmem.prom")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o644)
    #expect(try Self.text(of: Self.schedules[0].path).contains("\nUMask=0022\n"))
  }

  @Test("the unit has a time limit")
  func unit() throws {
    #expect(try Self.text(of: Self.schedules[0].path).contains("\nTimeoutStartSec="))
  }

  /// The README's command lines, in their order, with the status of each.
  static let readme: [(line: String, status: Int32)] = [
    ("virtmem plan web-01.yaml", 0),
    ("virtmem apply web-01.yaml --auto-approve", 0),
    ("virtmem export --out fleet/", 0),
    ("virtmem plan fleet/", 0),
    ("virtmem plan fleet/", 0),
    ("virtmem apply fleet/", 0),
    ("virtmem drift fleet/", 0),
    ("virtmem plan -c qemu:///system fleet/", 0),
  ]

  @Test("the README's command lines end as a reader expects")
  func readmeLines() throws {
    let text = try Self.text(of: "README.md")
    let lines = text.matches(of: /(?m)^\$ (virtmem [^#\n]*[^#\n ])/).map { String($0.1) }
    #expect(lines == Self.readme.map(\.line))
    let checkout = try Checkout()
    try FileManager.default.removeItem(atPath: checkout.path(of: "fleet"))
    let manifest = try #require(text.firstMatch(of: /(?s)```yaml\n(.*?)```/)).1
    try checkout.sandbox.file("web-01.yaml", String(manifest))
    for (line, status) in Self.readme {
      // A test has no terminal on which to say yes.
      let asks = line.contains(" apply ") && !line.contains("--auto-approve")
      let outcome = try checkout.run(asks ? "\(line) --auto-approve" : line)
      #expect(outcome.status == status, "\(line): \(outcome.errors)")
    }
  }

  @Test("the README shows what apply prints")
  func readmeApply() throws {
    let text = try Self.text(of: "README.md")
    let shown = try #require(text.firstMatch(of: /(?s)\$ virtmem apply [^\n]*\n…\n(.*?)```/)).1
    let checkout = try Checkout()
    let manifest = try #require(text.firstMatch(of: /(?s)```yaml\n(.*?)```/)).1
    try checkout.sandbox.file("web-01.yaml", String(manifest))
    let outcome = try checkout.run("virtmem apply web-01.yaml --auto-approve 2>&1")
    #expect(outcome.output.replacing(/\d+\.\d s\n/, with: "0.0 s\n").hasSuffix(shown))
  }

  /// The commands that the README's sentences name, with the status of each.
  static let sentences: [String: Int32] = [
    "virtmem explain memtune.hardLimit": 0,
    "virtmem explain hugepages": 0,
    "virtmem schema > virtmem.schema.json": 0,
    "virtmem schema plan": 0,
    "virtmem observe --hosts fleet/ > fleet.jsonl": 0,
    "virtmem plan fleet/ --observed fleet.jsonl": 0,
  ]

  @Test("the commands in the README's sentences work too")
  func readmeSentences() throws {
    let text = try Self.text(of: "README.md").split(separator: "\n")
      .filter { !$0.hasPrefix("|") }.joined(separator: "\n")
    // Words in capitals stand for something; a command alone is no command line.
    let named = text.matches(of: /`(virtmem [a-z]+ [^`]+)`/).map { String($0.1) }
      .filter { $0.firstMatch(of: /\b[A-Z]+\b|…/) == nil }
    #expect(Set(named) == Set(Self.sentences.keys))
    let checkout = try Checkout(hasHosts: true)
    for line in named {
      let outcome = try checkout.run(line)
      #expect(outcome.status == Self.sentences[line], "\(line): \(outcome.errors)")
    }
  }

  @Test(
    "the example policy forbids restarts by day, and nothing else",
    arguments: [("restart", 12, 1), ("restart", 22, 0), ("restart", 5, 0), ("live", 12, 0)])
  func policy(effect: String, hour: Int, status: Int32) throws {
    let checkout = try Checkout()
    #expect(try checkout.run("virtmem plan fleet/ --out plan.json").status == 0)
    let program = Checkout.project.appending(path: "examples/policy/no-restarts-by-day.jq").path
    let outcome = try checkout.run(
      """
      jq '(.domains[].steps[] | select(.disruption == "live")).disruption = "\(effect)"' plan.json |
        jq --argjson hour \(hour) --from-file '\(program)'
      """)
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("No restarts") == (status == 1))
  }
}
