// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite struct StateTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let word: String
    let state: Int
    var more = ""
    let verdicts: [JSON]
    let planes: Set<String>

    var testDescription: String { "\(word) \(more)" }
  }

  /// One change of the balloon, one of a limit, and one that needs a start.
  static let manifest = Manifest.domain(
    "policy: {shrink: allow}, memory: 2GiB, currentMemory: 256MiB, memtune: {hardLimit: 4GiB}")

  static let cases = [
    Case(
      word: "running", state: 1, verdicts: ["change", "change", "change"],
      planes: ["live", "persistent"]),
    Case(
      word: "running", state: 1, more: TestDomain.transient,
      verdicts: ["blocked", "change", "change"], planes: ["live"]),
    Case(
      word: "paused", state: 3, verdicts: ["change", "blocked", "change"],
      planes: ["live", "persistent"]),
    Case(
      word: "pmsuspended", state: 7, verdicts: ["change", "blocked", "change"],
      planes: ["live", "persistent"]),
    Case(
      word: "in shutdown", state: 4, verdicts: ["blocked", "blocked", "blocked"], planes: []),
    Case(
      word: "shut off", state: 5, verdicts: ["change", "change", "change"],
      planes: ["persistent"]),
    Case(
      word: "shut off", state: 5, more: "<test:hasmanagedsave/>",
      verdicts: ["change", "change", "change"], planes: ["persistent"]),
  ]

  @Test("each state determines which definitions are compared and written", arguments: cases)
  func planes(row: Case) throws {
    let outcome = try Sandbox().run(
      "apply", Self.manifest, on: [TestDomain("web", state: row.state, more: row.more)],
      ["--format", "json", "--timeout", "1s"])
    let document = try outcome.document()
    let domain = document["domains"][0]
    #expect(domain["state"].text == row.word)
    #expect(domain["fields"].elements.map { $0["verdict"] } == row.verdicts)
    #expect(Set(domain["steps"].elements.map { $0["plane"].text }) == row.planes)
    for step in domain["steps"].elements {
      #expect(step["result"]["status"] == "done")
      #expect(step["flags"].elements.contains { $0 == "LIVE" } == (step["plane"] == "live"))
      #expect(step["flags"].elements.contains { $0 == "CONFIG" } != (step["plane"] == "live"))
    }
    #expect(outcome.status == (row.verdicts.contains("blocked") ? 3 : 0))
    let hasImage = row.more.contains("managedsave")
    #expect(
      document["diagnostics"].elements.contains { $0["rule"] == "managed-save-not-readable" }
        == hasImage)
  }

  @Test("a domain that matches its manifest is in sync in every state", arguments: [1, 3, 5, 7])
  func inSync(state: Int) throws {
    let outcome = try Sandbox().run(
      "drift", Manifest.inSync, on: [TestDomain("web", state: state)])
    #expect(outcome.status == 0)
  }

  struct Policy: Sendable, CustomTestStringConvertible {
    let spec: String
    var more = ""
    let verdict: JSON
    var rule: JSON = nil
    let steps: Int

    var testDescription: String { "\(spec) \(more)" }
  }

  @Test(
    "plan changes or blocks as the policy allows",
    arguments: [
      Policy(
        spec: "currentMemory: 256MiB", verdict: "blocked", rule: "shrink-without-statistics",
        steps: 0),
      Policy(
        spec: "policy: {shrink: never}, currentMemory: 256MiB", verdict: "blocked",
        rule: "shrink-never", steps: 0),
      Policy(
        spec: "policy: {shrink: allow}, currentMemory: 256MiB", verdict: "change", steps: 2),
      Policy(
        spec: "policy: {disruption: none}, currentMemory: 600MiB", verdict: "change", steps: 1),
      Policy(
        spec: "policy: {disruption: none}, currentMemory: 600MiB", more: TestDomain.transient,
        verdict: "blocked", rule: "transient-has-no-next-start", steps: 0),
      Policy(spec: "currentMemory: {min: 256MiB, max: 1GiB}", verdict: "inSync", steps: 0),
      Policy(spec: "currentMemory: {min: 600MiB, max: 4GiB}", verdict: "change", steps: 2),
      Policy(
        spec: "memory: 256MiB", verdict: "blocked", rule: "memory-below-current-memory", steps: 0),
      Policy(spec: "memory: 2GiB, currentMemory: 2GiB", verdict: "change", steps: 2),
      Policy(
        spec: "memory: 2GiB",
        more:
          "<cpu><numa><cell id='0' memory='524288'/><cell id='1' memory='524288'/></numa></cpu>",
        verdict: "blocked", rule: "memory-with-several-cells", steps: 0),
      Policy(
        spec: "memtune: {minGuarantee: 1GiB}", verdict: "blocked", rule: "min-guarantee-not-qemu",
        steps: 0),
      Policy(
        spec: "memballoon: {statsPeriod: 5s}", verdict: "blocked", rule: "no-balloon-device",
        steps: 0),
    ])
  func policy(row: Policy) throws {
    let outcome = try Sandbox().run(
      "plan", Manifest.domain(row.spec), on: [TestDomain("web", more: row.more)],
      ["--format", "json"])
    let domain = try outcome.document()["domains"][0]
    #expect(domain["verdict"] == row.verdict)
    #expect(domain["blockers"][0]["rule"] == row.rule)
    #expect(domain["steps"].elements.count == row.steps)
  }

  @Test(
    "Profiles merge left to right after default, and a domain can unset a value")
  func profiles() throws {
    let manifest =
      Manifest.profile("default", "memory: 3GiB, memtune: {softLimit: 1GiB, hardLimit: 4GiB}")
      + Manifest.profile("a", "memtune: {softLimit: 2GiB}")
      + Manifest.profile("b", "memtune: {softLimit: 3GiB}")
      + Manifest.domain("profiles: [a, b], memory: unmanaged")
    let outcome = try Sandbox().run(
      "plan", manifest, on: [TestDomain("web")], ["--format", "json"])
    let fields = try outcome.document()["domains"][0]["fields"].elements
    #expect(fields.map { $0["path"] } == ["memtune.hardLimit", "memtune.softLimit"])
    #expect(fields.map { $0["desired"] } == [4_294_967_296, 3_221_225_472])
    #expect(fields.map { $0["source"]["line"] } == [5, 15])
  }

  @Test("a Profile suspends its domains unless a domain overrides it", arguments: [true, false])
  func suspend(isOverridden: Bool) throws {
    let manifest =
      Manifest.profile("calm", "suspend: true")
      + Manifest.domain(
        "profiles: [calm], currentMemory: 600MiB\(isOverridden ? ", suspend: false" : "")")
    let outcome = try Sandbox().run(
      "apply", manifest, on: [TestDomain("web")], ["--format", "json"])
    let document = try outcome.document()
    let domain = document["domains"][0]
    #expect(domain["verdict"] == (isOverridden ? "change" : "suspended"))
    #expect(domain["fields"][0]["verdict"] == "change")
    #expect(document["summary"]["done"] == (isOverridden ? 2 : 0))
    #expect(outcome.status == 0)
  }
}
