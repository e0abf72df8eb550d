// SPDX-License-Identifier: Apache-2.0
import Applier
import Foundation
import LibvirtClient
import MemoryModel
import Planner
import TestSupport
import Testing

extension NestedTests {
  /// What plans say of a host's huge pages, against what really starts and plugs.
  @Suite struct PlacementTests {
    let host: NestedHost

    init() throws { host = try NestedHost.shared.get() }

    /// How many random guests a case places.
    ///
    /// Each case restores the host first, because its kernel panics about once in a hundred starts.
    private static let batch = 10
    /// The cases: 20 guests, or as many as `PLACEMENTS=200` says.
    private static let batches: Range<UInt64> = {
      let wanted = ProcessInfo.processInfo.environment["PLACEMENTS"].flatMap { Int($0) } ?? 20
      return 0..<UInt64(max(1, wanted / batch))
    }()

    @Test(
      "what a plan refuses for want of huge pages doesn't start, and what it lets through does",
      arguments: batches)
    func placements(batch: UInt64) async throws {
      try host.setPages(48, onNode: 0)
      try host.setPages(96, onNode: 1)
      try host.run(
        "cat >/tmp/placed.xml <<'XML'\n\(Placement.bare)\nXML\nvirsh -q define /tmp/placed.xml")
      let connection = try await LibvirtHost.connect(
        uri: try host.uri(.tcp), access: .readWrite, connectTimeout: .seconds(60),
        callTimeout: .seconds(60))
      var counts = (refused: 0, started: 0)
      for seed in batch * UInt64(Self.batch)..<(batch + 1) * UInt64(Self.batch) {
        let placement = Placement(seed: seed)
        let isRefused = try await place(placement, over: connection)
        let start = try host.attempt(
          """
          virsh -q start placed --paused; status=$?
          virsh -q destroy placed >/dev/null 2>&1; virsh -q define /tmp/placed.xml >/dev/null
          exit $status
          """)
        #expect(
          isRefused == (start.status != 0),
          "seed \(seed), \(placement): refused \(isRefused), then \(start.errors)")
        if isRefused { counts.refused += 1 } else { counts.started += 1 }
      }
      print("placements \(batch): \(counts.refused) refused, \(counts.started) started")
    }

    /// Defines the guest whatever the plan says of pages; returns whether the plan refused it.
    private func place(
      _ placement: Placement, over connection: LibvirtHost
    ) async throws -> Bool {
      let observed = try await connection.observe(ObservationScope(of: [placement.desired]))
      func plan(_ facts: DeclaredFacts) -> Plan {
        HostPlanner(DesiredHost(name: "default", facts: facts), observed: observed)
          .plan([(placement.desired, observed.domains[0])])
      }
      let judged = plan(DeclaredFacts())
      let rules = judged.domains[0].blockers.map(\.rule.name) + judged.diagnostics.map(\.rule.name)
      // With pages on demand the plan only warns.
      let forced = plan(DeclaredFacts(hugepages: .onDemand))
      #expect(forced.domains[0].blockers.isEmpty, "\(placement): \(forced.domains[0].blockers)")
      let result = await HostApplier(
        host: observed, hypervisor: connection, effectTimeout: .seconds(60),
        facts: DeclaredFacts(hugepages: .onDemand), recorder: Silence(), brakes: Brakes()
      ).apply(forced.domains)
      #expect(
        result.steps.values.allSatisfy { $0.status == .done }, "\(placement): \(result.steps)")
      return rules.contains("hugepages-not-on-host") || rules.contains("hugepages-not-free")
    }

    @Test(
      "a DIMM on huge pages is blocked, or not sent, while another guest holds pages of its node")
    func plugged() throws {
      try host.setPages(96, onNode: 1)
      func guest(_ name: String) -> String {
        let more = """
          <maxMemory slots='4' unit='MiB'>2048</maxMemory>
          <memoryBacking><hugepages><page size='2' unit='M'/></hugepages></memoryBacking>
          <numatune><memory mode='strict' nodeset='1'/></numatune>
          <cpu><numa><cell id='0' cpus='0' memory='65536'/></numa></cpu><features><acpi/></features>
          """
        return NestedTests.bare(name, memory: 64, more)
      }
      try host.define(guest("plugs"))
      try host.define(guest("other"))
      try host.run("virsh -q start plugs --paused && virsh -q resume plugs")
      let spec = "devices: {stick: {model: dimm, size: 128MiB, node: 0}}"
      let uri = try host.uri()
      let plan = try host.file("plugs-plan.json", "")
      let planned = try Command.run(
        host.invocation("plan", "plugs", spec, uri, ["--out", plan]))
      #expect(planned.status == 0, "\(planned)")

      // The DIMM takes 64 pages; without the other guest so many are free, with it 32.
      try host.run("virsh -q start other --paused")
      let apply = try [Command.virtmem, "apply", "--plan", plan, "-c", uri, "--auto-approve"]
      let refused = try Command.run(apply)
      #expect(refused.status == 1, "\(refused)")
      #expect(refused.output.contains("(reserve-reached)"), "\(refused)")
      let blocked = try host.virtmem("plan", "plugs", spec)
      #expect(blocked.status == 3, "\(blocked)")
      #expect(
        blocked.output.contains("64 pages of 2 MiB would be taken on node 1, and 32 are free"),
        "\(blocked)")
      try host.run(
        """
        cat >/tmp/dimm.xml <<'XML'
        <memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>
        XML
        """)
      #expect(try host.attempt("virsh -q attach-device plugs /tmp/dimm.xml --live").status != 0)

      try host.run("virsh -q destroy other")
      let applied = try Command.run(apply)
      #expect(applied.status == 0, "\(applied)")
      let free = "/sys/devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages"
      #expect(try host.run("cat \(free)") == "0\n")
    }
  }
}

extension NestedHost {
  /// Sets the number of a node's pages of 2 MiB.
  fileprivate func setPages(_ count: Int, onNode node: Int) throws {
    let file = "/sys/devices/system/node/node\(node)/hugepages/hugepages-2048kB/nr_hugepages"
    try run("echo \(count) >\(file); test $(cat \(file)) = \(count)")
  }
}

/// A guest with huge pages, and the host nodes from which they come.
private struct Placement: CustomStringConvertible {
  /// The guest before its manifest is applied.
  static let bare = """
    <domain type='qemu'><name>placed</name><uuid>0d0d0d0d-1111-4222-8333-444444444444</uuid>
      <memory unit='MiB'>16</memory><vcpu>2</vcpu>
      <os><type arch='x86_64' machine='q35'>hvm</type></os>
      <devices><memballoon model='virtio'/></devices></domain>
    """

  var desired = DesiredDomain(
    name: "placed", position: SourcePosition(file: "placed.yaml", line: 1, column: 1))
  let description: String

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    // Node 0 has 48 pages of 2 MiB; node 1 has 96, and one of 1 GiB.
    func size() -> MemorySize { .mebibytes(random.pick([20, 34, 64, 96, 120, 190, 200, 290])) }
    let nodes = [NodeSet([0...0]), NodeSet([1...1]), NodeSet([0...1])]
    var words: [String] = []
    var configuration = MemoryConfiguration()
    if random.oneIn(2) {
      let isLarge = random.oneIn(6)
      let memory = isLarge ? .gibibytes(random.between(1, 2)) : size()
      configuration.memory = memory
      configuration.memoryBacking.hugepages = .pages([
        Hugepage(size: isLarge ? .gibibytes(1) : .mebibytes(2))
      ])
      words.append("\(memory)\(isLarge ? " in pages of 1 GiB" : "")")
    } else {
      let sizes = [size(), size()]
      configuration.cells = sizes.enumerated().map { number, size in
        var cell = NUMACell(id: UInt32(number), memory: size)
        cell.cpus = NodeSet([UInt32(number)...UInt32(number)])
        return cell
      }
      // One cell or both are on huge pages.
      let onPages = random.pick([NodeSet([0...0]), NodeSet([0...1]), NodeSet([0...1])])
      configuration.memoryBacking.hugepages = .pages([
        Hugepage(size: .mebibytes(2), cells: onPages)
      ])
      words.append("cells of \(sizes[0]) and \(sizes[1]), pages for \(onPages)")
    }
    if !random.oneIn(3) {
      let modes: [NUMAMode] = [
        .strict, .strict, .strict, .preferred, .interleave, .restrictive,
      ]
      let mode = random.pick(modes)
      let nodeset = random.pick(mode == .preferred ? Array(nodes.prefix(2)) : nodes)
      configuration.numatune.memory.mode = mode
      configuration.numatune.memory.nodeset = nodeset
      words.append("\(mode) on \(nodeset)")
      if mode == .strict, !configuration.cells.isEmpty, random.oneIn(2) {
        for cell in 0..<UInt32(2) {
          var memnode = NUMAMemnode(cell: cell)
          memnode.mode = .strict
          memnode.nodeset = random.pick(nodes)
          configuration.numatune.memnodes.append(memnode)
          words.append("cell \(cell) on \(memnode.nodeset?.description ?? "")")
        }
      }
    }
    desired.configuration = configuration
    description = words.joined(separator: ", ")
  }
}
