// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Planner
import Testing

@Suite struct DesiredOfPlanTests {
  @Test("a host that was not looked at because it is suspended stays suspended, a silent one not")
  func suspended() {
    let desired = DesiredState(
      hosts: [
        DesiredHost(name: "held", uri: "qemu:///system", isSuspended: true),
        DesiredHost(name: "silent", uri: "qemu:///system", reserve: .gibibytes(4)),
      ],
      domains: ["held", "silent"].map { host in
        var domain = wanted("on-\(host)") { $0.memory = .gibibytes(1) }
        domain.host = host
        return domain
      })
    let error = HypervisorError(.connection, call: "virConnectOpenAuth", message: "No.")
    let plan = Fleet(desired).plan(["silent": .unobserved(error)])
    let again = DesiredState(of: plan, file: "plan.json")
    #expect(again.hosts.map(\.isSuspended) == [true, false])
    #expect(again.hosts[1].reserve == .gibibytes(4))
    #expect(Fleet(again).hostsToObserve.map(\.name) == ["silent"])
    #expect(again.domains.map(\.isSuspended) == [true, false])
  }

  @Test("a domain without a source is placed in the plan's file")
  func place() {
    let plan = Plan(domains: [DomainPlan(name: "web", verdict: .blocked)])
    let position = DesiredState(of: plan, file: "plan.json").domains[0].position
    #expect(position == SourcePosition(file: "plan.json", line: 1, column: 1))
  }
}
