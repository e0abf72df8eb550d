// SPDX-License-Identifier: Apache-2.0

import Documents
import LibvirtModel
import MemoryModel
import Planner
import Platform
import Report

/// The hosts in snapshots.
struct SnapshotHosts {
  /// The command that takes a snapshot of one connection.
  private static let observe = "`virtmem observe -c URI > FILE`"

  private struct Entry {
    let host: Snapshot.Host
    let file: String
    let created: String

    /// The host's name for people: its URI where no manifest declared it.
    var label: String {
      guard host.name == DesiredHost.implicitName else { return host.name }
      return (resolvedURI ?? host.uri)?.publishedURI ?? "the host"
    }

    /// The URI as libvirt resolved it when virtmem observed the host.
    var resolvedURI: String? {
      if case .observed(let observed) = host.observation { observed.uri } else { nil }
    }
  }

  private var entries: [Entry] = []

  /// Reads every snapshot.
  ///
  /// - Throws: ``Failure`` where a file is no snapshot, or two snapshots have the same host.
  init(_ files: [String]) throws {
    for file in files {
      let snapshot: Snapshot
      do throws(InvalidSnapshot) {
        snapshot = try SnapshotReader.read(path: file)
      } catch {
        throw Failure(invalid: [error.diagnostic])
      }
      for host in snapshot.hosts {
        let entry = Entry(host: host, file: file, created: snapshot.created)
        if let twin = entries.first(where: { Self.isSame($0, entry) }) {
          throw Failure(
            invalid: "\(entry.label) is in \(twin.file) and in \(file)",
            remedy: "Give one snapshot of a host.", at: .start(of: file))
        }
        entries.append(entry)
      }
    }
  }

  /// Whether two entries are of the same host.
  ///
  /// Without declared Hosts every host is named `default`; its URI then identifies it.
  private static func isSame(_ left: Entry, _ right: Entry) -> Bool {
    guard left.host.name == right.host.name else { return false }
    return left.host.name != DesiredHost.implicitName || left.resolvedURI == right.resolvedURI
  }

  /// The entry of a host, found by the host's name or else by its URI.
  ///
  /// For a host without a URI it is the entry named `default`, if there is only one.
  private func entry(for host: DesiredHost) -> Entry? {
    if let named = entries.first(where: { $0.host.name == host.name }),
      host.name != DesiredHost.implicitName
    {
      return named
    }
    guard let uri = host.uri else {
      let defaults = entries.filter { $0.host.name == host.name }
      return defaults.count == 1 ? defaults.first : nil
    }
    return entries.first { $0.host.uri == uri || $0.resolvedURI == uri }
  }

  /// The observation of every host of the fleet; a host that no snapshot has is unobserved.
  ///
  /// - Throws: ``Failure`` where the manifests declare no Host and the snapshots have no host that
  ///   was observed without Hosts.
  func observations(
    for fleet: Fleet, of state: DesiredState
  ) throws -> [String: HostObservation] {
    let hosts = fleet.hostsToObserve
    if state.hosts.isEmpty, let host = hosts.first, entry(for: host) == nil {
      let names = entries.map(\.host.name).joined(separator: ", ")
      throw Failure(
        invalid: """
          the manifests declare no Host, and the snapshot is of \(names.isEmpty ? "none" : names)
          """, remedy: "Declare the Hosts, or take a snapshot of one connection: \(Self.observe).",
        at: entries.first.map { .start(of: $0.file) })
    }
    var observations: [String: HostObservation] = [:]
    for host in hosts { observations[host.name] = Self.observation(entry(for: host)) }
    addUnknown(to: &observations, fleet)
    return observations
  }

  /// The observation of a host by its entry; nil if no snapshot has the host.
  private static func observation(_ entry: Entry?) -> HostObservation {
    switch entry?.host.observation {
    case nil:
      return .unobserved(
        HypervisorError(.notInSnapshot, call: "", message: "no snapshot has the host"))
    case .unobserved(let error)?:
      return .unobserved(
        HypervisorError(
          .notInSnapshot, call: error.call, code: error.code, domain: error.domain,
          message: "virtmem observe could not observe the host: \(error.message)"))
    case .observed(var host)?:
      if entry?.host.isPartial == false {
        host.domainNames = (host.domains.map(\.name) + host.unreadable.map(\.name)).sorted()
      }
      return .observed(host)
    }
  }

  /// Adds the domains that a partial snapshot leaves out as unreadable, because they may exist.
  private func addUnknown(to observations: inout [String: HostObservation], _ fleet: Fleet) {
    var known: Set<String> = []
    for case .observed(let observed) in observations.values {
      known.formUnion(observed.domains.map(\.name) + observed.unreadable.map(\.name))
    }
    for host in fleet.hostsToObserve where entry(for: host)?.host.isPartial == true {
      guard case .observed(var observed)? = observations[host.name] else { continue }
      let own = Set(observed.domains.map(\.name) + observed.unreadable.map(\.name))
      for domain in fleet.domains(on: host) {
        let isKnown = domain.host == nil ? known.contains(domain.name) : own.contains(domain.name)
        guard !isKnown else { continue }
        known.insert(domain.name)
        observed.unreadable.append(
          UnreadableDomain(
            name: domain.name, uuid: domain.uuid ?? "",
            error: HypervisorError(
              .notInSnapshot, call: "",
              message: "the snapshot is of some of the host's domains, and this is none of them")))
      }
      observations[host.name] = .observed(observed)
    }
  }

  /// Records in `plan` which hosts come from a snapshot, and the time of that snapshot.
  func mark(_ plan: inout Plan, of fleet: Fleet) {
    let times = Dictionary(
      fleet.hostsToObserve.map { ($0.name, entry(for: $0)?.created) }
    ) { first, _ in first }
    for index in plan.hosts.indices {
      // A snapshot of definitions in files keeps its origin, because it has no host.
      if plan.hosts[index].origin == .connection { plan.hosts[index].origin = .snapshot }
      plan.hosts[index].observedAt = times[plan.hosts[index].name] ?? nil
    }
  }

  /// A note for each host with the time of its snapshot.
  ///
  /// It does not tell the age, so that the same input always gives the same plan.
  func notes(for fleet: Fleet) -> [Diagnostic] {
    fleet.hostsToObserve.compactMap { host in
      guard let entry = entry(for: host), case .observed = entry.host.observation else {
        return nil
      }
      var note = Rule.plannedFromSnapshot.warning(
        .note, host: host.name, detail: "The snapshot is \(entry.file).", source: host.position)
      note.summary = "the host was observed at \(entry.created)"
      return note
    }
  }

  /// The age of each host's snapshot at the time `timestamp`, one a line.
  func ages(for fleet: Fleet, at timestamp: String) -> ShownText {
    let now = Timestamp.secondsSince1970(timestamp) ?? 0
    return fleet.hostsToObserve.compactMap { host -> ShownText? in
      guard let entry = entry(for: host), case .observed = entry.host.observation else {
        return nil
      }
      let age = now - (Timestamp.secondsSince1970(entry.created) ?? now)
      return age < 0
        ? "\(entry.label) was observed in this machine's future: one of two clocks is wrong\n"
        : "\(entry.label) was observed \(Self.text(age)) ago\n"
    }.joined()
  }

  /// A length of time, rounded down to days, hours, minutes or seconds.
  private static func text(_ seconds: Int64) -> String {
    for (unit, length) in [("d", Int64(86_400)), ("h", 3600), ("min", 60)]
    where seconds >= length {
      return "\(seconds / length) \(unit)"
    }
    return "\(seconds) s"
  }
}
