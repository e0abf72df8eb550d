// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import Testing

/// What a plan asks a person to do about a blocked field.
@Suite struct RemedyTests {
  private func blockers(
    _ observed: MemoryConfiguration, _ declare: (inout MemoryConfiguration) -> Void
  ) -> [FieldPath: Blocker] {
    let plan = plan(wanted("web-01", declare), on: running("web-01", observed))
    return Dictionary(plan.blockers.map { ($0.field ?? .memory, $0) }) { first, _ in first }
  }

  @Test("a balloon target above the reach names the figure to lower it to, and the memory it needs")
  func aboveReach() throws {
    let undeclared = blockers(guest(8)) { $0.currentMemory = .exactly(.gibibytes(12)) }
    #expect(
      undeclared[.currentMemory]?.remedy
        == "Lower `currentMemory` to at most 8GiB, or declare `memory: 12GiB`.")
    let declared = blockers(guest(8)) {
      $0.memory = .gibibytes(8)
      $0.currentMemory = .exactly(.gibibytes(12))
    }
    #expect(
      declared[.currentMemory]?.remedy
        == "Lower `currentMemory` to at most 8GiB, or raise `memory` to at least 12GiB.")
    let range = blockers(guest(8)) {
      $0.currentMemory = .within(MemorySize.gibibytes(12)...MemorySize.gibibytes(16))
    }
    #expect(range[.currentMemory]?.remedy.hasPrefix("Lower the `min` of `currentMemory`") == true)
  }

  @Test("a balloon target waits for a blocked memory that would be enough for it")
  func waitsForMemory() {
    var observed = guest(8)
    observed.maxMemory = MaxMemory(size: .gibibytes(16), slots: Count(4))
    func blocker(of current: UInt64) -> Blocker? {
      blockers(observed) {
        $0.memory = .gibibytes(24)
        $0.currentMemory = .exactly(.gibibytes(current))
      }[.currentMemory]
    }
    #expect(blocker(of: 24)?.summary == "waits for memory, which is blocked")
    #expect(blocker(of: 32)?.summary.hasPrefix("at most 8 GiB") == true)
  }

  @Test("a balloon target above a lower declared memory is not told to be what it is")
  func aboveDeclaredMemory() {
    let blockers = blockers(guest(8, current: 4)) {
      $0.memory = .gibibytes(6)
      $0.currentMemory = .exactly(.gibibytes(8))
    }
    #expect(
      blockers[.currentMemory]?.remedy
        == "Lower `currentMemory` to at most 6GiB, or raise `memory` to at least 8GiB.")
  }

  @Test("a memory for a balloon target that exceeds maxMemory comes with the maxMemory it needs")
  func aboveMaxMemory() {
    var observed = guest(8)
    observed.maxMemory = MaxMemory(size: .gibibytes(16), slots: Count(4))
    let blockers = blockers(observed) { $0.currentMemory = .exactly(.gibibytes(20)) }
    #expect(
      blockers[.currentMemory]?.remedy == """
        Lower `currentMemory` to at most 8GiB, or declare `memory: 20GiB` and raise \
        `maxMemory.size` to at least 20GiB.
        """)
  }

  @Test("a lower memory waits for a declared balloon target that is blocked")
  func waitsForTarget() {
    let blockers = blockers(guest(8)) {
      $0.memory = .gibibytes(6)
      $0.currentMemory = .exactly(.gibibytes(9))
    }
    #expect(blockers[.memory]?.summary == "waits for currentMemory, which is blocked")
    #expect(
      blockers[.memory]?.remedy == """
        Remove the cause that blocks `currentMemory`, or remove `memory` from the manifest.
        """)
  }

  @Test("a lower memory names the balloon target that it needs")
  func belowCurrentMemory() {
    let lowered = blockers(guest(8)) { $0.memory = .gibibytes(4) }
    #expect(lowered[.memory]?.remedy == "Declare a `currentMemory` of at most 4GiB.")
  }

  @Test("one limit alone names the other limit's figure and what to declare")
  func limits() {
    var swap = guest(8)
    swap.memtune.swapHardLimit = .size(.gibibytes(16))
    let hard = blockers(swap) { $0.memtune.hardLimit = .size(.gibibytes(24)) }[.hardLimit]?.remedy
    #expect(
      hard == """
        `memtune.swapHardLimit` is 16 GiB. Declare `memtune.swapHardLimit: 24GiB` (or more) too, \
        or lower `memtune.hardLimit` to at most 16GiB.
        """)
    let other = blockers(guest(8)) { $0.memtune.swapHardLimit = .size(.gibibytes(16)) }
    #expect(
      other[.swapHardLimit]?.remedy == """
        `memtune.hardLimit` is unlimited. Declare `memtune.hardLimit: 16GiB` (or less) too, or \
        remove `memtune.swapHardLimit` from the manifest.
        """)
  }

  @Test("a guest that can't move names the one command that lets it run again")
  func guestState() {
    var domain = running("web-01", guest(8))
    domain.state = .pmsuspended
    let plan = plan(wanted { $0.currentMemory = .exactly(.gibibytes(6)) }, on: domain)
    #expect(
      plan.blockers.first?.remedy
        == "Wake the guest with `virsh dompmwakeup DOMAIN`, then plan again.")
  }

  @Test("a transient domain is told to be created again, for it has no definition to edit")
  func transientDevice() {
    var definition = guest(8)
    definition.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
    definition.maxMemory = MaxMemory(size: .gibibytes(32), slots: Count(4))
    var domain = running("web-01", definition)
    (domain.isPersistent, domain.persistent) = (false, nil)
    var device = MemoryDevice(model: .nvdimm, name: "n0", size: .gibibytes(1), node: 0)
    device.path = "/dev/pmem0"
    let blockers = plan(wanted { $0.devices = [device] }, on: domain).blockers
    #expect(
      blockers.allSatisfy { $0.remedy.contains("virsh create FILE") && !$0.remedy.contains("edit") }
    )
    #expect(!blockers.isEmpty)
  }

  @Test("a transient domain whose live change is forbidden is not told to be defined")
  func transient() {
    var domain = running("web-01", guest(8))
    (domain.isPersistent, domain.persistent) = (false, nil)
    func remedy(_ policy: Disruption, ceiling: Disruption) -> String? {
      plan(
        wanted(disruption: policy) { $0.currentMemory = .exactly(.gibibytes(6)) }, on: domain,
        ceiling: ceiling
      ).blockers.first?.remedy
    }
    #expect(
      remedy(.none, ceiling: .live)?.hasPrefix(
        "To allow the live change, declare `policy.disruption: live`") == true)
    // A saved plan does not say which of the two it was.
    #expect(remedy(.live, ceiling: .none) == remedy(.none, ceiling: .live))
  }
}
