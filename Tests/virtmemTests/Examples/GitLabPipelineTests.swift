// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import YAML

/// Runs every command line of the example for GitLab, as its runner does.
@Suite struct GitLabPipelineTests {
  static let shells = [Checkout.Shell.gitlab, .gitlabWithoutBash]
  static let names = [
    "validate", "review", "review report", "plan", "plan report", "apply", "drift",
  ]

  private static func pipeline() throws -> YAMLNode {
    try Checkout.example("gitlab/.gitlab-ci.yml")
  }

  /// Runs a job, each of its parts after the other; returns the outcome of the last one.
  @discardableResult
  private func run(
    _ name: String, in shell: Checkout.Shell, _ checkout: Checkout, _ more: [String: String] = [:]
  ) throws -> Outcome {
    let job = try #require(try Self.pipeline()[name])
    let script = (job["script"]?.elements ?? []).compactMap { $0.scalar?.text }
      .joined(separator: "\n")
    try #require(!script.isEmpty)
    let total = job["parallel"]?.scalar.flatMap { Int($0.text) } ?? 1
    var outcome: Outcome?
    for index in 1...total {
      try? FileManager.default.removeItem(atPath: checkout.path(of: "base"))
      let part = ["CI_NODE_INDEX": "\(index)", "CI_NODE_TOTAL": "\(total)"]
      outcome = try checkout.run(script, in: shell, part.merging(more) { $1 })
      #expect(outcome?.status == (name == "drift" ? 2 : 0), "\(name): \(outcome?.errors ?? "")")
    }
    return try #require(outcome)
  }

  /// A clone whose base has no manifests yet.
  private func clone() throws -> (checkout: Checkout, base: String) {
    let checkout = try Checkout(hasHosts: true)
    try checkout.nameHosts()
    let base = try checkout.run(
      """
      git init -q
      git -c user.name=a -c user.email=a@example.net commit -q --allow-empty -m base
      git rev-parse HEAD
      """)
    try #require(base.status == 0, "\(base.errors)")
    return (checkout, base.output.replacing("\n", with: ""))
  }

  @Test("the tests below run every job; each has a time limit and keeps its documents if it fails")
  func jobs() throws {
    let pipeline = try Self.pipeline()
    let jobs = pipeline.members.filter { $0.1["script"] != nil }
    #expect(jobs.map(\.0) == Self.names)
    #expect(pipeline["default"]?["timeout"] != nil)
    for (name, job) in jobs {
      #expect(job["artifacts"]?["when"]?.scalar?.text == "always", "\(name)")
    }
  }

  @Test("a request has its widgets, a plan is applied part by part", arguments: shells)
  func request(shell: Checkout.Shell) throws {
    let (checkout, base) = try clone()
    let sandbox = checkout.sandbox
    try run("validate", in: shell, checkout)
    #expect(try sandbox.text(of: "mistakes.json") == "[]\n")
    let review = try run(
      "review", in: shell, checkout, ["CI_MERGE_REQUEST_DIFF_BASE_SHA": base])
    #expect(!review.errors.contains("fatal"))
    let report = try run("review report", in: shell, checkout)
    #expect(report.output.contains("web-01"))
    #expect(try sandbox.text(of: "terraform.json").contains(#""update":18"#))
    #expect(try sandbox.text(of: "quality.json").contains("fleet/database.yaml"))
    #expect(try sandbox.text(of: "junit.xml").contains(#"name="web-01""#))

    try run("plan", in: shell, checkout)
    #expect(try run("plan report", in: shell, checkout).output.contains("web-01"))
    let apply = try run("apply", in: shell, checkout)
    #expect(apply.output.contains("steps done and verified"))
    #expect(try sandbox.text(of: "virtmem.jsonl").contains("virtmem/audit"))
    for index in 1...4 {
      #expect(try sandbox.text(of: "apply-plan-\(index).json").contains(#""kind":"apply""#))
    }
    try run("drift", in: shell, checkout)
    #expect(try sandbox.text(of: "drift.json").contains(#""kind":"drift""#))
  }

  @Test("a part that fails keeps no other from being applied", arguments: shells)
  func failure(shell: Checkout.Shell) throws {
    let (checkout, _) = try clone()
    try run("plan", in: shell, checkout)
    try checkout.sandbox.file("plan-1.json", "{}")
    let script = try #require(
      try Self.pipeline()["apply"]?["script"]?.elements.first?.scalar?.text)
    let apply = try checkout.run(script, in: shell)
    #expect(apply.status == 65)
    #expect(apply.output.contains("steps done and verified"))
  }

  @Test("apply is started by a person, alone, and the pipeline does not wait for it")
  func approval() throws {
    let pipeline = try Self.pipeline()
    let apply = try #require(pipeline["apply"])
    let rules = try #require(apply["rules"]?.elements)
    #expect(rules.count == 1)
    #expect(rules[0]["when"]?.scalar?.text == "manual")
    #expect(rules[0]["allow_failure"]?.scalar?.text == "true")
    #expect(apply["resource_group"] != nil && apply["environment"] != nil)
    let codes = pipeline["review"]?["allow_failure"]?["exit_codes"]?.elements
    #expect(codes?.map { $0.scalar?.text } == ["3", "5"])
  }

  @Test("a request of a fork starts no job on this project's runners")
  func forks() throws {
    let rules = try Self.pipeline()["workflow"]?["rules"]?.elements ?? []
    let requests = rules.compactMap { $0["if"]?.scalar?.text }
      .filter { $0.contains("merge_request_event") }
    #expect(requests.count == 1)
    #expect(
      requests.allSatisfy {
        $0.hasSuffix(" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID")
      })
  }
}
