// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The question that `apply` asks before its first step.
package struct ApprovalQuestion {
  private let plan: Plan

  /// Makes the question about a plan that has steps.
  package init(about plan: Plan) {
    self.plan = plan
  }

  /// `150 of 910 steps are felt by running guests. Apply all steps to 184 domains on hv01
  /// (qemu:///system)? Type yes: `, on a terminal of `width` columns.
  package func text(width: Int?) -> ShownText {
    let domains = plan.domains.filter { !$0.steps.isEmpty }
    let hosts = plan.hosts.filter { host in domains.contains { $0.host == host.name } }
    let felt = plan.steps.count { $0.disruption != .none }
    let all = plan.stepCount
    let feeling =
      switch (felt, all) {
      case (0, 1): "The step is not felt by a running guest."
      case (0, _): "None of \(all) steps is felt by a running guest."
      case (1, 1): "The step is felt by a running guest."
      case (1, _): "1 of \(all) steps is felt by a running guest."
      default: "\(felt) of \(all) steps are felt by running guests."
      }
    let question: ShownText = """
      \(feeling) Apply \(all == 1 ? "it" : "all steps") to \(counted(domains.count, "domain")) on \
      \(NameList(hosts.map(\.place)).start)? Type yes:
      """
    return question.wrapped(to: width.map { $0 - 5 }).joined(separator: "\n") + " "
  }
}

extension PlannedHost {
  /// The host's name with its URI; only the URI where the manifests declare no Host.
  fileprivate var place: String {
    let uri = uri?.publishedURI
    guard name != DesiredHost.implicitName else { return uri ?? "the connection" }
    return uri.map { "\(name) (\($0))" } ?? name
  }
}
