// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import TestSupport
import Testing

/// Warnings of the huge pages of a next start, for one guest beside the others of its host.
@Suite struct StagedPagesTests {
  private static let twoMebibytes = MemorySize.mebibytes(2)

  private static func cell(_ size: UInt64) -> (inout MemoryConfiguration) -> Void {
    { $0.cells = [NUMACell(id: 0, memory: .mebibytes(size))] }
  }

  /// A running guest with one cell that has so many MiB, and `next` MiB at its next start.
  private static func guest(
    _ name: String, _ has: UInt64, next: UInt64? = nil, on node: UInt32? = nil
  ) -> ObservedDomain {
    var domain = running(name, HugepageTests.guest([has], on: [node]))
    domain.persistent = HugepageTests.guest([next ?? has], on: [node])
    return domain
  }

  private static func warnings(
    _ pairs: [(DesiredDomain, ObservedDomain)], on host: ObservedHost,
    facts: DeclaredFacts = DeclaredFacts()
  ) -> [Diagnostic] {
    HostPlanner(DesiredHost(name: "hv01", facts: facts), observed: host).plan(pairs).diagnostics
      .filter { $0.rule == "hugepages-not-free" || $0.rule == "hugepages-not-on-host" }
  }

  private static func expect(_ warnings: [Diagnostic], toBegin words: String) {
    for warning in warnings { #expect(warning.detail.hasPrefix(words)) }
  }

  @Test("a change that waits for the start is warned of again in each plan")
  func pending() {
    let observed = Self.guest("web-01", 512, next: 1024)
    func found(_ pool: UInt64, free: UInt64, wants: UInt64 = 1024) -> [Diagnostic] {
      Self.warnings(
        [(wanted("web-01", Self.cell(wants)), observed)],
        on: HugepageTests.host([observed], 0, pool, free: (0, free)))
    }
    #expect(found(1024, free: 256).isEmpty)
    #expect(found(1024, free: 255).map(\.rule.name) == ["hugepages-not-free"])
    // The pools have become smaller since the change was staged.
    let missing = found(500, free: 0)
    #expect(missing.map(\.rule.name) == ["hugepages-not-on-host"])
    #expect(missing.first?.severity == .warning)
    #expect(
      missing.first?.detail.hasPrefix("The start needs 512 pages of 2 MiB, and the host has 500.")
        == true)
    #expect(missing.first?.remedy.contains("--pagecount 512 --cellno 1") == true)
  }

  @Test("a guest that is as declared is not warned of, whatever the pools hold")
  func inSync() {
    let observed = Self.guest("web-01", 1024)
    #expect(
      Self.warnings(
        [(wanted("web-01", Self.cell(1024)), observed)],
        on: HugepageTests.host([observed], 0, 100, free: (0, 0))
      ).isEmpty)
  }

  @Test("a guest that is suspended is not warned of")
  func suspended() {
    let observed = Self.guest("web-01", 512, next: 1024)
    var desired = wanted("web-01", Self.cell(2048))
    desired.suspension = Suspension()
    #expect(
      Self.warnings(
        [(desired, observed)], on: HugepageTests.host([observed], 0, 1024, free: (0, 0))
      ).isEmpty)
  }

  @Test("a guest that waits for its start and one that the plan changes are counted together")
  func pendingTogether() {
    let pending = Self.guest("a", 512, next: 1024)
    let changed = Self.guest("b", 512)
    func found(free: UInt64) -> [Diagnostic] {
      Self.warnings(
        [
          (wanted("a", Self.cell(1024)), pending),
          (wanted("b", Self.cell(1024)), changed),
        ],
        on: HugepageTests.host([pending, changed], 0, 1536, free: (0, free)))
    }
    #expect(found(free: 512).isEmpty)
    let both = found(free: 511)
    #expect(both.map(\.domain) == ["a", "b"])
    Self.expect(
      both,
      toBegin: """
        The next starts of 2 guests with staged changes need 1024 pages of 2 MiB together; 511 \
        are free, and the stops of all such guests give back 512.
        """)
  }

  @Test("pages that another guest holds on a node do not come back there")
  func heldByAnother() {
    let moving = Self.guest("a", 1024)
    let other = Self.guest("b", 1024, on: 1)
    let desired = wanted("a") {
      $0.numatune.memnodes = [NUMAMemnode(cell: 0, mode: .strict, nodeset: NodeSet([1...1]))]
    }
    func found(_ domains: [ObservedDomain]) -> [Diagnostic] {
      Self.warnings([(desired, moving)], on: HugepageTests.host(domains, 512, 512, free: (0, 0)))
    }
    // Nobody else is there: the pages may be its own.
    #expect(found([moving]).isEmpty)
    #expect(
      found([moving, other]).first?.detail.hasPrefix(
        "The start needs 512 pages of 2 MiB on node 1; 0 are free.") == true)
  }

  @Test("pages that live steps of the plan take are not free for the next starts")
  func takenLive() {
    let staged = Self.guest("b", 1024)
    var device = MemoryDevice(model: .virtioMem, name: "e0", alias: "e0", size: .gibibytes(8))
    (device.node, device.block, device.requested) = (0, .mebibytes(2), .exactly(.zero))
    device.plugged = .zero
    var plugging = Self.guest("a", 1024)
    for plane in Plane.allCases {
      plugging[plane]?.maxMemory = MaxMemory(size: .gibibytes(32), slots: 4)
      plugging[plane]?.devices = [device]
    }
    func found(requested: UInt64) -> [Diagnostic] {
      let desired = wanted("a") {
        var wish = MemoryDevice(name: "e0")
        wish.requested = .exactly(.mebibytes(requested))
        $0.devices = [wish]
      }
      return Self.warnings(
        [(desired, plugging), (wanted("b", Self.cell(2048)), staged)],
        on: HugepageTests.host([plugging, staged], 0, 1600, free: (0, 520)))
    }
    #expect(found(requested: 16).isEmpty)
    let late = found(requested: 18)
    #expect(late.map(\.domain) == ["b"])
    #expect(
      late.first?.detail.hasPrefix(
        """
        The start needs 1024 pages of 2 MiB; 520 are free, of which live steps of this plan take \
        9, and the guest's own stop gives back 512.
        """) == true)
  }

  @Test("a shortage that depends on the unknown default size is warned of, and not blocked")
  func uncertain() {
    let observed = Self.guest("web-01", 1024)
    let desired = wanted("web-01", Self.cell(4096))
    func plan(_ small: UInt64, _ large: UInt64, facts: DeclaredFacts = DeclaredFacts()) -> Plan {
      var host = HugepageTests.host([observed], 0, small, free: (0, small))
      host.pageSizes.append(.gibibytes(1))
      host.nodes[1].pools.append(HugepagePool(size: .gibibytes(1), total: large, free: large))
      return HostPlanner(DesiredHost(name: "hv01", facts: facts), observed: host)
        .plan([(desired, observed)])
    }
    let unknown = plan(1024, 8)
    #expect(unknown.domains[0].rules.isEmpty)
    let warning = unknown.diagnostics.first { $0.rule == "hugepages-not-on-host" }
    #expect(
      warning?.detail.hasPrefix(
        """
        The start needs 2048 pages of 2 MiB, and the host has 1024; libvirt does not tell whether \
        `<hugepages/>` means these pages or those of 1 GiB, of which there are enough.
        """) == true)
    #expect(warning?.remedy.hasPrefix("Declare the default size in the Host, such as") == true)
    // Without pages of 1 GiB, that is hardly the default.
    #expect(!plan(2048, 0).diagnostics.contains { $0.rule == "hugepages-not-on-host" })
    #expect(plan(2048, 2).diagnostics.contains { $0.rule == "hugepages-not-on-host" })
    #expect(plan(1024, 2).domains[0].rules.contains("hugepages-not-on-host"))
    let known = DeclaredFacts(hugepageSize: .gibibytes(1))
    #expect(
      !plan(1024, 8, facts: known).diagnostics.contains { $0.rule == "hugepages-not-on-host" })
  }

  @Test("a guest that asks for no more than its own stop returns is not warned of for others")
  func shrinks() {
    // One that is short alone is not counted again with another.
    let (less, more) = (Self.guest("a", 1024, next: 512), Self.guest("b", 1024, next: 3072))
    let short = Self.warnings(
      [(wanted("a", Self.cell(512)), less), (wanted("b", Self.cell(3072)), more)],
      on: HugepageTests.host([less, more, Self.guest("c", 1024)], 0, 1536, free: (0, 0)))
    #expect(short.map(\.domain) == ["b"])
    #expect(
      short.first?.detail.hasPrefix(
        "The start needs 1536 pages of 2 MiB; 0 are free, and the guest's own stop gives back 512."
      ) == true)
    // Of those that are short together, only the growing ones are named.
    let growing = ["c", "d"].map { Self.guest($0, 1024, next: 2048) }
    let guests = [less] + growing
    let together = Self.warnings(
      [(wanted("a", Self.cell(512)), less)]
        + growing.map { (wanted($0.name, Self.cell(2048)), $0) },
      on: HugepageTests.host(guests, 0, 2100, free: (0, 564)))
    #expect(together.map(\.domain) == ["c", "d"])
    Self.expect(
      together,
      toBegin: """
        The next starts of 3 guests with staged changes need 2304 pages of 2 MiB together; 564 \
        are free, and the stops of all such guests give back 1536.
        """)
  }

  @Test("pages come back from guests that leave the nodes or huge pages, too")
  func leaves() {
    func guest(_ name: String, _ has: UInt64, next: UInt64, leaving: Bool = false)
      -> ObservedDomain
    {
      var domain = Self.guest(name, has, next: next, on: 1)
      if leaving { domain.persistent?.numatune.memnodes = [] }
      return domain
    }
    let growing = ["a", "b"].map { guest($0, 512, next: 1024) }
    let plans = growing.map { (wanted($0.name, Self.cell(1024)), $0) }
    func found(_ other: ObservedDomain, _ wish: (inout MemoryConfiguration) -> Void)
      -> [String?]
    {
      Self.warnings(
        plans + [(wanted("c", wish), other)],
        on: HugepageTests.host(growing + [other], 2048, 1024, free: (2048, 256))
      ).map(\.domain)
    }
    #expect(found(guest("c", 512, next: 512)) { _ in } == ["a", "b"])
    #expect(
      found(guest("c", 512, next: 512, leaving: true)) { $0.numatune.memnodesPresence = .absent }
        .isEmpty)
    #expect(
      found(guest("c", 512, next: 512)) { $0.memoryBacking.hugepages = .absent }.isEmpty)
  }
}
