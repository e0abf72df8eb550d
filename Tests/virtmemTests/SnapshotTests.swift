// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct SnapshotTests {
  static let manifest =
    Manifest.domain(
      "web", "currentMemory: 600MiB, memtune: {hardLimit: 4GiB}, policy: {shrink: allow}")
    + Manifest.domain("db", "memory: 2GiB") + Manifest.domain("gone", "memory: 2GiB")

  /// A plan without what it says about its origin and time.
  static func facts(_ outcome: Outcome) throws -> [JSON] {
    let plan = try outcome.document()
    let diagnostics = plan["diagnostics"].elements.filter { $0["rule"] != "planned-from-snapshot" }
    let hosts = plan["hosts"].elements.map { host in
      JSON.array(
        host.keys.subtracting(["origin", "observedAt", "uriFrom"]).sorted().map { host[$0] })
    }
    // The remedy for a domain that is not there speaks of the snapshot.
    let domains = plan["domains"].elements.filter { $0["name"] != "gone" }
    return [.array(domains), .array(hosts), plan["summary"], .array(diagnostics)]
  }

  @Test("a plan from a snapshot equals the plan from the host and can be applied")
  func equalsDirectPlan() throws {
    let sandbox = try Sandbox()
    let node = try sandbox.node([TestDomain("web", 1), TestDomain("db", 2, state: 5)])
    let manifest = try sandbox.file("fleet.yaml", Self.manifest)
    let observed = try sandbox.run(["observe", "--connect", node])
    #expect(observed.status == 0)
    try sandbox.file("s.jsonl", observed.output)
    let direct = try sandbox.run(["plan", manifest, "--connect", node, "--format", "json"])
    let plan = try sandbox.run(
      ["plan", manifest, "--observed", "s.jsonl", "--format", "json", "--out", "plan.json"])
    #expect(try Self.facts(plan) == Self.facts(direct))
    let host = try plan.document()["hosts"][0]
    #expect(host["origin"] == "snapshot" && host["observedAt"].text.hasPrefix("20"))
    #expect(plan.status == direct.status)
    #expect(try plan.document()["domains"].elements.contains { $0["basis"] != nil })
    let note = try plan.document()["diagnostics"].elements.last
    #expect(note?["summary"].text.contains("observed") == true)
    let piped = try sandbox.run(
      ["drift", manifest, "--observed", "-", "--format", "json"], input: observed.output)
    #expect(piped.status == 3)
    #expect(try sandbox.run(["apply", "--plan", "plan.json", "--auto-approve"]).status == 3)
  }

  @Test("several snapshots form one fleet, and no two may hold the same host")
  func severalSnapshots() throws {
    let sandbox = try Sandbox()
    let hosts = try sandbox.file(
      "hosts.yaml",
      Manifest.host("near", try sandbox.node(name: "a"))
        + Manifest.host("far", try sandbox.node([TestDomain("db")], name: "b"))
        + Manifest.host("silent", "test:///nowhere.xml"))
    for host in ["near", "far", "silent"] {
      let outcome = try sandbox.run(["observe", "--hosts", hosts, "--domain", "\(host)/*"])
      #expect(outcome.status == (host == "silent" ? 5 : 0))
      try sandbox.file("\(host).jsonl", outcome.output)
    }
    let manifest = try sandbox.file(
      "fleet.yaml",
      try sandbox.text(of: "hosts.yaml") + Manifest.domain("web", "memory: 1GiB")
        + Manifest.domain("db", "host: far, memory: 1GiB")
        + Manifest.domain("lost", "host: silent, memory: 1GiB"))
    let files = ["near", "far", "silent"].flatMap { ["--observed", "\($0).jsonl"] }
    let plan = try sandbox.run(["plan", manifest, "--format", "json"] + files)
    #expect(plan.status == 5)
    #expect(try plan.document()["summary"]["inSync"] == 2)
    #expect(try plan.document()["summary"]["unobserved"] == 1)
    let twice = try sandbox.run(["plan", manifest, "--observed", "far.jsonl"] + files)
    #expect(twice.status == 65)
    let missing = try sandbox.run(["plan", manifest, "--observed", "far.jsonl"])
    #expect(missing.status == 5)
    let noHosts = try sandbox.file("no.yaml", Manifest.inSync)
    #expect(try sandbox.run(["plan", noHosts, "--observed", "far.jsonl"]).status == 65)
  }

  @Test("a domain that a snapshot doesn't cover is unobserved, not missing")
  func partial() throws {
    let sandbox = try Sandbox()
    let node = try sandbox.node([TestDomain("web", 1), TestDomain("db", 2)])
    try sandbox.file("s.jsonl", try sandbox.run(["observe", "web", "-c", node]).output)
    let manifest = try sandbox.file("fleet.yaml", Self.manifest)
    let document = try sandbox.run(
      ["plan", manifest, "--observed", "s.jsonl", "--format", "json"]
    ).document()
    #expect(document["summary"]["unobserved"] == 2)
    #expect(document["summary"]["blocked"] == 0)
  }

  @Test("plan refuses a truncated or edited snapshot with its place")
  func invalid() throws {
    let sandbox = try Sandbox()
    let manifest = try sandbox.file("fleet.yaml", Self.manifest)
    let text = try sandbox.run(["observe", "-c", try sandbox.node()]).output
    for (name, broken) in [
      ("cut", String(text.dropLast(40))),
      ("edited", text.replacing("536870912", with: "536870913")),
      ("other", "{}"), ("version", text.replacing("v1alpha1", with: "v9")),
    ] {
      let file = try sandbox.file("\(name).jsonl", broken)
      let outcome = try sandbox.run(["plan", manifest, "--observed", file])
      #expect(outcome.status == 65, "\(name)")
      #expect(outcome.errors.hasPrefix("\(file):"), "\(name)")
    }
    #expect(try sandbox.run(["plan", manifest, "--observed", "nix"]).status == 65)
    #expect(
      try sandbox.run(["plan", manifest, "--observed", "x", "-c", "test:///default"]).status == 64)
  }

  @Test("a plan from a snapshot of definition files can't be applied")
  func offline() throws {
    let sandbox = try Sandbox()
    let xml = try sandbox.file("web.xml", OfflineTests.xml())
    let observed = try sandbox.run(["observe", "--persistent-xml", xml, "--libvirt", "9.0.0"])
    try sandbox.file("s.jsonl", observed.output)
    let manifest = try sandbox.file("fleet.yaml", Manifest.change)
    let plan = try sandbox.run(
      ["plan", manifest, "--observed", "s.jsonl", "--out", "plan.json", "--format", "json"])
    #expect(try plan.document()["hosts"][0]["libvirt"] == "9.0.0")
    #expect(try sandbox.run(["apply", "--plan", "plan.json", "--auto-approve"]).status == 65)
  }
}
