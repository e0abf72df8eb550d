// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Commands

@Suite("validate, explain, schema and help in process") struct DescriptionTests {
  @Test("valid manifests give status 0 and are counted")
  func valid() async throws {
    let scene = try Scene()
    let manifest = try scene.manifest(Manifest.profile("calm", "memory: 1GiB") + Manifest.inSync)
    let outcome = await scene.run("validate", manifest)
    #expect(outcome.status == 0)
    #expect(outcome.output == "valid: 0 hosts, 1 profile, 1 domain\n")
    #expect(outcome.errors.isEmpty)
    #expect(await scene.run("validate", manifest, "--quiet").output.isEmpty)
  }

  @Test("every mistake of a manifest is reported, and the status is 65")
  func invalid() async throws {
    let scene = try Scene()
    let manifest = try scene.manifest(Manifest.domain("memroy: 1GiB, currentMemory: 8G"))
    let text = await scene.run("validate", manifest)
    #expect(text.status == 65)
    #expect(text.output.isEmpty)
    #expect(text.errors.hasSuffix("\n2 mistakes.\n"))
    let json = await scene.run("validate", manifest, "--format", "json")
    #expect(json.status == 65)
    #expect(json.errors.isEmpty)
    #expect(
      try json.document()["diagnostics"].elements.map { $0["rule"] }
        == ["unknown-field", "invalid-size"])
  }

  @Test("explain lists every field and rule, and describes one by its name")
  func explain() async throws {
    let scene = try Scene()
    let all = await scene.run("explain")
    #expect(all.status == 0)
    #expect(all.output.contains("  memtune.hardLimit "))
    let one = await scene.run("explain", "memtune.hardLimit")
    #expect(one.status == 0)
    #expect(one.output.hasPrefix("memtune.hardLimit\n"))
    let none = await scene.run("explain", "no-such-thing")
    #expect(none.status == 64)
    #expect(none.output.isEmpty)
  }

  @Test("schema prints a JSON Schema")
  func schema() async throws {
    let outcome = await (try Scene()).run("schema")
    #expect(outcome.status == 0)
    #expect(try outcome.document()["$schema"] != .null)
  }

  @Test("help and the version give status 0 and go to standard output")
  func help() async throws {
    let scene = try Scene()
    let help = await scene.run("--help")
    #expect(help.status == 0)
    #expect(help.output.contains("SUBCOMMANDS:"))
    #expect(await scene.run().output == help.output)
    #expect(await scene.run("help", "plan").output.contains("USAGE: virtmem plan"))
    #expect(await scene.run("--version").output.hasPrefix("virtmem "))
  }

  @Test(
    "a command that can't be understood gives status 64 and shows its usage",
    arguments: [["plan"], ["plan", "a", "--format", "xml"]])
  func usage(arguments: [String]) async throws {
    let outcome = await (try Scene()).run(with: arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("Usage: virtmem"))
  }
}
