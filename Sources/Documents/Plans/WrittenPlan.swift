// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import MemoryModel

/// A plan whose diagnostics and domains are written already.
///
/// The document is written twice, once only to be hashed, and nearly all bytes of a large plan are in
/// these parts.
struct WrittenPlan {
  private let plan: Plan
  private let report: ApplyReport?
  private let diagnostics: [[UInt8]]
  private let domains: [[UInt8]]

  /// Writes the diagnostics and domains of `plan`, with the results of `report`.
  init(_ plan: Plan, _ report: ApplyReport?) {
    self.plan = plan
    self.report = report
    diagnostics = plan.diagnostics.written { $0.diagnostic($1) }
    domains = Array(plan.domains.indices).written { json, index in
      json.domain(plan.domains[index], at: index, in: report)
    }
  }

  /// `sha256:` and the hash of all that is not of the moment.
  var id: String {
    let hosts = plan.hosts.map { host in
      var host = host
      host.memory = nil
      return host
    }
    return "sha256:" + SHA256.hexadecimal(of: document(hosts: hosts, label: nil))
  }

  /// The document with `hosts`; without `created` and `id` if `label` is nil.
  func document(hosts: [PlannedHost], label: (created: String, id: String?)?) -> [UInt8] {
    let size = (diagnostics + domains).reduce(4096 + 512 * hosts.count) { $0 + $1.count + 1 }
    var document = JSONWriter(capacity: size)
    document.object {
      if let label { $0.member("created", label.created) }
      $0.key("diagnostics")
      $0.array(joining: diagnostics)
      $0.key("domains")
      $0.array(joining: domains)
      $0.member("format", "virtmem/plan/v1alpha1")
      $0.key("hosts")
      $0.array(hosts) { $0.host($1) }
      if let label { $0.member("id", label.id) }
      $0.member("kind", (report == nil ? plan.kind : .apply).rawValue)
      if let note = plan.note { $0.member("note", note) }
      $0.key("removed")
      $0.array(plan.removed) { $0.removed($1) }
      $0.summary(of: plan, report: report)
      if !plan.tolerated.isEmpty {
        $0.key("tolerated")
        $0.array(plan.tolerated.map(\.rawValue))
      }
    }
    return document.finished()
  }
}

extension Array where Element: Sendable {
  /// The elements as JSON, written on all processors, for ``JSONWriter/array(joining:)``.
  fileprivate func written(
    _ body: @Sendable (inout JSONWriter, Element) -> Void
  ) -> [[UInt8]] {
    concurrentParts { elements in
      var json = JSONWriter(capacity: 2048 * elements.count)
      for element in elements { body(&json, element) }
      return json.bytes
    }
  }
}
