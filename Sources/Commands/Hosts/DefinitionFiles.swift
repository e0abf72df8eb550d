// SPDX-License-Identifier: Apache-2.0

import Documents
import DomainXML
import LibvirtModel
import MemoryModel
import Planner
import Platform
import YAML

/// The definitions of one domain from files, which virtmem reads in place of a connection.
struct DefinitionFiles {
  let live: DomainDefinition?
  let persistent: DomainDefinition?
  private let version: Version

  init(_ options: OfflineOptions) throws {
    live = try options.liveXml.map(Self.read)
    persistent = try options.persistentXml.map(Self.read)
    version = options.version?.version ?? .newestKnownLibvirt
    if let live, let persistent {
      let sameUUID = live.uuid == nil || persistent.uuid == nil || live.uuid == persistent.uuid
      guard live.name == persistent.name, sameUUID else {
        throw Failure(
          """
          the two definitions are not of one domain: the live one is \(live.name) \
          (\(live.uuid ?? "no UUID")), the persistent one \(persistent.name) \
          (\(persistent.uuid ?? "no UUID")). Give both definitions of the same domain.
          """, .invalid)
      }
    }
  }

  /// The name of the domain.
  var name: String { live?.name ?? persistent?.name ?? "" }

  /// The part of `desired` with the one Domain that declares the domain of the definitions.
  func restricted(_ desired: DesiredState, _ selection: Selection) throws -> DesiredState {
    let uuid = live?.uuid ?? persistent?.uuid
    let hosts = desired.hosts.isEmpty ? [DesiredHost()] : desired.hosts
    let candidates = { (domain: DesiredDomain) in
      hosts.filter {
        (domain.host ?? $0.name) == $0.name && selection.selects(domain, on: $0)
      }
    }
    let matches = desired.domains.filter { domain in
      domain.name == name && (domain.uuid == nil || uuid == nil || domain.uuid == uuid)
        && !candidates(domain).isEmpty
    }
    guard let domain = matches.first else {
      throw Failure(
        """
        no Domain in the manifests is for \(name)\(uuid.map { " (\($0))" } ?? ""), which the \
        definition is of.
        """, .invalid)
    }
    guard matches.count == 1 else {
      let hosts = matches.map { $0.host ?? "any host" }.joined(separator: ", ")
      throw Failure(
        "several Domains are named \(name) (\(hosts)). Say which with --domain HOST/\(name).",
        .invalid)
    }
    // A definition does not say which of several possible hosts has the domain.
    let possible = candidates(domain)
    let host = desired.hosts.isEmpty || possible.count > 1 ? nil : possible.first
    var single = DesiredState(hosts: host.map { [$0] } ?? [], domains: [domain])
    single.domains[0].host = host?.name
    // A definition without a UUID matches every UUID.
    if uuid == nil { single.domains[0].uuid = nil }
    if host?.isSuspended == true { single.domains[0].isSuspended = true }
    return single
  }

  /// The definitions as an observed host with one domain.
  var observation: HostObservation {
    let type = live?.type ?? persistent?.type ?? ""
    let domain = ObservedDomain(
      name: live?.name ?? persistent?.name ?? "", uuid: live?.uuid ?? persistent?.uuid ?? "",
      state: live == nil ? .shutOff : .running, isActive: live != nil,
      isPersistent: persistent != nil, live: live?.configuration,
      persistent: persistent?.configuration,
      architecture: live?.architecture ?? persistent?.architecture)
    return .observed(
      ObservedHost(
        uri: nil, driver: HypervisorDriver(domainType: type), libvirt: version, hypervisor: nil,
        domains: [domain]))
  }

  /// The notes about a plan that is made from these definitions.
  func diagnostics(_ domain: DesiredDomain?) -> [Diagnostic] {
    guard live != nil, persistent == nil else { return [] }
    return [
      Rule.takenForTransient.warning(
        .note, domain: live?.name, source: domain?.position)
    ]
  }

  private static func read(_ path: String) throws -> DomainDefinition {
    let bytes: [UInt8]
    do throws(UnreadableFile) {
      bytes = try ManifestFiles.read(file: path).bytes
    } catch {
      throw Failure("\(error.path): \(error.reason). \(error.remedy)", .invalid)
    }
    let definition: DomainDefinition
    do throws(DomainXMLError) {
      definition = try DomainDefinition.read(bytes.span)
    } catch {
      throw Failure("\(path):\(error.line):\(error.column): \(error.message)", .invalid)
    }
    guard !definition.type.isEmpty else {
      throw Failure(
        "\(path): <domain> has no type, which names the driver. Write <domain type='kvm'>.",
        .invalid)
    }
    return definition
  }
}
