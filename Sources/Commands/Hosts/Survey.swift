// SPDX-License-Identifier: Apache-2.0

import Basics
import MemoryModel
import Planner
import Report

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
    let style = OutputOptions.Color.auto.style(on: stream, in: environment)
    let warnings = hosts.flatMap { Self.warnings(about: $0.host, $0.observation) }
    stream.write(DiagnosticReport(style: style).text(warnings))
    // An unobserved host may have the domain.
    guard warnings.isEmpty else { return [.unobserved] }
    for pattern in missing {
      stream.write(paragraph: "error: " + absence(of: pattern), indent: 2)
    }
    if missing.isEmpty && !quiet {
      if hosts.isEmpty { stream.write("note: every Host is suspended.\n") }
      for case (let host, .observed(let observed)) in hosts
      where observed.domainNames?.isEmpty == true {
        stream.write(paragraph: "note: " + emptiness(of: host, observed) + ".", indent: 2)
      }
    }
    return missing.isEmpty ? [] : [.usage]
  }

  private static func warnings(
    about host: DesiredHost, _ observation: HostObservation
  ) -> [Diagnostic] {
    switch observation {
    case .unobserved(let error):
      let isDeclared = host.name != DesiredHost.implicitName
      var warning = Rule.hostUnobserved.warning(host: host.name, source: host.position)
      warning.summary =
        "\(isDeclared ? "the host" : host.label) could not be observed: \(error.reason)"
      warning.detail = ""
      warning.remedy = ConnectionRemedy(for: error, uri: host.uri).text
      return [warning]
    case .observed(let observed):
      return observed.unreadable.map { domain in
        var warning = Rule.domainUnobserved.warning(host: host.name, domain: domain.name)
        warning.summary = "the domain could not be read: \(domain.error.reason)"
        warning.detail = ""
        if domain.error.kind == .denied { warning.remedy = Rule.accessDenied.remedy }
        return warning
      }
    }
  }

  /// Why no domain matches `pattern`, with the names that are near.
  private func absence(of pattern: String) -> ShownText {
    let isGlob = pattern.contains { "*?[".contains($0) }
    let wanted: ShownText =
      isGlob ? "no domain matches '\(pattern)'" : "no domain is named '\(pattern)'"
    let seen = hosts.compactMap { host, observation -> (DesiredHost, ObservedHost)? in
      if case .observed(let observed) = observation { (host, observed) } else { nil }
    }
    let names = seen.flatMap { $0.1.domainNames ?? [] }
    let name = pattern.split(separator: "/").last.map(String.init) ?? ""
    let near = Suggestion.near(to: name, among: names).map { "'\($0)'" }
    if !near.isEmpty { return wanted + ": did you mean \(near.joined(separator: " or "))?" }
    guard seen.count == 1, let (host, observed) = seen.first, observed.domainNames != nil else {
      return wanted + "."
    }
    guard !names.isEmpty else { return wanted + ": " + emptiness(of: host, observed) + "." }
    let some = names.prefix(5).joined(separator: ", ")
    return wanted
      + ". There \(names.count == 1 ? "is" : "are") \(some)\(names.count > 5 ? ", …" : "")."
  }

  /// That a host has no domains; of a user's own connection, which is the system's.
  private func emptiness(of host: DesiredHost, _ observed: ObservedHost) -> ShownText {
    let uri = (host.uri ?? observed.uri)?.publishedURI ?? "the host"
    let place = isOnConnection ? uri : "\(host.name) (\(uri))"
    let system: ShownText =
      observed.isSession ? "; the system's domains are on qemu:///system (-c qemu:///system)" : ""
    return "\(place) has no domains" + system
  }
}

extension DesiredHost {
  /// The host's name for people, or its URI where the manifests declare none.
  var label: String {
    guard name == DesiredHost.implicitName else { return name }
    return uri.map { $0.publishedURI ?? "the connection" } ?? "libvirt's default connection"
  }
}
