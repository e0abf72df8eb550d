// SPDX-License-Identifier: Apache-2.0

import YAML
import Documents
import DomainXML
import Foundation
import MemoryModel
import Testing

/// Checks every manifest and example; a file that no check covers fails.
///
/// `Tests/virtmemTests/Examples` runs the command lines of the examples.
@Suite struct ExamplesTests {
  static let manifests = Project.files(below: "manifests", endings: [""])
  static let examples = Project.files(
    below: "examples",
    endings: [".rules", ".xml", ".yml", ".yaml", ".service", ".timer", ".cron", ".jq", "demo/run"])

  @Test("manifests/ is valid and has all of the demo host's domains")
  func manifestsAreValid() throws {
    let folder = Project.root.appending(path: "manifests").path
    let (state, diagnostics) = ManifestReader.read(paths: [folder])
    #expect(diagnostics.isEmpty)
    let host = try Project.File(path: "examples/demo/host.xml").text
    let names = host.matches(of: /<name>([^<]+)<\/name>/).map { String($0.output.1) }
    #expect(Set(state.domains.map(\.name)) == Set(names))
    #expect(!Self.manifests.isEmpty)
  }

  @Test("every example is checked")
  func noneUnchecked() {
    let files = Project.files(below: "examples", endings: [""]).filter { file in
      !Project.root.appending(path: file.path).hasDirectoryPath && (try? file.text) != nil
    }
    #expect(files.map(\.path) == Self.examples.map(\.path))
  }

  @Test(
    "the rules give the actions that the README names for the command, and never more",
    arguments: [("plan", 1), ("apply", 2)])
  func rules(command: String, column: Int) throws {
    let rules = try Project.File(path: "examples/polkit/50-virtmem-\(command).rules").text
    let given = rules.matches(of: /"org\.libvirt\.([a-z.-]*[a-z])"/).map { String($0.output.1) }
    let rows = try Project.File(path: "README.md").text.split(separator: "\n")
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
      .filter { $0.first?.starts(with: /`(unix|api)\./) == true }
    let named = rows.filter { !$0[column].isEmpty }
      .flatMap { $0[0].matches(of: /`([^`]+)`/).map { String($0.output.1) } }
    #expect(Set(given) == Set(named) && given.count == named.count)
    let never = ["start", "stop", "delete", "migrate", "hibernate", "suspend", "connect.write"]
    #expect(!given.contains { action in never.contains { action.hasSuffix(".\($0)") } })
  }

  @Test("a pull request of a fork can start no job that connects to hosts")
  func forks() throws {
    let sameRepository = "github.event.pull_request.head.repo.full_name == github.repository"
    var reviews = 0
    for file in Self.examples where file.path.hasSuffix(".yml") {
      // Jobs are the entries of two blanks; each has one condition.
      for job in try file.text.split(separator: /\n(?=  [a-z-]+:\n)/)
      where job.contains("if: github.event_name == 'pull_request'") {
        reviews += 1
        let isOffline = job.matches(of: /virtmem (plan|drift)[^\n]*/).allSatisfy {
          $0.output.0.contains("--observed")
        }
        #expect(isOffline || job.contains(sameRepository), "\(file.path)")
      }
    }
    #expect(reviews == 2)
  }

  @Test(
    "a pipeline is a YAML document", arguments: examples.filter { $0.path.hasSuffix(".yml") })
  func pipeline(file: Project.File) throws {
    let (documents, diagnostics) = YAMLReader.read(
      YAMLSource(file: file.path, text: try file.text))
    #expect(documents.count == 1)
    #expect(diagnostics.isEmpty)
  }

  @Test(
    "an example's manifests are valid", arguments: examples.filter { $0.path.hasSuffix(".yaml") })
  func manifest(file: Project.File) {
    let path = Project.root.appending(path: file.path).path
    #expect(ManifestReader.read(paths: [path]).diagnostics.isEmpty)
  }

  @Test("examples/every-field has every field")
  func everyField() {
    let path = Project.root.appending(path: "examples/every-field/fleet.yaml").path
    let domains = ManifestReader.read(paths: [path]).state.domains
    let declared = Set(domains.flatMap { $0.sources.keys.map(\.name) })
    let missing = Field.all.filter { $0.kind != .onlyNone }.map(\.name).filter {
      !declared.contains($0)
    }
    #expect(missing.isEmpty)
    #expect(domains.contains { $0.suspension?.until != nil && $0.suspension?.reason != nil })
  }
}
