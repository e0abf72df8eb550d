// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import TestSupport
import Testing

@testable import Planner

/// How a host's reserve treats domains that take memory and give memory back; sizes in GiB.
@Suite struct MixedBudgetTests {
  /// A running guest of 16 GiB in one cell, with memory devices.
  private static func guest(
    _ name: String, current: UInt64, _ devices: [MemoryDevice] = []
  ) -> ObservedDomain {
    var definition = MemoryConfiguration()
    definition.memory = .gibibytes(16)
    definition.maxMemory.size = .gibibytes(64)
    definition.maxMemory.slots = 8
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(16), cpus: NodeSet([0...0]))]
    definition.devices = devices
    definition.currentMemory = .exactly(
      .gibibytes(current) + devices.map { $0.plugged ?? .zero }.reduce(.zero, +))
    return running(name, definition)
  }

  private static func stick(_ name: String, _ size: UInt64 = 4) -> MemoryDevice {
    var device = MemoryDevice(model: .dimm, name: name, size: .gibibytes(size), node: 0)
    device.alias = name
    return device
  }

  private static func elastic(_ plugged: UInt64) -> MemoryDevice {
    var device = MemoryDevice(
      model: .virtioMem, name: "e", size: .gibibytes(8), node: 0, block: .mebibytes(2))
    device.alias = "e"
    device.requested = .exactly(.gibibytes(plugged))
    device.plugged = .gibibytes(plugged)
    return device
  }

  private static func plan(
    spare: UInt64, _ pairs: [(observed: ObservedDomain, desired: DesiredDomain)]
  ) -> Plan {
    let seen = host(pairs.map(\.observed), available: .gibibytes(10 + spare))
    return HostPlanner(DesiredHost(name: "hv01", reserve: .gibibytes(10)), observed: seen)
      .plan(pairs.map { ($0.desired, $0.observed) })
  }

  @Test("a guest may take what an earlier step of its own gives, and needs no other step for it")
  func ownGift() {
    var gone = MemoryDevice(name: "d")
    gone.state = .absent
    let exchange = wanted("a") {
      $0.devices = [gone]
      $0.currentMemory = .exactly(.gibibytes(16))
    }
    let shrunk = wanted("c") { $0.currentMemory = .exactly(.gibibytes(8)) }
    let plan = Self.plan(
      spare: 1,
      [
        (Self.guest("a", current: 16, [Self.stick("d")]), exchange),
        (Self.guest("c", current: 12), shrunk),
      ])
    #expect(plan.domains[0].blockers.allSatisfy { $0.rule.name != "host-reserve" })
    #expect(plan.domains[0].steps.count >= 2)
    #expect(plan.domains[0].steps.allSatisfy { $0.needs.isEmpty })
  }

  @Test("what is left of a refused domain's plan fits the reserve, too")
  func refusedTwice() {
    let growing = wanted("b") {
      $0.devices = [Self.stick("d")]
      $0.currentMemory = .exactly(.gibibytes(6))
    }
    let plan = Self.plan(spare: 1, [(Self.guest("b", current: 4), growing)])
    #expect(plan.steps.allSatisfy { $0.plane == .persistent })
    #expect(plan.hosts[0].memory?.availableAfter == plan.hosts[0].memory?.available)
  }

  @Test("a domain that another one makes room for comes before later names")
  func orderOfNames() {
    let pairs = [
      (Self.guest("a", current: 4), wanted("a") { $0.currentMemory = .exactly(.gibibytes(12)) }),
      (
        Self.guest("b", current: 4, [Self.elastic(6)]),
        wanted("b") {
          $0.currentMemory = .exactly(.gibibytes(7))
          var device = MemoryDevice(name: "e")
          device.requested = .exactly(.zero)
          $0.devices = [device]
        }
      ),
      (Self.guest("c", current: 4), wanted("c") { $0.currentMemory = .exactly(.gibibytes(8)) }),
    ]
    let plan = Self.plan(spare: 5, pairs)
    #expect(plan.domains.map(\.verdict) == [.change, .change, .blocked])
    #expect(plan.domains[0].steps[0].needs == ["hv01/b/2"])
  }

  @Test("what a refused domain still gives makes room for the others")
  func refusedGiver() {
    let pairs = [
      (Self.guest("a", current: 4), wanted("a") { $0.currentMemory = .exactly(.gibibytes(14)) }),
      (
        Self.guest("b", current: 4, [Self.elastic(7)]),
        wanted("b") {
          $0.currentMemory = .exactly(.gibibytes(12))
          var device = MemoryDevice(name: "e")
          device.requested = .exactly(.zero)
          $0.devices = [device]
        }
      ),
    ]
    let plan = Self.plan(spare: 4, pairs)
    #expect(plan.domains[0].verdict == .change)
    #expect(plan.domains[1].rules == ["host-reserve"])
    #expect(plan.domains[0].steps[0].needs == plan.domains[1].steps.prefix(1).map(\.id))
  }

  @Test(
    "no step of any random domain takes memory that the host can't spare", arguments: 0..<2000)
  func anyDomain(seed: UInt64) {
    let scene = RandomScene(seed: seed)
    // Huge pages, persistent and pinned memory are not of the host's available memory.
    let hasOther = [scene.desired.configuration, scene.observed.live].compactMap(\.self).contains {
      $0.memoryBacking.hugepages != nil || $0.surroundings.hasHostDevices
        || $0.devices.contains {
          $0.pageSize != nil || $0.model == .nvdimm || $0.model == .virtioPmem
        }
    }
    guard !hasOther else { return }
    var seen = scene.host
    var spare = MemorySize.gibibytes(seed % 4)
    seen.availableMemory = .gibibytes(10) + spare
    let desired = DesiredHost(name: "hv01", reserve: .gibibytes(10))
    let plan = HostPlanner(desired, observed: seen).plan([(scene.desired, scene.observed)])
    for step in plan.steps {
      #expect(step.operation.takenLive <= spare, "\(step.id) \(scene)")
      spare = spare - step.operation.takenLive + step.operation.givenLive
    }
  }
}
