// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel
import Planner
import Report

/// The options of `export` and `observe`, which observe the domains that exist.
struct SurveyOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Only domains with these names, such as 'web-*'. Default: all.",
      valueName: "domain"))
  var names: [String] = []

  @Option(
    help: ArgumentHelp(
      "Look at the Hosts that these manifests declare.", valueName: "PATH"),
    completion: .file(extensions: ["yaml", "yml"]))
  var hosts: String?

  @OptionGroup(title: "Which host") var connection: ConnectionOptions
  @OptionGroup(title: "Files in place of a host") var offline: OfflineOptions
  @OptionGroup(title: "Which domains") var selection: SelectionOptions

  @Flag(name: .shortAndLong, help: "No messages but errors.")
  var quiet = false

  func validate() throws {
    if offline.isUsed && (connection.uri != nil || hosts != nil) {
      throw ValidationError(
        "Definitions from files exclude \(hosts == nil ? "--connect" : "--hosts").")
    }
  }

  /// Whether there are no Hosts, and so no labels.
  private var declaresNoLabels: Bool { hosts == nil }

  private var selected: Selection {
    Selection(
      domains: names + selection.domains, selectors: selection.selectors.map(\.selector))
  }

  /// Observes every selected host at the same time; it waits for no domain's state to change.
  func survey(in environment: Environment) async throws -> Survey {
    let selection = selected
    if declaresNoLabels && !self.selection.selectors.isEmpty {
      throw ValidationError(
        "-l selects by the labels of Hosts, and without --hosts there are none.")
    }
    if offline.isUsed {
      let host = DesiredHost()
      let observation = try DefinitionFiles(offline).observation
      return Survey([(host, observation)], selection, isOnConnection: true, isPartialHost: true)
    }
    let declared = try declaredHosts(in: environment)
    let hosts = try reached(declared, in: environment).filter { !$0.isSuspended }
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

  /// The hosts of `declared`, or that of the connection, on which domains can be selected.
  ///
  /// - Throws: A `ValidationError` where there are none.
  private func reached(
    _ declared: [DesiredHost]?, in environment: Environment
  ) throws -> [DesiredHost] {
    let hosts = declared ?? [DesiredHost(uri: connection.target(in: environment))]
    let reached = hosts.filter(selected.reaches)
    guard reached.isEmpty else { return reached }
    guard declared != nil else {
      throw ValidationError(
        "HOST/ in a name selects a Host of --hosts, and without --hosts there are none.")
    }
    throw ValidationError(
      """
      The selection leaves out \(hosts.count == 1 ? "the one declared Host" : "all \(hosts.count) declared Hosts"): \
      \(hosts.prefix(5).map(\.name).joined(separator: ", "))\(hosts.count > 5 ? ", …" : "").
      """)
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
