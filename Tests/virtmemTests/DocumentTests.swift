// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct DocumentTests {
  static let manifest =
    Manifest.domain(
      "web",
      """
      policy: {shrink: allow}, memory: 2GiB, currentMemory: {min: 100MiB, max: 256MiB}, \
      memtune: {hardLimit: 24GiB}, memballoon: {statsPeriod: 10s}
      """) + Manifest.domain("lost", "memtune: {minGuarantee: none}")
    + Manifest.domain("off", "currentMemory: 512MiB")
  static let domains = [
    TestDomain("web", more: TestDomain.balloon), TestDomain("off", 2, state: 5),
  ]

  static func document(_ command: String, _ options: String...) throws -> JSON {
    try Sandbox().run(command, manifest, on: domains, ["--format", "json"] + options).document()
  }

  static let topLevel: Set = [
    "created", "diagnostics", "domains", "format", "hosts", "id", "kind", "removed", "summary",
  ]
  static let counts: Set = [
    "blocked", "change", "domains", "inSync", "pendingRestart", "steps", "suspended", "unobserved",
  ]
  static let host: Set = [
    "facts", "hypervisor", "libvirt", "memory", "name", "observedAt", "origin", "reserve",
    "suspended", "uri", "uriFrom", "uuid",
  ]
  static let domain: Set = [
    "basis", "blockers", "fields", "headroom", "host", "name", "outcome", "policy", "source",
    "state", "steps", "uuid", "verdict",
  ]
  static let field: Set = [
    "desired", "heldBack", "live", "ofThisChange", "path", "persistent", "source", "verdict",
  ]
  static let step: Set = [
    "action", "api", "changes", "disruption", "flags", "id", "needs", "plane", "reason",
  ]
  static let result: Set = ["error", "observed", "seconds", "status"]

  @Test("a plan's document tells where each host's URI came from")
  func uriFrom() throws {
    let sandbox = try Sandbox()
    let node = try sandbox.node(Self.domains)
    let manifest = try sandbox.file("fleet.yaml", Self.manifest)
    let hosts = try sandbox.file("hosts.yaml", Manifest.host("near", node))
    let plan = ["plan", manifest, "--format", "json"]
    let runs = [
      "option": try sandbox.run(plan + ["-c", node]),
      "environment": try sandbox.run(plan, environment: ["LIBVIRT_DEFAULT_URI": node]),
      "manifest": try sandbox.run(plan + [hosts]),
    ]
    for (origin, outcome) in runs {
      let host = try outcome.document()["hosts"][0]
      #expect(host["uriFrom"].text == origin && host["origin"] == "connection")
    }
  }

  @Test(
    "every object of a document has exactly its documented keys",
    arguments: ["plan", "drift", "apply"])
  func keys(command: String) throws {
    let document = try Self.document(command)
    let isApplied = command == "apply"
    #expect(document.keys == Self.topLevel)
    #expect(document["format"] == "virtmem/plan/v1alpha1")
    #expect(document["kind"] == JSON(stringLiteral: command))
    #expect(document["summary"].keys == Self.counts.union(isApplied ? ["done"] : []))
    for host in document["hosts"].elements {
      #expect(host.keys == Self.host)
    }
    #expect(document["domains"].elements.map { $0["name"] } == ["lost", "off", "web"])
    for domain in document["domains"].elements {
      #expect(domain.keys == Self.domain.union(isApplied ? ["result"] : []))
      #expect(domain["policy"].keys == ["disruption", "restart", "shrink"])
      if isApplied { #expect(domain["result"].keys == Self.result) }
      for field in domain["fields"].elements {
        #expect(field.keys == Self.field)
        #expect(field["source"].keys == ["column", "file", "line"])
      }
      for step in domain["steps"].elements {
        #expect(step.keys == Self.step.union(isApplied ? ["result"] : []))
        if isApplied { #expect(step["result"].keys == Self.result) }
        for change in step["changes"].elements {
          #expect(change.keys == ["field", "from", "to"])
        }
      }
      for blocker in domain["blockers"].elements {
        #expect(blocker.keys == ["detail", "field", "remedy", "rule", "summary"])
      }
    }
    for diagnostic in document["diagnostics"].elements {
      #expect(
        diagnostic.keys == [
          "detail", "domain", "field", "host", "remedy", "rule", "severity", "source", "summary",
        ])
    }
  }

  @Test("a plan's document holds each domain's state, values, blockers and steps")
  func content() throws {
    let document = try Self.document("plan")
    let (lost, off, web) = (
      document["domains"][0], document["domains"][1], document["domains"][2]
    )
    #expect(lost["verdict"] == "blocked")
    #expect(lost["blockers"][0]["rule"] == "domain-not-defined")
    for key in ["uuid", "state", "basis", "outcome"] { #expect(lost[key] == nil, "\(key)") }
    #expect(off["state"] == "shut off")
    #expect(off["fields"][0]["live"] == nil)
    #expect(off["fields"][0]["persistent"] == 536_870_912)
    #expect(off["basis"] == nil)
    #expect(web["host"] == "default")
    #expect(web["basis"].text.hasPrefix("sha256:") && web["outcome"].text.hasPrefix("sha256:"))
    #expect(web["fields"][1]["desired"] == ["min": 104_857_600, "max": 268_435_456])
    #expect(web["fields"][2]["live"] == "unlimited")
    #expect(web["fields"][3]["live"] == 0)
    #expect(
      web["policy"] == [
        "disruption": "live", "restart": ["force": false, "timeout": 600], "shrink": "allow",
      ])
    #expect(web["steps"].elements.map { $0["id"] } == (1...7).map { .string("default/web/\($0)") })
  }

  @Test("a document's keys are sorted at every depth")
  func sortedKeys() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.run(
      "apply", Self.manifest, on: Self.domains, ["--format", "json"])
    // Python compares keys by their code points; JSONSerialization does not tell S from s.
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [
      "-c",
      """
      import json, sys
      document = json.load(open(sys.argv[1]))
      print(json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
      """, try sandbox.file("document.json", outcome.output),
    ]
    let answer = Pipe()
    process.standardOutput = answer
    try process.run()
    let again = try answer.fileHandleForReading.readToEnd() ?? Data()
    #expect(String(decoding: again, as: UTF8.self) == outcome.output)
  }

  /// The document without its creation time and its id, and with `null` for a host's memory.
  static func body(_ text: String) -> String {
    text.replacing(/"created":"[^"]*",/, with: "").replacing(/"id":"sha256:[^"]*",/, with: "")
      .replacing(/"memory":\{[^}]*\}/, with: "\"memory\":null")
  }

  @Test("equal input gives equal bytes except the time, and --out saves the same document")
  func reproducible() throws {
    let sandbox = try Sandbox()
    let options = ["--format", "json", "--out", sandbox.folder.appending(path: "plan.json").path]
    let first = try sandbox.run("plan", Self.manifest, on: Self.domains, options)
    let saved = try sandbox.text(of: "plan.json")
    let second = try sandbox.run("plan", Self.manifest, on: Self.domains, options)
    #expect(Self.body(first.output) == Self.body(second.output))
    #expect(Self.body(first.output) == Self.body(saved))
    #expect(try first.document()["id"] == second.document()["id"])
  }

  @Test(
    "a document's id is the SHA-256 of its bytes without id, created and hosts' memory",
    arguments: ["plan", "apply"])
  func id(command: String) throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.run(command, Self.manifest, on: Self.domains, ["--format", "json"])
    try sandbox.file("body", Self.body(outcome.output))
    let sum = try sandbox.process([])
    sum.executableURL = URL(filePath: "/usr/bin/sha256sum")
    sum.arguments = ["body"]
    try sum.run()
    let hash = try sandbox.end(of: sum).output.prefix(64)
    #expect(try outcome.document()["id"] == .string("sha256:\(hash)"))
  }

  @Test("drift prints the plan's document without steps")
  func driftWithoutSteps() throws {
    let document = try Self.document("drift")
    #expect(document["summary"]["steps"] == 0)
    for domain in document["domains"].elements {
      #expect(domain["steps"] == [])
      #expect(domain["basis"] == nil)
    }
  }

  @Test("validate's document lists every mistake with its place, and standard error stays empty")
  func diagnostics() throws {
    let sandbox = try Sandbox()
    let manifest = Manifest.domain("memroy: 1GiB, currentMemory: 8G")
    let outcome = try sandbox.run("validate", manifest, ["--format", "json"])
    let document = try outcome.document()
    #expect(outcome.status == 65)
    #expect(outcome.errors.isEmpty)
    #expect(document["format"] == "virtmem/diagnostics/v1alpha1")
    #expect(
      document["diagnostics"].elements.map { $0["rule"] } == ["unknown-field", "invalid-size"])
    #expect(document["diagnostics"][1]["source"]["line"] == 5)
    #expect(document["diagnostics"][1]["source"]["column"] == 37)
  }

  @Test("plan refuses a folder that can't have the file before it looks at a host")
  func unsavable() throws {
    let outcome = try Sandbox().run(
      "plan", Manifest.inSync, on: [TestDomain("web")], ["--out", "no/such/folder/plan.json"])
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors
        == "error: can't write no/such/folder/plan.json: there is no folder no/such/folder. "
        + "Create it first.\n")
  }

  @Test("plan exits with 1 and the reason if it can't save the plan")
  func unsaved() throws {
    let outcome = try Sandbox().run(
      "plan", Manifest.inSync, on: [TestDomain("web")], ["--out", "/dev/full"])
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: can't write /dev/full: No space left on device\n")
  }
}
