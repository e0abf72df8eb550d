// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel
import Planner
import Platform

/// `virtmem plan`: shows what differs and the steps that would change it.
struct PlanCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what differs and what apply would do; never writes.",
    discussion: """
      virtmem compares the running and the persistent definition of each domain with the manifests.

      \(Legend.text)

      Examples:
        virtmem plan fleet/
        virtmem plan fleet/ --out plan.json
        virtmem plan fleet/ --changed-from base/fleet
        virtmem plan fleet/ --observed fleet.jsonl
        virtmem plan web.yaml --persistent-xml web-01.xml

      Exit status: 0 done, with changes or without; 2 with --detailed-exitcode: there are changes; \
      3 something is blocked; 5 something could not be observed; 64 usage; 65 invalid input.
      """)

  @OptionGroup var run: PlanningRun

  var output: OutputOptions { run.output }

  var reports: [ReportArgument] { run.reports }

  var shard: Shard? { run.selection.shard }

  var inputs: [String] { run.inputs }

  @Flag(name: .customLong("detailed-exitcode"), help: "End with status 2 where there are changes.")
  var hasDetailedExitCode = false

  func run(in environment: Environment) async throws -> ExitStatus {
    let plan = try await run.plan(in: environment)
    let presentation = presentation(in: environment)
    var statuses = ExitStatus.of(plan)
    if hasDetailedExitCode
      && (plan.stepCount > 0 || run.planning.requireLive && plan.hasPendingRestart)
    {
      statuses.insert(.differences)
    }
    let lost = environment.show(
      .plan(plan), as: presentation, endingWith: run.tolerance.status(of: statuses))
    if lost.isEmpty { showNext(after: plan, presentation, in: environment) }
    return run.tolerance.status(of: statuses.union(lost))
  }

  /// Says where the plan was saved, and which command performs it.
  private func showNext(
    after plan: Plan, _ presentation: Presentation, in environment: Environment
  ) {
    guard !output.quiet else { return }
    let file = reports.first { $0.format == .json && !$0.isOnStandardOutput }?.path
    if let file { environment.error.write("Plan saved in \(file).\n") }
    guard plan.stepCount > 0, output.format == .human,
      let next = NextCommand(after: run, savedIn: file)
    else { return }
    (presentation.hasReportOnOutput ? environment.error : environment.output).write(next.text)
  }
}
