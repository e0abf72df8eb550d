// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
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
  /// The place of the definition, for messages about it as a whole.
  private let source: SourcePosition

  init(_ options: OfflineOptions) throws {
    live = try options.liveXml.map(Self.read)
    persistent = try options.persistentXml.map(Self.read)
    source = .start(of: options.persistentXml ?? options.liveXml ?? "")
    version = options.version?.version ?? .newestKnownLibvirt
    if let live, let persistent {
      let sameUUID = live.uuid == nil || persistent.uuid == nil || live.uuid == persistent.uuid
      guard live.name == persistent.name, sameUUID else {
        throw Failure(
          invalid: """
            the two definitions are not of one domain: the live one is \(live.name) \
            (\(live.uuid ?? "no UUID")), the persistent one \(persistent.name) \
            (\(persistent.uuid ?? "no UUID"))
            """, remedy: "Give both definitions of the same domain.",
          at: source)
      }
    }
  }

  /// The name of the domain.
  var name: String { live?.name ?? persistent?.name ?? "" }

  /// The part of `desired` with the one Domain that declares the domain of the definitions.
  func restricted(
    _ desired: DesiredState, _ options: SelectionOptions
  ) throws -> DesiredState {
    let selection = options.selection
    let uuid = live?.uuid ?? persistent?.uuid
    let hosts = desired.hosts.isEmpty ? [DesiredHost()] : desired.hosts
    let candidates = { (domain: DesiredDomain) in
      hosts.filter {
        (domain.host ?? $0.name) == $0.name && selection.selects(domain, on: $0)
      }
    }
    let declared = desired.domains.filter { domain in
      domain.name == name && (domain.uuid == nil || uuid == nil || domain.uuid == uuid)
    }
    guard !declared.isEmpty else {
      throw Failure(
        invalid: """
          no Domain in the manifests is for \(name)\(uuid.map { " (\($0))" } ?? ""), which the \
          definition is of
          """, remedy: "Declare the domain, or give the definition of a declared one.", at: source)
    }
    let matches = declared.filter { !candidates($0).isEmpty }
    guard let domain = matches.first else {
      throw ValidationError(
        !Fleet(desired, selection: selection).isEmpty
          ? "The selection leaves out '\(name)', the one domain that the definition is of."
          : options.nothingSelected(of: desired))
    }
    guard matches.count == 1 else {
      let hosts = matches.map { $0.host ?? "any host" }.joined(separator: ", ")
      throw Failure(
        invalid: "several Domains are named \(name) (\(hosts))",
        remedy: "Say which with --domain HOST/\(name).", at: domain.position)
    }
    return only(domain, on: candidates(domain), of: desired)
  }

  /// The state with `domain` alone, which can be on `possible` hosts.
  private func only(
    _ domain: DesiredDomain, on possible: [DesiredHost], of desired: DesiredState
  ) -> DesiredState {
    let uuid = live?.uuid ?? persistent?.uuid
    // A definition does not say which of several possible hosts has the domain.
    let host = desired.hosts.isEmpty || possible.count > 1 ? nil : possible.first
    var single = DesiredState(hosts: host.map { [$0] } ?? [], domains: [domain])
    single.domains[0].host = host?.name
    // A definition without a UUID matches every UUID.
    if uuid == nil { single.domains[0].uuid = nil }
    if host?.isSuspended == true && domain.suspension == nil {
      single.domains[0].suspension = Suspension()
    }
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
        domains: [domain], domainNames: [domain.name]))
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
    let source: YAMLSource
    do throws(UnreadableFile) {
      source = try ManifestFiles.read(file: path)
    } catch {
      throw Failure(invalid: [error.diagnostic])
    }
    if let kind = InputKind(source), kind != .xml {
      throw Failure(invalid: [
        kind.mistake(
          in: path, wanted: "the XML of a domain", from: "`virsh dumpxml DOMAIN > FILE` writes it.")
      ])
    }
    let definition: DomainDefinition
    do throws(DomainXMLError) {
      definition = try DomainDefinition.read(source.bytes.span)
    } catch {
      // A message is one sentence, or a second one says what to do.
      let parts = error.message.split(separator: ". ", maxSplits: 1)
      let problem = parts.first.map { $0.last == "." ? $0.dropLast() : $0 } ?? ""
      throw Failure(
        invalid: String(problem),
        remedy: parts.count > 1
          ? String(parts[1]) : "Give a definition as `virsh dumpxml` prints it.",
        at: SourcePosition(file: path, line: error.line, column: error.column))
    }
    guard !definition.type.isEmpty else {
      throw Failure(
        invalid: "<domain> has no type, which names the driver",
        remedy: "Write <domain type='kvm'>.", at: .start(of: path))
    }
    return definition
  }
}
