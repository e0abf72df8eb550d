// SPDX-License-Identifier: Apache-2.0

import Documents
import Foundation
import MemoryModel
import Report
import TestSupport
import Testing

/// The reports that are JSON, in any size.
@Suite struct ReportDocumentTests {
  /// A drift in which each domain is not as declared, at a line of its own.
  static func drift(_ count: Int, file: String = "fleet/a b.yaml") -> RunReport {
    let domains = (1...count).map { number in
      let place = SourcePosition(file: file, line: number, column: 3)
      let field = PlannedField(
        path: .currentMemory, desired: .size(.gibibytes(6)), live: .size(.gibibytes(8)),
        persistent: .size(.gibibytes(8)), verdict: .change, source: place)
      return DomainPlan(
        name: "web-\(number)", host: "hv01", state: .running, verdict: .change, fields: [field],
        position: place)
    }
    let plan = Plan(kind: .drift, hosts: [PlannedHost(name: "hv01")], domains: domains)
    return RunReport(of: "drift", .plan(plan), status: 2, time: "2026-08-22T09:12:00Z")
  }

  static func document(_ bytes: [UInt8]) throws -> JSON {
    try JSONDecoder().decode(JSON.self, from: Data(bytes))
  }

  @Test("SARIF has at most 5,000 results and says how many are left out")
  func limit() throws {
    let document = try Self.document(SARIFDocument.bytes(of: Self.drift(5_010), version: "1"))
    let run = document["runs"][0]
    #expect(run["results"][4_999] != .null && run["results"][5_000] == .null)
    #expect(
      run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
        == "10 more results are left out; the worst ones are here.")
  }

  @Test("SARIF encodes paths as URIs and tells files outside of the work tree apart")
  func uris() throws {
    func location(_ file: String) throws -> JSON {
      var report = Self.drift(1, file: file)
      report.root = SourceRoot(folder: "/src", roots: ["/src"])
      let document = try Self.document(SARIFDocument.bytes(of: report, version: "1"))
      return document["runs"][0]["results"][0]["locations"][0]["physicalLocation"][
        "artifactLocation"]
    }
    let inside = try location("fleet/a b:é%.yaml")
    #expect(inside["uri"] == "fleet/a%20b%3A%C3%A9%25.yaml")
    #expect(inside["uriBaseId"] == "%SRCROOT%")
    let outside = try location("/etc/x y.yaml")
    #expect(outside["uri"] == "file:///etc/x%20y.yaml" && outside["uriBaseId"] == .null)
  }

  @Test("fingerprints are unique in a report, and the same in the next run")
  func fingerprints() throws {
    func fingerprints() throws -> [String?] {
      let document = try Self.document(GitLabQualityDocument.bytes(of: Self.drift(50)))
      return (0..<50).map { document[$0]["fingerprint"].text }
    }
    let first = try fingerprints()
    #expect(Set(first).count == 50 && !first.contains(nil))
    #expect(try fingerprints() == first)
  }

  @Test("a run that planned nothing has no changes")
  func noChanges() {
    let report = RunReport(of: "plan", .diagnostics([]), status: 65)
    #expect(
      String(decoding: GitLabTerraformDocument.bytes(of: report), as: UTF8.self)
        == "{\"create\":0,\"delete\":0,\"update\":0}\n")
  }
}
