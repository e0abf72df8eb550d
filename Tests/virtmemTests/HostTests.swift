// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite struct HostTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let claim: String
    let domain: String
    var hosts = "near other"
    var options: [String] = []
    let status: Int32
    let verdict: JSON
    var host: JSON = nil
    var rule: JSON = nil

    var testDescription: String { claim }
  }

  /// `near` and `other` answer; `silent` doesn't; `held` is suspended and its URI leads nowhere.
  static func manifests(_ names: String, in sandbox: Sandbox) throws -> String {
    try names.split(separator: " ").map { name in
      let labels = "rack: \(name)"
      return switch name {
      case "near":
        Manifest.host(
          "near", try sandbox.node([TestDomain("web"), TestDomain("twin", 2)], name: "near"),
          labels: labels)
      case "other":
        Manifest.host(
          "other", try sandbox.node([TestDomain("db", 3), TestDomain("twin", 4)], name: "other"),
          labels: labels)
      case "held": Manifest.host("held", "test:///no/held.xml", "suspend: true", labels: labels)
      default: Manifest.host("silent", "test:///no/such.xml", labels: labels)
      }
    }.joined()
  }

  static let cases = [
    Case(
      claim: "a domain without host is on the host that has it",
      domain: Manifest.domain("db", "memory: 1GiB"), status: 0, verdict: "inSync", host: "other"),
    Case(
      claim: "found on two hosts it is blocked",
      domain: Manifest.domain("twin", "memory: 1GiB"), status: 3, verdict: "blocked",
      rule: "domain-on-several-hosts"),
    Case(
      claim: "its uuid tells the two apart, in any case of letters",
      domain: Manifest.domain("twin", "uuid: 6F1D2C1E-4A55-4B7E-9D7A-100000000004, memory: 1GiB"),
      status: 0, verdict: "inSync", host: "other"),
    Case(
      claim: "a uuid that differs is no such domain",
      domain: Manifest.domain("web", "host: near, uuid: \(TestDomain.uuid(9)), memory: 1GiB"),
      status: 3, verdict: "blocked", host: "near", rule: "domain-not-defined"),
    Case(
      claim: "a name that differs is no such domain",
      domain: Manifest.domain("renamed", "uuid: \(TestDomain.uuid(3)), memory: 1GiB"),
      status: 3, verdict: "blocked", rule: "domain-not-defined"),
    Case(
      claim: "a domain that no host has is known not to be there",
      domain: Manifest.domain("lost", "memory: 1GiB"), status: 3, verdict: "blocked",
      rule: "domain-not-defined"),
    Case(
      claim: "found on a host that answered, it is that one, and the silent host is told",
      domain: Manifest.domain("web", "memory: 1GiB"), hosts: "near silent", status: 5,
      verdict: "inSync", host: "near"),
    Case(
      claim: "found nowhere while a host is silent, it is unobserved",
      domain: Manifest.domain("lost", "memory: 1GiB"), hosts: "near silent", status: 5,
      verdict: "unobserved"),
    Case(
      claim: "a domain on a silent host is unobserved",
      domain: Manifest.domain("web", "host: silent, memory: 1GiB"), hosts: "near silent",
      status: 5, verdict: "unobserved", host: "silent"),
    Case(
      claim: "a domain on a suspended host is suspended, and the host is left alone",
      domain: Manifest.domain("web", "host: held, memory: 1GiB"), hosts: "near held", status: 0,
      verdict: "suspended", host: "held"),
    Case(
      claim: "found nowhere while it could be on a suspended host, it is suspended",
      domain: Manifest.domain("lost", "memory: 1GiB"), hosts: "near held", status: 0,
      verdict: "suspended"),
    Case(
      claim: "a host that --domain leaves out is not searched",
      domain: Manifest.domain("web", "memory: 1GiB"), hosts: "near silent",
      options: ["--domain", "near/*"], status: 0, verdict: "inSync", host: "near"),
    Case(
      claim: "a host's labels are its domains'",
      domain: Manifest.domain("web", "memory: 1GiB"), hosts: "near silent",
      options: ["-l", "rack in (near, far)"], status: 0, verdict: "inSync", host: "near"),
    Case(
      claim: "a domain found on none while a host was left out is left out too",
      domain: Manifest.domain("db", "memory: 1GiB"), options: ["--domain", "near/*"], status: 0,
      verdict: nil),
  ]

  @Test("plan looks for a domain on the hosts that may have it", arguments: cases)
  func search(run: Case) throws {
    let sandbox = try Sandbox()
    let manifest = try Self.manifests(run.hosts, in: sandbox) + run.domain
    let outcome = try sandbox.run("plan", manifest, ["--format", "json"] + run.options)
    let document = try outcome.document()
    let domain = document["domains"][0]
    #expect(outcome.status == run.status)
    #expect(domain["verdict"] == run.verdict)
    #expect(domain["host"] == run.host)
    #expect(domain["blockers"][0]["rule"] == run.rule)
    #expect(document["summary"]["domains"] == (run.verdict == nil ? 0 : 1))
    let isAsked = document["diagnostics"].elements.contains { $0["host"] == "held" }
    #expect(!isAsked)
  }

  @Test(
    "several --domain options add domains, and selectors narrow the selection",
    arguments: [
      ([], ["a1", "a2", "b1"]), (["--domain", "a*"], ["a1", "a2"]),
      (["--domain", "a1", "--domain", "b?"], ["a1", "b1"]), (["--domain", "[!a]*"], ["b1"]),
      (["--domain", "default/a1"], ["a1"]),
      (["-l", "app=a"], ["a1", "a2"]), (["-l", "app!=a"], ["b1"]),
      (["-l", "app=a", "-l", "n=1"], ["a1"]), (["-l", "app=a,n=2"], ["a2"]),
      (["-l", "n in (1)"], ["a1"]), (["-l", "!n"], ["b1"]), (["-l", "n"], ["a1", "a2"]),
      (["--domain", "a*", "-l", "n=2"], ["a2"]),
    ])
  func selection(options: [String], names: [String]) throws {
    let manifest =
      Manifest.domain("a1", "memory: 1GiB", labels: "app: a, n: '1'")
      + Manifest.domain("a2", "memory: 1GiB", labels: "app: a, n: '2'")
      + Manifest.domain("b1", "memory: 1GiB", labels: "app: b")
    let outcome = try Sandbox().run(
      "plan", manifest, on: ["a1", "a2", "b1"].enumerated().map { TestDomain($1, $0) },
      ["--format", "json"] + options)
    #expect(try outcome.document()["domains"].elements.map { $0["name"].text } == names)
  }

  @Test("a selection that leaves no domain is a mistake, and names near ones")
  func emptySelection() throws {
    let outcome = try Sandbox().run(
      "plan", Manifest.domain("web-01", "memory: 1GiB"), on: [], ["--domain", "hv01/web-1"])
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("did you mean 'web-01'?"))
  }

  @Test("plan names the hosts that have an ambiguous domain and the host that didn't answer")
  func namesHosts() throws {
    let sandbox = try Sandbox()
    let both =
      try Self.manifests("near other", in: sandbox) + Manifest.domain("twin", "memory: 1GiB")
    #expect(try sandbox.run("plan", both).output.contains("has the domain: near and other"))
    let silent =
      try Self.manifests("near silent", in: sandbox) + Manifest.domain("lost", "memory: 1GiB")
    let outcome = try sandbox.run("plan", silent, ["--format", "json"])
    #expect(try outcome.document()["diagnostics"][0]["host"] == "silent")
  }

  @Test(
    "validation refuses two documents for one domain",
    arguments: ["host: near, memory: 1GiB", "memory: 1GiB"])
  func duplicateDomain(spec: String) throws {
    let sandbox = try Sandbox()
    let manifest =
      try Self.manifests("near other", in: sandbox) + Manifest.domain("twin", "memory: 1GiB")
      + Manifest.domain("twin", spec)
    let outcome = try sandbox.run("plan", manifest)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("(duplicate-domain)"))
  }
}
