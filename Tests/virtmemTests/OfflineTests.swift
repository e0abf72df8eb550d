// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite struct OfflineTests {
  static func xml(
    _ name: String = "web", type: String = "type='kvm'", uuid: String? = TestDomain.uuid(1),
    memory: Int = 1 << 20, current: Int = 1 << 20
  ) -> String {
    """
    <domain \(type)><name>\(name)</name>\(uuid.map { "<uuid>\($0)</uuid>" } ?? "")
      <memory>\(memory)</memory><currentMemory>\(current)</currentMemory>
      <devices><memballoon model='virtio'/></devices></domain>
    """
  }

  static func run(
    _ manifest: String, live: String? = nil, persistent: String? = nil, _ command: String = "plan",
    _ options: String...
  ) throws -> Outcome {
    let sandbox = try Sandbox()
    var files: [String] = []
    if let live { files += ["--live-xml", try sandbox.file("live.xml", live)] }
    if let persistent {
      files += ["--persistent-xml", try sandbox.file("persistent.xml", persistent)]
    }
    return try sandbox.run(command, manifest, ["--format", "json"] + files + options)
  }

  static let manifest =
    Manifest.domain("policy: {shrink: allow}, currentMemory: 512MiB")
    + Manifest.domain("other", "memory: 1GiB")

  @Test("one definition means a transient or a shut-off domain, and two mean a running one")
  func planes() throws {
    let transient = try Self.run(Self.manifest, live: Self.xml()).document()
    #expect(transient["domains"][0]["state"] == "running")
    #expect(transient["domains"][0]["fields"][0]["persistent"] == nil)
    #expect(transient["diagnostics"][0]["rule"] == "taken-for-transient")
    let shutOff = try Self.run(Self.manifest, persistent: Self.xml()).document()
    #expect(shutOff["domains"][0]["state"] == "shut off")
    #expect(shutOff["domains"][0]["fields"][0]["live"] == nil)
    let running = try Self.run(Self.manifest, live: Self.xml(), persistent: Self.xml()).document()
    #expect(running["summary"]["steps"] == 2)
    #expect(running["summary"]["domains"] == 1)
    #expect(running["hosts"][0]["name"] == "default")
  }

  @Test(
    "plan refuses definitions that contradict the manifests, each other or libvirt",
    arguments: [
      (nil, xml("nobody")), (xml(), xml("other")), (xml(), xml(uuid: TestDomain.uuid(2))),
      (nil, "<!DOCTYPE domain>" + xml()), (nil, "<domain><name>web</name>"), (nil, ""),
      (nil, "<network><name>web</name></network>"), (nil, xml(type: "")), (nil, xml(memory: -1)),
      (nil, "no XML"),
    ] as [(String?, String)])
  func invalid(live: String?, persistent: String) throws {
    let outcome = try Self.run(Self.manifest, live: live, persistent: persistent)
    #expect(outcome.status == 65)
    #expect(try outcome.document()["format"] == "virtmem/diagnostics/v1alpha1")
    #expect(outcome.errors.contains("error: "))
  }

  @Test("show prints a plan for a definition without UUID, and apply refuses it")
  func savedWithoutUUID() throws {
    let sandbox = try Sandbox()
    let manifest = try sandbox.file("web.yaml", Manifest.domain("memory: 2GiB"))
    let xml = try sandbox.file("web.xml", Self.xml(uuid: nil))
    let saved = try sandbox.file("plan.json", "")
    let plan = try sandbox.run(["plan", manifest, "--persistent-xml", xml, "--out", saved])
    #expect(plan.status == 0)
    let shown = try sandbox.run(["show", saved])
    #expect(shown.status == 0 && shown.output.contains("1 GiB -> 2 GiB"))
    let applied = try sandbox.run(["apply", "--plan", saved, "--auto-approve"])
    #expect(applied.status == 65)
    #expect(applied.errors.contains("is for reading"))
  }

  @Test("plan refuses a missing definition file")
  func missing() throws {
    let outcome = try Sandbox().run("plan", Self.manifest, ["--live-xml", "no.xml"])
    #expect(outcome.status == 65)
  }

  @Test("a definition without UUID matches any uuid, and letter case doesn't matter")
  func uuid() throws {
    let manifest = Manifest.domain("uuid: \(TestDomain.uuid(1)), memory: 1GiB")
    for uuid in [nil, TestDomain.uuid(1).uppercased()] {
      #expect(try Self.run(manifest, persistent: Self.xml(uuid: uuid)).status == 0)
    }
    #expect(try Self.run(manifest, persistent: Self.xml(uuid: TestDomain.uuid(2))).status == 65)
  }

  @Test(
    "the domain's type determines the driver and what it supports",
    arguments: [
      ("kvm", "memballoon: {statsPeriod: 5s}", 0), ("qemu", "memballoon: {statsPeriod: 5s}", 0),
      ("lxc", "memballoon: {statsPeriod: 5s}", 3), ("kvm", "memtune: {minGuarantee: 1GiB}", 3),
      ("vmware", "memtune: {minGuarantee: 1GiB}", 0), ("vmware", "memtune: {hardLimit: 4GiB}", 3),
    ] as [(String, String, Int32)])
  func driver(type: String, spec: String, status: Int32) throws {
    let outcome = try Self.run(
      Manifest.domain(spec), persistent: Self.xml(type: "type='\(type)'"))
    #expect(outcome.status == status)
  }

  @Test("--libvirt sets the assumed libvirt version")
  func version() throws {
    let outcome = try Self.run(
      Self.manifest, persistent: Self.xml(), "plan", "--libvirt", "9.0.0")
    #expect(try outcome.document()["hosts"][0]["libvirt"] == "9.0.0")
  }

  @Test("drift reports a change that the policy leaves to the next start")
  func heldBackByPolicy() throws {
    let (live, persistent) = (Self.xml(), Self.xml(memory: 2 << 20, current: 1 << 19))
    let memory = Manifest.domain("memory: 2GiB")
    #expect(try Self.run(memory, live: live, persistent: persistent, "drift").status == 0)
    #expect(
      try Self.run(memory, live: live, persistent: persistent, "drift", "--require-live").status
        == 2)
    #expect(
      try Self.run(
        memory, live: live, persistent: persistent, "plan", "--require-live", "--detailed-exitcode"
      ).status == 2)
    let held = Manifest.domain("policy: {disruption: none}, currentMemory: 512MiB")
    let outcome = try Self.run(held, live: live, persistent: persistent, "drift")
    #expect(outcome.status == 2)
    #expect(try outcome.document()["domains"][0]["verdict"] == "pendingRestart")
  }

  @Test("an offline plan has no steps for a domain on a suspended Host")
  func suspendedHost() throws {
    let manifest =
      Manifest.host("hv01", "test:///default", "suspend: true")
      + Manifest.domain("web", "host: hv01, currentMemory: 512MiB")
    let document = try Self.run(manifest, persistent: Self.xml()).document()
    #expect(document["domains"][0]["verdict"] == "suspended")
    #expect(document["summary"]["steps"] == 0)
  }

  @Test("a domain without host belongs to the only declared Host")
  func onlyHost() throws {
    let manifest = Manifest.host("hv01", "test:///default") + Manifest.inSync
    let document = try Self.run(manifest, persistent: Self.xml()).document()
    #expect(document["domains"][0]["host"] == "hv01")
  }
}
