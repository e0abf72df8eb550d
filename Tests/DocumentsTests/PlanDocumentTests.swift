// SPDX-License-Identifier: Apache-2.0
import Basics
import Documents
import MemoryModel
import TestSupport
import Testing

@Suite struct PlanDocumentTests {
  static let created = "2026-08-22T09:12:00Z"

  static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  static let call = Call(
    .setMemoryParameters, on: .persistent,
    changes: [
      Change(field: .hardLimit, from: .unlimited, to: .size(.gibibytes(12))),
      Change(field: .swapHardLimit, from: nil, to: .unlimited),
    ])

  static let plan = Plan(
    hosts: [
      PlannedHost(
        name: "hv01", uuid: "u1", uri: "qemu:///system", libvirt: Version(9, 0, 0),
        hypervisor: HypervisorRelease("QEMU 7.2.22"), reserve: .gibibytes(4), uriFrom: .option,
        facts: DeclaredFacts(hugepageSize: .mebibytes(2)))
    ],
    domains: [
      DomainPlan(
        name: "web-01", uuid: "u2", host: "hv01", state: .inShutdown, verdict: .change,
        basis: "sha256:b", goalHash: "sha256:o",
        fields: [
          PlannedField(
            path: .currentMemory, desired: .sizeRange(.gibibytes(4) ... .gibibytes(8)),
            live: .size(.gibibytes(6)), persistent: nil, verdict: .inSync,
            source: SourcePosition(file: "web.yaml", line: 17, column: 20)),
          PlannedField(
            path: .statsPeriod, desired: .seconds(10), verdict: .change, heldBack: .policy),
          PlannedField(
            path: .minGuarantee, desired: .absence, verdict: .blocked, isOfThisChange: false),
        ],
        steps: [
          Step(
            id: "hv01/web-01/1", operation: .call(call), disruption: .none, reason: "Because.",
            needs: ["hv01/a/1"])
        ],
        blockers: [
          Blocker(rule: "r", field: .minGuarantee, summary: "s", detail: "d", remedy: "m")
        ]),
      DomainPlan(name: "lost", verdict: .unobserved, basis: "left over", goalHash: "left over"),
    ],
    diagnostics: [Diagnostic(.warning, rule: "w", host: "hv01", summary: "A \"word\".")])

  /// The document of ``plan`` without its `id`, given the results' text.
  static func planText(stepResult: String, results: [String], done: String) -> String {
    #"{"created":"2026-08-22T09:12:00Z","diagnostics":[{"detail":"","domain":null,"field":null,"#
      + #""host":"hv01","remedy":"","rule":"w","severity":"warning","source":null,"#
      + #""summary":"A \"word\"."}],"#
      + #""domains":[{"basis":"sha256:b","blockers":[{"detail":"d","field":"memtune.minGuarantee","#
      + #""remedy":"m","rule":"r","summary":"s"}],"#
      + #""fields":[{"desired":{"max":8589934592,"min":4294967296},"heldBack":null,"#
      + #""live":6442450944,"ofThisChange":true,"path":"currentMemory","persistent":null,"#
      + #""source":{"column":20,"file":"web.yaml","line":17},"verdict":"inSync"},"#
      + #"{"desired":10,"heldBack":"policy","live":null,"ofThisChange":true,"path":"memballoon.statsPeriod","persistent":null,"#
      + #""source":null,"verdict":"change"},"#
      + #"{"desired":"none","heldBack":null,"live":null,"ofThisChange":false,"path":"memtune.minGuarantee","persistent":null,"#
      + #""source":null,"verdict":"blocked"}],"#
      + #""headroom":null,"host":"hv01","name":"web-01","outcome":"sha256:o","#
      + #""policy":{"disruption":"live","restart":{"force":false,"timeout":600},"shrink":"guarded"},"#
      + "\(results[0])"
      + #""source":null,"state":"in shutdown","steps":[{"action":"setMemoryParameters","#
      + #""api":"virDomainSetMemoryParameters","#
      + #""changes":[{"field":"memtune.hardLimit","from":"unlimited","to":12884901888},"#
      + #"{"field":"memtune.swapHardLimit","from":null,"to":"unlimited"}],"disruption":"none","#
      + #""flags":["CONFIG"],"id":"hv01/web-01/1","needs":["hv01/a/1"],"plane":"persistent","#
      + #""reason":"Because."\#(stepResult)}],"uuid":"u2","verdict":"change"},"#
      + #"{"basis":null,"blockers":[],"fields":[],"headroom":null,"host":null,"#
      + #""name":"lost","outcome":null,"#
      + #""policy":{"disruption":"live","restart":{"force":false,"timeout":600},"shrink":"guarded"},"#
      + "\(results[1])"
      + #""source":null,"state":null,"steps":[],"uuid":null,"verdict":"unobserved"}],"#
      + #""format":"virtmem/plan/v1alpha1","hosts":[{"facts":{"cgroup":null,"#
      + #""hugepageSize":2097152,"hugepages":null},"hypervisor":"QEMU 7.2.22","#
      + #""libvirt":"9.0.0","memory":null,"name":"hv01","observedAt":null,"origin":"connection","#
      + #""reserve":4294967296,"suspended":false,"uri":"qemu:///system","uriFrom":"option","#
      + #""uuid":"u1"}],"kind":"\#(done.isEmpty ? "plan" : "apply")","removed":[],"#
      + #""summary":{"blocked":0,"change":1,"domains":2,\#(done)"inSync":0,"pendingRestart":0,"#
      + #""steps":1,"suspended":0,"unobserved":1}}"# + "\n"
  }

  /// `text` without its member `id`, and the value of that member.
  static func splitID(_ text: String) throws -> (rest: String, id: String) {
    let parts = text.split(separator: #","id":"sha256:"#, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    return (String(parts[0] + parts[1].dropFirst(65)), String(parts[1].prefix(64)))
  }

  @Test("a plan's document has all keys, sorted, with null for missing values")
  func plan() throws {
    let text = Self.text(PlanDocument.bytes(of: Self.plan, created: Self.created))
    #expect(
      try Self.splitID(text).rest == Self.planText(stepResult: "", results: ["", ""], done: ""))
  }

  @Test("a document's id is the hash of its bytes without id and created", arguments: [0, 1, 300])
  func identity(copies: Int) throws {
    var plan = Self.plan
    plan.domains = (0..<copies).flatMap { _ in Self.plan.domains }
    let text = Self.text(PlanDocument.bytes(of: plan, created: Self.created))
    let (rest, id) = try Self.splitID(text)
    let hashed = "{" + rest.dropFirst(#"{"created":"2026-08-22T09:12:00Z","#.count)
    #expect(id == SHA256.hexadecimal(of: Array(hashed.utf8)))

    let later = Self.text(PlanDocument.bytes(of: plan, created: "2027-01-01T00:00:00Z"))
    #expect(try Self.splitID(later).id == id)
    #expect(PlanDocument.id(of: plan) == "sha256:\(id)")
  }

  @Test("the memory of a host is of the moment, and the id has null in its place")
  func memory() throws {
    var plan = Self.plan
    let without = PlanDocument.id(of: plan)
    for bytes in [0, 1] as [UInt64] {
      plan.hosts[0].memory = HostMemory(available: MemorySize(bytes: bytes))
      #expect(PlanDocument.id(of: plan) == without)
    }
    plan.hosts[0].reserve = .gibibytes(1)
    #expect(PlanDocument.id(of: plan) != without)
  }

  @Test("an apply's report is its plan with results")
  func report() throws {
    let refusal = HypervisorError(
      .refused, call: "virDomainSetMemoryParameters", code: 38, domain: 10, message: "No.")
    let report = ApplyReport(
      plan: Self.plan,
      steps: [
        "hv01/web-01/1": StepResult(
          .failed, observed: [.swapHardLimit: .unlimited, .hardLimit: .size(.kibibytes(1))],
          failure: .call(refusal), seconds: 1.25)
      ],
      domains: [DomainResult(.failed, observed: .change), DomainResult(.done, observed: .inSync)],
      closing: Plan())
    let text = Self.text(PlanDocument.bytes(of: report, created: Self.created))
    let stepResult =
      #","result":{"error":{"call":"virDomainSetMemoryParameters","code":38,"domain":10,"#
      + #""message":"No."},"#
      + #""observed":{"memtune.hardLimit":1024,"memtune.swapHardLimit":"unlimited"},"#
      + #""rule":"call-refused","#
      + #""seconds":1.25,"status":"failed"}"#
    let results = [
      #""result":{"error":null,"observed":"change","seconds":1.25,"status":"failed"},"#,
      #""result":{"error":null,"observed":"inSync","seconds":0,"status":"skipped"},"#,
    ]
    #expect(
      try Self.splitID(text).rest
        == Self.planText(stepResult: stepResult, results: results, done: #""done":0,"#))
  }

  @Test("an empty plan's document has all top-level keys")
  func empty() throws {
    let text = Self.text(PlanDocument.bytes(of: Plan(), created: "c"))
    #expect(
      try Self.splitID(text).rest
        == #"{"created":"c","diagnostics":[],"domains":[],"format":"virtmem/plan/v1alpha1","#
        + #""hosts":[],"kind":"plan","removed":[],"summary":{"blocked":0,"change":0,"domains":0,"inSync":0,"#
        + #""pendingRestart":0,"steps":0,"suspended":0,"unobserved":0}}"# + "\n")
  }

  @Test("diagnostics have their own document")
  func diagnostics() {
    let diagnostic = Diagnostic(
      .error, rule: "r", domain: "web-01", field: .memory, summary: "s", detail: "d", remedy: "m",
      source: SourcePosition(file: "a.yaml", line: 1, column: 2), sourceLine: "not written")
    #expect(
      Self.text(DiagnosticsDocument.bytes(of: [diagnostic]))
        == #"{"diagnostics":[{"detail":"d","domain":"web-01","field":"memory","host":null,"#
        + #""remedy":"m","rule":"r","severity":"error","#
        + #""source":{"column":2,"file":"a.yaml","line":1},"summary":"s"}],"#
        + #""format":"virtmem/diagnostics/v1alpha1"}"# + "\n")
  }
}
