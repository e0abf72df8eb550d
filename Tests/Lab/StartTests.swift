// SPDX-License-Identifier: Apache-2.0
import LibvirtClient
import MemoryModel
import Testing

extension LabTests {
  @Suite struct StartTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("memory is staged and takes effect with a power cycle")
    func stagedMemory() throws {
      let guest = try Guest("staged", in: lab)
      try guest.startPaused()
      let spec = "memory: 320MiB, currentMemory: {min: 128MiB, max: 320MiB}"
      let applied = try guest.virtmem("apply", spec)
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.kibibytes("memory", .live) == 256 << 10)
      #expect(try guest.kibibytes("memory", .persistent) == 320 << 10)
      #expect(try guest.virtmem("plan", spec, "--detailed-exitcode").status == 0)
      #expect(
        try guest.virtmem("plan", spec, "--detailed-exitcode", "--require-live").status == 2)
      try lab.virsh("destroy", guest.name)
      try guest.startPaused()
      #expect(try guest.kibibytes("memory", .live) == 320 << 10)
      #expect(
        try guest.virtmem("plan", spec, "--detailed-exitcode", "--require-live").status == 0)
    }

    @Test("a managed save image replaces the live definition in a plan")
    func savedImage() throws {
      let guest = try Guest("saved", in: lab)
      try guest.boot()
      try lab.virsh("managedsave", guest.name)
      let spec = "memory: 320MiB, currentMemory: 320MiB"
      let applied = try guest.virtmem("apply", spec)
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.kibibytes("memory", .persistent) == 320 << 10)
      let plan = try guest.virtmem("plan", spec, "--format", "json", "--require-live")
      #expect(plan.output.contains("\"verdict\":\"pendingRestart\""), "\(plan)")
      #expect(plan.output.contains("managed-save-shadows"))
      #expect(plan.output.contains("\"live\":268435456"))
      #expect(try lab.virsh("list", "--all", "--with-managed-save", "--name").contains(guest.name))
    }

    @Test("limits in a managed save image don't block the definition's limits")
    func limitsInSavedImage() throws {
      let guest = try Guest("shadowed", in: lab)
      try guest.boot()
      try lab.virsh(
        "memtune", guest.name, "--hard-limit", "1048576", "--swap-hard-limit", "1048576", "--live")
      try lab.virsh("managedsave", guest.name)
      let applied = try guest.virtmem("apply", "memtune: {hardLimit: 2GiB}")
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.kibibytes("hard_limit", .persistent) == 2 << 20)
    }

    @Test("changes that QEMU makes to a definition at start don't count as drift")
    func startRounding() async throws {
      let guests = try StartTests.odd.sorted { $0.key < $1.key }.map { name, definition in
        let role = "odd-\(name.replacing(" ", with: "-"))"
        return try Guest(role, definition, in: lab)
      }
      for guest in guests { try lab.virsh("start", guest.name) }
      for guest in guests { try guest.awaitReady() }
      let host = try await lab.connect(.readOnly)
      for guest in guests {
        // A guest keeps changing until its balloon has reached the persistent currentMemory.
        try await guest.awaitRest(host)
        let observed = try await host.observe(uuid: guest.uuid, .all)
        let spec = try #require(observed.persistent).manifest
        let plan = try guest.virtmem("plan", spec, "--detailed-exitcode", "--require-live")
        #expect(plan.status == 0, "\(guest.name): \(spec)\n\(plan.output)")
      }
    }

    static let odd: [String: GuestDefinition] = {
      let ceiling = "<maxMemory slots='8' unit='MiB'>2048</maxMemory>"
      var odd = GuestDefinition()
      odd.memory = "<memory>266241</memory><currentMemory>200003</currentMemory>"
      var limits = GuestDefinition()
      limits.memory =
        "<memory>262145</memory><memtune><soft_limit>1000001</soft_limit></memtune>"
      var cells = GuestDefinition(cells: [66_561, 131_073, 66_561])
      cells.memory = "\(ceiling)<memory>1</memory>"
      var dimms = GuestDefinition(cells: [262_144])
      dimms.memory = "\(ceiling)<memory>1</memory>"
      dimms.devices = dimm(kibibytes: 131_073) + dimm(kibibytes: 67_584)
      var elastic = GuestDefinition(cells: [262_144, 66_561])
      elastic.memory = "\(ceiling)<memory>1</memory>"
      elastic.devices = virtioMem(mebibytes: 256, requested: 64) + dimm(kibibytes: 65_536)
      var bare = GuestDefinition()
      bare.memory = "<memory>266241</memory><currentMemory>200003</currentMemory>"
      bare.balloon = "<memballoon model='none'/>"
      var period = GuestDefinition()
      period.balloon =
        "<memballoon model='virtio' autodeflate='on'><stats period='7'/></memballoon>"
      var memfd = GuestDefinition(cells: [65_536, 196_608])
      memfd.memory = """
        <memory>1</memory>
        <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
        """
      return [
        "odd sizes": odd, "a limit that is no multiple of a page": limits, "several cells": cells,
        "DIMMs": dimms, "virtio-mem that requests": elastic, "no balloon": bare,
        "a statistics period": period, "shared memory": memfd, "nothing odd": GuestDefinition(),
      ]
    }()

    static func dimm(kibibytes: UInt64, node: Int = 0) -> String {
      """
      <memory model='dimm'><target><size>\(kibibytes)</size><node>\(node)</node></target></memory>
      """
    }

    static func virtioMem(mebibytes: UInt64, requested: UInt64, node: Int = 0) -> String {
      """
      <memory model='virtio-mem'><target><size unit='MiB'>\(mebibytes)</size><node>\(node)</node>
      <block unit='MiB'>2</block><requested unit='MiB'>\(requested)</requested></target></memory>
      """
    }
  }
}

extension Guest {
  /// Waits until two observations in a row show the same currentMemory, other than that of a guest
  /// that has just booted.
  fileprivate func awaitRest(_ host: LibvirtHost) async throws {
    var last: MemoryTarget?
    try await eventually("\(name) has come to rest", within: .seconds(30)) {
      let observed = try await host.observe(uuid: uuid, .observed)
      let balloonTarget = observed.live?.currentMemory
      defer { last = balloonTarget }
      try await Task.sleep(for: .milliseconds(300))
      let isAsked = balloonTarget != observed.live?.reach.map(MemoryTarget.exactly)
      return balloonTarget == last && (isAsked || observed.asksForAll)
    }
  }
}

extension ObservedDomain {
  /// Whether the persistent definition leaves the guest all its memory, or there is no balloon to
  /// take any.
  fileprivate var asksForAll: Bool {
    guard let persistent, let live, !persistent.memballoon.isRuledOut else { return true }
    guard case .exactly(let size)? = persistent.currentMemory, let reach = live.reach else {
      return true
    }
    return min(size, persistent.reach ?? size).roundedUp(toMultipleOf: .kibibytes(4)) >= reach
      || live.devices.contains { $0.model == .virtioMem }
  }
}

extension MemoryConfiguration {
  /// A manifest's spec with the values of this definition, as libvirt shows them.
  fileprivate var manifest: String {
    var fields: [String] = []
    if let memory { fields.append("memory: \(memory.manifestText)") }
    if case .exactly(let size)? = currentMemory, !memballoon.isRuledOut {
      let plugged = devices.compactMap(\.plugged).total
      let balloonTarget = min(size - plugged, reach ?? .maximum)
      fields.append("currentMemory: \(balloonTarget.manifestText)")
    }
    let limits = [
      ("hardLimit", memtune.hardLimit), ("softLimit", memtune.softLimit),
      ("swapHardLimit", memtune.swapHardLimit),
    ].map { name, limit in
      if case .size(let size)? = limit {
        "\(name): \(size.manifestText)"
      } else {
        "\(name): unlimited"
      }
    }
    fields.append("memtune: {\(limits.joined(separator: ", "))}")
    if !memballoon.isRuledOut {
      fields.append("memballoon: {statsPeriod: \(memballoon.statsPeriod?.seconds ?? 0)s}")
    }
    return fields.joined(separator: ", ")
  }
}
