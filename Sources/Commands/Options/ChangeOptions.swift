// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel
import Planner

/// The older manifests; virtmem selects only the domains that differ from them.
struct ChangeOptions: ParsableArguments {
  @Option(
    name: .customLong("changed-from"),
    help: ArgumentHelp(
      """
      Only domains that the manifests in this file or folder (or - for standard input) ask \
      something else of, or don't declare.
      """,
      valueName: "old"))
  var old: String?

  /// The part of `state` that differs from the old manifests; all of it if the user gave none.
  ///
  /// With `namesLeft`, standard error lists the selected domains that only the old manifests
  /// declare.
  func narrowed(
    _ state: DesiredState, from paths: [String], _ selection: SelectionOptions,
    _ output: OutputOptions, namesLeft: Bool = true, in environment: Environment
  ) throws -> DesiredState {
    guard let old else { return state }
    guard old != "-" || !paths.contains("-") else {
      throw ValidationError("Standard input can be the new manifests or the old ones, not both.")
    }
    let before = try Manifests.read(
      paths: [old], output.errorStyle(in: environment), in: environment)
    let changes = DesiredChanges(from: before, to: state)
    guard !output.quiet else { return changes.state }
    let hosts = before.hosts.isEmpty ? [DesiredHost()] : before.hosts
    for domain in changes.left where namesLeft {
      let isSelected = hosts.contains {
        (domain.host ?? $0.name) == $0.name && selection.selection.selects(domain, on: $0)
      }
      guard isSelected else { continue }
      let name = domain.host.map { "\($0)/\(domain.name)" } ?? domain.name
      environment.error.write("no longer managed: \(name) (stays as it is)\n")
    }
    if changes.state.domains.isEmpty {
      environment.error.write("note: no domain is asked for otherwise than in \(old).\n")
    }
    return changes.state
  }
}
