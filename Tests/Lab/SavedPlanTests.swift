// SPDX-License-Identifier: Apache-2.0
import Foundation
import MemoryModel
import Testing

extension LabTests {
  /// Plans that one process saves and another applies.
  @Suite struct SavedPlanTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    private let spec = "memtune: {softLimit: 900MiB}, memballoon: {statsPeriod: 5s}"

    @Test("apply skips a domain that another writer changed and applies the others")
    func changedSincePlan() throws {
      let (changed, sound) = (try Guest("behind", in: lab), try Guest("sound", in: lab))
      for guest in [changed, sound] { try guest.startPaused() }
      let plan = try save(changed.document(spec) + sound.document(spec))
      try lab.virsh("memtune", changed.name, "--soft-limit", "700000", "--config")
      let before = try Plane.allCases.map { try changed.xml($0) }

      let applied = try apply(plan)
      #expect(applied.status == 4, "\(applied)")
      #expect(try Plane.allCases.map { try changed.xml($0) } == before, "it was not touched")
      for plane in Plane.allCases {
        #expect(try sound.kibibytes("soft_limit", plane) == 900 << 10)
        #expect(try sound.xml(plane).contains("period='5'"))
      }
      let again = try apply(plan)
      #expect(again.status == 4, "\(again)")
      // The four steps, and the domain itself.
      #expect(again.output.matches(of: /"status":"alreadyDone"/).count == 5, "\(again)")
    }

    @Test("applying a plan twice performs no step the second time")
    func appliedTwice() throws {
      let guest = try Guest("twice", GuestDefinition(cells: [256 << 10]), in: lab)
      try guest.startPaused()
      let memory = "maxMemory: {size: 1GiB, slots: 4}, memory: 320MiB, currentMemory: 320MiB"
      let plan = try save(guest.document("\(memory), \(spec)"))
      let applied = try apply(plan)
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.kibibytes("memory", .persistent) == 320 << 10)
      let again = try apply(plan)
      #expect(again.status == 0, "\(again)")
      #expect(again.output.matches(of: /"status":"alreadyDone"/).count == 4, "\(again)")
      #expect(!again.output.contains(#""status":"done""#))
    }

    @Test("a read-only reviewer plans, and root applies over another connection")
    func reviewer() throws {
      let guest = try Guest("reviewed", in: lab)
      try guest.startPaused()
      let folder = "\(lab.state)/guests/review-\(getpid())"
      let config = "\(folder)/libvirt"
      try FileManager.default.createDirectory(
        atPath: config, withIntermediateDirectories: true)
      let program = "\(folder)/virtmem"
      try FileManager.default.copyItem(atPath: Command.virtmem, toPath: program)
      try alias("\(lab.uri)-ro").write(
        toFile: "\(config)/libvirt.conf", atomically: true, encoding: .utf8)
      let host = """
        apiVersion: virtmem.io/v1alpha1
        kind: Host
        metadata: {name: hv01}
        spec: {uri: lab}

        """
      let manifest = try lab.file("reviewed.yaml", host + guest.document(spec))
      let plan = "\(folder)/plan.json"
      // The user can't write into the folder, so the plan goes to standard output.
      let planned = try Command.run([
        "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/env",
        "HOME=\(folder)", "XDG_CONFIG_HOME=\(folder)", program, "plan", manifest, "--format",
        "json",
      ])
      #expect(planned.status == 0, "\(planned)")
      try planned.output.write(toFile: plan, atomically: true, encoding: .utf8)

      // For root, libvirt's client reads the machine's own configuration, replaced here by a mount.
      let conf = try lab.file("libvirt.conf", alias("qemu+unix:///system?socket=\(socket)"))
      let applied = try Command.run([
        "/usr/bin/unshare", "--mount", "/bin/sh", "-c",
        "mount --bind \"$1\" /etc/libvirt/libvirt.conf && shift && exec \"$@\"", "sh", conf,
        try Command.virtmem, "apply", "--plan", plan, "--auto-approve",
      ])
      #expect(applied.status == 0, "\(applied)")
      for plane in Plane.allCases {
        #expect(try guest.kibibytes("soft_limit", plane) == 900 << 10)
      }
    }

    @Test("apply accepts another URI of the same host and refuses another host")
    func otherURI() throws {
      let guest = try Guest("ways", in: lab)
      let plan = try save(guest.document(spec))
      let stranger = try apply(plan, "-c", "test:///default")
      #expect(stranger.status == 65, "\(stranger)")
      #expect(try guest.kibibytes("soft_limit", .persistent) == nil)
      let applied = try apply(plan, "-c", "qemu+unix:///system?socket=\(socket)")
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.kibibytes("soft_limit", .persistent) == 900 << 10)
    }

    private var socket: String { "\(lab.state)/run/libvirt-sock" }

    /// A client configuration in which `lab` is an alias for `uri`.
    private func alias(_ uri: String) -> String { "uri_aliases = [ \"lab=\(uri)\" ]\n" }

    /// Plans and returns the path of the saved plan.
    private func save(_ manifest: String) throws -> String {
      let file = try lab.file("saved.yaml", manifest)
      let plan = "\(lab.state)/guests/saved.json"
      let planned = try Command.run([
        try Command.virtmem, "plan", file, "-c", lab.uri, "--out", plan,
      ])
      #expect(planned.status == 0, "\(planned)")
      return plan
    }

    private func apply(_ plan: String, _ arguments: String...) throws -> Command.Result {
      try Command.run(
        [try Command.virtmem, "apply", "--plan", plan, "--auto-approve", "--format", "json"]
          + arguments)
    }
  }
}
