// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel
import Planner

/// `virtmem drift`: reports what differs from the manifests.
struct Drift: ReportingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Report what is not as declared; never writes.",
    discussion: """
      Drift is what `apply` would change. What only waits for a restart is shown, and is no drift \
      without --require-live.

      \(Legend.text)

      Examples:
        virtmem drift fleet/
        virtmem drift fleet/ --report json=drift.json

      Exit status: 0 none; 2 drift; 3 something is blocked; 5 something could not be observed; \
      64 usage; 65 invalid input.
      """)

  @OptionGroup var run: PlanningRun

  var output: OutputOptions { run.output }

  var reports: [ReportArgument] { run.reports }

  var shard: Shard? { run.selection.shard }

  var inputs: [String] { run.inputs }

  func run(in environment: Environment) async throws -> ExitStatus {
    let plan = try await run.plan(in: environment) { plan in
      // The balloon of a guest that has just booted reaches its target without a call.
      plan.diagnostics.contains { $0.rule.meaning == .settling }
        ? .seconds(10) : nil
    }
    var statuses = ExitStatus.of(plan)
    if plan.hasDrift || run.planning.requireLive && plan.hasPendingRestart {
      statuses.insert(.differences)
    }
    let lost = environment.show(
      .plan(plan.driftReport), as: presentation(in: environment),
      endingWith: run.tolerance.status(of: statuses))
    return run.tolerance.status(of: statuses.union(lost))
  }
}
