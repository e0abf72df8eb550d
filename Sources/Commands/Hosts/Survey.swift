// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel
import Planner
import Report

/// The options of `export` and `observe`, which observe the domains that exist.
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

  /// Observes every selected host at the same time; it waits for no domain's state to change.
  func survey(in environment: Environment) async throws -> Survey {
    let selection = selected
    if offline.isUsed {
      let host = DesiredHost()
      let observation = try DefinitionFiles(offline).observation
      return Survey([(host, observation)], selection, isOnConnection: true, isPartialHost: true)
    }
    let declared = try declaredHosts(in: environment)
    let hosts = (declared ?? [DesiredHost(uri: connection.uri)])
      .filter { !$0.isSuspended && selection.reaches($0) }
    let (options, names) = (connection, selection.exactNames)
    let observations = await FleetSession.concurrently(hosts) { host -> HostObservation in
      do throws(HypervisorError) {
        let connection = try await environment.connect(options.request(to: host.uri, .readOnly))
        var observed = try await connection.observe(ObservationScope(everythingOf: names))
        let seen = Set(observed.domains.map(\.name) + observed.unreadable.map(\.name))
        observed.unreadable += try await connection.hiddenDomains(
          among: names?.subtracting(seen).sorted() ?? [])
        return .observed(observed)
      } catch {
        return .unobserved(error)
      }
    }
    return Survey(Array(zip(hosts, observations)), selection, isOnConnection: declared == nil)
  }

  /// The Hosts in the manifests of `--hosts`; nil without it.
  private func declaredHosts(in environment: Environment) throws -> [DesiredHost]? {
    guard let hosts else { return nil }
    let style = OutputOptions.Color.auto.style(on: environment.error, in: environment)
    let state = try Manifests.read(paths: [hosts], style, connection, in: environment)
    guard !state.hosts.isEmpty else {
      throw ValidationError("No Host is declared in \(hosts).")
    }
    return state.hosts
  }
}

/// The observed hosts with the selected domains.
struct Survey {
  let hosts: [(host: DesiredHost, observation: HostObservation)]
  /// Whether there is one host, which no manifest declares.
  let isOnConnection: Bool
  /// Whether the user selected only some of the hosts' domains.
  let isPartial: Bool
  /// The patterns of the selection that match no domain.
  let missing: [String]

  init(
    _ observations: [(DesiredHost, HostObservation)], _ selection: Selection, isOnConnection: Bool,
    isPartialHost: Bool = false
  ) {
    self.isOnConnection = isOnConnection
    isPartial = isPartialHost || !selection.selectsEveryName
    hosts = observations.map { host, observation in
      guard case .observed(var observed) = observation else { return (host, observation) }
      let isSelected = { (name: String) in
        selection.selects(
          DesiredDomain(name: name, position: SourcePosition(file: "", line: 1, column: 1)),
          on: host)
      }
      observed.domains.removeAll { !isSelected($0.name) }
      observed.unreadable.removeAll { !isSelected($0.name) }
      return (host, .observed(observed))
    }
    let found = hosts.flatMap { host, observation -> [(host: String, name: String)] in
      guard case .observed(let observed) = observation else { return [] }
      let names = observed.domains.map(\.name) + observed.unreadable.map(\.name)
      return names.map { (host.name, $0) }
    }
    missing = selection.patterns(missing: found)
  }

  /// Writes which domains and hosts virtmem did not find or observe, and returns the statuses.
  func report(quiet: Bool, in environment: Environment) -> Set<ExitStatus> {
    let stream = environment.error
    var statuses: Set<ExitStatus> = []
    var errors: [HypervisorError] = []
    for (host, observation) in hosts {
      switch observation {
      case .unobserved(let error):
        errors.append(error)
        stream.write(
          "warning: \(host.name) could not be observed: \(error.call): \(error.message)\n")
      case .observed(let observed):
        for domain in observed.unreadable {
          errors.append(domain.error)
          stream.write(
            """
            warning: \(domain.name) could not be read: \(domain.error.call): \
            \(domain.error.message)

            """)
        }
      }
    }
    if !errors.isEmpty { statuses.insert(.unobserved) }
    if errors.contains(where: { $0.kind == .denied }) {
      stream.write("\(Rule.accessDenied.remedy)\n")
    }
    // An unobserved host may have the domain.
    let isKnown = statuses.isEmpty
    for pattern in missing where isKnown {
      statuses.insert(.usage)
      stream.write("error: no domain is named \(pattern)\n")
    }
    if hosts.isEmpty && !quiet {
      stream.write("note: every Host is suspended or left out.\n")
    }
    return statuses
  }
}
