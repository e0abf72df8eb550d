// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// Holds reports against readers that know nothing of virtmem: Debian's xmllint, python3-jsonschema,
/// python3-prometheus-client, cmark-gfm and tidy.
@Suite(.serialized) struct ReportReaderTests {
  /// Runs a program on a text; returns what it printed, and fails where it did not accept the text.
  static func read(_ text: String, with program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let file = FileManager.default.temporaryDirectory.appending(path: "virtmem-\(UUID())")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    process.standardInput = try FileHandle(forReadingFrom: file)
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let answer = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(program), or its package is missing: \(answer)")
    return answer
  }

  private static func schema(_ name: String) -> String {
    URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ReportSchemas/\(name)").path
  }

  /// The runs of the samples, and the plan of a fleet with hostile names.
  static let scenes = ReportScene.all + [.hostile]

  @Test("a JUnit report is valid XML of the schema", arguments: scenes)
  func junit(scene: ReportScene) async throws {
    let text = try await scene.played(.junit).output
    _ = try Self.read(
      text, with: "xmllint", ["--noout", "--nonet", "--schema", Self.schema("junit.xsd"), "-"])
    let document = try XMLCounts(text)
    #expect(document.areRight, "\(text)")
  }

  static let validator = """
    import json, sys, jsonschema
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft7Validator.check_schema(schema)
    errors = list(jsonschema.Draft7Validator(schema).iter_errors(json.load(sys.stdin)))
    for error in errors: print(error.json_path, error.message)
    sys.exit(len(errors) > 0)
    """

  @Test("SARIF and code quality are valid JSON of their schemas", arguments: scenes)
  func json(scene: ReportScene) async throws {
    for (format, file) in [(Format.sarif, "sarif.json"), (.gitlab, "codequality.json")] {
      let text = try await scene.played(format).output
      _ = try Self.read(text, with: "/usr/bin/python3", ["-c", Self.validator, Self.schema(file)])
    }
  }

  /// The parser of OpenMetrics is stricter than that of Prometheus's own text: it refuses samples
  /// that occur twice and metrics that are not in one piece.
  static let metrics = """
    import sys
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
    for family in parse(sys.stdin.read() + "# EOF\\n"):
        assert family.type == "gauge" and family.documentation, family
        for sample in family.samples: print(sample.name, sample.labels, sample.value)
    """

  @Test("metrics are valid", arguments: scenes)
  func prometheus(scene: ReportScene) async throws {
    let text = try await scene.played(.prometheus).output
    let samples = try Self.read(text, with: "/usr/bin/python3", ["-c", Self.metrics])
    #expect(samples.contains("virtmem_last_run_status {'run': "))
  }

  @Test("Markdown renders to nothing but a table, folded texts and code", arguments: scenes)
  func markdown(scene: ReportScene) async throws {
    let text = try await scene.played(.markdown).output
    let html = try Self.read(
      text, with: "cmark-gfm",
      ["--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"])
    let allowed: Set<String> = [
      "p", "strong", "code", "pre", "details", "summary", "table", "thead", "tbody", "tr", "th",
      "td",
    ]
    let elements = Set(html.matches(of: /<\/?([A-Za-z0-9]+)/).map { String($0.1) })
    #expect(elements.subtracting(allowed).isEmpty, "\(elements)")
    #expect(html.contains("<details>"))
    #expect(html.matches(of: /<!--/).count == 1)
    for row in html.split(separator: "<tr>").dropFirst() {
      #expect(row.matches(of: /<t[dh]>/).count == 3, "\(row)")
    }
  }

  @Test("a page is valid HTML, without a warning", arguments: scenes)
  func html(scene: ReportScene) async throws {
    let text = try await scene.played(.html).output
    let warnings = try Self.read(
      text, with: "tidy", ["-quiet", "-errors", "-utf8", "--drop-empty-elements", "no"])
    #expect(warnings.isEmpty)
    let ids = text.matches(of: /id="([^"]*)"/).map(\.1)
    #expect(Set(ids).count == ids.count)
  }

  @Test("GitHub reads each line of annotations as one command", arguments: scenes)
  func github(scene: ReportScene) async throws {
    let lines = try await scene.played(.github).output.split(separator: "\n")
    for line in lines.dropLast() {
      let command = try #require(
        line.wholeMatch(of: /::(error|warning|notice) ([^:]*)::(.+)/), "\(line)")
      let names = command.2.split(separator: ",").map { $0.prefix { $0 != "=" } }
      #expect([["title"], ["file", "line", "col", "title"]].contains(names))
      #expect(!command.3.contains("##["))
    }
    #expect(lines.last?.hasPrefix("virtmem ") == true)
  }
}

/// The counts that a JUnit report gives, beside what it has.
private struct XMLCounts {
  let areRight: Bool

  init(_ text: String) throws {
    func count(_ element: String, in text: Substring) -> Int {
      text.split(separator: "<\(element) ", omittingEmptySubsequences: false).count - 1
    }
    let suites = text.split(separator: "<testsuite ").dropFirst()
    areRight = suites.allSatisfy { suite in
      let given = suite.firstMatch(
        of: /tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/)
      return given.map {
        [$0.1, $0.2, $0.3, $0.4].map { Int($0) }
          == ["testcase", "failure", "error", "skipped"].map { count($0, in: suite) }
      } ?? false
    }
  }
}

extension ReportScene {
  /// Names that are markup, commands or ends of quotations for some reader.
  static let hostileNames = [
    "a|b", "a\\|b", "`x`", "```", "::error::x", "##[group]y", "<!-- z", "-->", "]]>", "@team",
    "\"q\"", "back\\slash", "[l](http://e.example)", "http://e.example", "www.e.example",
    "*b* _i_ ~~s~~", "- item", "/close", "#12", "&lt;", "%0A::x", "a,line=1", "{{x}}", "$x$",
    "+ plus", "! bang", "é家", "x\u{308}", ",\u{308}", "|\u{308}",
  ]

  static let hostile = ReportScene(name: "hostile") { stage in
    // Names in manifests have no `<` or `>`.
    let names = hostileNames.filter { !$0.contains("<") && !$0.contains(">") }
    var host = Scene.host(
      names.enumerated().map { number, name in
        ObservedDomain.guest(name, holding: .gibibytes(2)).with {
          $0.uuid = "6f1d2c1e-4a55-4b7e-9d7a-\(100_000_000_000 + number)"
        }
      })
    host.uri = Scene.defaultURI
    stage.scene.hosts[""] = SimulatedHypervisor(host)
    var manifest = ""
    for (number, name) in names.enumerated() {
      let text = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
      let spec = number.isMultiple(of: 2) ? "currentMemory: 6GiB" : "currentMemory: 12GiB"
      manifest += """
        ---
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: \(text)}
        spec: {\(spec)}

        """
    }
    try stage.write("a|b,c:`d` @team [x](y) #1.yaml", manifest)
    return await stage.runs("plan", "a|b,c:`d` @team [x](y) #1.yaml", "--run-name", "n`--<>\"\\")
  }
}
