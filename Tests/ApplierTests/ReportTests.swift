// SPDX-License-Identifier: Apache-2.0

import Applier
import MemoryModel
import Testing

@Suite struct ReportTests {
  private func plan(on host: String) -> DomainPlan {
    let change = Change(field: .softLimit, from: .unlimited, to: .size(.gibibytes(1)))
    let call = Call(.setMemoryParameters, on: .persistent, changes: [change])
    return DomainPlan(
      name: "web", uuid: "one-uuid", host: host, state: .shutOff, verdict: .change,
      steps: [
        Step(id: "\(host)/web/1", operation: .call(call), disruption: .none, reason: "because")
      ])
  }

  @Test(
    "domains with one name and UUID on two hosts keep separate results",
    arguments: ["hv01", "hv02"])
  func clones(failing: String) {
    let plans = [plan(on: "hv01"), plan(on: "hv02")]
    let error = HypervisorError(.refused, call: "virDomainSetMemoryParameters", message: "no")
    let results = plans.map { plan in
      var result = ApplyResult()
      result.domains[DomainKey(plan)] =
        plan.host == failing
        ? ApplyResult.Domain(.failed, .call(error)) : ApplyResult.Domain(.done)
      return result
    }
    let report = ApplyReport(
      plan: Plan(domains: plans), results: results, closing: Plan(domains: plans))
    #expect(report.domains.map(\.status) == plans.map { $0.host == failing ? .failed : .done })
  }
}
