// SPDX-License-Identifier: Apache-2.0

import Applier
import ArgumentParser
import MemoryModel
import Planner

/// The options of `plan` and `drift`, and the plan that both make.
struct PlanningRun: ParsableArguments {
  @OptionGroup var manifests: ManifestOptions
  @OptionGroup(title: "Which host") var connection: ConnectionOptions
  @OptionGroup(title: "Files in place of a host") var offline: OfflineOptions
  @OptionGroup(title: "Files in place of a host") var snapshots: SnapshotOptions
  @OptionGroup(title: "Which domains") var selection: SelectionOptions
  @OptionGroup(title: "Which domains") var changes: ChangeOptions
  @OptionGroup(title: "What may happen, and the status") var planning: PlanningOptions
  @OptionGroup(title: "What may happen, and the status") var tolerance: ToleranceOptions
  @OptionGroup(title: "What is recorded") var record: NoteOptions
  @OptionGroup(title: "What is shown") var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Save the result in this file, the same as --report json=FILE.", valueName: "FILE"),
    completion: .file(extensions: ["json"]))
  var out: String?

  /// The files that get the result.
  var reports: [ReportArgument] {
    output.reports + (out.map { [ReportArgument(.json, path: $0)] } ?? [])
  }

  /// The files and folders that the run reads.
  var inputs: [String] {
    manifests.paths + snapshots.files
      + [changes.old, offline.liveXml, offline.persistentXml].compactMap(\.self)
  }

  func validate() throws {
    if offline.isUsed && connection.uri != nil {
      throw ValidationError("--connect and definitions from files exclude each other.")
    }
    if snapshots.isUsed && (offline.isUsed || connection.uri != nil) {
      throw ValidationError(
        "--observed excludes \(offline.isUsed ? "definitions from files" : "--connect").")
    }
    if offline.isUsed && selection.shard != nil {
      throw ValidationError("--shard is for hosts, and definitions from files belong to none.")
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
    plan.tolerated = tolerance.verdicts
    plan.sort()
    return plan
  }

  private func planWithoutNote(
    in environment: Environment, secondLook: (Plan) -> Duration?
  ) async throws -> Plan {
    let declared = try Manifests.read(
      paths: manifests.paths, output.errorStyle(in: environment), connection,
      needsHosts: selection.shard != nil, in: environment)
    if offline.isUsed { return try offlinePlan(declared, in: environment) }
    let narrowed = try changes.narrowed(
      declared, from: manifests.paths, output, in: environment)
    let fleet = try Manifests.fleet(
      narrowed, snapshots.isUsed ? nil : connection, selection, isQuiet: output.quiet,
      in: environment)
    if snapshots.isUsed { return try snapshotPlan(fleet, of: narrowed, in: environment) }
    let session = await FleetSession.open(
      fleet, .readOnly, connection, isQuiet: output.quiet, in: environment)
    let plan = await plan(session, narrowed, in: environment)
    guard let delay = secondLook(plan) else { return plan }
    environment.announceWait("virtmem waited for guests that have just booted")
    await environment.clock.sleep(delay)
    return await self.plan(session, narrowed, in: environment)
  }

  /// Observes the hosts of `session`, and plans them.
  private func plan(
    _ session: FleetSession, _ narrowed: NarrowedState, in environment: Environment
  ) async -> Plan {
    let early = EarlyPlans(for: session.fleet, ceiling: planning.ceiling)
    return plan(
      session.fleet, await session.observe(planning: early), narrowed, early: early,
      in: environment)
  }

  private func plan(
    _ fleet: Fleet, _ observations: [String: HostObservation], _ narrowed: NarrowedState,
    from origin: PlannedHost.Origin = .connection, early: EarlyPlans? = nil,
    in environment: Environment
  ) -> Plan {
    var plan = fleet.plan(
      observations, ceiling: planning.ceiling, from: origin, today: environment.today,
      early: early)
    narrowed.record(in: &plan, observations, where: selection.selection.selects)
    return plan
  }

  private func snapshotPlan(
    _ fleet: Fleet, of narrowed: NarrowedState, in environment: Environment
  ) throws -> Plan {
    let hosts = try SnapshotHosts(snapshots.files)
    var plan = plan(
      fleet, try hosts.observations(for: fleet, of: narrowed.state), narrowed, from: .snapshot,
      in: environment)
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
    var restricted = try definitions.restricted(state, selection)
    let narrowed = try changes.narrowed(
      state, from: manifests.paths, output, in: environment)
    restricted.domains.removeAll { domain in
      !narrowed.state.domains.contains { $0.position == domain.position }
    }
    let fleet = Fleet(restricted)
    let observations = [fleet.hosts[0].name: definitions.observation]
    var plan = fleet.plan(observations, ceiling: planning.ceiling, today: environment.today)
    // The definitions are of one domain, so no other one is reviewed.
    narrowed.record(in: &plan, observations) { domain, _ in domain.name == definitions.name }
    plan.diagnostics += definitions.diagnostics(restricted.domains.first)
    return plan
  }
}
