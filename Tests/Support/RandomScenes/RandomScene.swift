// SPDX-License-Identifier: Apache-2.0
internal import LibvirtModel
package import MemoryModel
internal import Planner

/// Any desired state that a manifest could declare, and any domain that a host could show.
///
/// The desired state is close to the observed one: most fields are in sync, or nearly.
package struct RandomScene: Sendable {
  package var generator: SeededGenerator
  package var driver = HypervisorDriver.qemu
  package var version = Version(9, 0, 0)
  package var hypervisor = HypervisorRelease("QEMU 7.2.22")
  package var isSession = false
  package var nodes: NodeSet?
  package var desired = Self.undeclared
  package var observed = Self.undefined
  package var ceiling = Disruption.live

  package init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    driver = pick([.qemu, .qemu, .qemu, .qemu, .qemu, .qemu, .test, .test, .lxc, .esx, .xen])
    version = pick([
      Version(9, 0, 0), Version(9, 4, 0), Version(9, 6, 0),
      Version(11, 3, 0), Version(12, 5, 0),
    ])
    hypervisor = HypervisorRelease(
      name: "QEMU", version: version < Version(11, 0, 0) ? Version(7, 2, 22) : Version(10, 0, 2))
    isSession = chance(20)
    nodes = chance(3) ? nil : NodeSet([0...1])
    ceiling = chance(10) ? .none : .live
    observe()
    desire()
  }

  /// A Domain that declares nothing, which takes what it is asked for.
  private static var undeclared: DesiredDomain {
    var desired = DesiredDomain(
      name: "web-01", position: SourcePosition(file: "web-01.yaml", line: 3, column: 1))
    desired.policy.shrink = .allow
    return desired
  }

  private static var undefined: ObservedDomain {
    ObservedDomain(
      name: "web-01", uuid: "uuid-of-web-01", state: .running, isActive: true, isPersistent: true)
  }

  package var host: ObservedHost {
    var host = ObservedHost(
      uuid: "uuid-of-host", hostname: "hv01", uri: "qemu:///system", driver: driver,
      libvirt: version, hypervisor: hypervisor, domains: [observed])
    host.isSession = isSession
    host.nodes = [HostNode](nodes)
    return host
  }

  // MARK: Dice

  mutating func number(_ limit: UInt64) -> UInt64 { generator.next() % limit }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(number(UInt64(elements.count)))]
  }

  /// True once in `of` times on average.
  mutating func chance(_ of: UInt64) -> Bool { number(of) == 0 }

  mutating func size() -> MemorySize {
    let odd = chance(4) ? MemorySize.kibibytes(number(3000)) : .zero
    return .gibibytes(1 + number(8)) + odd
  }

  mutating func limit() -> Limit? {
    pick([nil, .unlimited, .size(size()), .size(size()), .size(size())])
  }

  mutating func word<Word: WordLeaf>(_ type: Word.Type) -> Word { pick(Array(Word.allCases)) }

  // MARK: The domain

  private mutating func observe() {
    var persistent = definition()
    var live = persistent
    switch number(5) {
    case 0: live = definition(around: persistent.surroundings)
    case 1: change(&live, times: 1 + number(3))
    case 2: change(&persistent, times: 1 + number(3))
    default: break
    }
    run(&live)
    keepWhatDriverHas(&live)
    keepWhatDriverHas(&persistent)
    if driver != .test { live.memtune = Self.inPages(live.memtune) }
    observed.live = live
    observed.persistent = persistent
    observed.architecture = pick([nil, "x86_64", "x86_64"])
    chooseState()
    if chance(2) {
      observed.statistics = BalloonStatistics(
        actual: size(), usable: size(), resident: size(), ageSeconds: number(60))
    }
    if chance(10) { observed.unsupported = [pick(Action.allCases)] }
  }

  /// Removes what the driver's definitions never contain.
  private func keepWhatDriverHas(_ definition: inout MemoryConfiguration) {
    guard [.lxc, .xen, .esx].contains(driver) else { return }
    definition.devices = []
    definition.maxMemory = MaxMemory()
    definition.currentMemory = definition.memory.map(MemoryTarget.exactly)
    guard driver != .xen else { return }
    definition.cells = []
    definition.memoryBacking = MemoryBacking()
    definition.memballoon = MemoryBalloon()
    definition.numatune.memnodes = []
  }

  /// Chooses the domain's state, and which definitions it has in that state.
  private mutating func chooseState() {
    switch number(8) {
    case 0:
      observed.live = nil
      observed.isActive = false
      observed.state = .shutOff
      observed.hasManagedSave = chance(4)
    case 1:
      observed.persistent = nil
      observed.isPersistent = false
      observed.state = pick([.running, .running, .paused])
    case 2:
      observed.isActive = false
      observed.state = .shutOff
      observed.hasManagedSave = true
    case 3: observed.state = pick([.paused, .pmsuspended, .crashed, .inShutdown, .idle])
    case 4: observed.job = chance(2) ? "migration" : nil
    default: break
    }
    // A driver with only one definition shows it on both planes.
    guard driver.callForm == .plain else { return }
    if observed.live != nil && observed.persistent != nil { observed.persistent = observed.live }
    (observed.hasManagedSave, observed.isActive) = (false, observed.live != nil)
    if observed.isActive && observed.state == .shutOff { observed.state = .running }
  }

  /// Limits as a kernel returns them, rounded to pages.
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
}
