// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import LibvirtClient
import MemoryModel
import Planner
import Report

/// What `plan` and `drift` have in common: manifests in, a plan out, nothing written.
struct PlanningRun: ParsableArguments {
  @OptionGroup var manifests: ManifestOptions
  @OptionGroup(title: "Connection") var connection: ConnectionOptions
  @OptionGroup(title: "Definitions in place of a connection") var offline: OfflineOptions
  @OptionGroup(title: "Snapshots in place of a connection") var snapshots: SnapshotOptions
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Selection") var changes: ChangeOptions
  @OptionGroup(title: "Policy") var planning: PlanningOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if offline.isUsed && connection.uri != nil {
      throw ValidationError("--connect and definitions from files exclude each other.")
    }
    if snapshots.isUsed && (offline.isUsed || connection.uri != nil) {
      throw ValidationError(
        "--observed excludes \(offline.isUsed ? "definitions from files" : "--connect").")
    }
    if snapshots.files.contains("-") && (manifests.paths + [changes.old]).contains("-") {
      throw ValidationError("Standard input can be a snapshot or manifests, not both.")
    }
  }

  /// The plan, from a connection to each host or from the definitions in files.
  ///
  /// `settling` says whether a plan is worth a second look, after so many seconds.
  func plan(secondLook: (Plan) -> Duration? = { _ in nil }) async throws -> Plan {
    let declared = try Manifests.read(paths: manifests.paths, output, connection)
    if offline.isUsed {
      return try offlinePlan(declared)
    }
    let state = try changes.narrowed(declared, from: manifests.paths, selection, output)
    let fleet = Manifests.fleet(state, connection, selection, output)
    if snapshots.isUsed {
      let sight = try SnapshotSight(snapshots.files, output)
      var plan = fleet.plan(try sight.sights(for: fleet, of: state), ceiling: planning.ceiling)
      sight.mark(&plan, of: fleet)
      plan.diagnostics += sight.notes(for: fleet)
      if !output.quiet { StandardStream.error.write(sight.ages(for: fleet)) }
      return plan
    }
    let session = await FleetSession.open(fleet, .readOnly, connection)
    let plan = fleet.plan(await session.observe(), ceiling: planning.ceiling)
    guard let delay = secondLook(plan) else { return plan }
    try? await Task.sleep(for: delay)
    return fleet.plan(await session.observe(), ceiling: planning.ceiling)
  }

  private func offlinePlan(_ state: DesiredState) throws -> Plan {
    let definitions = try OfflineSight(offline)
    var restricted = try definitions.restricted(state, selection.selection)
    let changed = try changes.narrowed(
      state, from: manifests.paths, selection, output, namesLeft: false)
    restricted.domains.removeAll { domain in
      !changed.domains.contains { $0.position == domain.position }
    }
    let fleet = Fleet(restricted)
    let name = fleet.hosts[0].name
    var plan = fleet.plan([name: definitions.sight], ceiling: planning.ceiling)
    plan.diagnostics += definitions.diagnostics(restricted.domains.first)
    return plan
  }

  /// Prints a plan in the form that was asked for.
  func show(_ plan: Plan) {
    switch output.format {
    case .human: StandardStream.output.write(output.planReport(.output).text(plan))
    case .json:
      StandardStream.output.write(document: PlanDocument.bytes(of: plan, created: Timestamp.now))
    }
  }
}
