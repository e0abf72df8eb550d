// SPDX-License-Identifier: Apache-2.0

import YAML
import Documents
import DomainXML
import Foundation
import LibvirtModel
import MemoryModel
import Planner
import Report
import Testing

/// The README shows what the code does.
@Suite struct ReadmeTests {
  private static let readme = Project.File(path: "README.md")

  /// The code blocks in `language`, without their fences.
  private static func blocks(_ language: String) throws -> [String] {
    try readme.text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
  }

  @Test("the README's plan is the plan of its manifest for the demo's domain")
  func plan() throws {
    let manifest = try #require(try Self.blocks("yaml").first)
    let shown = try #require(try Self.blocks("console").first)
    let (state, diagnostics) = ManifestReader.read(
      sources: [YAMLSource(file: "web-01.yaml", text: manifest)])
    #expect(diagnostics.isEmpty)
    let domain = try Self.demoDomain(named: "web-01")
    let host = ObservedHost(
      uri: "qemu:///system", driver: .qemu, libvirt: Version(9, 0, 0),
      hypervisor: HypervisorRelease("QEMU 7.2.22"), domains: [domain])
    let plan = Fleet(state).plan(["default": .observed(host)])
    let report = PlanReport().text(plan).description
    #expect(
      shown == "$ virtmem plan web-01.yaml\n\(report)Next: virtmem apply web-01.yaml\n")
  }

  /// A running domain of the demo, as libvirt's test driver reads it from the file.
  private static func demoDomain(named name: String) throws -> ObservedDomain {
    let node = try Project.File(path: "examples/demo/host.xml").text
    let domains = node.components(separatedBy: "<domain ").dropFirst().compactMap {
      $0.components(separatedBy: "</domain>").first.map { "<domain \($0)</domain>" }
    }
    let text = try #require(domains.first { $0.contains("<name>\(name)</name>") })
    let definition = try DomainDefinition.read(text)
    return ObservedDomain(
      name: definition.name, uuid: definition.uuid ?? "", state: .running, isActive: true,
      isPersistent: true, live: definition.configuration, persistent: definition.configuration)
  }

  @Test("the README uses only targets that the Makefile has")
  func makeTargets() throws {
    let makefile = try Project.File(path: "Makefile").text
    let words = try Self.readme.text.matches(of: /make ([a-z]+)/).map { String($0.output.1) }
    #expect(words.contains("demo") && words.contains("test"))
    for word in Set(words) {
      #expect(makefile.contains("\n\(word):"), "make \(word)")
    }
  }

  /// The fields in the README's table; `.slots` after `maxMemory.size` is its sibling.
  private static func fieldsOfTable() throws -> [String] {
    try readme.lines.filter { $0.hasPrefix("| `") }.flatMap { line -> [String] in
      var group = ""
      let cell = line.split(separator: "|")[0]
      return cell.matches(of: /`([^`]+)`/).map { match in
        guard !match.output.1.hasPrefix(".") else { return group + match.output.1 }
        group = match.output.1.split(separator: ".").dropLast().joined(separator: ".")
        return String(match.output.1)
      }
    }
  }

  @Test("the README's table names exactly the existing fields")
  func fields() throws {
    let named = try Self.fieldsOfTable()
    let rows = Field.all.filter { $0.kind != .onlyNone }.map(\.name.text)
    #expect(Set(rows).subtracting(named).isEmpty)
    let kinds = ["Host", "Profile", "Domain"]
    let others = Set(named.prefix { $0 != "suspend" }).subtracting(rows + kinds)
    #expect(others == ["policy.disruption", "policy.shrink"])
  }

  @Test(
    "the README lists every group that the value none removes",
    arguments: Field.all.filter { $0.kind == .onlyNone }.map(\.name.text))
  func groups(name: String) throws {
    let sentence = try #require(try Self.readme.text.firstMatch(of: /`none` takes away [^;]+;/))
    #expect(sentence.output.contains("`\(name)`"))
  }
}
