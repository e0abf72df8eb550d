// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Testing

@Suite struct CautionTests {
  static let cautions: [(Constraint, String, @Sendable (inout MemoryConfiguration) -> Void)] = [
    (.discardWithoutFile, "memoryBacking.discard", { $0.memoryBacking.discard = true }),
    (
      .numatuneAutoNeedsNumad, "numatune.memory.placement",
      { $0.numatune.memory.placement = .auto }
    ),
    (
      .hugepagesWithBalloon, "memoryBacking.hugepages",
      {
        $0.memoryBacking.hugepages = .ofDefaultSize
        $0.currentMemory = .exactly(.gibibytes(4))
      }
    ),
    (
      .hostDevicesWithBalloon, "currentMemory",
      {
        $0.surroundings.hasHostDevices = true
        $0.currentMemory = .exactly(.gibibytes(4))
      }
    ),
    (
      .hotplugAgainstHardLimit, "devices.a.size",
      {
        $0.surroundings.hasHostDevices = true
        $0.memtune.hardLimit = .size(.gibibytes(10))
        $0.devices = [HotplugTests.device(.dimm)]
      }
    ),
    (
      .hugepageSizeUnknown, "memoryBacking.hugepages",
      { $0.memoryBacking.hugepages = .pages([Hugepage(size: .gibibytes(1))]) }
    ),
    (
      .sgxNeedsHost, "devices.a.model",
      { $0.devices = [HotplugTests.device(.sgxEpc)] }
    ),
  ]

  @Test("a change that may not do as hoped is said", arguments: cautions.indices)
  func said(index: Int) throws {
    let (constraint, field, edit) = Self.cautions[index]
    let behaviour = HypervisorBehaviour(
      driver: .qemu, pageSizes: [.kibibytes(4), .mebibytes(2)])
    let definition = try #require(domain(edit).live)
    let plain = try #require(domain().live)
    let found = behaviour.cautions(about: definition, changes: { $0 == path(field) })
    #expect(found.map(\.constraint) == [constraint] && found.map(\.field) == [path(field)])
    #expect(behaviour.cautions(about: definition, changes: { _ in false }).isEmpty)
    #expect(behaviour.cautions(about: plain, changes: { $0 == path(field) }).isEmpty)
  }

  @Test(
    "the hypervisor's version is read where there is one",
    arguments: [
      ("QEMU 7.2.22", LibvirtVersion(7, 2, 22)), ("QEMU", nil), (nil, nil),
    ])
  func version(text: String?, version: LibvirtVersion?) {
    let host = ObservedHost(
      uri: nil, driver: .qemu, libvirt: .newestKnown, hypervisor: text, nodes: NodeSet([0...0]),
      pageSizes: [.kibibytes(4)])
    let behaviour = HypervisorBehaviour(of: host)
    #expect(behaviour.hypervisorVersion == version && behaviour.hostNodes == host.nodes)
    #expect(behaviour.pageSizes == host.pageSizes)
  }
}
