// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import YAML

/// Runs the command lines of the examples for Kubernetes, as a container does.
@Suite struct KubernetesTests {
  private static func job() throws -> YAMLNode {
    try #require(try Checkout.example("kubernetes/apply.yml")["spec"])
  }

  private static func driftJob() throws -> YAMLNode {
    let spec = try Checkout.example("kubernetes/drift.yml")["spec"]
    return try #require(spec?["jobTemplate"]?["spec"])
  }

  /// The one container of a job.
  private static func container(of job: YAMLNode) throws -> YAMLNode {
    let containers = job["template"]?["spec"]?["containers"]?.elements ?? []
    try #require(containers.count == 1)
    return containers[0]
  }

  /// The script that the container gives to `sh -c`, with the test's folders.
  private static func script(of job: YAMLNode, in checkout: Checkout) throws -> String {
    let container = try container(of: job)
    #expect(container["command"]?.elements.map { $0.scalar?.text } == ["sh", "-c"])
    let arguments = container["args"]?.elements.compactMap { $0.scalar?.text } ?? []
    try #require(arguments.count == 1)
    // Kubernetes makes one of two dollars, and replaces $(NAME).
    #expect(!arguments[0].contains("$$") && arguments[0].firstMatch(of: /\$\([A-Za-z_]/) == nil)
    return arguments[0].replacing(" /fleet", with: " \(checkout.path(of: "fleet"))")
      .replacing("/documents", with: checkout.path(of: "documents"))
  }

  /// A container's folders; `fleet/` has the links that a ConfigMap's volume has.
  private func checkout() throws -> Checkout {
    let checkout = try Checkout(hasHosts: true)
    try checkout.nameHosts()
    let mounted = try checkout.run(
      """
      mkdir documents
      mv fleet files
      mkdir fleet
      mv files fleet/..2026_11_29
      ln -s ..2026_11_29 fleet/..data
      for file in fleet/..data/*; do ln -s "..data/${file##*/}" fleet/; done
      """)
    try #require(mounted.status == 0, "\(mounted.errors)")
    return checkout
  }

  @Test("the parts of the Job are all parts of the fleet, and each is applied")
  func parts() throws {
    let job = try Self.job()
    let variables = try Self.container(of: job)["env"]?.elements ?? []
    #expect(variables.map { $0["name"]?.scalar?.text } == ["SHARDS"])
    let parts = try #require(variables.first?["value"]?.scalar?.text)
    #expect(job["completions"]?.scalar?.text == parts)
    #expect(job["completionMode"]?.scalar?.text == "Indexed")

    let checkout = try checkout()
    let script = try Self.script(of: job, in: checkout)
    for index in 0..<(try #require(Int(parts))) {
      let outcome = try checkout.run(
        script, in: .container, ["JOB_COMPLETION_INDEX": "\(index)", "SHARDS": parts])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let shown = try checkout.run("virtmem show documents/apply-*.json")
    #expect(shown.output.contains("web-01") && shown.output.contains("done and verified"))
    let audit = try checkout.run("cat documents/audit-*.jsonl")
    #expect(audit.output.contains("virtmem/audit"))
  }

  @Test("the Job's policy knows every status with which apply can fail")
  func statuses() throws {
    let job = try Self.job()
    var statuses: [String: [String]] = [:]
    for rule in job["podFailurePolicy"]?["rules"]?.elements ?? [] {
      let action = try #require(rule["action"]?.scalar?.text)
      guard let codes = rule["onExitCodes"] else { continue }
      #expect(codes["containerName"]?.scalar?.text == "virtmem")
      statuses[action] = codes["values"]?.elements.compactMap { $0.scalar?.text }
    }
    #expect(
      statuses == ["FailJob": ["64", "65", "70"], "FailIndex": ["3"], "Count": ["1", "4", "5"]])
    #expect(job["template"]?["spec"]?["restartPolicy"]?.scalar?.text == "Never")
    #expect(job["backoffLimitPerIndex"] != nil)
  }

  @Test("the CronJob finds drift, keeps its document, and never runs beside itself")
  func drift() throws {
    let checkout = try checkout()
    let script = try Self.script(of: Self.driftJob(), in: checkout)
    #expect(try checkout.run(script, in: .container).status == 2)
    #expect(try checkout.sandbox.text(of: "documents/drift.json").contains(#""kind":"drift""#))
    let spec = try #require(try Checkout.example("kubernetes/drift.yml")["spec"])
    #expect(spec["concurrencyPolicy"]?.scalar?.text == "Forbid")
    #expect(spec["startingDeadlineSeconds"] != nil)
  }

  @Test("a container has a time limit, bounds and no rights, and writes only documents")
  func bounds() throws {
    for job in [try Self.job(), try Self.driftJob()] {
      #expect(job["activeDeadlineSeconds"] != nil)
      let pod = try #require(job["template"]?["spec"])
      #expect(pod["securityContext"]?["runAsNonRoot"]?.scalar?.text == "true")
      #expect(pod["automountServiceAccountToken"]?.scalar?.text == "false")
      let container = try Self.container(of: job)
      #expect(container["resources"]?["limits"]?["memory"] != nil)
      let context = try #require(container["securityContext"])
      #expect(context["readOnlyRootFilesystem"]?.scalar?.text == "true")
      #expect(context["allowPrivilegeEscalation"]?.scalar?.text == "false")
      let mounts = container["volumeMounts"]?.elements ?? []
      let writable = mounts.filter { $0["readOnly"]?.scalar?.text != "true" }
      #expect(writable.map { $0["name"]?.scalar?.text } == ["documents"])
    }
  }
}
