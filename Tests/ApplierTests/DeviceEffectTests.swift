// SPDX-License-Identifier: Apache-2.0
import TestSupport
import LibvirtModel
import MemoryModel
import Report
import Testing

/// How steps end that attach, detach, resize or await memory devices, or bind memory.
@Suite struct DeviceEffectTests {
  typealias Faults = SimulatedHypervisor.Faults

  /// A guest of 4 GiB with a virtio-mem device, `plugged` GiB of which are plugged.
  private static func guest(requested: UInt64 = 1, plugged: UInt64 = 1) -> ObservedDomain {
    var definition = MemoryConfiguration()
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(4))]
    definition.memory = .gibibytes(4)
    definition.currentMemory = .exactly(.gibibytes(4))
    definition.maxMemory = MaxMemory(size: .gibibytes(32), slots: 8)
    definition.numatune.memory.mode = .restrictive
    definition.numatune.memory.nodeset = NodeSet([0...0])
    definition.numatune.memory.placement = .static
    definition.devices = [
      MemoryDevice(
        model: .virtioMem, alias: "elastic0", size: .gibibytes(8), node: 0, block: .mebibytes(2),
        requested: .gibibytes(requested))
    ]
    var domain = domain("a")
    domain.persistent = definition
    definition.devices[0].plugged = .gibibytes(plugged)
    definition.currentMemory = .exactly(.gibibytes(4 + plugged))
    domain.live = definition
    return domain
  }

  private static func run(
    _ guest: ObservedDomain = guest(), _ faults: Faults = Faults(), interruptedAfter: Int = .max,
    changed: (inout ObservedHost) -> Void = { _ in },
    _ declare: (inout MemoryConfiguration) -> Void
  ) -> Run {
    var desired = declared("a", current: 4)
    desired.configuration = MemoryConfiguration()
    declare(&desired.configuration)
    return Run(
      [desired], on: host(guest), faults: faults, interruptedAfter: interruptedAfter,
      changed: changed)
  }

  private static func request(_ size: UInt64) -> (inout MemoryConfiguration) -> Void {
    { $0.devices = [MemoryDevice(name: "elastic0", requested: .gibibytes(size))] }
  }

  private static var unresponsive: Faults {
    var faults = Faults()
    faults.unresponsiveGuests = ["uuid-of-a"]
    return faults
  }

  private static var slow: Faults {
    var faults = Faults()
    faults.slowGuests["uuid-of-a"] = .mebibytes(16)
    return faults
  }

  @Test("a guest without a virtio-mem driver has failed, and its persistent definition is left")
  func unresponsiveGuest() async throws {
    let run = Self.run(Self.guest(), Self.unresponsive, Self.request(2))
    let report = await run.report()
    #expect(
      report.statuses == [.failed, .skipped] && report.rules == ["guest-did-not-follow", nil])
    #expect(run.hypervisor.host.domains[0].persistent == run.observed.domains[0].persistent)
    let message = try #require(report.domains[0].failure?.message)
    #expect(message.contains("no virtio-mem driver") && message.contains("The request stays"))
    #expect(run.hypervisor.trace.count == 1)
  }

  @Test("the applier waits for a guest as long as it still plugs memory")
  func slowGuest() async {
    let report = await Self.run(Self.guest(), Self.slow, Self.request(2)).report()
    #expect(report.statuses == [.done, .done])
  }

  @Test("the applier waits for a guest that already follows a request, without another call")
  func wait() async {
    let guest = Self.guest(requested: 2)
    let run = Self.run(guest, Self.slow, Self.request(2))
    let report = await run.report()
    #expect(run.plan.steps.map(\.operation.name) == [Operation.waitName])
    #expect(report.statuses == [.done] && run.hypervisor.trace.isEmpty)
    let stuck = Self.run(guest, Self.unresponsive, Self.request(2))
    #expect(await stuck.report().rules == ["guest-did-not-follow"])
  }

  @Test("another writer's request since the plan leaves the domain untouched")
  func foreignChange() async {
    let run = Self.run(
      changed: { $0.domains[0].live?.devices[0].requested = .exactly(.gibibytes(3)) },
      Self.request(2))
    let report = await run.report()
    #expect(report.domains.map(\.status) == [.stale] && run.hypervisor.trace.isEmpty)
  }

  @Test(
    "the applier doesn't repeat an unanswered request but decides by observation",
    arguments: [true, false])
  func unanswered(happened: Bool) async {
    var faults = Faults()
    faults.failing[1] = error(.deadline)
    if happened {
      faults.interference[1] = {
        $0.domains[0].live?.devices[0].requested = .exactly(.gibibytes(2))
        $0.domains[0].live?.devices[0].plugged = .gibibytes(2)
        $0.domains[0].live?.currentMemory = .exactly(.gibibytes(6))
      }
    }
    let run = Self.run(Self.guest(), faults, Self.request(2))
    let report = await run.report()
    #expect(report.statuses == (happened ? [.done, .done] : [.failed, .skipped]))
    #expect(run.hypervisor.trace.count { $0.action == .updateDevice } == 1)
  }

  @Test("an interruption ends a wait for a device after one more observation")
  func interrupted() async {
    let run = Self.run(Self.guest(), Self.unresponsive, interruptedAfter: 1, Self.request(2))
    let report = await run.report()
    #expect(report.statuses == [.failed, .skipped] && report.rules == ["interrupted", nil])
    #expect(run.hypervisor.trace.count == 1)
  }

  @Test("a DIMM attaches, and detaches unless the guest keeps it")
  func dimm() async throws {
    let run = Self.run {
      $0.devices = [MemoryDevice(model: .dimm, name: "stick0", size: .gibibytes(1), node: 0)]
    }
    #expect(await run.report().statuses == [.done, .done])
    let guest = run.hypervisor.host.domains[0]
    let leave: (inout MemoryConfiguration) -> Void = {
      $0.devices = [MemoryDevice(name: "stick0")]
      $0.devices[0].state = .absent
    }
    let kept = await Self.run(guest, Self.unresponsive, leave).report()
    #expect(kept.rules == ["guest-did-not-follow", nil])
    let message = try #require(kept.domains[0].failure?.message)
    #expect(message.contains("has not released stick0"))
    #expect(await Self.run(guest, Faults(), leave).report().statuses == [.done, .done])
  }

  @Test("a restrictive binding moves on both planes")
  func binding() async {
    let run = Self.run { $0.numatune.memory.nodeset = NodeSet([1...1]) }
    let report = await run.report()
    #expect(
      run.plan.steps.map(\.operation.call?.action) == [.setNumaParameters, .setNumaParameters])
    #expect(report.statuses == [.done, .done])
  }
}
