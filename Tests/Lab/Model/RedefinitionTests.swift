// SPDX-License-Identifier: Apache-2.0
import Foundation
import MemoryModel
import Testing

extension LabTests {
  @Suite struct RedefinitionTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("one redefinition stages all memory changes, which take effect with a power cycle")
    func staged() throws {
      let guest = try Guest("one-cell", richDefinition, in: lab)
      try guest.startPaused()
      let before = try guest.secretXML()
      let live = try guest.xml(.live)
      let plan = try guest.virtmem("plan", wanted, "--format", "json")
      #expect(plan.output.matches(of: /"api":"virDomainDefineXMLFlags"/).count == 1)
      #expect(plan.output.matches(of: /"plane":"persistent"/).count == 1, "\(plan)")
      let applied = try guest.virtmem("apply", wanted)
      #expect(applied.status == 0, "\(applied)")

      for (element, kibibytes) in [
        ("memory", 320 << 10), ("currentMemory", 288 << 10), ("maxMemory", 1 << 20),
        ("soft_limit", 1 << 20),
      ] as [(String, UInt64)] {
        #expect(try guest.kibibytes(element, .persistent) == kibibytes, "\(element)")
      }
      for kept in ["passwd='s3cret&amp;'", "<qemu:arg value='-name'/>", "<other:tool", "hold"] {
        #expect(try guest.secretXML().contains(kept), "\(kept)")
      }
      #expect(try guest.secretXML().withoutMemory == before.withoutMemory)
      #expect(try guest.xml(.live).withoutTuning == live.withoutTuning, "what runs was let alone")
      #expect(try guest.virtmem("plan", wanted, "--detailed-exitcode").status == 0)
      #expect(
        try guest.virtmem("plan", wanted, "--detailed-exitcode", "--require-live").status == 2)

      try lab.virsh("destroy", guest.name)
      try guest.boot()
      #expect(try guest.monitor("info memory_size_summary").contains("\(320 << 20)"))
      try eventually("the balloon has come to its figure", within: .seconds(20)) {
        try guest.kibibytes("currentMemory", .live) == 288 << 10
      }
      let again = try guest.virtmem("plan", wanted, "--detailed-exitcode", "--require-live")
      #expect(again.status == 0, "\(again)")
    }

    @Test("applying several times defines the domain once")
    func definedOnce() throws {
      let guest = try Guest("once", richDefinition, in: lab)
      let file = "\(lab.state)/etc/qemu/\(guest.name).xml"
      let defined = try inode(file)
      let (process, output, _) = try Command.start([
        "/usr/bin/virsh", "-q", "-c", lab.uri, "event", guest.name, "lifecycle", "--loop",
        "--timeout", "4",
      ])
      Thread.sleep(forTimeInterval: 1)
      #expect(try guest.virtmem("apply", wanted).status == 0)
      let once = try inode(file)
      #expect(once != defined)
      for _ in 0..<2 { #expect(try guest.virtmem("apply", wanted).status == 0) }
      #expect(try inode(file) == once)
      let events = String(
        decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(events.matches(of: /Defined/).count == 1, "\(events)")
    }

    @Test("an apply removes maxMemory and keeps everything else")
    func removedMaxMemory() throws {
      var definition = richDefinition
      definition.memory = "<maxMemory slots='4' unit='GiB'>1</maxMemory>\(definition.memory)"
      let guest = try Guest("uncapped", definition, in: lab)
      let before = try guest.secretXML()
      let spec = "maxMemory: none"
      #expect(try guest.virtmem("apply", spec).status == 0)
      #expect(try guest.kibibytes("maxMemory", .persistent) == nil)
      #expect(try guest.secretXML().withoutMemory == before.withoutMemory)
      #expect(try guest.virtmem("drift", spec).status == 0)
      try guest.startPaused()
      #expect(
        try guest.virtmem("plan", spec, "--detailed-exitcode", "--require-live").status == 0)
    }

    @Test("an apply of maxMemory inserts a cell if libvirt does so, and is blocked otherwise")
    func insertedCell() throws {
      let guest = try Guest("capped", in: lab)
      let before = try guest.secretXML()
      let spec = "maxMemory: {size: 2GiB, slots: 8}"
      let applied = try guest.virtmem("apply", spec)
      guard try lab.versions().libvirt >= Version(9, 6, 0) else {
        #expect(applied.status == 3 && applied.output.contains("max-memory-needs-numa-cell"))
        #expect(try guest.secretXML() == before)
        return
      }
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.kibibytes("maxMemory", .persistent) == 2 << 20)
      #expect(try guest.xml(.persistent).contains("<cell id='0' cpus='0' memory='262144'"))
      #expect(try guest.secretXML().withoutAllMemory == before.withoutAllMemory)
      #expect(try guest.virtmem("drift", spec).status == 0)
      try guest.startPaused()
      #expect(
        try guest.virtmem("plan", spec, "--detailed-exitcode", "--require-live").status == 0)
    }

    private let wanted = """
      maxMemory: {size: 1GiB, slots: 4}, memory: 320MiB, currentMemory: 288MiB,
        memtune: {softLimit: 1GiB}, memballoon: {statsPeriod: 5s}
      """

    /// One cell, and content that a careless redefinition would lose.
    private var richDefinition: GuestDefinition {
      var definition = GuestDefinition(cells: [256 << 10])
      definition.devices = """
        <graphics type='vnc' passwd='s3cret&amp;'>
          <listen type='socket' socket='\(lab.state)/vnc'/>
        </graphics>
        """
      definition.more = """
        <metadata>
          <other:tool xmlns:other='http://other.example/1' a='1'><b>keep &amp; hold</b></other:tool>
        </metadata>
        <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <qemu:arg value='-name'/><qemu:arg value='process=lab'/>
        </qemu:commandline>
        """
      return definition
    }

    /// A file's inode and modification time, which change whenever libvirt writes the file.
    private func inode(_ file: String) throws -> [Int?] {
      let attributes = try FileManager.default.attributesOfItem(atPath: file)
      let date = attributes[.modificationDate] as? Date
      return [
        attributes[.systemFileNumber] as? Int, date.map { Int($0.timeIntervalSince1970 * 1e6) },
      ]
    }
  }
}

extension Guest {
  /// The answer of QEMU's own monitor to `command`.
  func monitor(_ command: String) throws -> String {
    try lab.virsh("qemu-monitor-command", name, "--hmp", command)
  }

  /// The persistent definition with its passwords.
  fileprivate func secretXML() throws -> String {
    try lab.virsh("dumpxml", "--inactive", "--security-info", name)
  }
}

extension String {
  /// The lines of a definition without those that a redefinition may change.
  fileprivate var withoutMemory: [Substring] {
    split(separator: "\n").filter {
      !$0.contains(/<(maxMemory|memory|currentMemory|cell|stats) |_limit|memtune>/)
    }
  }

  /// The lines of a definition without limits and statistics, which have calls of their own.
  fileprivate var withoutTuning: [Substring] {
    split(separator: "\n").filter { !$0.contains(/<stats |_limit|memtune>/) }
  }
}
