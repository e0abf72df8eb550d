// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import TestSupport

/// Any domain that a host could show, with everything that a definition can hold.
struct RandomObservedDomain {
  private var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  private mutating func next() -> UInt64 { generator.next() }

  private mutating func pick<Element>(_ elements: [Element]) -> Element { generator.pick(elements) }

  private mutating func chance(_ of: UInt64) -> Bool { generator.oneIn(of) }

  private mutating func maybe<Value>(_ values: Value...) -> Value? {
    chance(2) ? nil : pick(values)
  }

  private mutating func size() -> MemorySize { .mebibytes(64 * (1 + next() % 256)) }

  private mutating func limit() -> Limit? {
    pick([nil, nil, .unlimited, .size(size()), .size(size()), .size(.zero)])
  }

  private mutating func nodes() -> NodeSet {
    pick([NodeSet([0...0]), NodeSet([0...1]), NodeSet([0...0, 2...3])])
  }

  mutating func host(_ driver: HypervisorDriver) -> ObservedHost {
    ObservedHost(
      uuid: "8f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01", hostname: "hv01", uri: "qemu:///system",
      driver: driver, libvirt: pick([Version(9, 0, 0), .newestKnownLibvirt]),
      hypervisor: HypervisorRelease("X 1"),
      availableMemory: maybe(size()), nodes: [HostNode](maybe(nodes())), pageSizes: [.kibibytes(4)])
  }

  mutating func domain(named name: String, on host: ObservedHost) -> ObservedDomain {
    let first = definition()
    var second = chance(2) ? first : definition()
    if chance(2) { second.devices = first.devices }
    var domain = ObservedDomain(
      name: name, uuid: "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01", state: .running, isActive: true,
      isPersistent: true, live: running(first), persistent: second)
    switch next() % 5 {
    case 0:
      (domain.persistent, domain.isPersistent) = (nil, false)
    case 1:
      (domain.live, domain.isActive, domain.state) = (nil, false, .shutOff)
    case 2:
      (domain.isActive, domain.state, domain.hasManagedSave) = (false, .shutOff, true)
    default: break
    }
    if chance(6) && domain.isActive { domain.state = .paused }
    if domain.isActive {
      domain.statistics = BalloonStatistics(
        actual: maybe(size()), usable: maybe(size()), resident: maybe(size()),
        ageSeconds: maybe(3))
    }
    domain.architecture = maybe("x86_64")
    domain.sharesHostMemory = chance(3)
    // A driver with one definition shows it on both planes.
    if host.driver.callForm == .plain, domain.live != nil, domain.persistent != nil {
      domain.persistent = domain.live
    }
    return domain
  }

  /// The definition as libvirt shows it of a running guest.
  private mutating func running(_ definition: MemoryConfiguration) -> MemoryConfiguration {
    var live = definition
    for index in live.devices.indices where live.devices[index].model == .virtioMem {
      live.devices[index].plugged = .mebibytes(128 * (next() % 4))
      if chance(3), live.devices[index].model == .virtioMem {
        live.devices[index].requested = .exactly(.mebibytes(128))
      }
    }
    if let reach = live.reach {
      live.currentMemory = .exactly(min(size(), reach) + live.pluggedTotal)
    }
    return live
  }

  private mutating func definition() -> MemoryConfiguration {
    var definition = MemoryConfiguration()
    definition.memory = size()
    if chance(2) {
      let cells = (0..<1 + UInt32(next() % 3)).map { id in
        NUMACell(id: id, memory: size(), cpus: NodeSet([id * 2...id * 2 + 1]))
      }
      definition.cells = cells
      if chance(2) { definition.cells[0].access = .shared }
      if chance(2) { definition.cells[0].discard = true }
      definition.memory = cells.compactMap(\.memory).total
    }
    definition.devices = (0..<next() % 3).map { device(Int($0)) }
    let total = (definition.memory ?? .zero) + definition.deviceTotal
    definition.currentMemory = .exactly(min(size(), total))
    if chance(2) || !definition.devices.isEmpty {
      definition.maxMemory = MaxMemory(size: total + .gibibytes(8), slots: maybe(8))
    }
    definition.dumpCore = maybe(true, false)
    definition.memtune.hardLimit = limit()
    definition.memtune.softLimit = limit()
    definition.memtune.swapHardLimit = limit()
    addBacking(to: &definition)
    definition.memballoon.model = pick([nil, .virtio, .virtio, .noDevice])
    if !definition.memballoon.isRuledOut {
      definition.memballoon.statsPeriod = maybe(
        StatisticsPeriod(seconds: 10), StatisticsPeriod(seconds: 120))
      definition.memballoon.autodeflate = maybe(true, false)
    }
    return definition
  }

  private mutating func addBacking(to definition: inout MemoryConfiguration) {
    definition.memoryBacking.hugepages = maybe(
      .ofDefaultSize, .pages([Hugepage(size: .mebibytes(2), cells: NodeSet([0...0]))]))
    definition.memoryBacking.sharePages = maybe(false, true)
    definition.memoryBacking.locked = maybe(true)
    definition.memoryBacking.source = maybe(.some(.memfd), .some(.file))
    definition.memoryBacking.access = maybe(.some(.shared), .some(.private))
    definition.memoryBacking.allocation.mode = maybe(.immediate)
    definition.memoryBacking.allocation.threads = maybe(4)
    definition.memoryBacking.discard = maybe(true)
    if chance(2) {
      definition.numatune.memory.mode = pick([.strict, .preferred, .restrictive])
      definition.numatune.memory.nodeset = nodes()
      definition.numatune.memory.placement = .static
    }
    if !definition.cells.isEmpty && chance(2) {
      definition.numatune.memnodes = [NUMAMemnode(cell: 0, mode: .strict, nodeset: nodes())]
    }
    definition.surroundings.vcpus = 8
  }

  private mutating func device(_ number: Int) -> MemoryDevice {
    var device =
      chance(2)
      ? MemoryDevice(model: .dimm, size: .mebibytes(512), node: 0)
      : MemoryDevice(
        model: .virtioMem, size: .gibibytes(1), node: 0, block: .mebibytes(2),
        requested: .mebibytes(128 * (next() % 8)))
    device.alias = maybe("stick\(number)", "dimm-\(number)")
    device.access = maybe(.shared)
    device.nodemask = maybe(nodes())
    return device
  }
}
