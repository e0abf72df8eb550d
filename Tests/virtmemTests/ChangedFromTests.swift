// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite struct ChangedFromTests {
  static let domains = [TestDomain("web"), TestDomain("db", 2)]
  static let old =
    Manifest.profile("web", "currentMemory: 600MiB") + Manifest.domain("web", "profiles: [web]")
    + Manifest.domain("db", "currentMemory: 600MiB")

  static func run(
    _ command: String = "plan", from old: String = old, to new: String, _ options: String...
  ) throws -> Outcome {
    let sandbox = try Sandbox()
    let before = try sandbox.file("old/fleet.yaml", old)
    let connection = try sandbox.node(domains)
    return try sandbox.run(
      [command, try sandbox.file("fleet.yaml", new), "--changed-from", before, "-c", connection]
        + ["--format", "json"] + options)
  }

  static func names(_ outcome: Outcome) throws -> [String] {
    try outcome.document()["domains"].elements.map { $0["name"].text }
  }

  @Test("--changed-from selects only the domains whose desired state differs")
  func changedDesire() throws {
    let outcome = try Self.run(
      to: Self.old.replacing("{currentMemory: 600MiB}", with: "{memory: 2GiB}"))
    #expect(try Self.names(outcome) == ["db", "web"])
    let one = try Self.run(to: Self.old.replacing("name: \"db\", labels: {}", with: "name: \"db\""))
    #expect(try Self.names(one) == [])
    #expect(one.errors.contains("ask the same of every domain"))
    let profile = Manifest.profile("web", "currentMemory: 700MiB")
    let web = try Self.run(
      to: profile + Manifest.domain("web", "profiles: [web]")
        + Manifest.domain("db", "currentMemory: 600MiB"))
    #expect(try Self.names(web) == ["web"])
  }

  @Test("apply and drift consider only the changed domains")
  func applyAndDrift() throws {
    let new = Self.old + Manifest.domain("lost", "memory: 1GiB")
    #expect(try Self.names(Self.run("drift", to: new)) == ["lost"])
    let outcome = try Self.run(
      "apply", from: Manifest.domain("db", "currentMemory: 600MiB"), to: Self.old, "--auto-approve")
    #expect(outcome.status == 0)
    #expect(try Self.names(outcome) == ["web"])
    #expect(try outcome.document()["summary"]["done"] == 2)
  }

  @Test("--changed-from lists selected domains that left the manifests and doesn't touch them")
  func noLongerManaged() throws {
    let outcome = try Self.run(to: Manifest.domain("web", "currentMemory: 600MiB"))
    #expect(outcome.status == 0)
    let removed = try outcome.document()["removed"].elements
    #expect(removed.map { $0["name"].text } == ["db"])
    #expect(try Self.names(outcome) == [])
    let narrowed = try Self.run(to: Manifest.change, "--domain", "web")
    #expect(try narrowed.document()["removed"] == [])
  }

  @Test("--changed-from filters an offline plan's one domain and lists no others as unmanaged")
  func offline() throws {
    for (new, names) in [(Manifest.change, []), (Manifest.blocked, ["web"])] {
      let sandbox = try Sandbox()
      let old = try sandbox.file(
        "old.yaml", Manifest.change + Manifest.domain("gone", "memory: 1GiB"))
      let outcome = try sandbox.run([
        "plan", try sandbox.file("new.yaml", new), "--changed-from", old, "--format", "json",
        "--persistent-xml", try sandbox.file("web.xml", TestDomain("web").xml),
      ])
      #expect(try Self.names(outcome) == names)
      #expect(try outcome.document()["removed"] == [])
    }
  }

  @Test("plan refuses standard input for both old and new manifests")
  func standardInput() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.run(["plan", "-", "--changed-from", "-"], input: Manifest.change)
    #expect(outcome.status == 64)
  }

  @Test("with invalid old manifests all domains count as changed, and a note has the mistake")
  func invalidOld() throws {
    let outcome = try Self.run(from: Manifest.unknownField, to: Manifest.change)
    #expect(outcome.status == 0)
    #expect(try Self.names(outcome) == ["web"])
    #expect(outcome.errors.contains("note: the manifests at "))
    #expect(outcome.errors.contains("old/fleet.yaml:"))
  }
}
