// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct ExportTests {
  static let domains = [
    TestDomain("web", 1, more: TestDomain.balloon),
    TestDomain(
      "no: 'name' # \"ä\" 👩‍👩‍👧", 2, state: 5,
      more: "<memtune><hard_limit>4194304</hard_limit></memtune>"),
    TestDomain("12", 3, more: TestDomain.transient), TestDomain("db", 4, state: 3),
  ].map { domain in
    var domain = domain
    domain.name = domain.name.replacing("\"", with: "&quot;")
    return domain
  }

  @Test("a plan from an exported manifest has no steps, for any domain name")
  func emptyPlan() throws {
    let sandbox = try Sandbox()
    let node = try sandbox.node(Self.domains)
    let exported = try sandbox.run(["export", "--connect", node])
    #expect(exported.status == 0)
    #expect(exported.errors.isEmpty)
    let file = try sandbox.file("export.yaml", exported.output)
    let plan = try sandbox.run(["plan", file, "--connect", node, "--format", "json"])
    let document = try plan.document()
    #expect(plan.status == 0, "\(plan.errors)\(exported.output)")
    #expect(document["summary"]["domains"] == 4)
    #expect(document["summary"]["inSync"] == 4)
    #expect(try sandbox.run(["export", "--connect", node]).output == exported.output)
  }

  @Test("export selects domains by name or pattern and reports a name that no domain has")
  func selection() throws {
    let sandbox = try Sandbox()
    let node = try sandbox.node(Self.domains)
    let some = try sandbox.run(["export", "we*", "db", "--connect", node])
    #expect(
      some.output.matches(of: /metadata: {name: (\w+)}/).map { String($0.1) } == ["db", "web"])
    let none = try sandbox.run(["export", "web", "nix", "--connect", node])
    #expect(none.status == 64)
    #expect(none.errors.hasPrefix("error: no domain is named 'nix'. There are "))
    #expect(none.output.contains("name: web"))
  }

  @Test("export selects fields by name and rejects an unknown field as a usage error")
  func fields() throws {
    let sandbox = try Sandbox()
    let node = try sandbox.node(Self.domains)
    let some = try sandbox.run(["export", "web", "--fields", "memory,memtune", "-c", node])
    #expect(some.output.hasSuffix("spec:\n  memory: 1GiB\n"))
    let none = try sandbox.run(["export", "--fields", "memory,hardLimt", "-c", node])
    #expect(none.status == 64)
    #expect(none.errors.contains("did you mean 'memtune.hardLimit'?"))
  }

  @Test(
    "export --hosts names each domain's host and writes one file per domain into its host's folder")
  func files() throws {
    let sandbox = try Sandbox()
    let hosts = try sandbox.file(
      "hosts.yaml",
      Manifest.host("hv01", try sandbox.node(name: "a"))
        + Manifest.host("../hv02", try sandbox.node([TestDomain("-up")], name: "b"))
        + Manifest.host("silent", "test:///nowhere.xml")
        + Manifest.host("held", "test:///nowhere.xml", "suspend: true"))
    let outcome = try sandbox.run(["export", "--hosts", hosts, "--out", "fleet"])
    #expect(outcome.status == 5)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("wrote fleet/hv01/web.yaml\n"))
    #expect(outcome.errors.contains("silent: the host could not be observed: "))
    #expect(!outcome.errors.contains("held"))
    #expect(try sandbox.text(of: "fleet/hv01/web.yaml").contains("  host: hv01\n"))
    let names = FileManager.default.enumerator(
      atPath: sandbox.folder.appending(path: "fleet").path)?
      .compactMap { $0 as? String }.sorted()
    #expect(
      names == ["%2E.%2Fhv02", "%2E.%2Fhv02/%2Dup.yaml", "hv01", "hv01/web.yaml"])
    #expect(try sandbox.run(["export", "--hosts", hosts, "--out", "fleet", "-q"]).status == 5)
    #expect(try sandbox.run(["plan", "fleet", hosts, "--domain", "*/*"]).status == 0)
    #expect(try sandbox.run(["export", "--hosts", hosts, "-c", "test:///default"]).status == 64)
  }

  @Test("export reads definitions from files")
  func offline() throws {
    let sandbox = try Sandbox()
    let live = try sandbox.file("live.xml", OfflineTests.xml(current: 1 << 19))
    let persistent = try sandbox.file("persistent.xml", OfflineTests.xml())
    let outcome = try sandbox.run(["export", "--live-xml", live, "--persistent-xml", persistent])
    #expect(outcome.output.contains("  currentMemory: {min: 512MiB, max: 1GiB}\n"))
    let file = try sandbox.file("web.yaml", outcome.output)
    let plan = try sandbox.run([
      "plan", file, "--live-xml", live, "--persistent-xml", persistent, "--detailed-exitcode",
    ])
    #expect(plan.status == 0)
    #expect(try sandbox.run(["export", "--live-xml", live, "-c", "test:///default"]).status == 64)
  }
}
