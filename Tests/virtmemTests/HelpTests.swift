// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct HelpTests {
  /// The subcommands that a help text lists.
  static func subcommands(in help: String) -> [String] {
    help.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { !$0.hasSuffix("SUBCOMMANDS:") }.prefix { !$0.hasPrefix("  See ") }
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  @Test("every command has help with an example and its exit statuses")
  func everyCommand() throws {
    let sandbox = try Sandbox()
    var paths: [[String]] = [[]]
    var count = 0
    while let path = paths.popLast() {
      count += 1
      let help = try sandbox.run(path + ["--help"])
      let name = "virtmem \(path.joined(separator: " "))"
      #expect(help.status == 0, "\(name)")
      #expect(help.errors.isEmpty, "\(name)")
      #expect(help.output.contains("Example"), "\(name)")
      #expect(help.output.contains("Exit status: 0 "), "\(name)")
      #expect(help.output.contains("64"), "\(name)")
      paths += Self.subcommands(in: help.output).map { path + [$0] }
    }
    #expect(count > 5)
  }

  @Test("the README and the program list the same commands")
  func readmeCommands() throws {
    let listed = try Self.subcommands(in: Sandbox().run(["--help"]).output).filter { $0 != "help" }
    let readme = try String(
      contentsOfFile: #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        + "/README.md", encoding: .utf8)
    let rows = readme.matches(of: /(?m)^\| `virtmem ([a-z]+)/).map { String($0.1) }
    #expect(Set(listed) == Set(rows))
  }

  @Test("schema prints JSON that names the fields")
  func schema() throws {
    let outcome = try Sandbox().run(["schema"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(try outcome.document()["$schema"] != .null)
    #expect(outcome.output.contains("currentMemory"))
  }

  @Test("virtmem prints its help without arguments, and its version with --version")
  func helpAndVersion() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.run([]).output == sandbox.run(["--help"]).output)
    #expect(try sandbox.run(["--version"]).output.hasPrefix("virtmem "))
  }

  @Test(
    "explain accepts fields, items' fields and rules",
    arguments: [
      "numa.cells", "memoryBacking", "devices.*.requested", "memory",
      "memtune", "memtune.hardLimit", "maxMemory", "numatune", "no-balloon-device",
      "host-unobserved", "guest-died", "planned-from-snapshot", "invalid-size", "duplicate-key",
      "altered-plan", "cut-snapshot",
    ])
  func explain(subject: String) throws {
    let outcome = try Sandbox().run(["explain", subject])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains(subject))
  }

  @Test("explain accepts an item's own name in a field's path")
  func explainsItems() throws {
    let sandbox = try Sandbox()
    let requested = try sandbox.run(["explain", "devices.elastic0.requested"])
    #expect(requested.output == (try sandbox.run(["explain", "devices.*.requested"])).output)
    #expect(requested.output.hasPrefix("devices.*.requested\n"))
    let device = try sandbox.run(["explain", "devices.elastic0"])
    #expect(device.output.contains("devices.*.size\n"))
    let group = try sandbox.run(["explain", "numatune.memory"])
    #expect(group.output.contains("numatune.memory.mode"))
  }

  @Test("explain explains every rule and field that it lists")
  func explainsAll() throws {
    let sandbox = try Sandbox()
    let listed = try sandbox.run(["explain"]).output.split(separator: "\n")
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .map { line in line.dropFirst(2).split(separator: "  ").first.map(String.init) ?? "" }
    #expect(listed.count > 20)
    for subject in listed.shuffled().prefix(8) {
      #expect(try sandbox.run(["explain", subject]).status == 0, "\(subject)")
    }
  }
}
