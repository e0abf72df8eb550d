// SPDX-License-Identifier: Apache-2.0
import TestSupport
import LibvirtModel
import MemoryModel
import Testing

/// Simulated guests that accept requests and follow slowly or never.
@Suite struct SimulatedHypervisorTests {
  private func hypervisor(_ faults: SimulatedHypervisor.Faults, _ device: MemoryDevice)
    -> SimulatedHypervisor
  {
    SimulatedHypervisor(
      ObservedHost(
        uri: nil, driver: .qemu, libvirt: .newestKnownLibvirt,
        hypervisor: HypervisorRelease("QEMU 8.2.0"),
        domains: [HotplugTests.guest([device])]), faults: faults)
  }

  @Test("an unresponsive guest keeps what it has plugged, and its devices")
  func unresponsive() async throws {
    var faults = SimulatedHypervisor.Faults()
    faults.unresponsiveGuests = ["u"]
    let asked = hypervisor(faults, ShrinkGuardTests.elastic)
    try await asked.perform(ShrinkGuardTests.lowered, uuid: "u")
    let live = try await asked.observe(uuid: "u", .observed).live
    #expect(live?.devices[0].plugged == .gibibytes(4))
    #expect(live?.devices[0].requested == .exactly(.gibibytes(1)))
    let keeping = hypervisor(faults, ShrinkGuardTests.dimm)
    try await keeping.perform(ShrinkGuardTests.unplugged, uuid: "u")
    #expect(try await keeping.observe(uuid: "u", .observed).live?.devices.count == 1)
  }

  @Test("a slow guest approaches the request with each observation")
  func slow() async throws {
    var faults = SimulatedHypervisor.Faults()
    faults.slowGuests = ["u": .gibibytes(2)]
    let slow = hypervisor(faults, ShrinkGuardTests.elastic)
    try await slow.perform(ShrinkGuardTests.lowered, uuid: "u")
    #expect(slow.host.domains[0].live?.devices[0].plugged == .gibibytes(4))
    for plugged: UInt64 in [2, 1, 1] {
      let live = try await slow.observe(uuid: "u", .observed).live
      #expect(live?.devices[0].plugged == .gibibytes(plugged))
      #expect(live?.currentMemory == .exactly(.gibibytes(6 + plugged)))
    }
    let leaving = hypervisor(faults, ShrinkGuardTests.dimm)
    try await leaving.perform(ShrinkGuardTests.unplugged, uuid: "u")
    #expect(leaving.host.domains[0].live?.devices.count == 1)
    #expect(try await leaving.observe(uuid: "u", .observed).live?.devices == [])
  }
}
