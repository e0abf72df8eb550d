// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel
import Platform

/// `virtmem plan`: shows what differs and the steps that would change it.
struct PlanCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what differs and what would be done, read-only.",
    discussion: """
      Both definitions of each domain, the running and the persistent one, are compared with the \
      manifests. Symbols: + set, ~ change, - take away, … waits for a restart, ! blocked.

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

  @Option(
    help: ArgumentHelp("Save the plan in this file, as JSON.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var out: String?

  @Flag(name: .customLong("detailed-exitcode"), help: "End with status 2 where there are changes.")
  var hasDetailedExitCode = false

  func run(in environment: Environment) async throws -> ExitStatus {
    if let out {
      do throws(FileError) { try OutputFile.check(out) } catch {
        throw Failure("\(error.message)", .usage)
      }
    }
    let plan = try await run.plan(in: environment)
    environment.show(.plan(plan), as: run.output.presentation(in: environment))
    if let out {
      do throws(FileError) {
        try OutputFile.write(
          PlanDocument.bytes(of: plan, created: environment.timestamp()), to: out)
      } catch {
        throw Failure("\(error.message)", .failed)
      }
      if !run.output.quiet { environment.error.write("Plan saved in \(out).\n") }
    }
    var statuses = ExitStatus.of(plan)
    if hasDetailedExitCode
      && (plan.stepCount > 0 || run.planning.requireLive && plan.hasPendingRestart)
    {
      statuses.insert(.differences)
    }
    return run.tolerance.status(of: statuses)
  }
}
