// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct ApplyTests {
  static let manifest = Manifest.domain(
    "policy: {shrink: allow}, currentMemory: 256MiB, memtune: {hardLimit: 4GiB}")

  @Test("apply performs and verifies every step, and the domain is in sync afterwards")
  func verified() throws {
    let outcome = try Sandbox().run(
      "apply", Self.manifest, on: [TestDomain("web")], ["--format", "json"])
    let document = try outcome.document()
    #expect(outcome.status == 0)
    #expect(document["summary"]["done"] == 4)
    #expect(document["summary"]["change"] == 1)
    let domain = document["domains"][0]
    #expect(domain["verdict"] == "change")
    #expect(domain["result"]["status"] == "done")
    #expect(domain["result"]["observed"] == "inSync")
    for step in domain["steps"].elements {
      #expect(step["result"]["status"] == "done")
      #expect(step["result"]["error"] == nil)
      for change in step["changes"].elements {
        #expect(step["result"]["observed"][change["field"].text] == change["to"])
      }
    }
  }

  @Test("apply writes results to standard output and progress to standard error, which -q omits")
  func streams() throws {
    let sandbox = try Sandbox()
    let loud = try sandbox.run("apply", Self.manifest, on: [TestDomain("web")])
    #expect(loud.output.contains("4 of 4 steps done and verified."))
    #expect(loud.output.hasSuffix("After the run, 1 domain: 1 in sync.\n"))
    #expect(loud.errors.split(separator: "\n").count == 4)
    let quiet = try sandbox.run("apply", Self.manifest, on: [TestDomain("web")], ["-q"])
    #expect(quiet.errors.isEmpty)
    #expect(quiet.output == "web: 4 of 4 steps done\n")
  }

  @Test("progress names each domain's host where the manifests declare Hosts")
  func progressNamesHosts() throws {
    let sandbox = try Sandbox()
    let manifest =
      Manifest.host("hv01", try sandbox.node(name: "a"))
      + Manifest.host("hv02", try sandbox.node(name: "b"))
      + Manifest.domain("web", "host: hv01, currentMemory: 600MiB")
      + Manifest.domain("web", "host: hv02, currentMemory: 600MiB")
    let outcome = try sandbox.run("apply", manifest)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("] hv01/web: "))
    #expect(outcome.errors.contains("] hv02/web: "))
  }

  @Test("apply skips a blocked domain and changes the others")
  func skipsBlocked() throws {
    let outcome = try Sandbox().run(
      "apply", Self.manifest + Manifest.domain("lost", "memory: 1GiB"), on: [TestDomain("web")],
      ["--format", "json"])
    let domains = try outcome.document()["domains"]
    #expect(outcome.status == 3)
    #expect(domains[0]["result"]["status"] == "skipped")
    #expect(domains[0]["result"]["observed"] == "blocked")
    #expect(domains[1]["result"]["status"] == "done")
  }

  @Test(
    "apply accepts names that contain spaces, quotes or non-ASCII letters, or look like YAML",
    arguments: ["日本語", "a b", "it's", "#1", "no"])
  func unusualNames(name: String) throws {
    let outcome = try Sandbox().run(
      "apply", Manifest.domain(name, "currentMemory: 600MiB"), on: [TestDomain(name)],
      ["--format", "json", "--domain", name])
    #expect(outcome.status == 0)
    #expect(try outcome.document()["domains"][0]["name"].text == name)
  }
}
