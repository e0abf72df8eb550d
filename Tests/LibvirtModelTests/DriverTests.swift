// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Testing

/// What each driver has of libvirt's calls, and how it takes them.
@Suite("Drivers")
struct DriverTests {
  private static let drivers: [(HypervisorDriver, String)] = [
    (.qemu, "QEMU"), (.test, "TEST"), (.lxc, "LXC"), (.xen, "Xen"), (.esx, "ESX"),
    (.vmware, "VMware"), (.hyperv, "Hyper-V"), (.vbox, "VBOX"), (.vz, "vz"), (.openvz, "OpenVZ"),
    (.cloudHypervisor, "CH"), (.bhyve, "BHYVE"), (.other("new"), "new"),
  ]

  @Test("a driver is known by what libvirt calls it, and by what a snapshot does")
  func words() {
    for (driver, type) in Self.drivers {
      #expect(HypervisorDriver(connectionType: type) == driver)
      #expect(HypervisorDriver(connectionType: driver.word) == driver)
      #expect(!driver.name.isEmpty)
    }
  }

  /// The persistent calls that each driver takes for a domain that is off, by libvirt 11.3's tables.
  static let tables: [(HypervisorDriver, Set<Action>)] = [
    (
      .qemu,
      [
        .setMaxMemory, .setMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters,
        .redefine,
      ]
    ),
    (.lxc, [.setMaxMemory, .setMemory, .setMemoryParameters, .redefine]),
    (.xen, [.setMaxMemory, .setMemory, .redefine]), (.esx, [.setMaxMemory, .setMemory]),
    (.hyperv, [.setMaxMemory, .setMemory]), (.openvz, [.setMemoryParameters]), (.vmware, []),
    (.vbox, []), (.vz, [.redefine]), (.cloudHypervisor, [.setNumaParameters, .redefine]),
    (.bhyve, [.setMemoryParameters, .redefine]),
  ]

  @Test("a driver takes the calls that it has, and no others", arguments: tables)
  func taken(driver: HypervisorDriver, actions: Set<Action>) {
    var off = domain()
    (off.isActive, off.live, off.state) = (false, nil, .shutOff)
    let calls = [
      call(.setMaxMemory, .persistent, (.memory, gibibytes(9))),
      call(.setMemory, .persistent, (.currentMemory, gibibytes(6))),
      call(.setMemoryParameters, .persistent, (.hardLimit, gibibytes(10))),
      call(.setMemoryStatsPeriod, .persistent, (.statsPeriod, .seconds(1))),
      call(
        .setNumaParameters, .persistent, (path("numatune.memory.mode"), .word("strict")),
        (path("numatune.memory.nodeset"), nodes(0))),
      call(.redefine, .persistent, (path("dumpCore"), .flag(false))),
    ]
    let found = calls.filter { refusal(of: $0, on: off, driver: driver) == nil }.map(\.action)
    #expect(Set(found) == actions)
  }

  @Test("bhyve bounds memory since libvirt 12.4, by hardLimit alone")
  func bhyve() {
    func taken(_ field: FieldPath, _ version: LibvirtVersion, _ action: Action) -> Bool {
      let call = call(action, .persistent, (field, gibibytes(10)))
      return
        (try? HypervisorBehaviour(driver: .bhyve, version: version).outcome(
          of: call, on: domain())) != nil
    }
    for action in [Action.setMemoryParameters, .redefine] {
      #expect(taken(.hardLimit, LibvirtVersion(12, 4, 0), action))
      #expect(!taken(.hardLimit, LibvirtVersion(12, 3, 0), action))
      #expect(!taken(.softLimit, LibvirtVersion(12, 4, 0), action))
    }
  }

  @Test("where there is one definition, a call names no plane and changes both")
  func plain() throws {
    for driver in [HypervisorDriver.esx, .hyperv, .openvz] { #expect(driver.callForm == .plain) }
    let call = Call(
      .setMemory, on: .live,
      changes: [Change(field: .currentMemory, from: gibibytes(8), to: gibibytes(6))], form: .plain)
    #expect(call.api == "virDomainSetMemory" && call.flags == [])
    let after = try HypervisorBehaviour(driver: .esx).outcome(of: call, on: domain())
    for plane in Plane.allCases {
      #expect(after[plane]?.currentMemory == .exactly(.gibibytes(6)))
    }
  }

  @Test("RAM at boot of such a domain changes while it is off")
  func powerOff() {
    var call = call(.setMaxMemory, .persistent, (.memory, gibibytes(9)))
    call.form = .plain
    #expect(call.api == "virDomainSetMaxMemory" && call.flags == [])
    #expect(refusal(of: call, on: domain(), driver: .esx) == .needsPowerOff)
    var off = domain()
    (off.isActive, off.live, off.state) = (false, nil, .shutOff)
    #expect(refusal(of: call, on: off, driver: .esx) == nil)
  }

  @Test("what ESX rounds up is what was asked for")
  func rounding() {
    let esx = HypervisorBehaviour(driver: .esx)
    func holds(_ asked: UInt64, _ shown: UInt64, _ field: FieldPath) -> Bool {
      esx.satisfies(
        .size(.mebibytes(asked)), .size(.mebibytes(shown)), field: field, on: .persistent)
    }
    #expect(holds(1025, 1028, .memory))
    #expect(!holds(1024, 1028, .memory))
  }

  @Test(
    "limits that can't be set stay out of a redefinition, and the rest is in it",
    arguments: [(HypervisorDriver.xen, false), (.qemu, true)])
  func folded(driver: HypervisorDriver, isSession: Bool) {
    let changes = [FieldPath.hardLimit, path("dumpCore")].map {
      Change(
        field: $0, from: nil, to: $0 == .hardLimit ? gibibytes(8) : .flag(false))
    }
    let behaviour = HypervisorBehaviour(driver: driver, isSession: isSession)
    do throws(Refusal) {
      _ = try behaviour.outcome(
        of: Call(.redefine, on: .persistent, changes: changes), on: domain())
      Issue.record("the limit was taken")
    } catch {
      #expect(error.fields == [.hardLimit])
    }
  }
}
