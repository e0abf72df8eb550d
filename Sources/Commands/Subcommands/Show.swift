// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel

/// `virtmem show`: prints a saved plan.
struct Show: ReportingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print saved plans, drifts or applies again.",
    discussion: """
      virtmem prints a plan that `plan --out` saved, or the JSON document of a `drift` or an \
      `apply`, as that command printed it, and ends with its status. It connects to no host, and \
      refuses a file that was edited.

      Several files of one kind are printed as one: the shards of a run. Nothing can apply what \
      --format json then prints; apply each file.

      Examples:
        virtmem show plan.json --verbose
        virtmem show shard-1.json shard-2.json
        virtmem show plan.json --format json

      Exit status: 0 done, with changes or without; 1 a step failed; 2 a drift has differences, or \
      with --detailed-exitcode a plan has changes; 3 something is blocked; 4 something changed \
      since it was planned; 5 something could not be observed; 64 usage; 65 invalid input.
      """)

  @Argument(
    help: ArgumentHelp("A saved plan, or - for standard input; repeatable.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var paths: [String]

  @OptionGroup var tolerance: ToleranceOptions
  @OptionGroup(title: "What is shown") var output: OutputOptions

  @Flag(name: .customLong("detailed-exitcode"), help: "End with status 2 where there are changes.")
  var hasDetailedExitCode = false

  var inputs: [String] { paths }

  func run(in environment: Environment) async throws -> ExitStatus {
    let saved = try SavedPlans.joined(paths)
    let tolerated = saved.plan.tolerated
    var statuses = ExitStatus.of(saved.plan)
    if hasDetailedExitCode && saved.plan.stepCount > 0 { statuses.insert(.differences) }
    if saved.plan.kind == .drift && saved.plan.hasDrift { statuses.insert(.differences) }
    if let report = saved.report { statuses.formUnion(ExitStatus.of(report.domains)) }
    let lost = environment.show(
      .savedPlan(saved), as: presentation(in: environment),
      endingWith: tolerance.status(of: statuses, besides: tolerated))
    return tolerance.status(of: statuses.union(lost), besides: tolerated)
  }
}
