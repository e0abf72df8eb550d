// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import TestSupport
import Testing

/// What a host, its facts and the guest's state allow for memory devices.
@Suite struct DeviceRuleTests {
  /// A guest with a cell, a maxMemory and `devices`.
  private static func guest(_ devices: MemoryDevice...) -> MemoryConfiguration {
    var definition = guest(4)
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(4))]
    definition.maxMemory = MaxMemory(size: .gibibytes(32), slots: 8)
    definition.devices = devices
    return definition
  }

  private static func guest(_ memory: UInt64) -> MemoryConfiguration {
    PlannerTests.guest(memory)
  }

  private static func declared(_ device: MemoryDevice) -> DesiredDomain {
    wanted { $0.devices = [device] }
  }

  private static let stick = MemoryDevice(
    model: .dimm, name: "stick0", size: .gibibytes(2), node: 0)

  private static let elastic = MemoryDevice(
    model: .virtioMem, name: "e0", size: .gibibytes(8), node: 0, block: .mebibytes(2))

  @Test("the host's reserve blocks a device that doesn't fit")
  func reserve() {
    let observed = running("web-01", Self.guest())
    let desired = DesiredHost(name: "hv01", reserve: .gibibytes(8))
    let full = host([observed], available: .gibibytes(9))
    let plan = HostPlanner(desired, observed: full)
      .plan([(Self.declared(Self.stick), observed)]).domains[0]
    #expect(plan.steps.isEmpty && Set(plan.rules) == ["host-reserve"])
    #expect(plan.fields.allSatisfy { $0.verdict == .blocked })
  }

  @Test("a virtio-mem device with nothing requested takes no memory from the host")
  func nothingRequested() {
    let observed = running("web-01", Self.guest())
    let desired = DesiredHost(name: "hv01", reserve: .gibibytes(8))
    let full = host([observed], available: .gibibytes(9))
    let plan = HostPlanner(desired, observed: full)
      .plan([(Self.declared(Self.elastic), observed)]).domains[0]
    #expect(plan.blockers.isEmpty && plan.steps.count == 2)
  }

  @Test("a paused guest blocks a live attachment but no redefinition")
  func paused() {
    var observed = running("web-01", Self.guest())
    observed.state = .paused
    #expect(Set(plan(Self.declared(Self.stick), on: observed).rules) == ["guest-not-running"])
    var epc = MemoryDevice(model: .sgxEpc, name: "epc0", size: .gibibytes(1))
    epc.node = 0
    let staged = plan(Self.declared(epc), on: observed)
    #expect(staged.blockers.isEmpty && staged.steps.map(\.operation.call?.action) == [.redefine])
  }

  @Test(
    "the default huge page limits a device's block if the Host's facts declare it",
    arguments: [nil, 1024] as [UInt64?])
  func defaultHugepage(mebibytes: UInt64?) {
    var definition = Self.guest()
    definition.memoryBacking.hugepages = .ofDefaultSize
    let observed = running("web-01", definition)
    let desired = DesiredHost(
      name: "hv01",
      facts: DeclaredFacts(hugepageSize: mebibytes.map { MemorySize.mebibytes($0) }))
    let plan = HostPlanner(desired, observed: host([observed]))
      .plan([(Self.declared(Self.elastic), observed)]).domains[0]
    let rules: Set<String> = mebibytes == nil ? [] : ["virtio-mem-block-too-small"]
    #expect(Set(plan.rules) == rules)
  }

  @Test("a saved plan identifies the device without an alias that it removes")
  func removedDevice() {
    var dimm = Self.stick
    dimm.name = nil
    let observed = running("web-01", Self.guest(dimm))
    var declared = Self.stick
    declared.name = "dimm-0"
    declared.state = .absent
    let plan = plan(Self.declared(declared), on: observed)
    let host = host([observed])
    #expect(plan.steps.count == 2)
    let named = plan.naming(observed, on: host)
    #expect(named.live?.devices.map(\.name) == ["dimm-0"])
    #expect(Basis(of: plan.fields, on: host).fingerprint(of: named) == plan.basis)
  }

  @Test("a redefinition writes the declared currentMemory that it would otherwise uncover")
  func writesCurrentMemory() {
    var definition = PlannerTests.guest(5)
    definition.currentMemory = .exactly(.gibibytes(7))
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(5))]
    var off = running("web-01", definition)
    (off.live, off.isActive, off.state) = (nil, false, .shutOff)
    let desired = wanted {
      $0.memory = .gibibytes(6)
      $0.currentMemory = .exactly(.gibibytes(5))
    }
    let steps = plan(desired, on: off).steps
    #expect(steps.map(\.operation.call?.action) == [.redefine])
    #expect(steps.first?.operation.call?.target(of: .currentMemory) == .size(.gibibytes(5)))
  }

  @Test("a plan warns once, at the changed field, about a setting that libvirt accepts and ignores")
  func caution() {
    let observed = running("web-01", Self.guest())
    let desired = wanted { $0.memoryBacking.discard = true }
    let plan = HostPlanner(DesiredHost(name: "hv01"), observed: host([observed]))
      .plan([(desired, observed)])
    #expect(plan.diagnostics.map(\.rule) == ["discard-without-file"])
    #expect(plan.diagnostics[0].field == FieldPath(.discard))
  }
}
