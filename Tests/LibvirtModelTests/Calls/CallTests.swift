// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Testing

/// For each constraint of a call, a call that it refuses and the closest one that it accepts.
@Suite struct CallTests {
  static let kib = MemorySize.kibibytes(1)

  static func memory(_ size: MemorySize, _ plane: Plane = .persistent) -> Call {
    call(.setMaxMemory, plane, (.memory, .size(size)))
  }

  static func balloon(_ size: MemorySize, _ plane: Plane) -> Call {
    call(.setMemory, plane, (.currentMemory, .size(size)))
  }

  @Test("libvirt sets memory only persistently, never live")
  func memoryNeverLive() {
    #expect(refusal(of: Self.memory(.gibibytes(9), .live), on: domain()) == .setmaxmemNeverLive)
    #expect(refusal(of: Self.memory(.gibibytes(9)), on: domain()) == nil)
  }

  @Test("libvirt doesn't set memory of a guest with cells")
  func memoryWithCells() {
    let celled = domain { $0.cells = [NUMACell(id: 0, memory: .gibibytes(8))] }
    #expect(refusal(of: Self.memory(.gibibytes(9)), on: celled) == .setmaxmemWithNUMACells)
  }

  @Test("memory and all devices may reach maxMemory, to the KiB")
  func memoryBelowMaxMemory() {
    let bounded = domain {
      $0.maxMemory = MaxMemory(size: .gibibytes(16))
      $0.devices = [MemoryDevice(model: .virtioMem, size: .gibibytes(4))]
    }
    #expect(refusal(of: Self.memory(.gibibytes(12)), on: bounded) == nil)
    #expect(
      refusal(of: Self.memory(.gibibytes(12) + Self.kib), on: bounded) == .memoryAboveMaxMemory)
  }

  @Test(
    "currentMemory may reach the memory with DIMMs, without other devices",
    arguments: Plane.allCases)
  func reach(plane: Plane) {
    let extended = domain {
      $0.devices = [
        MemoryDevice(model: .dimm, size: .gibibytes(1)),
        MemoryDevice(model: .virtioMem, size: .gibibytes(4)),
        MemoryDevice(model: .nvdimm, size: .gibibytes(4)),
      ]
    }
    #expect(refusal(of: Self.balloon(.gibibytes(9), plane), on: extended) == nil)
    #expect(
      refusal(of: Self.balloon(.gibibytes(9) + Self.kib, plane), on: extended)
        == .currentMemoryAboveReach)
  }

  @Test("currentMemory needs a balloon", arguments: Plane.allCases)
  func balloonNeeded(plane: Plane) {
    let bare = domain { $0.memballoon.model = .noDevice }
    #expect(refusal(of: Self.balloon(.gibibytes(6), plane), on: bare) == .noBalloonDevice)
    #expect(refusal(of: Self.balloon(.gibibytes(6), plane), on: domain()) == nil)
  }

  @Test(
    "a statistics period needs a balloon, which the test driver doesn't add",
    arguments: Plane.allCases)
  func statistics(plane: Plane) {
    let period = call(.setMemoryStatsPeriod, plane, (.statsPeriod, .seconds(10)))
    #expect(refusal(of: period, on: domain { $0.memballoon.model = .noDevice }) == .noBalloonDevice)
    let silent = domain { $0.memballoon.model = nil }
    #expect(refusal(of: period, on: silent) == nil)
    #expect(refusal(of: period, on: silent, driver: .test) == .noBalloonDevice)
    #expect(refusal(of: period, on: domain(), driver: .test) == nil)
  }

  @Test("a live call needs a running domain, even if it has a saved image")
  func inactive() {
    var off = domain()
    (off.isActive, off.state, off.hasManagedSave) = (false, .shutOff, true)
    #expect(refusal(of: Self.balloon(.gibibytes(6), .live), on: off) == .liveNeedsRunningDomain)
    #expect(refusal(of: Self.balloon(.gibibytes(6), .persistent), on: off) == nil)
  }

  @Test("a persistent call needs a persistent definition")
  func transient() {
    var transient = domain()
    (transient.isPersistent, transient.persistent) = (false, nil)
    #expect(
      refusal(of: Self.balloon(.gibibytes(6), .persistent), on: transient)
        == .persistentNeedsDefinition)
    #expect(refusal(of: Self.balloon(.gibibytes(6), .live), on: transient) == nil)
  }

  @Test(
    "libvirt changes a live balloon only while the guest runs",
    arguments: [
      (DomainState.paused, false), (.pmsuspended, false), (.crashed, false), (.running, true),
      (.idle, true), (.noState, true),
    ])
  func guestNotRunning(state: DomainState, moves: Bool) {
    var domain = domain()
    domain.state = state
    #expect(
      refusal(of: Self.balloon(.gibibytes(6), .live), on: domain)
        == (moves ? nil : .guestNotRunning))
    #expect(refusal(of: Self.balloon(.gibibytes(6), .persistent), on: domain) == nil)
  }

  @Test("hardLimit may equal swapHardLimit and not exceed it", arguments: Plane.allCases)
  func limits(plane: Plane) {
    func pair(_ hard: FieldValue, _ swap: FieldValue) -> Rule? {
      refusal(
        of: call(.setMemoryParameters, plane, (.hardLimit, hard), (.swapHardLimit, swap)),
        on: domain())
    }
    #expect(pair(gibibytes(8), gibibytes(8)) == nil)
    #expect(pair(.size(.gibibytes(8) + Self.kib), gibibytes(8)) == .hardLimitAboveSwapHardLimit)
    #expect(pair(gibibytes(8), .unlimited) == nil)
    #expect(pair(.unlimited, gibibytes(8)) == .hardLimitAboveSwapHardLimit)
    #expect(pair(.unlimited, .unlimited) == nil)
  }

  @Test("libvirt compares an unsent limit with its live value, on both planes")
  func unsentLimit() {
    var uneven = domain()
    uneven.live?.memtune.swapHardLimit = .size(.gibibytes(1))
    let hard = call(.setMemoryParameters, .persistent, (.hardLimit, gibibytes(2)))
    #expect(refusal(of: hard, on: uneven) == .hardLimitAboveSwapHardLimit)
    (uneven.live, uneven.isActive) = (nil, false)
    #expect(refusal(of: hard, on: uneven) == nil)
  }

  @Test("libvirt compares softLimit with no other limit")
  func softLimit() {
    let limited = domain { $0.memtune.hardLimit = .size(.gibibytes(1)) }
    let soft = call(.setMemoryParameters, .live, (.softLimit, gibibytes(9)))
    #expect(refusal(of: soft, on: limited) == nil)
  }

  @Test("libvirt in session mode refuses memory tuning", arguments: Plane.allCases)
  func session(plane: Plane) {
    let soft = call(.setMemoryParameters, plane, (.softLimit, gibibytes(9)))
    #expect(refusal(of: soft, on: domain(), isSession: true) == .memtuneSessionMode)
    #expect(refusal(of: soft, on: domain()) == nil)
    #expect(refusal(of: Self.balloon(.gibibytes(6), plane), on: domain(), isSession: true) == nil)
  }

  @Test("only ESX takes minGuarantee, and no other limit")
  func guarantee() {
    let guarantee = call(.setMemoryParameters, .persistent, (.minGuarantee, gibibytes(1)))
    let limit = call(.setMemoryParameters, .persistent, (.softLimit, gibibytes(1)))
    #expect(refusal(of: guarantee, on: domain()) == .minGuaranteeNotQEMU)
    #expect(refusal(of: guarantee, on: domain(), driver: .esx) == nil)
    #expect(refusal(of: limit, on: domain(), driver: .esx) == .driverHasNoKnob)
  }

  static let lacks: [(HypervisorDriver, Set<Action>)] = [
    (HypervisorDriver.qemu, Set<Action>()), (.test, []), (.other("new"), []),
    (.lxc, [.setMemoryStatsPeriod]), (.esx, [.setMemoryStatsPeriod]),
    (.xen, [.setMemoryStatsPeriod, .setMemoryParameters]),
  ]

  @Test("the model refuses a call that the driver lacks", arguments: lacks)
  func drivers(driver: HypervisorDriver, lacking: Set<Action>) {
    let calls = [
      Self.memory(.gibibytes(9)), Self.balloon(.gibibytes(6), .persistent),
      call(
        .setMemoryParameters, .persistent,
        (driver == .esx ? .minGuarantee : .softLimit, gibibytes(1))),
      call(.setMemoryStatsPeriod, .persistent, (.statsPeriod, .seconds(1))),
    ]
    for call in calls {
      let expected = lacking.contains(call.action) ? Rule.driverHasNoKnob : nil
      #expect(refusal(of: call, on: domain(), driver: driver) == expected, "\(call.action)")
    }
  }

  @Test("the model refuses a call that the host was found to lack", arguments: Action.allCases)
  func missing(action: Action) {
    var domain = domain()
    domain.unsupported = [action]
    let replaceable: [Action] = [.setNumaParameters, .attachDevice, .detachDevice, .updateDevice]
    #expect(
      refusal(of: Call(action, on: .persistent, changes: []), on: domain)
        == (replaceable.contains(action) ? .driverHasNoCall : .driverHasNoKnob))
  }
}
