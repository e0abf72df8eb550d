// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// How running guests take devices that are attached, detached or updated, and what refuses that.
@Suite struct HotplugTests {
  static let qemu = ObservedHost(qemu: Version(7, 2, 22), nodes: NodeSet([0...1]))
  static let newer = ObservedHost(qemu: Version(8, 2, 0))

  static func device(_ model: MemoryDevice.Model, plugged: MemorySize? = nil) -> MemoryDevice {
    var device = MemoryDevice(
      model: model, name: "a", alias: "a", size: .gibibytes(4),
      node: model == .virtioPmem ? nil : 0)
    if model == .virtioMem {
      device.block = .mebibytes(2)
      device.requested = .exactly(plugged ?? .gibibytes(2))
      device.plugged = plugged
    }
    if model == .nvdimm || model == .virtioPmem { device.path = "/srv/pmem" }
    return device
  }

  static func guest(_ devices: [MemoryDevice] = []) -> ObservedDomain {
    domain {
      DeviceTests.room(&$0)
      $0.devices = devices
      $0.currentMemory = .exactly(.gibibytes(6) + devices.compactMap(\.plugged).total)
    }
  }

  /// The call that attaches or detaches `device`.
  static func call(_ action: Action, _ device: MemoryDevice, plane: Plane = .live) -> Call {
    let isAttach = action == .attachDevice
    var before = MemoryConfiguration()
    before.devices = [device]
    var changes = before.declaredFields.map { field in
      Change(
        field: field, from: isAttach ? nil : before[field], to: isAttach ? before[field] : nil)
    }
    if !isAttach {
      changes.append(
        Change(
          field: path("devices.a.state"), from: .word("present"), to: .word("absent")))
    }
    return Call(action, on: plane, changes: changes)
  }

  static func request(_ size: MemorySize, from: MemorySize = .gibibytes(2)) -> Call {
    Call(
      .updateDevice, on: .live,
      changes: [
        Change(field: path("devices.a.requested"), from: .size(from), to: .size(size))
      ])
  }

  static func refusal(
    of call: Call, on domain: ObservedDomain, by host: ObservedHost = qemu
  ) -> Refusal? {
    do throws(Refusal) {
      _ = try host.result(of: call, on: domain)
      return nil
    } catch {
      return error
    }
  }

  static let figures: [(MemoryDevice.Model, UInt64)] = [
    (.dimm, 10), (.virtioMem, 8), (.nvdimm, 6), (.virtioPmem, 6),
  ]

  @Test("an attached device adds its plugged memory and has its alias", arguments: figures)
  func attach(model: MemoryDevice.Model, balloonTarget: UInt64) throws {
    // QEMU takes an nvdimm only if the guest started with one.
    var old = MemoryDevice(model: .nvdimm, alias: "old", size: .mebibytes(4), node: 0)
    old.path = "/srv/old"
    let before = Self.guest(model == .nvdimm ? [old] : [])
    let after = try Self.qemu.result(
      of: Self.call(.attachDevice, Self.device(model)), on: before)
    let device = try #require(after.live?.devices.last)
    #expect(after.live?.currentMemory == .exactly(.gibibytes(balloonTarget)))
    #expect(device.alias == "a" && after.live?.memory == before.live?.memory)
    #expect(device.plugged == (model == .virtioMem ? .gibibytes(2) : nil))
    #expect(after.persistent == before.persistent)
  }

  @Test("a detached DIMM takes its memory out of currentMemory")
  func detach() throws {
    let device = Self.device(.dimm)
    let after = try Self.qemu.result(
      of: Self.call(.detachDevice, device), on: Self.guest([device]))
    #expect(after.live?.devices.isEmpty == true)
    #expect(after.live?.currentMemory == .exactly(.gibibytes(2)))
  }

  @Test("an nvdimm never detaches, and attaches only if the guest started with one")
  func nvdimm() {
    let device = Self.device(.nvdimm)
    let out = Self.refusal(of: Self.call(.detachDevice, device), on: Self.guest([device]))
    #expect(out?.rule == .nvdimmNeverUnplugged)
    let into = Self.refusal(of: Self.call(.attachDevice, device), on: Self.guest())
    #expect(into?.rule == .nvdimmNeedsOneAtStart)
    #expect(out?.rule.isLiftedByStart == true && into?.rule.isLiftedByStart == true)
  }

  @Test("a virtio-mem device that a start would round attaches only with a start")
  func roundedSize() throws {
    var device = Self.device(.virtioMem)
    device.size = .mebibytes(4095)
    let found = Self.refusal(of: Self.call(.attachDevice, device), on: Self.guest())
    #expect(found?.rule == .dimmSizeLive)
    // libvirt rounds up to 1 MiB before QEMU sees the size.
    device.size = .kibibytes((4095 << 10) + 1)
    #expect(Self.refusal(of: Self.call(.attachDevice, device), on: Self.guest()) == nil)
  }

  @Test("a virtio-mem device plugs what is requested, and currentMemory follows")
  func update() throws {
    let guest = Self.guest([Self.device(.virtioMem, plugged: .gibibytes(2))])
    for (size, balloonTarget): (UInt64, UInt64) in [(4, 10), (0, 6), (1, 7)] {
      let after = try Self.qemu.result(of: Self.request(.gibibytes(size)), on: guest).live
      #expect(after?.currentMemory == .exactly(.gibibytes(balloonTarget)))
      #expect(after?.devices[0].plugged == .gibibytes(size))
      #expect(after?.devices[0].requested == .exactly(.gibibytes(size)))
    }
  }

  @Test("after a wait, the guest has reached the request")
  func wait() throws {
    var guest = Self.guest([Self.device(.virtioMem, plugged: .gibibytes(1))])
    guest.live?.devices[0].requested = .exactly(.gibibytes(3))
    let request = Self.request(.gibibytes(3), from: .gibibytes(1))
    let after = try Self.qemu.result(of: .wait(request.changes), on: guest).live
    #expect(after?.devices[0].plugged == .gibibytes(3))
    #expect(after?.currentMemory == .exactly(.gibibytes(9)))
  }

  @Test(
    "libvirt changes no device of a guest that doesn't run",
    arguments: [DomainState.paused, .crashed])
  func guestNotRunning(state: DomainState) {
    var stick = Self.device(.dimm)
    stick.name = "c"
    var guest = Self.guest([Self.device(.virtioMem, plugged: .gibibytes(2)), stick])
    guest.state = state
    var dimm = Self.device(.dimm)
    dimm.name = "b"
    let calls = [
      Self.call(.attachDevice, dimm), Self.call(.detachDevice, stick),
      Self.request(.gibibytes(4)),
    ]
    for call in calls {
      #expect(Self.refusal(of: call, on: guest)?.rule == .guestNotRunning, "\(call.action)")
    }
    let refusal = #expect(throws: Refusal.self) {
      try Self.qemu.result(of: .wait(Self.request(.gibibytes(3)).changes), on: guest)
    }
    #expect(refusal?.rule == .guestNotRunning)
  }

  static let staying: [(MemoryDevice, Rule?, Rule?)] = [
    (device(.virtioPmem), .virtioPmemNeverUnplugged, .virtioPmemNeverUnplugged),
    (device(.sgxEpc), .sgxEpcNeverLive, .sgxEpcNeverLive),
    (device(.virtioMem, plugged: .gibibytes(1)), .virtioMemNeverUnplugged, .virtioMemStillPlugged),
    (device(.virtioMem, plugged: .zero), .virtioMemNeverUnplugged, nil),
  ]

  @Test(
    "virtio-pmem, sgx-epc and plugged virtio-mem devices stay until the next start",
    arguments: staying)
  func staysUntilStart(device: MemoryDevice, before: Rule?, since: Rule?) {
    let call = Self.call(.detachDevice, device)
    let guest = Self.guest([device])
    #expect(Self.refusal(of: call, on: guest)?.rule == before)
    #expect(Self.refusal(of: call, on: guest, by: Self.newer)?.rule == since)
    #expect(before?.isLiftedByStart == true)
  }

  @Test("a running guest takes DIMMs in steps of 2 MiB only, and no sgx-epc")
  func attachRefused() {
    var odd = Self.device(.dimm)
    odd.size = .mebibytes(4097)
    #expect(
      Self.refusal(of: Self.call(.attachDevice, odd), on: Self.guest())?.rule == .dimmSizeLive
    )
    odd.size = .mebibytes(4098)
    #expect(Self.refusal(of: Self.call(.attachDevice, odd), on: Self.guest()) == nil)
    let sgx = Self.call(.attachDevice, Self.device(.sgxEpc))
    #expect(Self.refusal(of: sgx, on: Self.guest())?.rule == .sgxEpcNeverLive)
    let older = ObservedHost(libvirt: Version(9, 0, 0))
    let pmem = Self.call(.attachDevice, Self.device(.virtioPmem))
    #expect(Self.refusal(of: pmem, on: Self.guest(), by: older) == nil)
    let full = Self.guest([DeviceTests.present("b"), DeviceTests.present("c")])
    let refused = Self.refusal(of: Self.call(.attachDevice, Self.device(.dimm)), on: full)
    #expect(refused?.rule == .slotsTakenByDevices)
    #expect(refused?.rule.isLiftedByStart == true)
  }

  @Test("an update changes only requested, in multiples of the block up to the size")
  func updateRefused() {
    let guest = Self.guest([Self.device(.virtioMem, plugged: .gibibytes(2))])
    let requests: [(MemorySize, Rule?)] = [
      (.mebibytes(3), .virtioMemBlockMultiple),
      (.gibibytes(4) + .mebibytes(2), .virtioMemRequestedAboveSize), (.gibibytes(4), nil),
    ]
    for (size, rule) in requests {
      #expect(Self.refusal(of: Self.request(size), on: guest)?.rule == rule)
    }
    var call = Self.request(.gibibytes(4))
    call.changes.append(
      Change(field: path("devices.a.size"), from: gibibytes(4), to: gibibytes(8)))
    #expect(Self.refusal(of: call, on: guest)?.rule == .redefinitionNeverLive)
  }

  @Test("a device change that the driver has no live call for needs a redefinition")
  func drivers() {
    let test = ObservedHost(.test)
    let refused = Self.refusal(
      of: Self.call(.attachDevice, Self.device(.dimm)), on: Self.guest(), by: test)
    #expect(refused?.rule == .driverHasNoCall)
    let persistent = Self.call(.attachDevice, Self.device(.dimm), plane: .persistent)
    let redefined = Self.refusal(of: persistent, on: Self.guest())
    #expect(redefined?.rule == .hotplugIsLive)
    #expect(redefined?.rule.isLiftedByRedefinition == true)
  }

  @Test("a virtio device takes a free PCI slot and returns it, and without one it needs a start")
  func pciSlot() throws {
    var guest = Self.guest()
    guest.live?.surroundings.freePCISlots = 1
    let plugged = try Self.newer.result(
      of: Self.call(.attachDevice, Self.device(.virtioMem)), on: guest)
    #expect(plugged.live?.surroundings.freePCISlots == 0)
    var empty = Self.device(.virtioMem, plugged: .zero)
    empty.requested = .exactly(.zero)
    guest.live?.devices = [empty]
    let unplugged = try Self.newer.result(of: Self.call(.detachDevice, empty), on: guest)
    #expect(unplugged.live?.surroundings.freePCISlots == 2)
    guest.live?.devices = []
    guest.live?.surroundings.freePCISlots = 0
    for model in [MemoryDevice.Model.virtioMem, .virtioPmem] {
      let refusal = Self.refusal(
        of: Self.call(.attachDevice, Self.device(model)), on: guest, by: Self.newer)
      #expect(refusal?.rule == .noPCISlot)
    }
    #expect(Rule.noPCISlot.isLiftedByStart)
    let dimm = Self.call(.attachDevice, Self.device(.dimm))
    #expect(Self.refusal(of: dimm, on: guest, by: Self.newer) == nil)
  }
}
