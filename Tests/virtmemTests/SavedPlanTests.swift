// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct SavedPlanTests {
  static let fleet = Manifest.change + Manifest.domain("db", "currentMemory: 600MiB")
  static let domains = [TestDomain("web"), TestDomain("db", 2)]

  /// A sandbox in which `plan.json` is the plan of `manifest` on `node.xml`.
  static func planned(
    _ manifest: String = fleet, on domains: [TestDomain] = domains, status: Int32 = 0
  ) throws -> Sandbox {
    let sandbox = try Sandbox()
    let outcome = try sandbox.run("plan", manifest, on: domains, ["--out", "plan.json"])
    #expect(outcome.status == status, "\(outcome.errors)")
    try sandbox.file("plan.txt", outcome.output)
    return sandbox
  }

  static func apply(in sandbox: Sandbox, _ options: String...) throws -> Outcome {
    try sandbox.run(
      ["apply", "--plan", "plan.json", "--auto-approve", "--format", "json"] + options)
  }

  /// Changes `node.xml`, from which every connection reads its own state.
  static func edit(_ sandbox: Sandbox, _ change: (String) -> String) throws {
    try sandbox.file("node.xml", change(try sandbox.text(of: "node.xml")))
  }

  /// The statuses of all steps, then of each domain.
  static func statuses(_ document: JSON) -> (steps: Set<JSON>, domains: [JSON]) {
    let domains = document["domains"].elements
    let steps = domains.flatMap { $0["steps"].elements }.map { $0["result"]["status"] }
    return (Set(steps), domains.map { $0["result"]["status"] })
  }

  // MARK: - Showing

  @Test("show prints the same bytes as plan")
  func show() throws {
    let sandbox = try Self.planned()
    let shown = try sandbox.run(["show", "plan.json"])
    #expect(shown.status == 0)
    let planned = try sandbox.text(of: "plan.txt")
    #expect(planned == shown.output + "Next: virtmem apply --plan plan.json\n")
    #expect(shown.errors.contains("Planned at 2"))
    #expect(try sandbox.run(["show", "plan.json", "-q"]).errors.isEmpty)
  }

  @Test("show --format json prints the saved file, also from standard input")
  func showJSON() throws {
    let sandbox = try Self.planned()
    let text = try sandbox.text(of: "plan.json")
    #expect(try sandbox.run(["show", "plan.json", "--format", "json"]).output == text)
    #expect(try sandbox.run(["show", "-", "--format", "json"], input: text).output == text)
  }

  @Test(
    "show exits with the same status as plan",
    arguments: [
      (Manifest.change, 0, 2), (Manifest.inSync, 0, 0), (Manifest.blocked, 3, 3),
      (Manifest.change + Manifest.domain("lost", "memory: 1GiB"), 3, 3),
    ] as [(String, Int32, Int32)])
  func showStatus(manifest: String, status: Int32, detailed: Int32) throws {
    let sandbox = try Self.planned(manifest, status: status)
    #expect(try sandbox.run(["show", "plan.json"]).status == status)
    #expect(try sandbox.run(["show", "plan.json", "--detailed-exitcode"]).status == detailed)
  }

  // MARK: - Applying

  @Test("apply performs and verifies a saved plan without its manifests")
  func apply() throws {
    let sandbox = try Self.planned()
    try sandbox.file("fleet.yaml", Manifest.unknownField)
    let outcome = try Self.apply(in: sandbox)
    let document = try outcome.document()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(document["format"] == "virtmem/plan/v1alpha1")
    #expect(document["summary"]["done"] == 4)
    #expect(Self.statuses(document).steps == ["done"])
    for domain in document["domains"].elements {
      #expect(domain["result"]["observed"] == "inSync")
    }
  }

  @Test("applying a plan again finds every step already done")
  func applied() throws {
    let sandbox = try Self.planned()
    try Self.edit(sandbox) { $0.replacing("524288", with: "614400") }
    let outcome = try Self.apply(in: sandbox)
    let (steps, domains) = Self.statuses(try outcome.document())
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(steps == ["alreadyDone"])
    #expect(domains == ["alreadyDone", "alreadyDone"])
  }

  @Test(
    "apply skips a domain that changed since the plan and applies the others",
    arguments: [
      ("524288", "550000"), ("<test:runstate>1", "<test:runstate>3"), ("1048576", "2097152"),
      ("<name>db", "<name>gone"), (TestDomain.uuid(2), TestDomain.uuid(7)),
    ])
  func stale(found: String, replaced: String) throws {
    let sandbox = try Self.planned()
    try Self.edit(sandbox) { node in
      let parts = node.split(separator: "</domain>", maxSplits: 1).map(String.init)
      return parts[0] + "</domain>" + parts[1].replacing(found, with: replaced)
    }
    let outcome = try Self.apply(in: sandbox)
    let document = try outcome.document()
    #expect(outcome.status == 4, "\(outcome.errors)")
    let (db, web) = (document["domains"][0], document["domains"][1])
    #expect(db["name"] == "db" && db["result"]["status"] == "skipped")
    #expect(!db["result"]["error"]["message"].text.isEmpty)
    #expect(db["steps"].elements.allSatisfy { $0["result"]["status"] == "skipped" })
    #expect(web["result"]["status"] == "done")
  }

  @Test("apply skips a domain that the plan left blocked and applies the others")
  func blocked() throws {
    let manifest = Manifest.change + Manifest.domain("db", "currentMemory: 2GiB")
    let outcome = try Self.apply(in: try Self.planned(manifest, status: 3))
    #expect(outcome.status == 3)
    #expect(Self.statuses(try outcome.document()).domains == ["skipped", "done"])
  }

  @Test("apply doesn't connect for a plan without steps")
  func withoutSteps() throws {
    let sandbox = try Self.planned(Manifest.inSync)
    try FileManager.default.removeItem(at: sandbox.folder.appending(path: "node.xml"))
    #expect(try Self.apply(in: sandbox).status == 0)
  }

  @Test("apply skips domains of a host that doesn't answer and applies those of other hosts")
  func unreachable() throws {
    let sandbox = try Sandbox()
    let manifest =
      Manifest.host("near", try sandbox.node([TestDomain("web")], name: "near"))
      + Manifest.host("far", try sandbox.node([TestDomain("db", 2)], name: "far"))
      + Manifest.domain("web", "host: near, currentMemory: 600MiB")
      + Manifest.domain("db", "host: far, currentMemory: 600MiB")
    #expect(try sandbox.run("plan", manifest, on: [], ["--out", "plan.json"]).status == 0)
    try FileManager.default.removeItem(at: sandbox.folder.appending(path: "far.xml"))
    let outcome = try Self.apply(in: sandbox)
    let document = try outcome.document()
    #expect(outcome.status == 5, "\(outcome.errors)")
    #expect(outcome.errors.contains("far could not be observed"))
    #expect(Self.statuses(document).domains == ["skipped", "done"])
    #expect(document["domains"][0]["result"]["observed"] == "unobserved")
    #expect(document["domains"][0]["result"]["error"]["call"] == "virConnectOpenAuth")
  }

  @Test("--connect replaces the URI of a plan's one host and is a usage error with Hosts")
  func connect() throws {
    let sandbox = try Self.planned()
    let other = try sandbox.node(Self.domains, name: "other")
    try FileManager.default.removeItem(at: sandbox.folder.appending(path: "node.xml"))
    #expect(try Self.apply(in: sandbox, "--connect", other).status == 0)

    let manifest = Manifest.host("hv01", other) + Manifest.change
    #expect(try sandbox.run("plan", manifest, on: [], ["--out", "plan.json"]).status == 0)
    let outcome = try Self.apply(in: sandbox, "--connect", other)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("hv01"))
  }

  @Test("a saved plan keeps the run's ceiling on disruption")
  func ceiling() throws {
    let sandbox = try Sandbox()
    let options = ["--allow", "none", "--out", "plan.json"]
    _ = try sandbox.run("plan", Manifest.change, on: Self.domains, options)
    let outcome = try Self.apply(in: sandbox)
    #expect(outcome.status == 0)
    #expect(try outcome.document()["domains"][0]["result"]["observed"] == "pendingRestart")
    #expect(try Self.apply(in: sandbox, "--require-live").status == 2)
  }

  // MARK: - Refusing

  /// `text` with the id that matches its content.
  static func sealed(_ text: String, in sandbox: Sandbox) throws -> String {
    try sandbox.file("body", DocumentTests.body(text))
    let sum = try sandbox.process([])
    sum.executableURL = URL(filePath: "/usr/bin/sha256sum")
    sum.arguments = ["body"]
    try sum.run()
    let hash = try sandbox.end(of: sum).output.prefix(64)
    return text.replacing(/"id":"sha256:[^"]*"/, with: "\"id\":\"sha256:\(hash)\"")
  }

  @Test("apply refuses a plan of another host with the reason, before any step")
  func otherHost() throws {
    let sandbox = try Self.planned()
    let text = try sandbox.text(of: "plan.json")
    try sandbox.file(
      "plan.json",
      try Self.sealed(text.replacing(#""uuid":null}]"#, with: #""uuid":"u"}]"#), in: sandbox))
    let outcome = try Self.apply(in: sandbox)
    #expect(outcome.status == 65)
    #expect(try outcome.document()["diagnostics"][0]["rule"] == "invalid-input")
    #expect(outcome.errors.contains("plan of another host: default was u,"))
  }

  @Test(
    "apply refuses a document that isn't an applicable plan, with the reason",
    arguments: ["xml", "drift", "apply"])
  func unsuitable(kind: String) throws {
    let sandbox = try Self.planned()
    let definition = TestDomain("web").xml
    let output =
      switch kind {
      case "xml":
        try sandbox.run(
          "plan", Manifest.change,
          ["--persistent-xml", try sandbox.file("web.xml", definition), "--format", "json"]
        ).output
      case "drift":
        try sandbox.run("drift", Self.fleet, on: Self.domains, ["--format", "json"]).output
      default: try Self.apply(in: sandbox).output
      }
    try sandbox.file("plan.json", output)
    let outcome = try Self.apply(in: sandbox)
    #expect(outcome.status == 65)
    #expect(try outcome.document()["diagnostics"][0]["rule"] == "invalid-input")
    let reasons = [
      "xml": "made from definitions in files", "drift": "the report of virtmem drift",
      "apply": "the report of an apply",
    ]
    #expect(outcome.errors.contains(reasons[kind] ?? "?"), "\(outcome.errors)")
  }

  @Test(
    "show and apply refuse an altered plan with the place", arguments: ["show", "apply"])
  func altered(command: String) throws {
    let sandbox = try Self.planned()
    let text = try sandbox.text(of: "plan.json")
    let arguments =
      command == "show"
      ? ["show", "plan.json"] : ["apply", "--plan", "plan.json", "--auto-approve"]
    for wrong in [
      String(text.dropLast()), String(text.prefix(500)), text.replacing("629145600", with: "1"), "",
      text.replacing(#""timeout":600"#, with: #""timeout":18446744073709551615"#),
    ] {
      try sandbox.file("plan.json", wrong)
      let outcome = try sandbox.run(arguments)
      #expect(outcome.status == 65)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("plan.json:"))
      #expect(outcome.errors.contains(" error: "))
    }
    #expect(try sandbox.run(arguments.map { $0 == "plan.json" ? "no.json" : $0 }).status == 65)
  }

  @Test(
    "apply refuses options that would narrow or widen a saved plan",
    arguments: [
      ["--allow", "live"], ["--domain", "web"], ["-l", "a=b"], ["--changed-from", "fleet.yaml"],
      ["fleet.yaml"],
    ])
  func usage(options: [String]) throws {
    let sandbox = try Self.planned()
    let outcome = try sandbox.run(["apply", "--plan", "plan.json", "--auto-approve"] + options)
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("--plan"))
  }
}
