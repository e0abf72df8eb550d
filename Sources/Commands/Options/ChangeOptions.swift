// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel
import Planner
import Platform

/// The older manifests; virtmem selects only the domains that differ from them.
struct ChangeOptions: ParsableArguments {
  @Option(
    name: .customLong("changed-from"),
    help: ArgumentHelp(
      """
      Only domains that differ from the manifests in this older file or folder, or - for standard \
      input.
      """,
      valueName: "OLD"))
  var old: String?

  /// The part of `state` that differs from the old manifests; all of it if the user gave none.
  ///
  /// Old manifests that are not there declare nothing, and of invalid ones nothing is known: a
  /// request that adds the first manifests, or mends them, can be reviewed too.
  func narrowed(
    _ state: DesiredState, from paths: [String], _ output: OutputOptions,
    in environment: Environment
  ) throws -> NarrowedState {
    guard let old else { return NarrowedState(state: state, declared: state) }
    guard old != "-" || !paths.contains("-") else {
      throw ValidationError("Standard input can be the new manifests or the old ones, not both.")
    }
    let (before, diagnostics) = ManifestReader.read(paths: [old])
    func note(_ text: ShownText) {
      if !output.quiet { environment.error.write(paragraph: "note: " + text, indent: 2) }
    }
    if let mistake = diagnostics.first(where: { $0.severity == .error }) {
      if old != "-"
        && (FileBytes.isMissing(old) || diagnostics.allSatisfy { $0.rule == .noManifests })
      {
        note("there are no manifests at \(old), so all domains count as new.")
      } else {
        let place: ShownText = mistake.source.map { "\($0): " } ?? ""
        note(
          "the manifests at \(old) are invalid, so all domains count as changed: " + place
            + "\(mistake.summary) (\(mistake.rule))")
      }
      return NarrowedState(state: state, declared: state)
    }
    let changes = DesiredChanges(from: before, to: state)
    if changes.state.domains.isEmpty {
      note("the manifests at \(old) ask the same of every domain that is still declared.")
    }
    // A domain that left is known too: to select it is no mistake.
    var declared = state
    declared.domains += changes.left
    declared.hosts += before.hosts.filter { old in
      !state.hosts.contains { $0.name == old.name }
    }
    return NarrowedState(
      state: changes.state, declared: declared, changes: changes,
      hosts: before.hosts.isEmpty ? [DesiredHost()] : before.hosts)
  }
}

/// The desired state of a run, and how it differs from older manifests.
struct NarrowedState {
  /// The domains of the run.
  let state: DesiredState
  /// The domains that the manifests declare, and those that the run's change leaves.
  let declared: DesiredState
  private let changes: DesiredChanges?
  private let hosts: [DesiredHost]

  /// Makes a state; `hosts` are those of the older manifests.
  init(
    state: DesiredState, declared: DesiredState, changes: DesiredChanges? = nil,
    hosts: [DesiredHost] = []
  ) {
    self.state = state
    self.declared = declared
    self.changes = changes
    self.hosts = hosts
  }

  /// Records in a plan what the run's change is about, and which selected domains it leaves.
  func record(
    in plan: inout Plan, _ observations: [String: HostObservation],
    where isSelected: (DesiredDomain, DesiredHost) -> Bool
  ) {
    changes?.record(in: &plan, observations) { domain in
      hosts.contains { (domain.host ?? $0.name) == $0.name && isSelected(domain, $0) }
    }
  }
}
