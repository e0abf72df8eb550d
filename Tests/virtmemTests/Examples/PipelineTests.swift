// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import YAML

/// Runs every command line of the example pipelines, as the runner does.
@Suite struct PipelineTests {
  /// A job of a pipeline in examples/.
  struct Job: Sendable {
    let pipeline: String
    let name: String
    let node: YAMLNode

    /// The steps, each a mapping.
    var steps: [YAMLNode] { node["steps"]?.elements ?? [] }
    /// The scripts of the job, in their order.
    var scripts: [String] { steps.compactMap { $0["run"]?.scalar?.text } }
  }

  static let pipelines = ["gitops/pipeline.yml", "gitops/comment.yml", "snapshot/review.yml"]
  static let jobs: [Job] = pipelines.flatMap { pipeline in
    ((try? Checkout.example(pipeline))?["jobs"]?.members ?? []).map {
      Job(pipeline: pipeline, name: $0.0, node: $0.1)
    }
  }

  /// Runs the scripts of a job until one fails, and returns the last one's outcome.
  @discardableResult
  private func run(_ pipeline: String, _ name: String, in checkout: Checkout) throws -> Outcome {
    let job = try #require(Self.jobs.first { $0.pipeline == pipeline && $0.name == name })
    let text = try #require(job.scripts.first)
    var outcome = try checkout.run(text)
    for script in job.scripts.dropFirst() where outcome.status == 0 {
      outcome = try checkout.run(script)
    }
    return outcome
  }

  @Test("the tests below and CommentTests run every job")
  func jobs() {
    #expect(
      Self.jobs.map { "\($0.pipeline) \($0.name)" } == [
        "gitops/pipeline.yml review", "gitops/pipeline.yml plan", "gitops/pipeline.yml apply",
        "gitops/pipeline.yml drift", "gitops/comment.yml comment", "snapshot/review.yml observe",
        "snapshot/review.yml review",
      ])
    #expect(Self.jobs.allSatisfy { !$0.scripts.isEmpty })
  }

  @Test("every job has a time limit, and keeps its documents when it fails")
  func limits() {
    for job in Self.jobs {
      #expect(job.node["timeout-minutes"] != nil, "\(job.pipeline) \(job.name)")
      for step in job.steps where step["uses"]?.scalar?.text.contains("upload") == true {
        let condition = step["if"]?.scalar?.text
        #expect(condition?.hasPrefix("always()") == true, "\(job.pipeline) \(job.name)")
      }
    }
  }

  @Test("no script has an expression, which could put another's words into it")
  func injection() {
    for job in Self.jobs {
      for script in job.scripts {
        #expect(!script.contains("${{"), "\(job.pipeline) \(job.name)")
      }
    }
  }

  @Test("an invalid manifest is annotated and commented on too")
  func mistake() throws {
    let checkout = try Checkout()
    try checkout.sandbox.file("fleet/wrong.yaml", "kind: Domain\n")
    let review = try run("gitops/pipeline.yml", "review", in: checkout)
    #expect(review.status == 65)
    #expect(review.output.hasPrefix("::error file="))
    #expect(try checkout.sandbox.text(of: "comment.md").contains("wrong.yaml"))
  }

  @Test("a change is reviewed, planned and applied, and drift is found", arguments: [true, false])
  func gitops(hasHosts: Bool) throws {
    let pipeline = "gitops/pipeline.yml"
    let checkout = try Checkout(hasHosts: hasHosts)
    let sandbox = checkout.sandbox
    let review = try run(pipeline, "review", in: checkout)
    #expect(review.status == 0, "\(review.errors)")
    #expect(review.output.hasPrefix("::") && review.errors.contains("web-01"))
    let summary = try sandbox.text(of: "summary")
    #expect(summary.contains("web-01") && summary.hasPrefix("<!-- virtmem:plan -->\n"))
    #expect(try sandbox.text(of: "comment.md") == summary)
    #expect(try sandbox.text(of: "virtmem.sarif").contains(#""id":"virtmem/plan""#))

    let plan = try run(pipeline, "plan", in: checkout)
    #expect(plan.status == 0, "\(plan.errors)")
    #expect(try sandbox.text(of: "output") == "changes=true\n")

    let apply = try run(pipeline, "apply", in: checkout)
    #expect(apply.status == 0, "\(apply.errors)")
    #expect(apply.output.contains("steps done and verified"))
    #expect(try sandbox.text(of: "virtmem.jsonl").contains("virtmem/audit"))
    #expect(try sandbox.text(of: "apply.json").contains(#""kind":"apply""#))

    let drift = try run(pipeline, "drift", in: checkout)
    #expect(drift.status == 2, "\(drift.errors)")
    #expect(drift.errors.contains("declared") && drift.errors.contains("web-01"))
    #expect(try sandbox.text(of: "virtmem.sarif").contains(#""id":"virtmem/drift""#))
    #expect(try sandbox.text(of: "drift.json").contains(#""kind":"drift""#))
  }

  @Test("the pipeline asks for no approval of a plan without steps")
  func nothingToApply() throws {
    let checkout = try Checkout()
    try checkout.alignFleet()
    #expect(try run("gitops/pipeline.yml", "plan", in: checkout).status == 0)
    #expect(!FileManager.default.fileExists(atPath: checkout.path(of: "output")))
    let apply = try #require(Self.jobs.first { $0.name == "apply" })
    #expect(apply.node["if"]?.scalar?.text == "needs.plan.outputs.changes == 'true'")
  }

  @Test("a blocked domain and a silent host keep no other domain from being applied")
  func tolerance() throws {
    let checkout = try Checkout(hasHosts: true)
    let silent = Checkout.host(at: "test:///no-such-file.xml", name: "hv02")
    try checkout.sandbox.file("fleet/silent.yaml", silent)
    try checkout.sandbox.file(
      "fleet/blocked.yaml",
      """
      apiVersion: virtmem.io/v1alpha1
      kind: Domain
      metadata: {name: web-99}
      spec: {host: hv01, memory: 1GiB}
      """)
    // Whichever host did not answer may have a domain without a host.
    try checkout.nameHosts()
    #expect(try run("gitops/pipeline.yml", "review", in: checkout).status == 3)
    let plan = try run("gitops/pipeline.yml", "plan", in: checkout)
    #expect(plan.status == 0, "\(plan.errors)")
    let apply = try run("gitops/pipeline.yml", "apply", in: checkout)
    #expect(apply.status == 0, "\(apply.errors)")
    #expect(apply.output.contains("steps done and verified"))
  }

  @Test("a pull request is planned from a snapshot, also if a host was silent")
  func snapshot() throws {
    let pipeline = "snapshot/review.yml"
    let checkout = try Checkout(hasHosts: true)
    #expect(try run(pipeline, "observe", in: checkout).status == 0)
    let review = try run(pipeline, "review", in: checkout)
    #expect(review.status == 0, "\(review.errors)")
    #expect(review.output.hasPrefix("::") && review.errors.contains("web-01"))
    for file in ["summary", "comment.md", "virtmem.sarif", "review.json"] {
      #expect(try checkout.sandbox.text(of: file).contains("web-01"), "\(file)")
    }

    let silent = Checkout.host(at: "test:///no-such-file.xml", name: "hv02")
    try checkout.sandbox.file("fleet/silent.yaml", silent)
    #expect(try run(pipeline, "observe", in: checkout).status == 0)
  }
}
