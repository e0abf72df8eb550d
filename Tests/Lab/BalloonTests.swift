// SPDX-License-Identifier: Apache-2.0
import Foundation
import MemoryModel
import Testing

extension LabTests {
  @Suite struct BalloonTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("an apply moves a balloon down and up on both planes and leaves no step")
    func downAndUp() throws {
      let guest = try Guest("balloon", in: lab)
      try guest.boot()
      for mebibytes in [176, 232] as [UInt64] {
        let spec = "currentMemory: \(mebibytes)MiB, policy: {shrink: allow}"
        #expect(try guest.virtmem("drift", spec).status == 2)
        let applied = try guest.virtmem("apply", spec)
        #expect(applied.status == 0, "\(applied)")
        for plane in Plane.allCases {
          #expect(try guest.kibibytes("currentMemory", plane) == mebibytes * 1024)
        }
        let again = try guest.virtmem("plan", spec, "--format", "json")
        #expect(again.output.contains("\"steps\":0"), "\(again)")
        #expect(try guest.virtmem("drift", spec).status == 0)
      }
    }

    @Test("the applier withdraws a target that a guest without a driver ignored")
    func withdrawnTarget() throws {
      var definition = GuestDefinition()
      definition.arguments = "balloon_after=9"
      let guest = try Guest("deaf", definition, in: lab)
      try guest.boot()
      let spec = "currentMemory: 200MiB, policy: {shrink: allow}"
      let applied = try guest.virtmem("apply", spec, "--timeout", "3s", "--format", "json")
      #expect(applied.status == 1, "\(applied)")
      #expect(applied.output.contains("\"failed\""))
      #expect(applied.output.contains("virtmem has withdrawn the target of 200 MiB"), "\(applied)")
      #expect(
        try guest.kibibytes("currentMemory", .persistent) == 256 << 10,
        "the persistent step comes after the live one, and so was not made")
      #expect(try guest.log.contains("BALLOON-READY") == false, "the guest was deaf until here")
      // A driver that loads later follows QEMU's current target.
      try eventually("the guest has loaded its driver", within: .seconds(30)) {
        try guest.log.contains("BALLOON-READY")
      }
      Thread.sleep(forTimeInterval: 2)
      #expect(try guest.kibibytes("currentMemory", .live) == 256 << 10)
      #expect(try guest.monitor("info balloon").contains("actual=256"))
    }

    @Test("the applier waits for a slow guest")
    func slowGuest() throws {
      var definition = GuestDefinition()
      definition.arguments = "balloon_after=4"
      let guest = try Guest("slow", definition, in: lab)
      try guest.boot()
      let spec = "currentMemory: 200MiB, policy: {shrink: allow}"
      let applied = try guest.virtmem("apply", spec, "--timeout", "20s", "--format", "json")
      #expect(applied.status == 0, "\(applied)")
      for plane in Plane.allCases {
        #expect(try guest.kibibytes("currentMemory", plane) == 200 << 10)
      }
    }

    @Test("a guarded shrink uses the guest's own statistics")
    func guardedShrink() throws {
      var definition = GuestDefinition()
      definition.balloon = "<memballoon model='virtio'><stats period='1'/></memballoon>"
      let guest = try Guest("guarded", definition, in: lab)
      try guest.boot()
      let wanted = "currentMemory: 200MiB"
      try eventually("the guest has told what it uses", within: .seconds(20)) {
        try lab.virsh("dommemstat", guest.name).contains("usable")
      }
      #expect(try guest.virtmem("apply", wanted).status == 0)
      let refused = try guest.virtmem("plan", "currentMemory: 32MiB")
      #expect(refused.status == 3)
      #expect(refused.output.contains("shrink-below-guest-use"))
      #expect(try guest.kibibytes("currentMemory", .live) == 200 << 10)
    }

    @Test("the planner blocks the balloon of a paused guest")
    func pausedGuest() throws {
      let guest = try Guest("paused", in: lab)
      try guest.startPaused()
      let spec = "currentMemory: 200MiB, policy: {shrink: allow}"
      let applied = try guest.virtmem("apply", spec)
      #expect(applied.status == 3, "\(applied)")
      #expect(applied.output.contains("guest-not-running"))
      for plane in Plane.allCases {
        #expect(try guest.kibibytes("currentMemory", plane) == 256 << 10)
      }
    }

    @Test("an apply changes a transient domain live and never defines it")
    func transient() throws {
      let guest = try Guest(transient: "passing", GuestDefinition(), in: lab)
      try guest.awaitReady()
      let spec = "currentMemory: 200MiB, memballoon: {statsPeriod: 5s}, policy: {shrink: allow}"
      let applied = try guest.virtmem("apply", spec)
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.kibibytes("currentMemory", .live) == 200 << 10)
      let memory = try guest.virtmem("plan", "memory: 512MiB")
      #expect(memory.status == 3)
      #expect(
        try lab.virsh("list", "--all", "--persistent", "--name").contains(guest.name) == false)
    }
  }
}
