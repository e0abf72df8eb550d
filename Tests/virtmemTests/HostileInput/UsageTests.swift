// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite struct UsageTests {
  @Test(
    "a usage error exits with 64 and prints no data",
    arguments: [
      ["bogus"], ["plan"], ["plan", "fleet.yaml", "--bogus"],
      ["plan", "fleet.yaml", "--format", "xml"], ["plan", "fleet.yaml", "--color", "sometimes"],
      ["plan", "fleet.yaml", "--allow", "everything"], ["plan", "fleet.yaml", "-l", "a=b=c"],
      ["plan", "fleet.yaml", "--timeout", "5"], ["plan", "fleet.yaml", "--timeout", "1.5s"],
      ["plan", "fleet.yaml", "--connect-timeout", "0s"],
      ["plan", "fleet.yaml", "--libvirt", "9.0.0"],
      ["plan", "fleet.yaml", "--live-xml", "a.xml", "--libvirt", "nine"],
      ["plan", "fleet.yaml", "--live-xml", "a.xml", "-c", "test:///default"],
      ["drift", "fleet.yaml", "--detailed-exitcode"],
      ["apply", "fleet.yaml", "--auto-approve", "--live-xml", "a.xml"],
      ["validate", "fleet.yaml", "-c", "test:///default"],
      ["explain", "no-such-thing"], ["explain", "memory", "memtune"],
    ])
  func usage(arguments: [String]) throws {
    let sandbox = try Sandbox()
    try sandbox.file("fleet.yaml", Manifest.inSync)
    let outcome = try sandbox.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: "))
    // A word that virtmem does not know gets a hint in place of the usage.
    #expect(outcome.errors.contains("Usage: virtmem") || outcome.errors.contains("` lists "))
  }

  @Test("apply reads its input, also standard input, before it misses a terminal")
  func noTerminal() throws {
    let sandbox = try Sandbox()
    try sandbox.file("fleet.yaml", Manifest.unknownField)
    #expect(try sandbox.run(["apply", "fleet.yaml"]).status == 65)
    #expect(try sandbox.run(["apply", "-"], input: Manifest.unknownField).status == 65)
    #expect(try sandbox.run(["apply", "--plan", "-"], input: "{}").status == 65)
    let outcome = try sandbox.run(["apply", "-"], input: Manifest.inSync)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("--auto-approve"))
    let slip = try sandbox.run(["apply", "fleet.yaml", "--bogus"])
    #expect(slip.status == 64 && slip.errors.contains("Unknown option '--bogus'"))
  }

  @Test(
    "--connect with Hosts is a usage error, reported before mistakes in the manifests",
    arguments: [Manifest.inSync, Manifest.unknownField])
  func connectWithHosts(domain: String) throws {
    let manifest = Manifest.host("hv01", "test:///default") + domain
    let outcome = try Sandbox().run("plan", manifest, on: [TestDomain("web")])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("Host hv01"))
  }
}
