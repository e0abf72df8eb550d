// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import MemoryModel

/// `virtmem plan`: what would be done.
struct PlanCommand: AsyncParsableCommand {
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

  func run() async throws {
    let plan = try await run.plan()
    run.show(plan)
    if let out {
      do throws(FileError) {
        try OutputFile.write(PlanDocument.bytes(of: plan, created: Timestamp.now), to: out)
      } catch {
        throw fail("\(error.message)", .failed)
      }
      if !run.output.quiet { StandardStream.error.write("Plan saved in \(out).\n") }
    }
    var statuses = ExitStatus.of(plan)
    if hasDetailedExitCode
      && (plan.stepCount > 0 || run.planning.requireLive && plan.hasPendingRestart)
    {
      statuses.insert(.differences)
    }
    throw ExitStatus.of(statuses).error
  }
}
