// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Basics
import Documents
import MemoryModel
import Planner
import Platform

/// `virtmem export`: writes manifests for domains that exist.
struct Export: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Write manifests for domains that exist.",
    discussion: """
      `plan` has no steps for the manifests that virtmem writes. They declare what is set, and \
      nothing else. If the running and the persistent definition differ, virtmem writes the value \
      of the next start for a field that only a start changes, and a range for currentMemory and \
      requested. It leaves out any other field, with a comment that names both values.

      With --out, virtmem writes each domain into its own file, DIR/HOST/DOMAIN.yaml, and replaces \
      an older one. HOST is `default` without --hosts.

      Examples:
        virtmem export web-01
        virtmem export 'web-*' --fields currentMemory,memtune
        virtmem export --hosts hosts.yaml --out fleet/

      Exit status: 0 done; 1 a file could not be written; 3 a domain has a name that no manifest \
      can have; 5 something could not be observed; 64 usage, or no such domain; 65 invalid input.
      """)

  @OptionGroup var subject: SurveyOptions

  @Option(
    help: ArgumentHelp(
      "Only these fields or groups, such as memtune,currentMemory,numa.cells.",
      valueName: "FIELD,…"))
  var fields: String?

  @Option(
    help: ArgumentHelp("Write files into this folder.", valueName: "DIR"),
    completion: .directory)
  var out: String?

  func run(in environment: Environment) async throws -> ExitStatus {
    let selected = try selectedFields()
    if let out { try checkFolder(out) }
    let survey = try await subject.survey(in: environment)
    var statuses = survey.report(quiet: subject.quiet, in: environment)
    let manifests = manifests(of: survey, selected)
    for manifest in manifests where !ManifestWriter.canName(manifest.name) {
      statuses.insert(.blocked)
      environment.error.write(
        "warning: a domain of \(manifest.host) is left out: its name has a control character, < or >.\n"
      )
    }
    if let out {
      try write(manifests.filter { ManifestWriter.canName($0.name) }, to: out, in: environment)
    } else {
      environment.show(.manifests(manifests.map(\.text)))
    }
    return ExitStatus.of(statuses)
  }

  private func manifests(of survey: Survey, _ fields: FieldSelection?) -> [Manifest] {
    var manifests: [Manifest] = []
    for case (let host, .observed(let observed)) in survey.hosts {
      let hostName = survey.isOnConnection ? nil : host.name
      let origin = Self.origin(host, observed, hostName, subject.offline)
      manifests += observed.domains.concurrentMap { domain in
        let exported = DomainExport.export(
          domain, on: observed, hostName: hostName, fields: fields)
        return Manifest(
          host: host.name, name: domain.name,
          text: ManifestWriter.text(
            of: ManifestWriter.accepted(exported), origin: origin))
      }
    }
    return manifests
  }

  private struct Manifest: Sendable {
    let host: String
    let name: String
    let text: String
  }

  private func selectedFields() throws -> FieldSelection? {
    guard let fields else { return nil }
    let names = fields.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if let unknown = names.first(where: { !FieldSelection.isKnown($0) }) {
      let meant = FieldSuggestion.nearest(to: unknown).map { ": did you mean '\($0)'?" }
      throw ValidationError(
        "'\(unknown)' is no field\(meant ?? ".") `virtmem explain` lists all of them.")
    }
    return FieldSelection(names)
  }

  /// The source of a host's domains, for the comment at the top of a manifest.
  private static func origin(
    _ host: DesiredHost, _ observed: ObservedHost, _ name: String?, _ offline: OfflineOptions
  ) -> String {
    if offline.isUsed {
      return [offline.liveXml, offline.persistentXml].compactMap(\.self).joined(separator: " and ")
    }
    let uri = (host.uri ?? observed.uri)?.publishedURI ?? "libvirt"
    return name.map { "\($0) (\(uri))" } ?? uri
  }

  /// Checks, before the first connection, that `path` is a folder or can become one.
  private func checkFolder(_ path: String) throws {
    if [".yaml", ".yml"].contains(where: path.hasSuffix) {
      throw ValidationError(
        """
        --out names a folder, which gets a file for each domain; for one file write \
        virtmem export … > \(path).
        """)
    }
    do throws(FileError) { try ManifestFolder.check(path) } catch {
      throw Failure("\(error.message)", .usage)
    }
  }

  private func write(
    _ manifests: [Manifest], to path: String, in environment: Environment
  ) throws {
    do throws(FileError) {
      let folder = try ManifestFolder(path)
      let hosts = ManifestFolder.safeNames(manifests.map(\.host))
      for (host, domains) in Dictionary(grouping: manifests, by: \.host).sorted(by: {
        $0.key < $1.key
      }) {
        let names = ManifestFolder.safeNames(domains.map(\.name))
        for domain in domains {
          let file = try folder.write(
            domain.text, host: hosts[host] ?? "", name: names[domain.name] ?? "")
          if !subject.quiet { environment.error.write("wrote \(file)\n") }
        }
      }
    } catch {
      throw Failure("\(error.message)", .failed)
    }
  }
}
