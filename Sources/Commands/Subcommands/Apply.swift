// SPDX-License-Identifier: Apache-2.0

import Applier
import ArgumentParser
import MemoryModel
import Planner

/// `virtmem apply`: performs a plan and verifies its effect.
struct Apply: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Plan, show, ask, perform and verify.",
    discussion: """
      Each step is verified by looking, because libvirt accepts calls that have no effect. A domain \
      stops at its first failure; the others go on. What is done twice changes nothing.

      With --plan just the steps of a saved plan are performed, and nothing is planned anew: a \
      domain that is neither as it was when it was planned nor as the plan leaves it is left \
      untouched (4). A file that is not as it was saved, or is of another host, is refused (65).

      Examples:
        virtmem apply fleet/
        virtmem apply fleet/ --auto-approve --format json
        virtmem apply --plan plan.json

      Exit status: 0 done and verified, or nothing to do; 1 a step failed; 2 not approved; \
      3 something is blocked, the rest is done; 4 something changed since it was planned; \
      5 something could not be observed; 64 usage; 65 invalid input; 130 and 143 interrupted.
      """)

  @OptionGroup var subject: ApplySubject
  @OptionGroup(title: "Connection") var connection: ConnectionOptions
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Selection") var changes: ChangeOptions
  @OptionGroup(title: "Policy") var planning: PlanningOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Flag(help: "Do not ask before the first step.")
  var autoApprove = false

  func validate() throws {
    if subject.plan != nil {
      let excluded = [
        ("--allow", planning.allowed != nil), ("--domain", !selection.domains.isEmpty),
        ("--selector", !selection.selectors.isEmpty), ("--changed-from", changes.old != nil),
      ]
      if let option = excluded.first(where: \.1) {
        throw ValidationError(
          "\(option.0) is for planning, and --plan performs a plan as it was made.")
      }
    }
  }

  func run(in environment: Environment) async throws -> ExitStatus {
    // ArgumentParser calls validate() before it reports an unknown option, so this check is here.
    if !autoApprove && !(environment.inputIsTerminal() && environment.error.isTerminal) {
      throw ValidationError(
        "There is no terminal to ask on: give --auto-approve to apply without a question.")
    }
    if let plan = subject.plan { return try await applySaved(plan, in: environment) }
    let declared = try Manifests.read(
      paths: subject.paths, output.errorStyle(in: environment), connection, in: environment)
    let state = try changes.narrowed(
      declared, from: subject.paths, selection, output, in: environment)
    let fleet = Manifests.fleet(
      state, connection, selection, isQuiet: output.quiet, in: environment)
    let session = await FleetSession.open(fleet, .readWrite, connection, in: environment)
    let observations = await session.observe()
    let plan = fleet.plan(observations, ceiling: planning.ceiling)
    return try await carryOut(
      plan, observations, session, ceiling: planning.ceiling, in: environment)
  }

  /// Shows a plan, asks the user, performs the plan, and verifies the result.
  func carryOut(
    _ plan: Plan, _ observations: [String: HostObservation], _ session: FleetSession,
    ceiling: Disruption, in environment: Environment
  ) async throws -> ExitStatus {
    guard plan.stepCount > 0 else { return showUnchanged(plan, in: environment) }
    show(plan, in: environment)
    guard autoApprove || isApproved(plan, in: environment) else { return .differences }
    environment.deferSignals()
    let results = await perform(plan, observations, session, in: environment)
    let closing = session.fleet.plan(await session.observe(isPatient: false), ceiling: ceiling)
    return show(
      ApplyReport(plan: plan, results: results, closing: closing), in: environment)
  }

  /// Shows a plan without steps and its report.
  func showUnchanged(_ plan: Plan, in environment: Environment) -> ExitStatus {
    show(plan, in: environment)
    return show(ApplyReport(plan: plan, results: [], closing: plan), in: environment)
  }

  private func show(_ plan: Plan, in environment: Environment) {
    environment.show(
      .proposal(plan, asks: !autoApprove), as: output.presentation(in: environment))
  }

  private func isApproved(_ plan: Plan, in environment: Environment) -> Bool {
    let count = plan.stepCount
    environment.error.write(
      "Perform \(count == 1 ? "this step" : "these \(count) steps")? Only yes is taken as yes: ")
    let answer = environment.readAnswer()
    if answer == "yes" { return true }
    environment.error.write("\(answer == nil ? "\n" : "")Nothing was done.\n")
    return false
  }

  private func perform(
    _ plan: Plan, _ observations: [String: HostObservation], _ session: FleetSession,
    in environment: Environment
  ) async -> [ApplyResult] {
    let progress = Progress(
      stepCount: plan.stepCount, style: output.errorStyle(in: environment),
      isShown: !output.quiet, on: environment.error)
    let hosts = session.fleet.hosts.map(\.name)
    return await FleetSession.concurrently(hosts) { host -> ApplyResult in
      let domains = plan.domains.filter { $0.host == host }
      if case .unobserved(let error)? = observations[host] {
        return ApplyResult(leaving: domains, because: error)
      }
      guard case .observed(let observed)? = observations[host],
        let connection = session.connection(to: host)
      else { return ApplyResult() }
      let applier = HostApplier(
        host: observed, hypervisor: connection,
        effectTimeout: self.connection.timeout.duration, recorder: progress,
        interruption: SignalInterruption(environment: environment), clock: environment.clock)
      return await applier.apply(domains)
    }
  }

  /// Shows the report of a run and returns its status.
  private func show(_ report: ApplyReport, in environment: Environment) -> ExitStatus {
    environment.show(.applyReport(report), as: output.presentation(in: environment))
    return ExitStatus.of(statuses(report, in: environment))
  }

  private func statuses(
    _ report: ApplyReport, in environment: Environment
  ) -> Set<ExitStatus> {
    var statuses = ExitStatus.of(report.plan).union(ExitStatus.of(report.closing))
    for result in report.domains {
      switch result.status {
      case .done, .skipped: break
      case .failed: statuses.insert(.failed)
      case .stale: statuses.insert(.stale)
      }
    }
    if planning.requireLive && report.closing.hasPendingRestart {
      statuses.insert(.differences)
    }
    if let signal = environment.deferredSignal() {
      statuses.insert(ExitStatus(rawValue: 128 + signal) ?? .interrupted)
    }
    return statuses
  }
}

/// The input of `apply`: manifests, or a saved plan.
struct ApplySubject: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A manifest, a folder with manifests (*.yaml, *.yml), or - for standard input.",
      valueName: "path"),
    completion: .file(extensions: ["yaml", "yml"]))
  var paths: [String] = []

  @Option(
    help: ArgumentHelp(
      "Perform just this saved plan, or - for standard input, in place of manifests.",
      valueName: "file"), completion: .file(extensions: ["json"]))
  var plan: String?

  func validate() throws {
    if plan == nil && paths.isEmpty {
      throw ValidationError("Give a path with manifests, or a saved plan with --plan.")
    }
    if plan != nil && !paths.isEmpty {
      throw ValidationError("Manifests and --plan exclude each other: give one of the two.")
    }
  }
}

/// A run that SIGINT or SIGTERM interrupts.
private struct SignalInterruption: Interruption {
  let environment: Environment

  var isRequested: Bool { environment.deferredSignal() != nil }
}
