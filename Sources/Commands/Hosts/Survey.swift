// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Planner

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
