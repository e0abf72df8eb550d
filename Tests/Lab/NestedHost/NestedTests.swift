// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Tests that need a host with nodes, cgroup v2, huge pages and an unprivileged QEMU.
@Suite(.serialized, .onNestedHost, .timeLimit(.minutes(5)))
struct NestedTests {
  let host: NestedHost

  init() throws { host = try NestedHost.shared.get() }

  // MARK: Transports

  @Test("apply and drift work over every transport", arguments: NestedHost.Transport.allCases)
  func transport(_ transport: NestedHost.Transport) throws {
    let uri = try host.uri(transport)
    let spec = "currentMemory: 112MiB, memballoon: {statsPeriod: 2s}, policy: {shrink: allow}"
    #expect(try host.virtmem("drift", "booted", spec, uri).status == 2)
    let applied = try host.virtmem("apply", "booted", spec, uri)
    #expect(applied.status == 0, "\(applied)")
    #expect(try host.virtmem("drift", "booted", spec, uri).status == 0)
    try host.run("virsh -q dommemstat booted --period 5 --live")
    let drift = try host.virtmem("drift", "booted", spec, uri)
    #expect(drift.status == 2 && drift.output.contains("statsPeriod"), "\(drift)")
  }

  @Test("an error names a host that the certificate doesn't match, without libvirt's log")
  func wrongName() throws {
    let uri = try host.uri(.tls).replacing("127.0.0.1", with: "localhost")
    let plan = try host.virtmem("plan", "held", "memory: 256MiB", uri)
    #expect(plan.status == 5)
    #expect(plan.output.contains("does not match the hostname localhost"), "\(plan)")
    #expect(!(plan.output + plan.errors).contains("libvirt version"), "\(plan)")
  }

  @Test("an error names a changed host key in one line, with the command that removes it")
  func changedKey() throws {
    let ssh = try #require(host.sshURI(knowing: "").firstMatch(of: /:([0-9]+)\//)?.output.1)
    let key = try host.run("rm -f /tmp/k; ssh-keygen -q -t ed25519 -N '' -f /tmp/k; cat /tmp/k.pub")
    let uri = try host.sshURI(knowing: "[127.0.0.1]:\(ssh) \(key)")
    let plan = try host.virtmem("plan", "held", "memory: 256MiB", uri)
    #expect(plan.status == 5)
    #expect(plan.output.contains("has changed") && plan.output.contains("ssh-keygen -R"), "\(plan)")
    #expect(!plan.output.contains("@@@"), "\(plan)")
  }

  @Test("a run that timed out leaves no ssh process behind", arguments: ["sshd", "libvirtd"])
  func leftOverSSH(stopped: String) throws {
    let uri = try host.uri()
    let pid = try host.run("cat /run/\(stopped).pid")
    try host.run("kill -STOP \(pid)")
    let limits = ["--connect-timeout", "2s", "--timeout", "4s"]
    let plan = try Command.run(host.invocation("plan", "held", "memory: 256MiB", uri, limits))
    #expect(plan.status == 5, "\(plan)")
    try eventually("no ssh is left", within: .seconds(5)) {
      let list = try Command.run(["/bin/ps", "-eo", "args"]).output
      return !list.contains(host.knownHosts)
    }
  }

  // MARK: Limits on cgroup v2

  @Test("an apply sets limits in the kernel, verifies them there and lifts them")
  func limits() throws {
    let limits = "hardLimit: 1000001KiB, softLimit: 900000KiB, swapHardLimit: 1200000KiB"
    let spec = "memtune: {\(limits)}"
    let applied = try host.virtmem("apply", "held", spec)
    #expect(applied.status == 0, "\(applied)")
    #expect(try host.cgroup("held", "memory.max") == "1024000000", "whole pages")
    #expect(try host.cgroup("held", "memory.high") == "921600000")
    #expect(try host.cgroup("held", "memory.swap.max") == "1228800000")
    #expect(try host.virtmem("drift", "held", spec).status == 0)
    let none = "memtune: {hardLimit: unlimited, swapHardLimit: unlimited, softLimit: unlimited}"
    #expect(try host.virtmem("apply", "held", none).status == 0)
    for file in ["memory.max", "memory.high", "memory.swap.max"] {
      #expect(try host.cgroup("held", file) == "max")
    }
  }

  // MARK: Nodes

  @Test("a restrictive binding moves live, and all pages move during the call")
  func moves() throws {
    #expect(try host.mebibytes("held", onNode: 0) >= 256)
    let spec = "numatune: {memory: {mode: restrictive, nodeset: \"1\"}}"
    let applied = try host.virtmem("apply", "held", spec)
    #expect(applied.status == 0, "\(applied)")
    #expect(try host.mebibytes("held", onNode: 1) >= 256)
    #expect(try host.mebibytes("held", onNode: 0) < 64)
    #expect(try host.virtmem("drift", "held", spec).status == 0)
  }

  @Test("the planner blocks a move to a node with less free memory than QEMU holds")
  func noRoom() throws {
    let pages = "/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages"
    let spec = "numatune: {memory: {mode: restrictive, nodeset: \"1\"}}"
    let before = try #require(Int(host.run("echo -n $(cat \(pages))")))
    // Huge pages reduce the free memory, and page cache gives way to them.
    try host.run(
      """
      free=$(awk '/MemFree/{print int($4/1024)}' /sys/devices/system/node/node1/meminfo)
      echo $((\(before) + (free - 100) / 2)) >\(pages)
      """)
    let blocked = try host.virtmem("plan", "held", spec)
    #expect(blocked.status == 3 && blocked.output.contains("(numatune-target-full)"), "\(blocked)")
    try host.run("echo \(before) >\(pages)")
    let plan = try host.virtmem("plan", "held", spec)
    #expect(plan.status == 0 && plan.output.contains("numatune-moves-pages"), "\(plan)")
  }

  @Test("each cell's memory is on its declared nodes")
  func cells() throws {
    try host.define(
      """
      <domain type='qemu'><name>celled</name><memory unit='MiB'>256</memory><vcpu>2</vcpu>
        <memoryBacking><allocation mode='immediate'/></memoryBacking>
        <os><type arch='x86_64' machine='q35'>hvm</type></os>
        <cpu><numa><cell id='0' cpus='0' memory='98304'/><cell id='1' cpus='1' memory='163840'/>
        </numa></cpu></domain>
      """)
    let spec = """
      numatune: {memory: {mode: strict, nodeset: "0-1"}, \
      memnodes: {0: {mode: strict, nodeset: "1"}, 1: {mode: strict, nodeset: "0"}}}
      """
    let applied = try host.virtmem("apply", "celled", spec)
    #expect(applied.status == 0, "\(applied)")
    try host.run("virsh -q start celled --paused")
    #expect(try host.mebibytes("celled", onNode: 0) >= 160)
    #expect(try host.mebibytes("celled", onNode: 1) >= 96)
    #expect(try host.virtmem("drift", "celled", spec).status == 0)
  }

  @Test("a guest takes pages of 1 GiB that its manifest declares")
  func gigabytePages() throws {
    try host.define(Self.bare("huge", memory: 1024))
    let spec = "memoryBacking: {hugepages: [{size: 1GiB}]}"
    let applied = try host.virtmem("apply", "huge", spec)
    #expect(applied.status == 0, "\(applied)")
    try host.run("virsh -q start huge --paused")
    let free = "/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages"
    #expect(try host.run("cat \(free)") == "0\n")
    #expect(try host.virtmem("drift", "huge", spec).status == 0)
  }

  // MARK: Unprivileged and dying QEMU

  @Test("the host's QEMU is not root")
  func unprivileged() throws {
    #expect(try host.run("ps -o user= -C qemu-system-x86_64 | sort -u") == "libvirt-qemu\n")
  }

  @Test("a guest that is killed during a step fails it with guest-died and libvirt's reason")
  func death() throws {
    let uri = try host.uri()
    let spec = "memballoon: {statsPeriod: 7s}, currentMemory: 200MiB, policy: {shrink: allow}"
    // The guest has no OS, so that the applier waits for the balloon until the timeout.
    let (process, output, _) = try Command.start(
      host.invocation("apply", "held", spec, uri, ["--timeout", "60s", "--format", "json"]))
    try eventually("the period is set", within: .seconds(30)) {
      try host.run("virsh -q dumpxml held").contains("period='7'")
    }
    Thread.sleep(forTimeInterval: 1)
    try host.run("kill -KILL \(host.process("held"))")
    let printed = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(printed.contains("(guest-died). The domain is shut off; libvirt's reason is: crashed"))
  }

  /// A guest without an OS.
  static func bare(_ name: String, memory: Int, _ more: String = "") -> String {
    """
    <domain type='qemu'><name>\(name)</name><memory unit='MiB'>\(memory)</memory><vcpu>1</vcpu>
      \(more)<os><type arch='x86_64' machine='q35'>hvm</type></os>
      <devices><memballoon model='virtio'/></devices></domain>
    """
  }
}

extension NestedHost {
  /// Runs `virtmem` on a manifest with one domain and `spec`, over ssh by default.
  func virtmem(
    _ command: String, _ domain: String, _ spec: String, _ uri: String? = nil
  ) throws -> Command.Result {
    // The timeouts are long because a nested host is slow on a busy machine.
    let waits = ["--connect-timeout", "60s", "--timeout", "60s"]
    return try Command.run(invocation(command, domain, spec, uri ?? self.uri(), waits))
  }

  /// The command line of ``virtmem(_:_:_:_:)``.
  func invocation(
    _ command: String, _ domain: String, _ spec: String, _ uri: String, _ more: [String] = []
  ) throws -> [String] {
    let manifest = try file(
      "\(domain).yaml",
      """
      apiVersion: virtmem.io/v1alpha1
      kind: Domain
      metadata: {name: \(domain)}
      spec: {\(spec)}

      """)
    let approval = command == "apply" ? ["--auto-approve"] : []
    return [try Command.virtmem, command, manifest, "-c", uri] + approval + more
  }

  /// Defines a domain.
  func define(_ xml: String) throws {
    try run("cat >/tmp/domain.xml <<'XML'\n\(xml)\nXML\nvirsh -q define /tmp/domain.xml")
  }

  /// The process of a domain's QEMU.
  func process(_ domain: String) throws -> Int {
    let text = try run("cat /run/libvirt/qemu/\(domain).pid")
    return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  /// A file of a domain's cgroup.
  func cgroup(_ domain: String, _ file: String) throws -> String {
    let folder = "/sys/fs/cgroup/machine/qemu-*-\(domain).libvirt-qemu"
    return try run("cat \(folder)/\(file)").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The memory of a domain's QEMU on a node of the host in MiB, including huge pages.
  func mebibytes(_ domain: String, onNode node: Int) throws -> Int {
    let script = """
      awk '{size=4; for (i=1;i<=NF;i++) if ($i ~ /^kernelpagesize_kB=/) \
      {split($i,a,"="); size=a[2]} for (i=1;i<=NF;i++) if ($i ~ /^N\(node)=/) \
      {split($i,a,"="); sum+=a[2]*size}} END {print int(sum/1024)}'
      """
    let text = try run("cat /proc/\(process(domain))/numa_maps | \(script)")
    return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
  }
}
