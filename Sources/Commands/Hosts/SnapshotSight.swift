// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import LibvirtModel
import MemoryModel
import Planner
import Report

/// Snapshots that stand for hosts, in place of a connection.
struct SnapshotOptions: ParsableArguments {
  @Option(
    name: .customLong("observed"),
    help: ArgumentHelp(
      "A snapshot that `virtmem observe` wrote, or - for standard input; repeatable.",
      valueName: "file"), completion: .file())
  var files: [String] = []

  var isUsed: Bool { !files.isEmpty }
}

/// Hosts seen in snapshots.
struct SnapshotSight {
  private struct Entry {
    let host: Snapshot.Host
    let file: String
    let created: String

    /// The URI that libvirt made of the one that was connected to.
    var resolvedURI: String? {
      if case .observed(let observed) = host.sight { observed.uri } else { nil }
    }
  }

  private var entries: [Entry] = []

  /// Reads every snapshot; a host that is in two of them is an error.
  init(_ files: [String], _ output: OutputOptions) throws {
    for file in files {
      let snapshot: Snapshot
      do throws(InvalidSnapshot) {
        snapshot = try SnapshotReader.read(path: file)
      } catch {
        StandardStream.error.write(
          DiagnosticReport(style: output.style(.error)).text([error.diagnostic]))
        throw ExitStatus.invalid.error
      }
      for host in snapshot.hosts {
        let entry = Entry(host: host, file: file, created: snapshot.created)
        if let twin = entries.first(where: { Self.isSame($0, entry) }) {
          throw fail(
            "\(host.name) is in \(twin.file) and in \(file). Give one snapshot of a host.", .invalid
          )
        }
        entries.append(entry)
      }
    }
  }

  /// Without Hosts every host is called `default`, and only the URI tells two of them apart.
  private static func isSame(_ left: Entry, _ right: Entry) -> Bool {
    guard left.host.name == right.host.name else { return false }
    return left.host.name != "default" || left.resolvedURI == right.resolvedURI
  }

  /// The snapshot of a host: by the Host's name, else by its URI; without Hosts, the one `default`.
  private func entry(for host: DesiredHost) -> Entry? {
    if let named = entries.first(where: { $0.host.name == host.name }), host.name != "default" {
      return named
    }
    guard let uri = host.uri else {
      let defaults = entries.filter { $0.host.name == host.name }
      return defaults.count == 1 ? defaults.first : nil
    }
    return entries.first { $0.host.uri == uri || $0.resolvedURI == uri }
  }

  /// What the snapshots show of every host that the fleet looks at.
  ///
  /// A Host that is in none is unobserved. Without Hosts there has to be the one of a connection.
  func sights(for fleet: Fleet, of state: DesiredState) throws -> [String: HostSight] {
    let hosts = fleet.hostsToObserve
    if state.hosts.isEmpty, let host = hosts.first, entry(for: host) == nil {
      let names = entries.map(\.host.name).joined(separator: ", ")
      throw fail(
        """
        the manifests declare no Host, and the snapshot is of \(names.isEmpty ? "none" : names). \
        Declare the Hosts, or observe without --hosts.
        """, .invalid)
    }
    var sights: [String: HostSight] = [:]
    for host in hosts {
      switch entry(for: host)?.host.sight {
      case .observed(let observed): sights[host.name] = .observed(observed)
      case .unobserved(let error): sights[host.name] = .unobserved(error)
      case nil:
        sights[host.name] = .unobserved(
          HypervisorError(.noDomain, call: "virtmem observe", message: "no snapshot has the host"))
      }
    }
    addUnknown(to: &sights, fleet)
    return sights
  }

  /// What was not asked for on a host is not known to be missing there.
  private func addUnknown(to sights: inout [String: HostSight], _ fleet: Fleet) {
    var known: Set<String> = []
    for case .observed(let observed) in sights.values {
      known.formUnion(observed.domains.map(\.name) + observed.unreadable.map(\.name))
    }
    for host in fleet.hostsToObserve where entry(for: host)?.host.isPartial == true {
      guard case .observed(var observed)? = sights[host.name] else { continue }
      let own = Set(observed.domains.map(\.name) + observed.unreadable.map(\.name))
      for domain in fleet.domains(on: host) {
        let isKnown = domain.host == nil ? known.contains(domain.name) : own.contains(domain.name)
        guard !isKnown else { continue }
        known.insert(domain.name)
        observed.unreadable.append(
          UnreadableDomain(
            name: domain.name, uuid: domain.uuid ?? "",
            error: HypervisorError(
              .noDomain, call: "virtmem observe",
              message: "the snapshot is of some of the host's domains, and this is none of them")))
      }
      sights[host.name] = .observed(observed)
    }
  }

  /// Notes in `plan` which hosts it knows from a snapshot, and of when that is.
  func mark(_ plan: inout Plan, of fleet: Fleet) {
    let times = Dictionary(
      fleet.hostsToObserve.map { ($0.name, entry(for: $0)?.created) }
    ) { first, _ in first }
    for index in plan.hosts.indices {
      // A snapshot of definitions in files is of no host either.
      if plan.hosts[index].origin == .connection { plan.hosts[index].origin = .snapshot }
      plan.hosts[index].observedAt = times[plan.hosts[index].name] ?? nil
    }
  }

  /// When each host was observed; not how long ago, for the same input gives the same plan.
  func notes(for fleet: Fleet) -> [Diagnostic] {
    fleet.hostsToObserve.compactMap { host in
      guard let entry = entry(for: host), case .observed = entry.host.sight else { return nil }
      var note = Rule.plannedFromSnapshot.warning(
        .note, host: host.name, detail: "The snapshot is \(entry.file).", source: host.position)
      note.summary = "the host was observed at \(entry.created)"
      return note
    }
  }

  /// How old what is known of each host is, a line each.
  func ages(for fleet: Fleet) -> ShownText {
    let now = Timestamp.secondsSince1970(Timestamp.now) ?? 0
    return fleet.hostsToObserve.compactMap { host -> ShownText? in
      guard let entry = entry(for: host), case .observed = entry.host.sight else { return nil }
      let age = now - (Timestamp.secondsSince1970(entry.created) ?? now)
      return age < 0
        ? "\(host.name) was observed in this machine's future: one of two clocks is wrong\n"
        : "\(host.name) was observed \(Self.text(age)) ago\n"
    }.joined()
  }

  /// A length of time in the largest unit that there is a whole one of.
  private static func text(_ seconds: Int64) -> String {
    for (unit, length) in [("d", Int64(86_400)), ("h", 3600), ("min", 60)]
    where seconds >= length {
      return "\(seconds / length) \(unit)"
    }
    return "\(seconds) s"
  }
}
