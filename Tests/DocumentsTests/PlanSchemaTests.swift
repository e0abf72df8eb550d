// SPDX-License-Identifier: Apache-2.0
import Documents
import MemoryModel
import TestSupport
import Testing

/// The schema of the documents of plan, drift and apply.
@Suite struct PlanSchemaTests {
  static let created = "2026-08-22T09:12:00Z"
  static let hash = "sha256:" + String(repeating: "0", count: 64)

  @Test("the schema accepts every document that virtmem can write")
  func documents() throws {
    let documents = (0..<100).flatMap { seed in
      var random = RandomPlan(seed: UInt64(seed))
      var (plan, report) = (random.plan(), random.report())
      Self.giveHashes(to: &plan)
      Self.giveHashes(to: &report.plan)
      return [
        PlanDocument.bytes(of: plan, created: Self.created),
        PlanDocument.bytes(of: report, created: Self.created),
      ]
    }
    let findings = try JSONSchema.findings(by: PlanSchema.bytes, in: documents)
    #expect(findings.count == 200)
    for (document, findings) in zip(documents, findings) {
      #expect(findings == [], "\(String(decoding: document.prefix(300), as: UTF8.self))")
    }
  }

  /// Random plans have any text as their hashes, and as the times of their snapshots.
  private static func giveHashes(to plan: inout Plan) {
    for index in plan.domains.indices {
      plan.domains[index].basis = plan.domains[index].basis.map { _ in hash }
      plan.domains[index].goalHash = plan.domains[index].goalHash.map { _ in hash }
    }
    for index in plan.hosts.indices {
      plan.hosts[index].observedAt = plan.hosts[index].observedAt.map { _ in created }
    }
  }

  @Test("the schema refuses a missing or unknown member, and a value of another type")
  func refusals() throws {
    let text = String(
      decoding: PlanDocument.bytes(of: Plan(), created: Self.created), as: UTF8.self)
    let changes = [
      (#""kind":"plan""#, #""kind":"other""#), (#""steps":"#, #""stepz":"#),
      (#""removed":[],"#, ""), (#""domains":["#, #""domains":[1"#),
      (#""created":"2026-08-22T09:12:00Z""#, #""created":"yesterday""#),
    ]
    let documents = changes.map { text.replacing($0, with: $1) }
    for document in documents { try #require(document != text) }
    let findings = try JSONSchema.findings(
      by: PlanSchema.bytes, in: ([text] + documents).map { Array($0.utf8) })
    #expect(findings[0] == [])
    for (document, findings) in zip(documents, findings.dropFirst()) {
      #expect(!findings.isEmpty, "\(document)")
    }
  }
}
