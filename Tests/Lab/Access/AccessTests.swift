// SPDX-License-Identifier: Apache-2.0
import Foundation
import MemoryModel
import Testing

extension LabTests {
  /// Users who are not root, with the rights that examples/polkit gives them.
  @Suite(.enabled(if: LabHost.isSystem, "polkit runs beside the system's libvirtd only"))
  struct AccessTests {
    private static let remedy = "examples/polkit has rules for plan and for apply"

    private let lab: Lab
    /// The binary, at a place that every user can reach.
    private let binary: String

    init() throws {
      lab = try Lab.guarded.get()
      binary = lab.state + "/virtmem"
      if !FileManager.default.fileExists(atPath: binary) {
        try FileManager.default.copyItem(atPath: Command.virtmem, toPath: binary)
      }
    }

    /// The URI of the socket that takes no changes.
    private var readOnly: String { lab.uri + "-ro" }

    private func virtmem(
      as user: Rights.User, _ arguments: String..., uri: String
    ) throws -> Command.Result {
      try user.run([binary] + arguments + ["-c", uri])
    }

    private func manifest(_ guest: Guest, _ spec: String) throws -> String {
      try lab.file("\(guest.name).yaml", guest.document(spec))
    }

    // MARK: Plan

    @Test("plan's user plans, finds drift, exports and observes, and can't apply")
    func plan() throws {
      let (user, guest) = (Rights.File.plan.user, try Guest("web", in: lab))
      let file = try manifest(guest, "memory: 300MiB, dumpCore: false")
      let before = try guest.xml(.persistent)
      let plan = try virtmem(as: user, "plan", file, uri: readOnly)
      #expect(plan.status == 0 && plan.output.contains("256 MiB -> 300 MiB"), "\(plan)")
      #expect(try virtmem(as: user, "drift", file, uri: readOnly).status == 2)
      for command in ["export", "observe"] {
        let seen = try virtmem(as: user, command, guest.name, uri: readOnly)
        #expect(seen.status == 0 && seen.output.contains(guest.name), "\(seen)")
      }
      let apply = try virtmem(as: user, "apply", file, "--auto-approve", uri: lab.uri)
      #expect(apply.status == 5 && apply.output.contains(Self.remedy), "\(apply)")
      #expect(try guest.xml(.persistent) == before)
    }

    @Test("plan needs each action of its rules", arguments: Rights.File.plan.actions)
    func planWithout(_ action: String) throws {
      let user = try #require(Rights.File.plan.users.first { $0.denied == action })
      let guest = try Guest("web", in: lab)
      let plan = try virtmem(
        as: user, "plan", try manifest(guest, "memory: 300MiB"), uri: readOnly)
      #expect(plan.status == 5 && plan.output.contains(Self.remedy), "\(plan)")
    }

    @Test("a domain that the rules hide is unobserved, and one that is not there is undefined")
    func hidden() throws {
      let (user, guest) = (Rights.File.plan.user, try Guest("hidden", in: lab))
      let file = try manifest(guest, "memory: 300MiB")
      let plan = try virtmem(as: user, "plan", file, uri: readOnly)
      #expect(plan.status == 5 && plan.output.contains("domain-unobserved"), "\(plan)")
      #expect(plan.output.contains(Self.remedy))
      let export = try virtmem(as: user, "export", guest.name, uri: readOnly)
      #expect(export.status == 5 && export.errors.contains(Self.remedy), "\(export)")
      try lab.virsh("undefine", guest.name)
      let undefined = try virtmem(as: user, "plan", file, uri: readOnly)
      #expect(undefined.status == 3, "\(undefined)")
      #expect(undefined.output.contains("domain-not-defined"))
    }

    // MARK: Apply

    @Test("apply's user changes what runs and what is defined, and passwords stay")
    func apply() throws {
      var definition = GuestDefinition()
      definition.memory = """
        <maxMemory slots='4' unit='MiB'>1024</maxMemory><memory unit='MiB'>256</memory>
        """
      definition.cells = [256 << 10]
      definition.more = "<numatune><memory mode='restrictive' nodeset='0'/></numatune>"
      definition.devices = "<graphics type='vnc' passwd='s3cret'/>"
      let (user, guest) = (Rights.File.apply.user, try Guest("web", definition, in: lab))
      try guest.boot()
      let file = try manifest(
        guest,
        """
        dumpCore: false, memtune: {softLimit: 2GiB}, memballoon: {statsPeriod: 7s}, \
        devices: {elastic0: {model: virtio-mem, size: 256MiB, block: 2MiB, node: 0, \
        requested: 64MiB}, stick0: {model: dimm, size: 64MiB, node: 0}}, \
        currentMemory: 250MiB, policy: {shrink: allow}
        """)
      let applied = try virtmem(as: user, "apply", file, "--auto-approve", uri: lab.uri)
      #expect(applied.status == 0, "\(applied)")
      for plane in Plane.allCases {
        #expect(try guest.xml(plane).contains("ua-stick0"))
        #expect(try guest.kibibytes("soft_limit", plane) == 2 << 20)
      }
      // A host with one node leaves virtmem no binding to change, so virsh makes that call.
      let binding = try user.run([
        "/usr/bin/virsh", "-q", "-c", lab.uri, "numatune", guest.name, "--nodeset", "0", "--live",
      ])
      #expect(binding.status == 0, "\(binding)")
      let defined = try lab.virsh("dumpxml", "--inactive", "--security-info", guest.name)
      #expect(defined.contains("passwd='s3cret'") && defined.contains("dumpCore='off'"))
    }

    @Test(
      "plan or apply needs each action of apply's rules, and no other",
      arguments: [nil] + Rights.File.apply.actions)
    func applyWithout(_ action: String?) throws {
      let user = try #require(Rights.File.apply.users.first { $0.denied == action })
      let guest = try Guest("db", in: lab)
      let file = try manifest(
        guest, "memory: 300MiB, currentMemory: 200MiB, dumpCore: false, memtune: {softLimit: 2GiB}")
      let plan = try virtmem(as: user, "plan", file, uri: readOnly)
      let apply = try virtmem(as: user, "apply", file, "--auto-approve", uri: lab.uri)
      let isDone = plan.status == 0 && apply.status == 0
      #expect(isDone == (action == nil), "\(plan) \(apply)")
      #expect((plan.output + apply.output).contains(Self.remedy) == (action != nil))
    }

    @Test("a domain whose name is not in the rules stays as it is")
    func otherDomain() throws {
      let (user, guest) = (Rights.File.apply.user, try Guest("other", in: lab))
      let before = try guest.xml(.persistent)
      let file = try manifest(guest, "memory: 300MiB, dumpCore: false")
      let apply = try virtmem(as: user, "apply", file, "--auto-approve", uri: lab.uri)
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.output.contains("access denied") && apply.output.contains(Self.remedy))
      #expect(try guest.xml(.persistent) == before)
    }

    @Test(
      "apply's user starts, ends and deletes no domain",
      arguments: [["start"], ["undefine"], ["destroy"], ["suspend"], ["create"]])
    func neverGiven(_ command: [String]) throws {
      let guest = try Guest("web", in: lab)
      let subject = command == ["create"] ? "\(lab.state)/guests/\(guest.name).xml" : guest.name
      let answer = try Rights.File.apply.user.run(
        ["/usr/bin/virsh", "-q", "-c", lab.uri] + command + [subject])
      #expect(answer.status == 1 && answer.errors.contains("access denied"), "\(answer)")
    }
  }
}
