// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

extension LabTests {
  @Suite struct TuningTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("limits reach the cgroup and are removed again")
    func limits() throws {
      let guest = try Guest("limits", in: lab)
      try guest.startPaused()
      let both = "memtune: {hardLimit: 1000001KiB, swapHardLimit: 2GiB, softLimit: 900000KiB}"
      let applied = try guest.virtmem("apply", both)
      #expect(applied.status == 0, "\(applied)")
      #expect(try hardLimit(guest) == 1_000_000 << 10, "the kernel rounds down to pages")
      #expect(
        try guest.cgroup(v1: "memory.soft_limit_in_bytes", v2: "memory.high") == 900_000 << 10)
      #expect(
        try guest.cgroup(v1: "memory.memsw.limit_in_bytes", v2: "memory.swap.max") == 2 << 30)
      for plane in Plane.allCases {
        #expect(try guest.kibibytes("hard_limit", plane) == 1_000_001)
        #expect(try guest.kibibytes("swap_hard_limit", plane) == 2 << 20)
      }
      #expect(try guest.virtmem("drift", both).status == 0)

      let none = "memtune: {hardLimit: unlimited, swapHardLimit: unlimited, softLimit: unlimited}"
      let lifted = try guest.virtmem("apply", none)
      #expect(lifted.status == 0, "\(lifted)")
      // The largest number is cgroup v1's only way to say unlimited.
      #expect(try hardLimit(guest) ?? .max > 1 << 60)
      for plane in Plane.allCases { #expect(try guest.kibibytes("hard_limit", plane) == nil) }
      #expect(try guest.virtmem("drift", none).status == 0)
    }

    @Test("drift shows a limit that another writer put into the cgroup, and apply corrects it")
    func foreignLimit() throws {
      let guest = try Guest("foreign", in: lab)
      try guest.startPaused()
      let spec = "memtune: {hardLimit: 1GiB}"
      #expect(try guest.virtmem("apply", spec).status == 0)
      #expect(try guest.virtmem("drift", spec).status == 0)
      try guest.writeHardLimit(700 << 20)
      #expect(try guest.kibibytes("hard_limit", .live) == 1 << 20, "the XML hides it")
      let drift = try guest.virtmem("drift", spec)
      #expect(drift.status == 2)
      #expect(drift.output.contains("700 MiB"))
      #expect(try guest.virtmem("apply", spec).status == 0)
      #expect(try hardLimit(guest) == 1 << 30)
      #expect(try guest.virtmem("drift", spec).status == 0)
    }

    @Test("drift shows a difference on either plane, and apply corrects it")
    func eitherPlane() throws {
      let guest = try Guest("drifting", in: lab)
      try guest.startPaused()
      let spec = "memballoon: {statsPeriod: 5s}, memtune: {softLimit: 1GiB}"
      #expect(try guest.virtmem("apply", spec).status == 0)
      for plane in ["--live", "--config"] {
        try lab.virsh("dommemstat", guest.name, "--period", "9", plane)
        try lab.virsh("memtune", guest.name, "--soft-limit", "800000", plane)
        let drift = try guest.virtmem("drift", spec)
        #expect(drift.status == 2)
        #expect(drift.output.contains("statsPeriod") && drift.output.contains("softLimit"))
        #expect(try guest.virtmem("apply", spec).status == 0)
        #expect(try guest.virtmem("drift", spec).status == 0)
      }
    }

    private func hardLimit(_ guest: Guest) throws -> UInt64? {
      try guest.cgroup(v1: "memory.limit_in_bytes", v2: "memory.max")
    }
  }
}
