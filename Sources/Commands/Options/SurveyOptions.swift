// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel
import Planner

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
    let limit = "; a call may take \(options.timeout.seconds) s"
    let observations = await HostWait.forEach(
      hosts, limit: limit, isQuiet: quiet, in: environment
    ) { host -> HostObservation in
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
