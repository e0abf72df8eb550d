// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import LibvirtClient
import LibvirtModel
import MemoryModel
import Planner
import Report

/// What `export` and `observe` look at: domains that are there, whatever manifests say.
struct SurveyOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Only these domains, by libvirt's name, as --domain takes them; all without one.",
      valueName: "domain"))
  var names: [String] = []

  @Option(
    help: ArgumentHelp(
      "Manifests whose Hosts are looked at, in place of one connection.", valueName: "path"),
    completion: .file(extensions: ["yaml", "yml"]))
  var hosts: String?

  @OptionGroup(title: "Connection") var connection: ConnectionOptions
  @OptionGroup(title: "Definitions in place of a connection") var offline: OfflineOptions
  @OptionGroup(title: "Selection") var selection: SelectionOptions

  @Flag(name: .shortAndLong, help: "No messages but errors.")
  var quiet = false

  func validate() throws {
    if offline.isUsed && (connection.uri != nil || hosts != nil) {
      throw ValidationError(
        "Definitions from files exclude \(hosts == nil ? "--connect" : "--hosts").")
    }
  }

  private var selected: Selection {
    Selection(
      domains: names + selection.domains, selectors: selection.selectors.map(\.selector))
  }

  /// Looks at every host that the selection leaves, all at once; nothing is waited for.
  func survey() async throws -> Survey {
    let selection = selected
    if offline.isUsed {
      let host = DesiredHost(name: "default")
      let sight = try OfflineSight(offline).sight
      return Survey([(host, sight)], selection, isOnConnection: true, isPartialHost: true)
    }
    let declared = try declaredHosts()
    let hosts = (declared ?? [DesiredHost(name: "default", uri: connection.uri)])
      .filter { !$0.isSuspended && selection.reaches($0) }
    let (options, names) = (connection, selection.exactNames)
    let sights = await FleetSession.concurrently(hosts) { host -> HostSight in
      do throws(HypervisorError) {
        let connection = try await LibvirtHost.connect(
          uri: host.uri, access: .readOnly, connectTimeout: options.connectTimeout.duration,
          callTimeout: options.timeout.duration)
        return .observed(try await connection.observe(ObservationScope(everythingOf: names)))
      } catch {
        return .unobserved(error)
      }
    }
    return Survey(Array(zip(hosts, sights)), selection, isOnConnection: declared == nil)
  }

  /// The Hosts in the manifests of `--hosts`; nil without it.
  private func declaredHosts() throws -> [DesiredHost]? {
    guard let hosts else { return nil }
    let state = try Manifests.read(
      paths: [hosts], try OutputOptions.parse(quiet ? ["--quiet"] : []), connection)
    guard !state.hosts.isEmpty else {
      throw ValidationError("No Host is declared in \(hosts).")
    }
    return state.hosts
  }
}

/// Hosts with the domains that were asked for.
struct Survey {
  let hosts: [(host: DesiredHost, sight: HostSight)]
  /// Whether there is one host, which no Host is declared for.
  let isOnConnection: Bool
  /// Whether only some of the hosts' domains were asked for.
  let isPartial: Bool
  /// The patterns of the selection that mean no domain.
  let missing: [String]

  init(
    _ sights: [(DesiredHost, HostSight)], _ selection: Selection, isOnConnection: Bool,
    isPartialHost: Bool = false
  ) {
    self.isOnConnection = isOnConnection
    isPartial = isPartialHost || !selection.selectsEveryName
    hosts = sights.map { host, sight in
      guard case .observed(var observed) = sight else { return (host, sight) }
      let isSelected = { (name: String) in
        selection.selects(
          DesiredDomain(name: name, position: SourcePosition(file: "", line: 1, column: 1)),
          on: host)
      }
      observed.domains.removeAll { !isSelected($0.name) }
      observed.unreadable.removeAll { !isSelected($0.name) }
      return (host, .observed(observed))
    }
    let found = hosts.flatMap { host, sight -> [(host: String, name: String)] in
      guard case .observed(let observed) = sight else { return [] }
      let names = observed.domains.map(\.name) + observed.unreadable.map(\.name)
      return names.map { (host.name, $0) }
    }
    missing = selection.patterns(missing: found)
  }

  /// Says what was not found or not seen, and what status that is.
  func report(quiet: Bool) -> Set<ExitStatus> {
    var statuses: Set<ExitStatus> = []
    for (host, sight) in hosts {
      switch sight {
      case .unobserved(let error):
        statuses.insert(.unobserved)
        warn("\(host.name) could not be observed: \(error.call): \(error.message)")
      case .observed(let observed):
        for domain in observed.unreadable {
          statuses.insert(.unobserved)
          warn("\(domain.name) could not be read: \(domain.error.call): \(domain.error.message)")
        }
      }
    }
    // A host that nobody saw may have it.
    let isKnown = statuses.isEmpty
    for pattern in missing where isKnown {
      statuses.insert(.usage)
      StandardStream.error.write("error: no domain is named \(pattern)\n")
    }
    if hosts.isEmpty && !quiet {
      StandardStream.error.write("note: every Host is suspended or left out.\n")
    }
    return statuses
  }

  private func warn(_ message: ShownText) {
    StandardStream.error.write("warning: \(message)\n")
  }
}
