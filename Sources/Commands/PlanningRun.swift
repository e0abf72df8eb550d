// SPDX-License-Identifier: Apache-2.0

import Applier
import ArgumentParser
import MemoryModel
import Planner

/// The options of `plan` and `drift`, and the plan that both make.
struct PlanningRun: ParsableArguments {
  @OptionGroup var manifests: ManifestOptions
  @OptionGroup(title: "Connection") var connection: ConnectionOptions
  @OptionGroup(title: "Definitions in place of a connection") var offline: OfflineOptions
  @OptionGroup(title: "Snapshots in place of a connection") var snapshots: SnapshotOptions
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Selection") var changes: ChangeOptions
  @OptionGroup(title: "Policy") var planning: PlanningOptions
  @OptionGroup(title: "Policy") var tolerance: ToleranceOptions
  @OptionGroup(title: "Record") var record: NoteOptions
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

  /// The plan, made from connections, from snapshots or from definitions in files.
  ///
  /// `secondLook` returns how long virtmem waits before it observes and plans the hosts once more;
  /// nil means that it uses the first plan.
  func plan(
    in environment: Environment, secondLook: (Plan) -> Duration? = { _ in nil }
  ) async throws -> Plan {
    var plan = try await planWithoutNote(in: environment, secondLook: secondLook)
    plan.note = record.note(in: environment)
    return plan
  }

  private func planWithoutNote(
    in environment: Environment, secondLook: (Plan) -> Duration?
  ) async throws -> Plan {
    let declared = try Manifests.read(
      paths: manifests.paths, output.errorStyle(in: environment), connection, in: environment)
    if offline.isUsed { return try offlinePlan(declared, in: environment) }
    let state = try changes.narrowed(
      declared, from: manifests.paths, selection, output, in: environment)
    let fleet = Manifests.fleet(
      state, connection, selection, isQuiet: output.quiet, in: environment)
    if snapshots.isUsed { return try snapshotPlan(fleet, of: state, in: environment) }
    let session = await FleetSession.open(fleet, .readOnly, connection, in: environment)
    let plan = fleet.plan(await session.observe(), ceiling: planning.ceiling)
    guard let delay = secondLook(plan) else { return plan }
    await environment.clock.sleep(delay)
    return fleet.plan(await session.observe(), ceiling: planning.ceiling)
  }

  private func snapshotPlan(
    _ fleet: Fleet, of state: DesiredState, in environment: Environment
  ) throws -> Plan {
    let hosts = try SnapshotHosts(snapshots.files, output.errorStyle(in: environment))
    var plan = fleet.plan(
      try hosts.observations(for: fleet, of: state), ceiling: planning.ceiling)
    hosts.mark(&plan, of: fleet)
    plan.diagnostics += hosts.notes(for: fleet)
    if !output.quiet {
      environment.error.write(hosts.ages(for: fleet, at: environment.timestamp()))
    }
    return plan
  }

  private func offlinePlan(
    _ state: DesiredState, in environment: Environment
  ) throws -> Plan {
    let definitions = try DefinitionFiles(offline)
    var restricted = try definitions.restricted(state, selection.selection)
    let changed = try changes.narrowed(
      state, from: manifests.paths, selection, output, namesLeft: false, in: environment)
    restricted.domains.removeAll { domain in
      !changed.domains.contains { $0.position == domain.position }
    }
    let fleet = Fleet(restricted)
    let name = fleet.hosts[0].name
    var plan = fleet.plan([name: definitions.observation], ceiling: planning.ceiling)
    plan.diagnostics += definitions.diagnostics(restricted.domains.first)
    return plan
  }
}
