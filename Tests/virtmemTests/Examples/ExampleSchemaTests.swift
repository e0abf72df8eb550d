// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Holds examples against the programs and schemas of those who read them; Tests/Tools fetches these.
@Suite struct ExampleSchemaTests {
  @Test(
    "GitHub and GitLab can read their pipelines",
    arguments: [
      ("vendor.github-workflows", PipelineTests.pipelines),
      ("vendor.gitlab-ci", ["gitlab/.gitlab-ci.yml"]),
    ])
  func pipelines(schema: String, files: [String]) throws {
    let outcome = try Checkout.check(
      with: "check-jsonschema", ["--builtin-schema", schema] + files.map { "examples/\($0)" })
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test("Kubernetes can read its objects", arguments: ["apply", "drift"])
  func kubernetes(name: String) throws {
    let outcome = try Checkout.check(
      with: "kubernetes-validate", ["--strict", "examples/kubernetes/\(name).yml"])
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test("Prometheus can read the alerts, and each fires when it should")
  func alerts() throws {
    let folder = "examples/prometheus/"
    for arguments in [
      ["check", "rules", folder + "virtmem.rules.yml"],
      ["test", "rules", folder + "virtmem.rules.test.yml"],
    ] {
      let outcome = try Checkout.check(with: "promtool", arguments)
      #expect(outcome.status == 0, "\(outcome.output)")
    }
    let texts = try ["virtmem.rules.yml", "virtmem.rules.test.yml"].map { name in
      try String(contentsOf: Checkout.project.appending(path: folder + name), encoding: .utf8)
    }
    let alerts = Set(texts[0].matches(of: /- alert: (\w+)/).map { String($0.1) })
    let fired = Set(texts[1].matches(of: /alertname: (\w+)\n/).map { String($0.1) })
    #expect(alerts == fired)
  }
}
