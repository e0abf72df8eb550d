// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Planner
import Testing

@Suite struct DesiredOfPlanTests {
  @Test("a plan remembers which host is suspended, and no domain that it did not see is looked for")
  func suspended() {
    let desired = DesiredState(
      hosts: [
        DesiredHost(name: "held", uri: "qemu:///system", suspension: Suspension()),
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
    #expect(again.domains.isEmpty && Fleet(again).hostsToObserve.isEmpty)
  }

  @Test("a plan's facts about the default huge page block the same fields again")
  func defaultHugepage() throws {
    var definition = guest(4)
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(4))]
    definition.maxMemory = MaxMemory(size: .gibibytes(32), slots: 8)
    definition.memoryBacking.hugepages = .ofDefaultSize
    let observed = running("web-01", definition)
    let domain = wanted {
      $0.devices = [
        MemoryDevice(
          model: .virtioMem, name: "e0", size: .gibibytes(8), node: 0, block: .mebibytes(2))
      ]
      $0.memballoon.autodeflate = true
    }
    let host = DesiredHost(
      name: "default", facts: DeclaredFacts(hugepageSize: .gibibytes(1)))
    let seen = ["default": HostObservation.observed(PlannerTests.host([observed]))]
    let plan = Fleet(DesiredState(hosts: [host], domains: [domain])).plan(seen)
    #expect(plan.domains[0].verdict == .blocked && plan.stepCount == 1)
    let again = Fleet(DesiredState(of: plan, file: "plan.json")).plan(seen)
    #expect(again.domains[0].fields.map(\.verdict) == plan.domains[0].fields.map(\.verdict))
    #expect(again.domains[0].steps == plan.domains[0].steps)
    // No step depends on the huge page size: the step's conditions don't need it.
    let conditions = StepConditions(of: plan.steps[0].operation, on: PlannerTests.host([observed]))
    #expect(conditions.isAtOrigin(observed) && !conditions.isAchieved(observed))
  }

  @Test("a domain without a source gets a position in the plan's file")
  func positionInPlan() {
    let plan = Plan(domains: [DomainPlan(name: "web", state: .running, verdict: .blocked)])
    let position = DesiredState(of: plan, file: "plan.json").domains[0].position
    #expect(position == SourcePosition(file: "plan.json", line: 1, column: 1))
  }

  @Test("a plan alone identifies the device without an alias that it removes")
  func removedDevice() {
    var definition = guest(8)
    definition.maxMemory = MaxMemory(size: .gibibytes(32), slots: 8)
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
    var device = MemoryDevice(model: .dimm, size: .gibibytes(1))
    device.node = 0
    definition.devices = [device]
    var shutOff = running("web-01", definition)
    (shutOff.live, shutOff.state, shutOff.isActive) = (nil, DomainState.shutOff, false)
    let observed = host([shutOff])
    let planned = plan(
      wanted {
        var declared = device
        (declared.name, declared.state) = ("dimm-0", .absent)
        $0.devices = [declared]
      }, on: shutOff)
    #expect(planned.steps.count == 1)
    let named = planned.naming(shutOff, on: observed)
    #expect(named.persistent?.devices.map(\.name) == ["dimm-0"])
    #expect(Basis(of: planned.fields, on: observed).fingerprint(of: named) == planned.basis)
    let again = DesiredState(of: Plan(domains: [planned]), file: "plan.json")
    #expect(again.domains[0].configuration.devices.first?.size == .gibibytes(1))
  }

  @Test("a device that a plan can't remove doesn't make the plan stale")
  func blockedDevice() {
    var definition = guest(8)
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
    var device = MemoryDevice(model: .dimm, size: .gibibytes(1))
    device.node = 0
    definition.devices = [device, device]
    let observed = running("web-01", definition)
    let planned = plan(
      wanted {
        var declared = device
        (declared.name, declared.state) = ("dimm-0", .absent)
        $0.devices = [declared]
        $0.memballoon.autodeflate = true
      }, on: observed)
    #expect(planned.rules == ["device-ambiguous"])
    #expect(planned.steps.count == 1)
    let host = host([observed])
    let named = planned.naming(observed, on: host)
    #expect(Basis(of: planned.fields, on: host).fingerprint(of: named) == planned.basis)
  }
}
