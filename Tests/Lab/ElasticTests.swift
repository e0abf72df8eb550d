// SPDX-License-Identifier: Apache-2.0
import Foundation
import MemoryModel
import Testing

extension LabTests {
  /// Memory that is attached to running guests, and bindings that move while guests run.
  @Suite struct ElasticTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    private static var definition: GuestDefinition {
      var definition = GuestDefinition()
      definition.memory = """
        <maxMemory slots='4' unit='MiB'>1024</maxMemory><memory unit='MiB'>256</memory>
        """
      definition.cells = [256 << 10]
      return definition
    }

    /// Expects an empty plan and no drift.
    private func expectDone(_ guest: Guest, _ spec: String) throws {
      let again = try guest.virtmem("plan", spec, "--format", "json")
      #expect(again.status == 0 && again.output.contains("\"steps\":0"), "\(again)")
      #expect(try guest.virtmem("drift", spec).status == 0)
    }

    /// A guest to which an apply has added virtio-mem of 64 MiB.
    ///
    /// On a busy machine the guest may have plugged the device before libvirt's call that attached it
    /// asks for its size. libvirt then misses the device in `<currentMemory>` until the balloon moves.
    /// So a guest of which libvirt missed it is replaced by another one.
    private func guestWithDevice(_ spec: String) throws -> Guest {
      var attempts = 0
      while true {
        attempts += 1
        let guest = try Guest("elastic", Self.definition, in: lab)
        try guest.boot()
        let applied = try guest.virtmem("apply", spec)
        #expect(applied.status == 0, "\(applied)")
        let isCounted = try guest.kibibytes("currentMemory", .live) == (256 + 64) << 10
        if isCounted || attempts == 3 { return guest }
      }
    }

    @Test("an apply adds virtio-mem, grows it and shrinks it as far as the guest allows")
    func virtioMem() throws {
      func spec(_ requested: String) -> String {
        """
        devices: {elastic0: {model: virtio-mem, size: 256MiB, block: 2MiB, node: 0, \
        requested: \(requested)}}, currentMemory: 256MiB, policy: {shrink: allow}
        """
      }
      let guest = try guestWithDevice(spec("64MiB"))
      for requested in ["64MiB", "128MiB", "32MiB"] {
        let applied = try guest.virtmem("apply", spec(requested))
        #expect(applied.status == 0, "\(applied)")
        let mebibytes = try #require(UInt64(requested.dropLast(3)))
        #expect(try guest.kibibytes("current", .live) == mebibytes << 10)
        #expect(try guest.kibibytes("requested", .persistent) == mebibytes << 10)
        #expect(try guest.kibibytes("currentMemory", .persistent) == 256 << 10)
        try expectDone(guest, spec(requested))
      }
      // Another writer's value within the range is accepted.
      try expectDone(guest, spec("{min: 16MiB, max: 64MiB}"))
    }

    @Test("an apply adds a DIMM on both planes, and removes it from both if the guest lets it go")
    func dimm() throws {
      let guest = try Guest("stick", Self.definition, in: lab)
      try guest.boot()
      let added = "devices: {stick0: {model: dimm, size: 64MiB, node: 0}}, currentMemory: 256MiB"
      let applied = try guest.virtmem("apply", added + ", policy: {shrink: allow}")
      #expect(applied.status == 0, "\(applied)")
      for plane in Plane.allCases {
        #expect(try guest.xml(plane).contains("<alias name='ua-stick0'/>"))
        #expect(try guest.kibibytes("currentMemory", plane) == 256 << 10)
      }
      try expectDone(guest, added)
      let gone = "devices: {stick0: {state: absent}}, policy: {shrink: allow}"
      let removed = try guest.virtmem("apply", gone, "--timeout", "12s", "--format", "json")
      // The guest may not be able to move its pages: then both planes keep the DIMM.
      #expect(removed.status == 0 || removed.status == 1, "\(removed)")
      for plane in Plane.allCases {
        #expect(try guest.xml(plane).contains("ua-stick0") == (removed.status == 1), "\(removed)")
      }
      if removed.status == 0 { try expectDone(guest, gone) }
    }

    @Test("an apply writes a restrictive binding only where it differs")
    func restrictiveBinding() throws {
      var definition = GuestDefinition()
      definition.more = "<numatune><memory mode='restrictive' nodeset='0'/></numatune>"
      let guest = try Guest("bound", definition, in: lab)
      try guest.startPaused()
      try lab.virsh("resume", guest.name)
      let spec = "numatune: {memory: {mode: restrictive, nodeset: \"0,^1\"}}"
      try expectDone(guest, spec)
      // The host has only one node, so that only the persistent plane can differ.
      definition.more = "<numatune><memory mode='strict' nodeset='0'/></numatune>"
      try guest.redefine(definition)
      let applied = try guest.virtmem("apply", spec)
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.xml(.persistent).contains("mode='restrictive'"))
      try expectDone(guest, spec)
      let absent = try guest.virtmem("plan", "numatune: {memory: {nodeset: 7}}")
      #expect(absent.status == 3 && absent.output.contains("blocked"), "\(absent)")
    }

    @Test("memory backing takes effect with a start, which takes huge pages from the host")
    func backing() throws {
      let guest = try Guest("backed", in: lab)
      try guest.startPaused()
      let spec = """
        memoryBacking: {source: memfd, access: shared, hugepages: [{size: 2MiB}], sharePages: false, \
        allocation: {mode: immediate}}, dumpCore: false, memballoon: {autodeflate: true, \
        freePageReporting: true}
        """
      let applied = try guest.virtmem("apply", spec)
      #expect(applied.status == 0, "\(applied)")
      let waiting = try guest.virtmem("plan", spec)
      #expect(waiting.output.contains("pending restart"), "\(waiting)")
      try lab.virsh("destroy", guest.name)
      let pages = try HugePages(atLeast: 160)
      defer { pages.giveBack() }
      try guest.startPaused()
      try expectDone(guest, spec)
      #expect(try guest.xml(.live).contains("<source type='memfd'/>"))
      #expect(try pages.free() < 160, "the guest took its pages")
      let none = """
        memoryBacking: {source: none, access: none, hugepages: none, sharePages: true, \
        allocation: none}, dumpCore: true, memballoon: {autodeflate: false, freePageReporting: false}
        """
      #expect(try guest.virtmem("apply", none).status == 0)
      try lab.virsh("destroy", guest.name)
      #expect(try guest.xml(.persistent).contains("memoryBacking") == false)
      try guest.startPaused()
      try expectDone(guest, none)
    }

    @Test("cells and their bindings take effect with a start")
    func cellsAndBindings() throws {
      let guest = try Guest("celled", in: lab)
      let spec = """
        numa: {cells: {0: {cpus: 0, memory: 192MiB, access: shared}, 1: {memory: 64MiB}}}, \
        numatune: {memory: {mode: strict, nodeset: 0}, memnodes: {1: {mode: preferred, nodeset: 0}}}, \
        maxMemory: {size: 1GiB, slots: 2}, memoryBacking: {source: memfd}
        """
      let applied = try guest.virtmem("apply", spec)
      #expect(applied.status == 0, "\(applied)")
      try expectDone(guest, spec)
      try guest.startPaused()
      try expectDone(guest, spec)
      let exported = try Command.run([
        try Command.virtmem, "export", guest.name, "-c", lab.uri,
      ])
      #expect(exported.status == 0 && exported.output.contains("memnodes"), "\(exported)")
    }
  }
}

/// Huge pages of 2 MiB in the host's pool, while a test needs them.
struct HugePages {
  private static let folder = "/sys/kernel/mm/hugepages/hugepages-2048kB"
  private let before: String

  init(atLeast count: Int) throws {
    before = try String(contentsOfFile: Self.folder + "/nr_hugepages", encoding: .utf8)
    try "\(count)".write(toFile: Self.folder + "/nr_hugepages", atomically: false, encoding: .utf8)
    try #require(free() >= 130, "the host has too few huge pages to give")
  }

  func free() throws -> Int {
    let text = try String(contentsOfFile: Self.folder + "/free_hugepages", encoding: .utf8)
    return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  func giveBack() {
    try? before.write(toFile: Self.folder + "/nr_hugepages", atomically: false, encoding: .utf8)
  }
}
