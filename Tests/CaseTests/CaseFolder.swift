// SPDX-License-Identifier: Apache-2.0
import YAML
import Documents
import DomainXML
import FoundationEssentials
import MemoryModel
import Planner
import Testing

/// A folder below `Tests/Cases`: a manifest, the definitions that it meets, and their plan.
struct CaseFolder: Sendable, CustomTestStringConvertible {
  /// The folder's name, which states the case's claim.
  let name: String

  var testDescription: String { name }

  /// The files that a case may have.
  static let fileNames: Set = [
    "manifest.yaml", "host.xml", "live.xml", "persistent.xml", "plan.txt",
  ]

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Cases")

  /// Every case, sorted by name; empty if the folder can't be read.
  static let all: [CaseFolder] =
    ((try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? [])
    .sorted().map(CaseFolder.init)

  var files: Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? [])
  }

  /// The text of `file`; nil if there is none.
  func text(_ file: String) -> String? {
    guard let data = try? Data(contentsOf: url.appendingPathComponent(file)) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  /// Writes the golden plan.
  func record(_ plan: String) throws {
    try Data(plan.utf8).write(to: url.appendingPathComponent("plan.txt"))
  }

  /// The case, read from its files.
  func scene() throws -> Scene {
    try Scene(
      manifest: try #require(text("manifest.yaml"), "manifest.yaml is missing"),
      host: text("host.xml"), live: text("live.xml"), persistent: text("persistent.xml"))
  }

  private var url: URL { Self.root.appendingPathComponent(name) }
}

/// What a case's files mean: the desired state, and one host with one domain.
struct Scene {
  /// The desired state without domains that have no definition in the case.
  var desired: DesiredState
  /// The host with the definitions' domain.
  var observed: ObservedHost

  /// Reads a case: only persistent.xml means shut off, only live.xml transient, both running.
  ///
  /// host.xml has the host's capabilities.
  init(manifest: String, host: String? = nil, live: String?, persistent: String?) throws {
    let live = try live.map { try DomainDefinition.read($0) }
    let persistent = try persistent.map { try DomainDefinition.read($0) }
    let any = try #require(live ?? persistent, "there is neither live.xml nor persistent.xml")
    if let live, let persistent {
      try #require(live.name == persistent.name && live.uuid == persistent.uuid)
    }
    let (state, mistakes) = ManifestReader.read(
      sources: [YAMLSource(file: "manifest.yaml", text: manifest)])
    try #require(mistakes.isEmpty, "\(mistakes)")
    desired = state
    desired.domains.removeAll { $0.name != any.name }
    try #require(desired.domains.count == 1, "the manifest has to have the one domain \(any.name)")
    let domain = ObservedDomain(
      name: any.name, uuid: try #require(any.uuid), state: live == nil ? .shutOff : .running,
      isActive: live != nil, isPersistent: persistent != nil, live: live?.configuration,
      persistent: persistent?.configuration, architecture: any.architecture,
      sharesHostMemory: live?.sharesHostMemory ?? false)
    observed = ObservedHost(
      uri: nil, driver: HypervisorDriver(domainType: any.type),
      libvirt: try Self.version(in: manifest), hypervisor: nil, domains: [domain])
    guard let capabilities = try host.map({ try HostCapabilities.read($0) }) else { return }
    (observed.nodes, observed.pageSizes) = (capabilities.nodes, capabilities.pageSizes)
  }

  /// The version in a first line `# libvirt: 9.0.0`, otherwise the newest known one.
  private static func version(in manifest: String) throws -> Version {
    let mark = "# libvirt: "
    guard let line = manifest.split(separator: "\n").first, line.hasPrefix(mark) else {
      return .newestKnownLibvirt
    }
    return try #require(Version(line.dropFirst(mark.count)))
  }

  var host: DesiredHost { Fleet(desired).hosts[0] }

  /// The plan of everything in the scene.
  var plan: Plan {
    Fleet(desired).plan([host.name: .observed(observed)])
  }
}

extension Plan {
  /// The plan of only the domain called `name`, without places in files.
  func unplaced(_ name: String) -> Plan {
    var plan = self
    plan.domains = domains.filter { $0.name == name }.map { domain in
      var domain = domain
      domain.position = nil
      for index in domain.fields.indices { domain.fields[index].source = nil }
      return domain
    }
    plan.diagnostics = diagnostics.filter { $0.domain == nil || $0.domain == name }.map {
      var diagnostic = $0
      diagnostic.source = nil
      return diagnostic
    }
    return plan
  }
}
