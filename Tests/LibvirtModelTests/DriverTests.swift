// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// Which of libvirt's calls each driver has, and how it takes them.
@Suite struct DriverTests {
  private static let drivers: [(HypervisorDriver, String)] = [
    (.qemu, "QEMU"), (.test, "TEST"), (.lxc, "LXC"), (.xen, "Xen"), (.esx, "ESX"),
    (.vmware, "VMware"), (.hyperv, "Hyper-V"), (.vbox, "VBOX"), (.vz, "vz"), (.openvz, "OpenVZ"),
    (.cloudHypervisor, "CH"), (.bhyve, "BHYVE"), (.other("new"), "new"),
  ]

  @Test("a driver's name in libvirt and its name in a snapshot both identify it")
  func names() {
    for (driver, type) in Self.drivers {
      #expect(HypervisorDriver(connectionType: type) == driver)
      #expect(HypervisorDriver(connectionType: driver.word) == driver)
      #expect(!driver.name.isEmpty)
    }
  }

  /// The persistent calls that each driver takes for a shut-off domain, by libvirt 11.3's tables.
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

  @Test("a driver takes exactly the calls that it has", arguments: tables)
  func takenCalls(driver: HypervisorDriver, actions: Set<Action>) {
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

  @Test("bhyve limits memory since libvirt 12.4, only with hardLimit")
  func bhyve() {
    func taken(_ field: FieldPath, _ version: Version, _ action: Action) -> Bool {
      let call = call(action, .persistent, (field, gibibytes(10)))
      return
        (try? ObservedHost(.bhyve, libvirt: version).result(of: call, on: domain())) != nil
    }
    for action in [Action.setMemoryParameters, .redefine] {
      #expect(taken(.hardLimit, Version(12, 4, 0), action))
      #expect(!taken(.hardLimit, Version(12, 3, 0), action))
      #expect(!taken(.softLimit, Version(12, 4, 0), action))
    }
  }

  @Test("a driver with one definition takes calls without a plane, which change both planes")
  func plainCalls() throws {
    for driver in [HypervisorDriver.esx, .hyperv, .openvz] { #expect(driver.callForm == .plain) }
    let call = Call(
      .setMemory, on: .live,
      changes: [Change(field: .currentMemory, from: gibibytes(8), to: gibibytes(6))], form: .plain)
    #expect(call.api == "virDomainSetMemory" && call.flags == [])
    let after = try ObservedHost(.esx).result(of: call, on: domain())
    for plane in Plane.allCases {
      #expect(after[plane]?.currentMemory == .exactly(.gibibytes(6)))
    }
  }

  @Test("memory of a domain with one definition changes only while it is off")
  func powerOff() {
    var call = call(.setMaxMemory, .persistent, (.memory, gibibytes(9)))
    call.form = .plain
    #expect(call.api == "virDomainSetMaxMemory" && call.flags == [])
    #expect(refusal(of: call, on: domain(), driver: .esx) == .needsPowerOff)
    var off = domain()
    (off.isActive, off.live, off.state) = (false, nil, .shutOff)
    #expect(refusal(of: call, on: off, driver: .esx) == nil)
  }

  @Test("a size that ESX rounded up satisfies the desired one")
  func rounding() {
    let esx = GuestBehaviour(of: domain(), on: ObservedHost(.esx))
    func holds(_ asked: UInt64, _ shown: UInt64, _ field: FieldPath) -> Bool {
      esx.satisfies(
        .size(.mebibytes(asked)), .size(.mebibytes(shown)), field: field, on: .persistent)
    }
    #expect(holds(1025, 1028, .memory))
    #expect(!holds(1024, 1028, .memory))
  }

  @Test(
    "the model refuses only those limits of a redefinition that the driver can't set",
    arguments: [(HypervisorDriver.xen, false), (.qemu, true)])
  func refusedLimits(driver: HypervisorDriver, isSession: Bool) {
    let changes = [FieldPath.hardLimit, path("dumpCore")].map {
      Change(
        field: $0, from: nil, to: $0 == .hardLimit ? gibibytes(8) : .flag(false))
    }
    let host = ObservedHost(driver, isSession: isSession)
    do throws(Refusal) {
      _ = try host.result(
        of: Call(.redefine, on: .persistent, changes: changes), on: domain())
      Issue.record("the limit was taken")
    } catch {
      #expect(error.fields == [.hardLimit])
    }
  }
}
