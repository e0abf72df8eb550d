// SPDX-License-Identifier: Apache-2.0
import YAML
import Documents
import LibvirtModel
import MemoryModel
import Planner
import Testing

/// What `export` writes, compared with the planner: the plan must be empty.
@Suite struct ExportTests {
  static let drivers: [HypervisorDriver] = [.qemu, .qemu, .qemu, .test, .lxc, .esx, .xen]

  static func text(
    _ domain: ObservedDomain, on host: ObservedHost, fields: [String]? = nil
  ) -> String {
    let exported = DomainExport.export(
      domain, on: host, fields: fields.flatMap(FieldSelection.init))
    return ManifestWriter.text(of: exported, origin: "a test")
  }

  /// The plan of a manifest for the domain that it was exported from.
  static func plan(_ manifest: String, _ domain: ObservedDomain, on host: ObservedHost) -> Plan? {
    let (state, diagnostics) = ManifestReader.read(
      sources: [YAMLSource(file: "export.yaml", text: manifest)])
    guard diagnostics.isEmpty else {
      Issue.record("\(diagnostics)\n\(manifest)")
      return nil
    }
    var observed = host
    observed.domains = [domain]
    return Fleet(state).plan(["default": .observed(observed)])
  }

  @Test(
    "a plan from an exported manifest has no steps and no blockers",
    arguments: 0..<600 as Range<UInt64>)
  func emptyPlan(seed: UInt64) throws {
    var random = RandomObservedDomain(seed: seed)
    let host = random.host(Self.drivers[Int(seed) % Self.drivers.count])
    let domain = random.domain(named: "web-01", on: host)
    let manifest = Self.text(domain, on: host)
    let plan = try #require(Self.plan(manifest, domain, on: host))
    #expect(plan.steps.isEmpty, "seed \(seed)\n\(manifest)\n\(plan.steps)")
    #expect(plan.domains.flatMap(\.blockers).isEmpty, "seed \(seed)\n\(manifest)")
    #expect(plan.domains.count == 1)
    #expect([.inSync, .pendingRestart].contains(plan.domains[0].verdict), "seed \(seed)")
    #expect(manifest == Self.text(domain, on: host))
  }

  @Test(
    "a plan from an export of some fields has no steps either",
    arguments: 600..<700 as Range<UInt64>)
  func someFields(seed: UInt64) throws {
    var random = RandomObservedDomain(seed: seed)
    let host = random.host(.qemu)
    let domain = random.domain(named: "web-01", on: host)
    for fields in [["memtune", "currentMemory"], ["memory"], ["devices.*.requested"], ["numa"]] {
      let manifest = Self.text(domain, on: host, fields: fields)
      let plan = try #require(Self.plan(manifest, domain, on: host))
      #expect(plan.steps.isEmpty && plan.domains.flatMap(\.blockers).isEmpty, "\(manifest)")
      let names = plan.domains[0].fields.map(\.path.description)
      #expect(
        names.allSatisfy { name in
          fields.contains { name.hasPrefix($0.prefix { $0 != "*" }) }
        })
    }
  }

  @Test("for differing definitions, the manifest has the persistent value, a range or a remark")
  func differences() {
    var live = MemoryConfiguration()
    live.memory = .gibibytes(8)
    live.currentMemory = .exactly(.gibibytes(5))
    live.memtune.hardLimit = .size(.gibibytes(24))
    live.memtune.softLimit = .size(.zero)
    live.memoryBacking.locked = true
    live.dumpCore = true
    var persistent = live
    persistent.memory = .gibibytes(16)
    persistent.currentMemory = .exactly(.gibibytes(4))
    persistent.memtune.hardLimit = .unlimited
    persistent.memoryBacking.locked = nil
    let domain = ObservedDomain(
      name: "web-01", uuid: "", state: .running, isActive: true, isPersistent: true, live: live,
      persistent: persistent)
    let host = ObservedHost(
      uri: nil, driver: .qemu, libvirt: .newestKnownLibvirt, hypervisor: nil, domains: [])
    #expect(
      Self.text(domain, on: host) == """
        # web-01, exported from a test
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: web-01}
        spec:
          memory: 16GiB
          currentMemory: {min: 4GiB, max: 5GiB}
          # memtune.hardLimit differs and is left out: live it is 24 GiB, persistent unlimited
          # memtune.softLimit is 0, which a manifest can't say

        """)
  }
}
