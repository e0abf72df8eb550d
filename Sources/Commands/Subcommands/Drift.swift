// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel

/// `virtmem drift`: whether something is not as declared.
struct Drift: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Report what is not as declared; never writes.",
    discussion: """
      Drift is what `apply` would change. What only waits for a restart is shown, and counts with \
      --require-live.

      Example:
        virtmem drift fleet/ --format json

      Exit status: 0 none; 2 drift; 3 something is blocked; 5 something could not be observed; \
      64 usage; 65 invalid input.
      """)

  @OptionGroup var run: PlanningRun

  func run() async throws {
    var plan = try await run.plan { plan in
      // A guest that has just booted comes down to its figure by itself.
      plan.diagnostics.contains { $0.rule.meaning == .settling }
        ? .seconds(10) : nil
    }
    var statuses = ExitStatus.of(plan)
    if plan.hasDrift || run.planning.requireLive && plan.hasPendingRestart {
      statuses.insert(.differences)
    }
    if run.output.format == .json {
      for index in plan.domains.indices { plan.domains[index].steps = [] }
    }
    plan.kind = .drift
    run.show(plan)
    throw ExitStatus.of(statuses).error
  }
}
