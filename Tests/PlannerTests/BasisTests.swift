// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import TestSupport
import Testing

/// Which observed changes make a plan stale, and which don't.
@Suite struct BasisTests {
  typealias Edit = @Sendable (inout ObservedHost) -> Void

  static let declared = wanted {
    $0.memory = .gibibytes(12)
    $0.currentMemory = .exactly(.gibibytes(6))
    $0.memtune.hardLimit = .size(.gibibytes(20))
    $0.memballoon.statsPeriod = StatisticsPeriod(seconds: 10)
  }

  static let seen: ObservedHost = {
    var domain = running("web-01", guest(8))
    domain.live?.devices = [
      MemoryDevice(
        model: .virtioMem, size: .gibibytes(4), requested: .gibibytes(4), plugged: .gibibytes(2))
    ]
    return host([domain])
  }()

  static func basis(_ host: ObservedHost, _ declared: DesiredDomain = declared) -> String? {
    HostPlanner(DesiredHost(name: "default"), observed: host).plan([(declared, host.domains[0])])
      .domains[0].basis
  }

  static let changes: [(String, Edit)] = [
    ("another host", { $0.uuid = "other" }),
    ("another version of libvirt", { $0.libvirt = Version(9, 5, 0) }),
    ("another hypervisor", { $0.hypervisor = HypervisorRelease("QEMU 8.0.0") }),
    ("another driver", { $0.driver = .test }),
    ("another uuid", { $0.domains[0].uuid = "other" }),
    ("another name", { $0.domains[0].name = "web-02" }),
    ("another state", { $0.domains[0].state = .idle }),
    ("it became transient", { $0.domains[0].isPersistent = false }),
    ("an image was saved", { $0.domains[0].hasManagedSave = true }),
    ("persistent memory", { $0.domains[0].persistent?.memory = .gibibytes(9) }),
    (
      "persistent currentMemory",
      { $0.domains[0].persistent?.currentMemory = .exactly(.gibibytes(7)) }
    ),
    ("a live limit", { $0.domains[0].live?.memtune.hardLimit = .size(.gibibytes(30)) }),
    ("a partner's limit", { $0.domains[0].live?.memtune.swapHardLimit = .size(.gibibytes(30)) }),
    ("a persistent limit", { $0.domains[0].persistent?.memtune.hardLimit = .size(.gibibytes(30)) }),
    ("maxMemory", { $0.domains[0].persistent?.maxMemory = MaxMemory(size: .gibibytes(64)) }),
    ("a cell", { $0.domains[0].live?.cells = [NUMACell(id: 0, memory: .gibibytes(8))] }),
    ("a device", { $0.domains[0].live?.devices.removeAll() }),
    ("the balloon", { $0.domains[0].persistent?.memballoon.model = .noDevice }),
    (
      "the statistics period",
      { $0.domains[0].live?.memballoon.statsPeriod = StatisticsPeriod(seconds: 5) }
    ),
  ]

  static let others: [(String, Edit)] = [
    ("the live balloon", { $0.domains[0].live?.currentMemory = .exactly(.gibibytes(7)) }),
    ("what virtio-mem has plugged", { $0.domains[0].live?.devices[0].plugged = .gibibytes(4) }),
    ("statistics", { $0.domains[0].statistics = BalloonStatistics(usable: .gibibytes(1)) }),
    ("an unmanaged limit", { $0.domains[0].live?.memtune.softLimit = .size(.gibibytes(1)) }),
    ("available memory", { $0.availableMemory = .gibibytes(1) }),
    ("the way to the host", { $0.uri = "qemu+ssh://hv01/system" }),
    ("other domains", { $0.domains.append(running("web-09", guest(1))) }),
    ("what absence means", { $0.domains[0].live?.memtune.hardLimit = .unlimited }),
    ("the balloon that QEMU adds", { $0.domains[0].live?.memballoon.model = .virtio }),
    (
      "a figure above the reach",
      { $0.domains[0].persistent?.currentMemory = .exactly(.gibibytes(9)) }
    ),
  ]

  @Test("a basis changes with every value that steps and rules read", arguments: changes.map(\.0))
  func stale(name: String) throws {
    var host = Self.seen
    try #require(Self.changes.first { $0.0 == name }).1(&host)
    let fields = HostPlanner(DesiredHost(name: "default"), observed: Self.seen)
      .plan([(Self.declared, Self.seen.domains[0])]).domains[0].fields
    #expect(
      Basis(of: fields, on: host).fingerprint(of: host.domains[0]) != Self.basis(Self.seen))
  }

  @Test(
    "a basis ignores values that change by themselves or mean the same", arguments: others.map(\.0))
  func fresh(name: String) throws {
    var host = Self.seen
    try #require(Self.others.first { $0.0 == name }).1(&host)
    #expect(Self.basis(host) == Self.basis(Self.seen))
  }

  @Test("a basis ignores the persistent currentMemory if the manifest declares a range")
  func rangeIgnored() {
    let declared = wanted {
      $0.currentMemory = .within(.gibibytes(2)...(.gibibytes(6)))
      $0.memballoon.statsPeriod = StatisticsPeriod(seconds: 10)
    }
    var host = Self.seen
    host.domains[0].persistent?.currentMemory = .exactly(.gibibytes(5))
    #expect(Self.basis(host, declared) == Self.basis(Self.seen, declared))
  }

  @Test(
    "only a plan with steps has a basis, and its goal is the changed domain's basis")
  func goalIsNextBasis() throws {
    let host = Self.seen
    let plan = HostPlanner(DesiredHost(name: "default"), observed: host)
      .plan([(Self.declared, host.domains[0])]).domains[0]
    var domain = host.domains[0]
    for step in plan.steps {
      domain = try host.result(of: step.operation, on: domain)
    }
    #expect(plan.goalHash == Basis(of: plan.fields, on: host).fingerprint(of: domain))
    #expect(plan.goalHash != plan.basis && plan.basis?.hasPrefix("sha256:") == true)
    var done = host
    done.domains = [domain]
    #expect(Self.basis(done, wanted { $0.memory = .gibibytes(12) }) == nil)
  }
}
