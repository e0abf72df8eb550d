// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner

/// Any desired state that a manifest could ask for, and any domain that a host could show.
struct RandomScene {
  private var generator: SeededGenerator
  var driver = HypervisorDriver.qemu
  var isSession = false
  var desired = wanted()
  var observed = running("web-01", MemoryConfiguration())
  var ceiling = Disruption.live

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    driver = pick([.qemu, .qemu, .qemu, .qemu, .test, .lxc, .esx, .xen])
    isSession = chance(20)
    ceiling = chance(10) ? .none : .live
    observe()
    desire()
  }

  var host: ObservedHost {
    var host = PlannerTests.host([observed], driver: driver)
    host.isSession = isSession
    return host
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(generator.next() % UInt64(elements.count))]
  }

  private mutating func chance(_ of: UInt64) -> Bool { generator.next() % of == 0 }

  private mutating func size() -> MemorySize {
    let odd = chance(4) ? MemorySize.kibibytes(generator.next() % 3000) : .zero
    return .gibibytes(1 + generator.next() % 8) + odd
  }

  private mutating func limit() -> Limit? {
    pick([nil, .unlimited, .size(size()), .size(size()), .size(size())])
  }

  private mutating func definition(on plane: Plane) -> MemoryConfiguration {
    var definition = MemoryConfiguration()
    definition.memory = size()
    if chance(3) {
      definition.devices.append(MemoryDevice(model: .dimm, size: .gibibytes(1), node: 0))
    }
    if chance(4) {
      definition.devices.append(
        MemoryDevice(
          model: .virtioMem, size: .gibibytes(2), node: 0, requested: .gibibytes(1),
          plugged: plane == .live ? .gibibytes(1) : nil))
    }
    let total = (definition.memory ?? .zero) + definition.deviceTotal
    let cap = plane == .live ? definition.reach ?? .zero : total
    let plugged = definition.devices.compactMap(\.plugged).total
    definition.currentMemory = chance(5) ? nil : .exactly(min(size(), cap) + plugged)
    if chance(3) { definition.maxMemory = MaxMemory(size: max(size(), total)) }
    if chance(4) { definition.cells = [NUMACell(id: 0, memory: definition.memory ?? .zero)] }
    if chance(8), let memory = definition.memory {
      let first = MemorySize(bytes: memory.bytes / 2)
      definition.cells = [
        NUMACell(id: 0, memory: first), NUMACell(id: 1, memory: memory - first),
      ]
    }
    definition.memtune.hardLimit = limit()
    definition.memtune.softLimit = limit()
    definition.memtune.swapHardLimit = limit()
    definition.memballoon.model = pick([nil, .virtio, .virtio, .noDevice])
    definition.memballoon.statsPeriod = pick([nil, StatisticsPeriod(seconds: 10)])
    return definition
  }

  /// What a kernel gives back of limits.
  private static func inPages(_ tuning: MemoryTuning) -> MemoryTuning {
    func rounded(_ limit: Limit?) -> Limit? {
      guard case .size(let size)? = limit else { return limit }
      return .size(size.roundedDown(toMultipleOf: .kibibytes(4)))
    }
    var tuning = tuning
    tuning.hardLimit = rounded(tuning.hardLimit)
    tuning.softLimit = rounded(tuning.softLimit)
    tuning.swapHardLimit = rounded(tuning.swapHardLimit)
    return tuning
  }

  private mutating func observe() {
    var live = definition(on: .live)
    if driver != .test { live.memtune = Self.inPages(live.memtune) }
    let isAlike = chance(2)
    var persistent = isAlike ? live : definition(on: .persistent)
    for index in persistent.devices.indices { persistent.devices[index].plugged = nil }
    observed.live = live
    observed.persistent = persistent
    switch generator.next() % 8 {
    case 0:
      observed.live = nil
      observed.isActive = false
      observed.state = .shutOff
    case 1:
      observed.persistent = nil
      observed.isPersistent = false
    case 2:
      observed.isActive = false
      observed.state = .shutOff
      observed.hasManagedSave = true
    case 3: observed.state = pick([.paused, .pmsuspended, .crashed, .inShutdown, .idle])
    case 4: observed.job = chance(2) ? "migration" : nil
    default: break
    }
    if chance(2) {
      observed.statistics = BalloonStatistics(
        actual: size(), usable: size(), resident: size(), ageSeconds: generator.next() % 60)
    }
    if chance(10) { observed.unsupported = [pick(Action.allCases)] }
  }

  private mutating func desire() {
    var asked = MemoryConfiguration()
    if chance(2) { asked.memory = size() }
    if chance(4) { asked.maxMemory.size = size() }
    if chance(6) { asked.maxMemory.slots = pick([1, 8, 300]) }
    if chance(12) {
      asked.maxMemory = MaxMemory()
      asked.maxMemory.removal = .absent
    }
    if chance(2) {
      let (one, other) = (size(), size())
      asked.currentMemory =
        chance(3) ? .within(min(one, other)...max(one, other)) : .exactly(one)
    }
    if chance(2) { asked.memtune.hardLimit = limit() }
    if chance(2) { asked.memtune.softLimit = limit() }
    if chance(2) { asked.memtune.swapHardLimit = limit() }
    // Beyond that a manifest is refused when it is read.
    if let hard = asked.memtune.hardLimit, let swap = asked.memtune.swapHardLimit, hard > swap {
      (asked.memtune.hardLimit, asked.memtune.swapHardLimit) = (swap, hard)
    }
    if chance(8) { asked.memtune.minGuarantee = pick([.absent, .size(size())]) }
    if chance(3) {
      asked.memballoon.statsPeriod = StatisticsPeriod(seconds: pick([0, 5, 10]))
    }
    desired.configuration = asked
    desired.policy.shrink = pick([.allow, .guarded, .never])
    desired.policy.disruption = pick([.none, .live, .live, .restart])
    desired.isSuspended = chance(15)
  }
}
