// SPDX-License-Identifier: Apache-2.0

import Platform
import Applier
import ArgumentParser
import Documents
import LibvirtClient
import MemoryModel
import Planner
import Report

/// `virtmem apply`: does it, and looks whether it came about.
struct Apply: AsyncParsableCommand {
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

  func run() async throws {
    // Here, for what validate() says comes before an unknown option is told.
    if !autoApprove && !(StandardStream.inputIsTerminal && StandardStream.error.isTerminal) {
      throw ValidationError(
        "There is no terminal to ask on: give --auto-approve to apply without a question.")
    }
    if let plan = subject.plan { return try await applySaved(plan) }
    let declared = try Manifests.read(paths: subject.paths, output, connection)
    let state = try changes.narrowed(declared, from: subject.paths, selection, output)
    let fleet = Manifests.fleet(state, connection, selection, output)
    let session = await FleetSession.open(fleet, .readWrite, connection)
    let sights = await session.observe()
    let plan = fleet.plan(sights, ceiling: planning.ceiling)
    try await carryOut(plan, sights, session, ceiling: planning.ceiling)
  }

  /// Shows a plan, asks, performs it, and looks again.
  func carryOut(
    _ plan: Plan, _ sights: [String: HostSight], _ session: FleetSession, ceiling: Disruption
  ) async throws {
    show(plan)
    guard plan.stepCount > 0 else {
      return try finish(ApplyReport(plan: plan, outcomes: [], closing: plan))
    }
    guard autoApprove || isApproved(plan) else { throw ExitStatus.differences.error }
    TerminationSignals.deferFirst()
    let outcomes = await perform(plan, sights, session)
    let closing = session.fleet.plan(await session.observe(isPatient: false), ceiling: ceiling)
    try finish(ApplyReport(plan: plan, outcomes: outcomes, closing: closing))
  }

  /// Prints the plan for whoever is to approve it.
  func show(_ plan: Plan) {
    if output.format == .human {
      StandardStream.output.write(output.planReport(.output).text(plan))
    } else if !autoApprove {
      StandardStream.error.write(output.planReport(.error).text(plan))
    }
  }

  private func isApproved(_ plan: Plan) -> Bool {
    let count = plan.stepCount
    StandardStream.error.write(
      "Perform \(count == 1 ? "this step" : "these \(count) steps")? Only yes is taken as yes: ")
    let answer = readLine()
    if answer == "yes" { return true }
    StandardStream.error.write("\(answer == nil ? "\n" : "")Nothing was done.\n")
    return false
  }

  private func perform(
    _ plan: Plan, _ sights: [String: HostSight], _ session: FleetSession
  ) async -> [HostApplier.Outcome] {
    let progress = Progress(
      stepCount: plan.stepCount, output: output, isShown: !output.quiet)
    let hosts = session.fleet.hosts.map(\.name)
    return await FleetSession.concurrently(hosts) { host -> HostApplier.Outcome in
      let domains = plan.domains.filter { $0.host == host }
      if case .unobserved(let error)? = sights[host] {
        return HostApplier.Outcome(leaving: domains, because: error)
      }
      guard case .observed(let observed)? = sights[host],
        let connection = session.connection(to: host)
      else { return HostApplier.Outcome() }
      let applier = HostApplier(
        host: observed, hypervisor: connection,
        effectTimeout: self.connection.timeout.duration, recorder: progress,
        interruption: SignalInterruption())
      return await applier.apply(domains)
    }
  }

  /// Prints what became of a plan and ends with its status.
  func finish(_ report: ApplyReport) throws {
    switch output.format {
    case .human where report.plan.stepCount > 0:
      StandardStream.output.write("\n" + ApplyText(style: output.style(.output)).text(report))
    case .human: break
    case .json:
      StandardStream.output.write(document: PlanDocument.bytes(of: report, created: Timestamp.now))
    }
    throw ExitStatus.of(statuses(report)).error
  }

  private func statuses(_ report: ApplyReport) -> Set<ExitStatus> {
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
    if let signal = TerminationSignals.deferred {
      statuses.insert(ExitStatus(rawValue: 128 + signal) ?? .interrupted)
    }
    return statuses
  }
}

/// What is applied: manifests, or a plan.
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

/// A run that Ctrl-C or SIGTERM asks to stop.
private struct SignalInterruption: Interruption {
  var isRequested: Bool { TerminationSignals.deferred != nil }
}
