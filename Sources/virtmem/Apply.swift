// SPDX-License-Identifier: Apache-2.0

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

      Examples:
        virtmem apply fleet/
        virtmem apply fleet/ --auto-approve --format json

      Exit status: 0 done and verified, or nothing to do; 1 a step failed; 2 not approved; \
      3 something is blocked, the rest is done; 4 something changed since it was planned; \
      5 something could not be observed; 64 usage; 65 invalid input; 130 and 143 interrupted.
      """)

  @OptionGroup var manifests: ManifestOptions
  @OptionGroup(title: "Connection") var connection: ConnectionOptions
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Policy") var planning: PlanningOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Flag(help: "Do not ask before the first step.")
  var autoApprove = false

  func validate() throws {
    if !autoApprove && !(StandardStream.inputIsTerminal && StandardStream.error.isTerminal) {
      throw ValidationError(
        "There is no terminal to ask on: give --auto-approve to apply without a question.")
    }
  }

  func run() async throws {
    let state = try Manifests.read(manifests, output, connection)
    let fleet = Manifests.fleet(state, connection, selection, output)
    let session = await FleetSession.open(fleet, .readWrite, connection)
    let sights = await session.observe()
    let plan = fleet.plan(sights, ceiling: planning.ceiling)
    if output.format == .human {
      StandardStream.output.write(output.planReport(.output).text(plan))
    } else if !autoApprove {
      StandardStream.error.write(output.planReport(.error).text(plan))
    }
    guard !plan.steps.isEmpty else {
      return try finish(ApplyReport(plan: plan, outcomes: [], closing: plan))
    }
    guard autoApprove || isApproved(plan) else { throw ExitStatus.differences.error }
    TerminationSignals.deferFirst()
    let outcomes = await perform(plan, sights, session)
    let closing = fleet.plan(await session.observe(isPatient: false), ceiling: planning.ceiling)
    try finish(ApplyReport(plan: plan, outcomes: outcomes, closing: closing))
  }

  private func isApproved(_ plan: Plan) -> Bool {
    let count = plan.steps.count
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
      stepCount: plan.steps.count, output: output, isShown: !output.quiet)
    let hosts = session.fleet.hosts.map(\.name)
    return await FleetSession.concurrently(hosts) { host -> HostApplier.Outcome in
      guard case .observed(let observed)? = sights[host],
        let connection = session.connection(to: host)
      else { return HostApplier.Outcome() }
      let applier = HostApplier(
        host: observed, hypervisor: connection,
        effectTimeout: self.connection.timeout.duration, recorder: progress,
        interruption: SignalInterruption())
      return await applier.apply(plan.domains.filter { $0.host == host })
    }
  }

  private func finish(_ report: ApplyReport) throws {
    switch output.format {
    case .human where !report.plan.steps.isEmpty:
      StandardStream.output.write("\n" + ApplyText(style: output.style(.output)).text(report))
    case .human: break
    case .json:
      StandardStream.output.write(PlanDocument.bytes(of: report, created: Timestamp.now))
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

/// A run that Ctrl-C or SIGTERM asks to stop.
private struct SignalInterruption: Interruption {
  var isRequested: Bool { TerminationSignals.deferred != nil }
}
