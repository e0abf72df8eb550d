// SPDX-License-Identifier: Apache-2.0
import Foundation
import LibvirtClient
import MemoryModel
import Testing

/// A definition for libvirt: a small guest, with the memory that a test needs.
struct GuestDefinition {
  /// `<memory>`, `<currentMemory>`, `<maxMemory>`, `<memtune>`, `<memoryBacking>`.
  var memory = "<memory unit='MiB'>256</memory>"
  /// The sizes of the NUMA cells in KiB.
  var cells: [UInt64] = []
  /// More attributes of each cell; by default only the first has one, for processor 0.
  var cellAttributes: [String] = []
  /// The number of the guest's processors.
  var vcpus = 1
  /// `<memory model='…'>` devices.
  var devices = ""
  /// The machine's features.
  var features = "<acpi/>"
  /// The balloon device.
  var balloon = "<memballoon model='virtio'/>"
  /// More arguments on the guest's kernel command line.
  var arguments = ""
  /// More elements of the domain itself.
  var more = ""

  func xml(_ name: String, _ lab: Lab) -> String {
    let cells = cells.enumerated().map { number, size in
      let words = cellAttributes.isEmpty ? (number == 0 ? "cpus='0'" : "") : cellAttributes[number]
      return "<cell id='\(number)' \(words) memory='\(size)' unit='KiB'/>"
    }
    // On a busy machine the kernel's test of the timer can fail under TCG, and then it panics.
    return """
      <domain type='qemu'>
        <name>\(name)</name>
        \(memory)
        <vcpu>\(vcpus)</vcpu>
        <os>
          <type arch='x86_64' machine='q35'>hvm</type>
          <kernel>\(lab.image)/vmlinuz</kernel>
          <initrd>\(lab.image)/initrd.gz</initrd>
          <cmdline>console=ttyS0 quiet no_timer_check \(arguments)</cmdline>
        </os>
        <features>\(features)</features>
        \(cells.isEmpty ? "" : "<cpu><numa>\(cells.joined())</numa></cpu>")
        \(more)
        <devices>
          <serial type='file'><source path='\(lab.state)/guests/\(name).log'/></serial>
          \(balloon)
          \(devices)
        </devices>
      </domain>
      """
  }
}

/// A domain of the lab, removed with this object.
final class Guest {
  /// The domain's name, unique to this run because the machine shares its cgroups.
  let name: String
  let uuid: String
  let lab: Lab

  /// Defines a domain.
  init(_ role: String, _ definition: GuestDefinition = GuestDefinition(), in lab: Lab) throws {
    self.lab = lab
    name = "\(role)-\(getpid())"
    let file = try Self.write(definition.xml(name, lab), name, lab)
    try lab.virsh("define", file)
    uuid = try lab.virsh("domuuid", name).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Starts a transient domain.
  init(transient role: String, _ definition: GuestDefinition, in lab: Lab) throws {
    self.lab = lab
    name = "\(role)-\(getpid())"
    let file = try Self.write(definition.xml(name, lab), name, lab)
    try lab.virsh("create", file)
    uuid = try lab.virsh("domuuid", name).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  deinit {
    _ = try? lab.virsh("destroy", name)
    _ = try? lab.virsh("undefine", name, "--managed-save")
  }

  private static func write(_ xml: String, _ name: String, _ lab: Lab) throws -> String {
    let file = "\(lab.state)/guests/\(name).xml"
    try xml.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  /// Replaces the persistent definition.
  func redefine(_ definition: GuestDefinition) throws {
    let xml = definition.xml(name, lab).replacing("<vcpu>", with: "<uuid>\(uuid)</uuid><vcpu>")
    try lab.virsh("define", Self.write(xml, name, lab))
  }

  /// Starts the domain and waits until its guest has loaded its drivers.
  func boot() throws {
    try lab.virsh("start", name)
    try awaitReady()
  }

  /// Starts the domain with its processor stopped: it has a live definition at once.
  func startPaused() throws {
    try lab.virsh("start", name, "--paused")
  }

  /// Waits until the guest has loaded its drivers.
  func awaitReady() throws {
    try eventually("\(name) has booted", within: .seconds(180)) {
      (try? log.contains("GUEST-READY")) ?? false
    } otherwise: {
      (try? log) ?? "It printed nothing."
    }
  }

  /// The guest's output since its start.
  var log: String {
    get throws { try String(contentsOfFile: "\(lab.state)/guests/\(name).log", encoding: .utf8) }
  }

  /// The number in a file of the domain's memory controller, by its name in cgroup v1 and v2; nil
  /// if there is no such file or it holds `max`.
  func cgroup(v1: String, v2: String) throws -> UInt64? {
    let folder = try cgroupFolder
    let file = folder.appending(path: folder.path.contains("/memory/") ? v1 : v2).path
    let text = try? String(contentsOfFile: file, encoding: .utf8)
    return text.flatMap { UInt64($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// Writes the hard limit of the domain's cgroup behind libvirt's back, in bytes.
  func writeHardLimit(_ bytes: UInt64) throws {
    let folder = try cgroupFolder
    let isV1 = folder.path.contains("/memory/")
    let file = folder.appending(path: isV1 ? "memory.limit_in_bytes" : "memory.max")
    let handle = try FileHandle(forWritingTo: file)
    try handle.write(contentsOf: Data("\(bytes)".utf8))
    try handle.close()
  }

  /// The domain's QEMU.
  var process: pid_t {
    get throws {
      let text = try String(contentsOfFile: "\(lab.state)/run/qemu/\(name).pid", encoding: .utf8)
      return try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
  }

  /// The folder of the domain's memory controller, as the kernel shows it for the guest's process.
  private var cgroupFolder: URL {
    get throws {
      let lines = try String(contentsOfFile: "/proc/\(process)/cgroup", encoding: .utf8)
        .split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
      if let line = lines.first(where: { $0.count == 3 && $0[1] == "memory" }) {
        return URL(filePath: "/sys/fs/cgroup/memory\(line[2])")
      }
      let line = try #require(lines.first { $0.count == 3 && $0[0] == "0" })
      // libvirt makes a group for each thread below the domain's group.
      let path = line[2].split(separator: "/").prefix { $0 != "libvirt" && $0 != "emulator" }
      return URL(filePath: "/sys/fs/cgroup/\(path.joined(separator: "/"))")
    }
  }

  /// The live or persistent definition as virsh shows it.
  func xml(_ plane: Plane) throws -> String {
    plane == .live
      ? try lab.virsh("dumpxml", name) : try lab.virsh("dumpxml", "--inactive", name)
  }

  /// The size in KiB of `element` on `plane`; nil if there is none.
  func kibibytes(_ element: String, _ plane: Plane) throws -> UInt64? {
    let pattern = try Regex<(Substring, Substring)>("<\(element)(?: [^>]*)?>([0-9]+)</")
    return try xml(plane).firstMatch(of: pattern).flatMap { UInt64($0.output.1) }
  }
}

extension Guest {
  /// Runs `virtmem` on a manifest with only this domain and `spec`.
  func virtmem(_ command: String, _ spec: String, _ arguments: String...) throws -> Command.Result {
    try Command.run(invocation(command, spec, arguments))
  }

  /// The command line of ``virtmem(_:_:_:)``.
  func invocation(_ command: String, _ spec: String, _ arguments: [String]) throws -> [String] {
    let file = try manifest(spec)
    let approval = command == "apply" ? ["--auto-approve"] : []
    return [try Command.virtmem, command, file, "-c", lab.uri] + approval + arguments
  }

  private func manifest(_ spec: String) throws -> String {
    try lab.file("\(name).yaml", document(spec))
  }

  /// This domain's document of a manifest.
  func document(_ spec: String) -> String {
    """
    ---
    apiVersion: virtmem.io/v1alpha1
    kind: Domain
    metadata: {name: \(name)}
    spec: {\(spec)}

    """
  }
}
